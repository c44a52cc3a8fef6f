"""The oracle: every measure of indicators.md once more, slowly and obviously, over plain objects.

It shares no code with the engine. `subjects(name, scope, column)` gives {subject: category or ""}: its length is the
number, its values the sub-rows.
"""

from cases.models import Activity, Case, Survey
from councils.models import AgendaItem, Meeting
from families.models import RegisterEntry
from sopr.accounts.models import StaffRecord, Unit


class Oracle:
    def __init__(self):
        self.cases = [case for case in Case.objects.all() if case.accepted_on]
        self.surveys = list(Survey.objects.select_related("case"))
        self.entries = list(RegisterEntry.objects.select_related("family").prefetch_related("family__holders"))
        self.activities = list(Activity.objects.select_related("case", "agency"))
        self.all_meetings = list(Meeting.objects.all())
        self.all_items = list(AgendaItem.objects.select_related("meeting", "case"))
        self.units = list(Unit.objects.all())
        self.staff = list(StaffRecord.objects.all())

    def subjects(self, name, scope, column) -> dict:
        return getattr(self, name)(scope, column)

    # -- cases: {family: category of the case that speaks for it} ----------------------------------------------------

    def on_support(self, scope, column):
        return self.stock(scope, column.day)

    def cohort(self, scope, column):
        return self.stock(scope, column.cohort) if column.cohort else {}

    def stock(self, scope, day):
        cases = [case for case in self.of(scope) if case.accepted_on <= day]
        cases = [case for case in cases if case.closed_on is None or case.closed_on > day]
        return last_speaks(cases, "accepted_on")

    def served(self, scope, column):
        cases = []
        for case in self.of(scope):
            begins_in_time = column.until is not None and case.accepted_on <= column.until
            if begins_in_time and (case.closed_on is None or case.closed_on >= column.since):
                cases.append(case)
        return last_speaks(cases, "accepted_on")

    def accepted(self, scope, column):
        cases = [case for case in self.of(scope) if within(case.accepted_on, column)]
        if scope is None:
            cases = [case for case in cases if case.transferred_from_id is None]
        return last_speaks(cases, "accepted_on")

    def accepted_by_contract(self, scope, column):
        cases = [case for case in self.of(scope) if within(case.accepted_on, column)]
        cases = [case for case in cases if case.ground == "social_contract"]
        if scope is None:
            cases = [case for case in cases if case.transferred_from_id is None]
        return last_speaks(cases, "accepted_on")

    def removed(self, scope, column):
        return last_speaks(self.taken_off(scope, column), "closed_on")

    def removed_overcame(self, scope, column):
        cases = [case for case in self.taken_off(scope, column) if case.outcome == "overcame"]
        return last_speaks(cases, "closed_on")

    def removed_in_year(self, scope, column):
        return last_speaks(self.taken_off(scope, since_january(column)), "closed_on")

    def better_in_year(self, scope, column):
        cases = self.taken_off(scope, since_january(column))
        return last_speaks([case for case in cases if case.outcome in ("overcame", "improved")], "closed_on")

    def overcame(self, scope, column):
        cases = [case for case in self.of(scope) if within(case.closed_on, column)]
        return last_speaks([case for case in cases if case.outcome == "overcame"], "closed_on")

    def improved(self, scope, column):
        cases = [case for case in self.of(scope) if within(case.closed_on, column)]
        return last_speaks([case for case in cases if case.outcome == "improved"], "closed_on")

    def of(self, scope):
        return [case for case in self.cases if scope is None or case.organisation_id == scope]

    def taken_off(self, scope, column):
        cases = [case for case in self.of(scope) if within(case.closed_on, column)]
        if scope is None:
            cases = [case for case in cases if case.closure_reason != "transferred"]
        return cases

    # -- other tables ------------------------------------------------------------------------------------------------

    def responded(self, scope, column):
        answers = [answer for answer in self.surveys if within(answer.answered_on, column)]
        return {respondent(answer): "" for answer in answers if scope in (None, answer.organisation_id)}

    def satisfied(self, scope, column):
        answers = [answer for answer in self.surveys if within(answer.answered_on, column) and answer.satisfied]
        return {respondent(answer): "" for answer in answers if scope in (None, answer.organisation_id)}

    def services(self, scope, column):
        units = [unit for unit in self.units if unit.supports_families and valid(unit, column.day)]
        return {unit.organisation_id: "" for unit in units if scope in (None, unit.organisation_id)}

    def specialists(self, scope, column):
        records = [record for record in self.staff if record.role == "curator" and valid(record, column.day)]
        return {record.user_id: "" for record in records if scope in (None, record.organisation_id)}

    def ngos(self, scope, column):
        done = [each for each in self.activities if each.state == "done" and within(each.done_on, column)]
        done = [each for each in done if each.agency.kind == "ngo"]
        return {each.agency_id: "" for each in done if scope in (None, each.case.organisation_id)}

    def patronage_removed(self, scope, column):
        entries = [e for e in self.entries if e.kind == "patronage" and within(e.removed_on, column)]
        return {e.family_id: "" for e in entries if scope is None or scope in {h.pk for h in e.family.holders.all()}}

    def patronage_positive(self, scope, column):
        entries = [e for e in self.entries if e.kind == "patronage" and within(e.removed_on, column)]
        entries = [e for e in entries if e.positive_rehabilitation]
        return {e.family_id: "" for e in entries if scope is None or scope in {h.pk for h in e.family.holders.all()}}

    def meetings(self, scope, column):
        held = [m for m in self.all_meetings if m.state == "signed" and m.had_quorum and within(m.held_on, column)]
        counted = {m.pk for m in self.all_meetings if m.state != "signed" or m.had_quorum}
        held = [m for m in held if m.form == "in_person" and m.continues_id not in counted]
        if scope is None:
            return {meeting.pk: "" for meeting in held}
        decided_here = {item.meeting_id for item in self.decided(scope, column)}
        return {meeting.pk: "" for meeting in held if meeting.pk in decided_here}

    def items(self, scope, column):
        return {item.pk: "" for item in self.decided(scope, column)}

    def item_families(self, scope, column):
        return {item.case.family_id: "" for item in self.decided(scope, column)}

    def decided(self, scope, column):
        for item in self.all_items:
            meeting = item.meeting
            if item.state == "decided" and meeting.state == "signed" and meeting.had_quorum:
                if within(meeting.held_on, column) and scope in (None, item.case.organisation_id):
                    yield item


def within(day, column):
    return day is not None and column.since is not None and column.since <= day <= column.until


def since_january(column):
    class FromJanuary:
        since = column.since and column.since.replace(month=1, day=1)
        until = column.until

    return FromJanuary


def valid(record, day):
    return record.since <= day and (record.until is None or record.until >= day)


def respondent(answer):
    return answer.case.family_id if answer.case else f"anonymous {answer.pk}"


def last_speaks(cases, date_field):
    """{family: category} by the case whose date is the latest, then whose number is the higher."""
    best = {}
    for case in cases:
        key = getattr(case, date_field), case.number_key, case.pk
        if case.family_id not in best or key > best[case.family_id][0]:
            best[case.family_id] = key, case.primary_category
    return {family: category for family, (_key, category) in best.items()}
