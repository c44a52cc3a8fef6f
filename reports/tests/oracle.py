"""The oracle: every measure of indicators.md once more, slowly and obviously, over plain objects.

It shares no code with the engine. `rows(name, scope, column)` gives {subject: the row that speaks for it}; from it
come the number, the categories and the parts of every cut.
"""

import datetime

from cases.models import (
    Activity,
    AttendanceMark,
    Case,
    CaseMember,
    Consultation,
    DispatchRequest,
    DispatchService,
    IndividualRoute,
    LevelPeriod,
    NewbornHelp,
    NewbornQuestionnaire,
    NewbornRisk,
    RentalLoan,
    Survey,
)
from councils.models import AgendaItem, Council, Meeting
from families.models import ChildEvent, Family, FamilyMembership, InformingEvent, RegisterEntry, SocialContract
from sopr.accounts.models import Organisation, StaffRecord, Unit

DAY = datetime.timedelta(days=1)
FOREVER = datetime.date(9999, 12, 31)
LONG_AGO = datetime.date(1, 1, 1)


class Oracle:
    def __init__(self):
        self.known = {}
        self.all_cases = {case.pk: case for case in Case.objects.select_related("family")}
        self.cases = [case for case in self.all_cases.values() if case.accepted_on]
        self.members = list(CaseMember.objects.select_related("case__family"))
        self.levels = list(LevelPeriod.objects.select_related("case__family"))
        self.surveys = list(Survey.objects.select_related("case", "organisation"))
        self.entries = list(RegisterEntry.objects.select_related("family").prefetch_related("family__holders"))
        self.activities = list(Activity.objects.select_related("case__family", "agency"))
        self.all_meetings = list(Meeting.objects.select_related("council"))
        self.all_items = list(AgendaItem.objects.select_related("meeting__council", "case__family"))
        self.all_units = list(Unit.objects.select_related("organisation"))
        self.staff = list(StaffRecord.objects.all())
        self.councils = list(Council.objects.all())
        self.events = list(ChildEvent.objects.all())
        self.contracts = list(SocialContract.objects.select_related("family").prefetch_related("family__holders"))
        self.told = list(InformingEvent.objects.select_related("family").prefetch_related("family__holders"))
        self.families = {family.pk: family for family in Family.objects.all()}
        self.memberships = list(FamilyMembership.objects.select_related("person", "family"))
        self.given = list(DispatchService.objects.filter(state="given").select_related("request__family"))
        self.requests = list(DispatchRequest.objects.select_related("family"))
        self.newborn_help = list(NewbornHelp.objects.select_related("risk__family"))
        self.risks = list(NewbornRisk.objects.select_related("family"))
        self.answers = list(NewbornQuestionnaire.objects.select_related("risk__family"))
        self.loans = list(RentalLoan.objects.select_related("item", "person", "family"))
        self.all_routes = list(IndividualRoute.objects.select_related("case__family"))
        self.marks = list(AttendanceMark.objects.select_related("session__group__service", "enrolment__family"))
        self.held_consultations = list(Consultation.objects.select_related("case__family"))
        serving = {unit.organisation_id for unit in self.all_units if unit.supports_families}
        places = dict(Organisation.objects.values_list("pk", "municipality"))
        self.place_of = {pk: place for pk, place in places.items() if pk in serving}

    def rows(self, name, scope, column) -> dict:
        key = name, scope, column.code
        if key not in self.known:
            self.known[key] = getattr(self, name)(scope, column)
        return self.known[key]

    def number(self, name, rows) -> int:
        if name == "informed":
            return sum(1 if event.family_id else event.families_count for event in rows.values())
        if name == "days_waited":
            return sum((request.first_service_on - request.appealed_on).days for request in rows.values())
        return len(rows)

    def part(self, by, row, column):
        """The part of the cut `by` in which the row stands."""
        return getattr(self, f"{by}_of")(row, column)

    # -- cases: the case that speaks for the family --------------------------------------------------------------------

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

    def served_in_year(self, scope, column):
        return self.served(scope, since_january(column))

    def accepted(self, scope, column):
        return last_speaks(self.taken_on(scope, column), "accepted_on")

    def accepted_by_contract(self, scope, column):
        cases = [case for case in self.taken_on(scope, column) if case.ground == "social_contract"]
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
        return self.closed(scope, column, lambda case: case.outcome == "overcame")

    def improved(self, scope, column):
        return self.closed(scope, column, lambda case: case.outcome == "improved")

    def better(self, scope, column):
        return self.closed(scope, column, lambda case: case.outcome in ("overcame", "improved"))

    def ended_goals(self, scope, column):
        return self.closed(scope, column, lambda case: case.closure_reason == "goals_reached")

    def self_sufficient(self, scope, column):
        return self.closed(scope, column, lambda case: case.closure_reason == "self_sufficient")

    def closed(self, scope, column, so):
        return last_speaks([c for c in self.of(scope) if within(c.closed_on, column) and so(c)], "closed_on")

    def of(self, scope):
        return [case for case in self.cases if scope is None or case.organisation_id == scope]

    def taken_on(self, scope, column):
        cases = [case for case in self.of(scope) if within(case.accepted_on, column)]
        return [case for case in cases if scope is not None or case.transferred_from_id is None]

    def taken_off(self, scope, column):
        cases = [case for case in self.of(scope) if within(case.closed_on, column)]
        return [case for case in cases if scope is not None or case.closure_reason != "transferred"]

    # -- people and levels of cases ------------------------------------------------------------------------------------

    def people_on_support(self, scope, column):
        covered = []
        for member in self.members:
            case = member.case
            if case in self.of(scope) and case.accepted_on <= column.day:
                if (case.closed_on is None or case.closed_on > column.day) and covers(member, column.day):
                    covered.append(member)
        return latest(covered, lambda member: member.person_id)

    def people_accepted(self, scope, column):
        cases = self.taken_on(scope, column)
        covered = [m for m in self.members if m.case in cases and covers(m, m.case.accepted_on)]
        return latest(covered, lambda member: member.person_id)

    def people_removed(self, scope, column):
        cases = self.taken_off(scope, column)
        covered = [m for m in self.members if m.case in cases and covers(m, m.case.closed_on)]
        return latest(covered, lambda member: member.person_id)

    def level_changed(self, scope, column):
        return self.changes(scope, column)

    def basic_to_crisis(self, scope, column):
        return self.changes(scope, column, "basic", "crisis")

    def crisis_to_emergency(self, scope, column):
        return self.changes(scope, column, "crisis", "emergency")

    def emergency_to_crisis(self, scope, column):
        return self.changes(scope, column, "emergency", "crisis")

    def crisis_to_basic(self, scope, column):
        return self.changes(scope, column, "crisis", "basic")

    def changes(self, scope, column, was=None, became=None):
        found = []
        for new in self.levels:
            for old in self.levels:
                follows = old.case_id == new.case_id and old.until is not None and old.until + DAY == new.since
                if follows and old.level != new.level and within(new.since, column):
                    if scope in (None, new.case.organisation_id):
                        if was is None or (old.level, new.level) == (was, became):
                            found.append(new)
        return latest(found, lambda period: period.case.family_id)

    # -- who supports, surveys, councils -------------------------------------------------------------------------------

    def responded(self, scope, column):
        return self.answered(scope, column, lambda answer: True)

    def satisfied(self, scope, column):
        return self.answered(scope, column, lambda answer: answer.satisfied)

    def noted_improvement(self, scope, column):
        return self.answered(scope, column, lambda answer: answer.improvement_noted)

    def rated(self, scope, column):
        return self.answered(scope, column, lambda answer: None not in (answer.information, answer.accessibility))

    def aware(self, scope, column):
        return self.answered(scope, column, lambda a: (a.information or 0) >= 4 and (a.accessibility or 0) >= 4)

    def answered(self, scope, column, so):
        answers = [answer for answer in self.surveys if within(answer.answered_on, column) and so(answer)]
        answers = [answer for answer in answers if scope in (None, answer.organisation_id)]
        return latest(answers, respondent)

    def services(self, scope, column):
        return latest(self.serving(scope, column), lambda unit: unit.organisation_id)

    def units(self, scope, column):
        return latest(self.serving(scope, column), lambda unit: unit.pk)

    def serving(self, scope, column):
        units = [unit for unit in self.all_units if unit.supports_families and valid(unit, column.day)]
        return [unit for unit in units if scope in (None, unit.organisation_id)]

    def specialists(self, scope, column):
        records = [record for record in self.staff if record.role == "curator" and valid(record, column.day)]
        return latest([r for r in records if scope in (None, r.organisation_id)], lambda record: record.user_id)

    def ngos(self, scope, column):
        return self.carried_out(scope, column, ("ngo",))

    def other_agencies(self, scope, column):
        others = ("education", "health", "guardianship", "juvenile_commission", "police", "employment", "other")
        return self.carried_out(scope, column, others)

    def carried_out(self, scope, column, kinds):
        done = [each for each in self.activities if each.state == "done" and within(each.done_on, column)]
        done = [each for each in done if each.agency.kind in kinds and scope in (None, each.case.organisation_id)]
        return latest(done, lambda activity: activity.agency_id)

    def meetings(self, scope, column):
        held = self.held(column)
        if scope is not None:
            decided_here = {item.meeting_id for item in self.decided(scope, column)}
            held = [meeting for meeting in held if meeting.pk in decided_here]
        return latest(held, lambda meeting: meeting.pk)

    def items(self, scope, column):
        return latest(self.decided(scope, column), lambda item: item.pk)

    def item_families(self, scope, column):
        return latest(self.decided(scope, column), lambda item: item.case.family_id)

    def decided(self, scope, column):
        held = {meeting.pk for meeting in self.held(column)}
        items = [item for item in self.all_items if item.state == "decided" and item.meeting_id in held]
        return [item for item in items if scope in (None, item.case.organisation_id)]

    def held(self, column):
        return [m for m in self.all_meetings if m.state == "signed" and m.had_quorum and within(m.held_on, column)]

    def working_groups(self, scope, column):
        groups = [c for c in self.councils if c.kind not in ("district_commission", "juvenile_commission")]
        return self.standing(scope, column, groups)

    def district_commissions(self, scope, column):
        return self.standing(scope, column, [c for c in self.councils if c.kind == "district_commission"])

    def standing(self, scope, column, councils):
        councils = [c for c in councils if c.order_on is None or c.order_on <= column.day]
        return latest([c for c in councils if self.here(scope, c.municipality_id)], lambda council: council.pk)

    def group_meetings(self, scope, column):
        groups = {
            group.pk for group in self.councils if group.kind not in ("district_commission", "juvenile_commission")
        }
        held = [meeting for meeting in self.held(column) if meeting.council_id in groups]
        held = [meeting for meeting in held if self.here(scope, meeting.council.municipality_id)]
        return latest(held, lambda meeting: meeting.pk)

    def here(self, scope, municipality):
        """Whether what is known of the municipality stands in the report of the scope."""
        return scope is None or self.place_of.get(scope) == municipality

    # -- the territory -------------------------------------------------------------------------------------------------

    def refusals(self, scope, column):
        return self.happened(scope, column, "refusal")

    def deprivations(self, scope, column):
        return self.happened(scope, column, "deprivation")

    def returns(self, scope, column):
        return self.happened(scope, column, "return")

    def happened(self, scope, column, kind):
        events = [e for e in self.events if e.kind == kind and within(e.happened_on, column)]
        return latest([e for e in events if self.here(scope, e.municipality_id)], lambda event: event.pk)

    def violence(self, scope, column):
        events = self.happened(scope, column, "cruelty").values()
        return latest([e for e in events if e.confirmed], lambda e: e.family_id or f"unnamed {e.pk}")

    def in_sop(self, scope, column):
        entries = [e for e in self.entries if e.kind == "sop" and e.placed_on <= column.day]
        entries = [e for e in entries if e.removed_on is None or e.removed_on > column.day]
        return latest([e for e in entries if holds(scope, e.family)], lambda entry: entry.family_id)

    def patronage_removed(self, scope, column):
        entries = [e for e in self.entries if e.kind == "patronage" and within(e.removed_on, column)]
        return latest([e for e in entries if holds(scope, e.family)], lambda entry: entry.family_id)

    def patronage_positive(self, scope, column):
        entries = [e for e in self.entries if e.kind == "patronage" and within(e.removed_on, column)]
        entries = [e for e in entries if e.positive_rehabilitation and holds(scope, e.family)]
        return latest(entries, lambda entry: entry.family_id)

    def informed(self, scope, column):
        told = [event for event in self.told if within(event.informed_on, column) and wrote(scope, event)]
        return latest(told, lambda event: event.family_id or f"unnamed {event.pk}")

    def social_contracts(self, scope, column):
        signed = [each for each in self.contracts if within(each.signed_on, column) and wrote(scope, each)]
        return latest(signed, lambda contract: contract.pk)

    def contract_improved(self, scope, column):
        signed = self.social_contracts(scope, column).values()
        return latest([each for each in signed if each.improved], lambda contract: contract.family_id)

    # -- practices -----------------------------------------------------------------------------------------------------

    def days_of_help(self, scope, column):
        """(family, first day, last day) of all help that touches the column."""
        if column.since is None:
            return []
        help = [(s.request.organisation_id, s.request.family_id, s.given_on, s.given_on) for s in self.given]
        help += [(c.organisation_id, c.family_id, c.accepted_on, c.closed_on or FOREVER) for c in self.cases]
        return [
            (family, since, until)
            for organisation, family, since, until in help
            if scope in (None, organisation) and since <= column.until and until >= column.since
        ]

    def helped(self, scope, column):
        return {family: self.families[family] for family, _since, _until in self.days_of_help(scope, column)}

    def helped_children(self, scope, column):
        found = []
        for family, since, until in self.days_of_help(scope, column):
            for member in self.memberships:
                first = max(since, member.since or LONG_AGO, column.since)
                last = min(until, member.until or FOREVER, column.until)
                if member.family_id == family and member.relation == "child" and first <= last:
                    if member.person.birth_on is None or age(member.person.birth_on, first) < 18:
                        found.append(member)
        return latest(found, lambda member: member.person_id)

    def grouped(self, scope, column):
        given = [s.request for s in self.given if within(s.given_on, column) and s.request.group_id]
        return latest([r for r in given if scope in (None, r.organisation_id)], lambda request: request.family_id)

    def first_served(self, scope, column):
        begun = [r for r in self.requests if within(r.first_service_on, column)]
        return latest([r for r in begun if scope in (None, r.organisation_id)], lambda request: request.pk)

    def days_waited(self, scope, column):
        return self.first_served(scope, column)

    def women_helped(self, scope, column):
        return latest(
            [h for h in self.newborn(scope, column, self.newborn_help, "held_on") if h.near_id is None],
            lambda help: help.risk.woman_id,
        )

    def near_helped(self, scope, column):
        return latest(
            [h for h in self.newborn(scope, column, self.newborn_help, "held_on") if h.near_id],
            lambda help: help.near_id,
        )

    def trained_mothers(self, scope, column):
        help = self.newborn(scope, column, self.newborn_help, "held_on")
        return latest([h for h in help if h.near_id is None and h.kind == "training"], lambda h: h.risk.woman_id)

    def asked_after(self, scope, column):
        answers = self.newborn(scope, column, self.answers, "filled_on")
        return latest([a for a in answers if a.moment == "after"], lambda answer: answer.risk.woman_id)

    def still_in_doubt(self, scope, column):
        answers = self.newborn(scope, column, self.answers, "filled_on")
        answers = [answer for answer in answers if (answer.moment, answer.intention) == ("after", "doubt")]
        return latest(answers, lambda answer: answer.risk.woman_id)

    def newborn(self, scope, column, rows, field):
        rows = [row for row in rows if within(getattr(row, field), column)]
        return [row for row in rows if scope in (None, row.risk.organisation_id)]

    def refusals_prevented(self, scope, column):
        ended = [risk for risk in self.risks if risk.outcome == "prevented" and within(risk.outcome_on, column)]
        return latest([risk for risk in ended if scope in (None, risk.organisation_id)], lambda risk: risk.pk)

    def rented(self, scope, column):
        loans = [loan for loan in self.loans if within(loan.since, column) and loan.person.sex != "m"]
        return latest([n for n in loans if scope in (None, n.item.organisation_id)], lambda loan: loan.person_id)

    def minors(self, scope, column):
        going = [route for route in self.routes_of(scope) if column.until and route.since <= column.until]
        going = [route for route in going if route.ended_on is None or route.ended_on >= column.since]
        return latest(going, lambda route: route.person_id)

    def enrolled(self, scope, column):
        studying = [route for route in self.routes_of(scope) if route.study and within(route.study_on, column)]
        return latest(studying, lambda route: route.person_id)

    def routes_finished(self, scope, column):
        ended = [r for r in self.routes_of(scope) if r.state == "finished" and within(r.ended_on, column)]
        return latest(ended, lambda route: route.pk)

    def routes_of(self, scope):
        return [route for route in self.all_routes if scope in (None, route.case.organisation_id)]

    def consultations(self, scope, column):
        held = [each for each in self.held_consultations if within(each.done_on, column)]
        return latest([each for each in held if scope in (None, each.case.organisation_id)], lambda each: each.pk)

    def visits(self, scope, column):
        return self.present(scope, column, ("club", "parent_school", "foster_school", "trip", "other", "consultation"))

    def present(self, scope, column, kinds):
        found = []
        for mark in self.marks:
            session, service = mark.session, mark.session.group.service
            if mark.state == "present" and not session.cancelled and within(session.held_on, column):
                if service.kind in kinds and scope in (None, service.organisation_id):
                    found.append(mark)
        return latest(found, lambda mark: mark.pk)

    def __getattr__(self, name):
        if name.startswith("visits_"):
            return lambda scope, column: self.present(scope, column, (name.removeprefix("visits_"),))
        raise AttributeError(name)

    # -- cuts ----------------------------------------------------------------------------------------------------------

    def municipality_of(self, row, column):
        match row:
            case ChildEvent() | Council():
                return row.municipality_id
            case Meeting():
                return row.council.municipality_id
            case Survey() | Unit():
                return row.organisation.municipality_id
        return family_of(row).municipality_id

    def council_of(self, row, column):
        match row:
            case Council():
                return row.pk
            case Meeting():
                return row.council_id
            case AgendaItem():
                return row.meeting.council_id
        accepting = [
            item.council_id
            for item in self.all_items
            if (item.case_id, item.question, item.state) == (case_of(row).pk, "recognise", "decided")
        ]
        return max(accepting, default=None)

    def category_of(self, row, column):
        return case_of(row).primary_category

    def level_of(self, row, column):
        case = case_of(row)
        day = min(column.day, case.closed_on or FOREVER)
        standing = [p.level for p in self.levels if p.case_id == case.pk and covers(p, day)]
        return standing[0] if standing else None

    def group_of(self, row, column):
        return row.group_id

    def service_of(self, row, column):
        return row.service_id if isinstance(row, Consultation) else row.session.group.service_id


def case_of(row):
    return row if isinstance(row, Case) else row.case


def family_of(row):
    match row:
        case Family():
            return row
        case NewbornHelp() | NewbornQuestionnaire():
            return row.risk.family
        case AttendanceMark():
            return row.enrolment.family
    return row.family if hasattr(row, "family_id") else row.case.family


def within(day, column):
    return day is not None and column.since is not None and column.since <= day <= column.until


def since_january(column):
    class FromJanuary:
        since = column.since and column.since.replace(month=1, day=1)
        until = column.until

    return FromJanuary


def valid(record, day):
    return record.since <= day and (record.until is None or record.until >= day)


def covers(record, day):
    return (record.since or LONG_AGO) <= day <= (record.until or FOREVER)


def age(born, day):
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def holds(scope, family):
    return scope is None or scope in {holder.pk for holder in family.holders.all()}


def wrote(scope, row):
    """Whether the row stands in the scope's report: it wrote it down; written by nobody, it holds the family's card."""
    if row.organisation_id is not None or scope is None:
        return scope in (None, row.organisation_id)
    return row.family is not None and holds(scope, row.family)


def respondent(answer):
    return answer.case.family_id if answer.case else f"anonymous {answer.pk}"


def latest(rows, subject):
    """{subject: its row with the highest number}."""
    return {subject(row): row for row in sorted(rows, key=lambda row: row.pk)}


def last_speaks(cases, date_field):
    """{family: case} by the case whose date is the latest, then whose number is the higher."""
    best = {}
    for case in cases:
        key = getattr(case, date_field), case.number_key, case.pk
        if case.family_id not in best or key > best[case.family_id][0]:
            best[case.family_id] = key, case
    return {family: case for family, (_key, case) in best.items()}
