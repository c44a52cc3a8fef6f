"""What falls due in a case (domain.md §4). `reset` is called by every verb and keeps open exactly what is due next."""

import datetime
from contextlib import contextmanager
from contextvars import ContextVar

from django.urls import reverse
from django.utils import timezone

from cases import duties, endings, lacks
from cases.words import SUPPORTED_STAGES, Stage
from sopr import profile
from sopr.accounts.models import User
from sopr.accounts.policy import Role
from sopr.calendar import add_working_days
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation
from sopr.obligations.models import Obligation

PACK_WORKING_DAYS = 10  # to bring a new case before the council, or to sign the contract after it [choice]
ANSWER_WORKING_DAYS = 3  # for the curator to look at an executor's report, or at his refusal [choice]
CERTIFICATE_WORKING_DAYS = 10  # to give the family a new certificate after its programme was amended [choice]
TAKE_WORKING_DAYS = 3  # for an agency to say whether it takes an activity on [choice]

# function(case), called once the terms of a case are brought up to date: for apps above that act on them
_followers = []

_touched = ContextVar("touched", default=None)  # {"cases": ids, "activities": ids} while terms are gathered


def add_follower(follower) -> None:
    """Declare what else follows from the terms of a case (councils: the question about the level's term)."""
    if follower not in _followers:
        _followers.append(follower)


@contextmanager
def gathered():
    """Within the block only note whose terms move; at its end bring each case and activity up to date once.

    For a long history told in one go (the demo region): nobody reads what was due in between.
    """
    touched = {"cases": set(), "activities": set()}
    token = _touched.set(touched)
    try:
        yield
    finally:
        _touched.reset(token)
    _catch_up(touched)


def _catch_up(touched):
    from cases.models import Activity, Case  # models stand above: their verbs call this module

    for case in Case.objects.filter(pk__in=touched["cases"]).select_related("curator", "organisation"):
        reset(case)
    open_activities(
        Activity.objects.filter(
            pk__in=touched["activities"],
            state__in=Activity.OPEN_STATES,
            case__stage__in=SUPPORTED_STAGES,
            goal__revision__state="approved",
        )
    )


def reset(case):
    """Open (or move) the obligations that the stage, the level and the last acts call for; drop all others.

    Reads what stands open once and writes only what differs: most acts move one date and leave the rest.
    """
    if _touched.get() is not None:
        _touched.get()["cases"].add(case.pk)
        return
    due = _due_next(case)
    standing = {row.kind: row for row in Obligation.objects.about(case).open()}
    for duty in duties.OF_A_CASE:
        row = standing.get(duty.code)
        if duty not in due:
            if row is not None:
                cancel_obligations(case, duty)
        elif row is None or (row.due_on, row.assignee_id) != (due[duty], case.curator_id):
            _open(case, duty, due[duty])
    for follow in _followers:
        follow(case)


def reset_family(family):
    """After new consents: bring up to date what is due in the family's cases on support."""
    for case in family.cases.filter(stage__in=SUPPORTED_STAGES).select_related("curator", "organisation", "family"):
        reset(case)


def _due_next(case) -> dict:
    """{duty: due date} for the case as it stands."""
    if case.stage == Stage.ASSESSMENT:
        return {duties.ASSESSMENT: add_working_days(case.opened_on, PACK_WORKING_DAYS)}
    if case.stage == Stage.ACTIVE:
        return _due_while_active(case) | _level_term(case) | endings.due(case)
    if case.stage == Stage.SUSPENDED:  # a pause moves neither what only the council moves, nor the law's three days
        return _level_term(case) | endings.due_while_suspended(case)
    if case.stage == Stage.AFTERCARE:
        check = case.aftercare_checks.filter(done_on=None).order_by("due_on").first()
        return {duties.AFTERCARE: check.due_on if check else timezone.localdate()}
    return {}


def _due_while_active(case) -> dict:
    due = {}
    started = case.accepted_on or case.opened_on
    pauses = list(case.suspensions.exclude(until=None).values_list("since", "until"))
    if not case.imported and lacks.contracts(case):
        due[duties.CONTRACT] = _stopped(add_working_days(started, PACK_WORKING_DAYS), started, pauses)
    if case.level:
        level = profile.current().levels[case.level]
        contact_at = case.contacts.exclude(kind="attempt").order_by("-at").values_list("at", flat=True).first()
        reviewed_on, next_on = case.reviews.values_list("done_on", "next_on").first() or (None, None)
        seen_on = timezone.localdate(contact_at) if contact_at else started
        due[duties.CONTACT] = _stopped(level.contact.after(seen_on), seen_on, pauses)
        latest = level.review.after(reviewed_on or started)
        due[duties.REVIEW] = _stopped(min(latest, next_on or latest), reviewed_on or started, pauses)
    if profile.current().has("certificate"):
        outdated = case.certificates.in_force().filter(revision__state="superseded").first()
        if outdated is not None:
            amended_on = outdated.revision.programme.approved.approved_on
            due[duties.CERTIFICATE] = add_working_days(amended_on, CERTIFICATE_WORKING_DAYS)
    return due


def _level_term(case) -> dict:
    return {duties.LEVEL_TERM: case.level_term_on} if case.level_term_on else {}


def _stopped(due_on, counted_from, pauses):
    """`due_on` moved by the days for which support stood still since the count began."""
    still = sum((until - max(since, counted_from)).days for since, until in pauses if until > counted_from)
    return due_on + datetime.timedelta(days=still)


def _path(case, duty) -> str:
    """The page on which the duty is done; those without one of their own are done from the case."""
    if duty == duties.AFTERCARE:
        check = case.aftercare_checks.filter(done_on=None).order_by("due_on").first()
        return reverse("cases:aftercare-check", args=[check.pk]) if check else case.get_absolute_url()
    if duty == duties.GUARDIANSHIP_COPY:
        return reverse("cases:contract-copy", args=[endings.uncopied(case).pk])
    if duty == duties.CONSENT_TERM:
        return reverse("families:consent-new", args=[case.family_id])
    if duty == duties.PROGRAMME_TERM:
        return f"{case.get_absolute_url()}?tab=programme"
    page = {
        duties.CONTRACT: "cases:contract-new",
        duties.CONTRACT_TERM: "cases:contract-new",
        duties.CONTACT: "cases:contact-new",
        duties.REVIEW: "cases:review-new",
        duties.CERTIFICATE: "cases:certificate-issue",
    }.get(duty, "cases:case-detail")
    return reverse(page, args=[case.pk])


def _open(case, duty, due_on):
    open_obligation(
        duty,
        case,
        due_on=due_on,
        assignee=case.curator,
        organisation=case.organisation,
        title=f"{duty.title}: случай № {case.number}",
        path=_path(case, duty),
        case_id=case.pk,
        family_id=case.family_id,
    )


def open_activities(activities):
    """Each activity of an approved programme is due from its agency; a reported or declined one, from the curator."""
    if _touched.get() is not None:
        _touched.get()["activities"].update(activities.values_list("pk", flat=True))
        return
    rows = list(activities.select_related("agency", "case__curator", "case__organisation"))
    signing_in = _signing_in({activity.agency_id for activity in rows})
    for activity in rows:
        follow_activity(activity, signing_in)


def drop_activities(activities):
    """Nobody owes anything about these activities any more, nor an answer to what was asked about them."""
    if _touched.get() is not None:
        return
    for activity in activities.prefetch_related("clarifications"):
        cancel_obligations(activity)
        for question in activity.clarifications.all():
            if question.closed_at is None:
                question.drop()


def drop_words(case):
    """Support has ended: agencies owe no more words about the case, and the curator reads none."""
    for word in case.words.exclude(state__in=("accepted", "dropped")):
        word.drop()


def open_activity(activity, signing_in=None):
    """The agency owes its word about the activity on its due date, and soon whether it takes it on at all.

    What the service does itself, and what an agency without a login does, the curator writes down. `signing_in` holds
    the ids of agencies somebody of which signs in, when they are known already.
    """
    case = activity.case
    if signing_in is None:
        signing_in = _signing_in({activity.agency_id})
    if activity.is_ours or activity.agency_id not in signing_in:
        _open_of_curator(duties.ACTIVITY_RECORD, activity, activity.due_on, "cases:activity-record")
        return
    _open_of_agency(duties.ACTIVITY_REPORT, activity, activity.due_on)
    if activity.state == activity.State.PLANNED:
        due_on = min(add_working_days(timezone.localdate(), TAKE_WORKING_DAYS), activity.due_on)
        _open_of_agency(duties.ACTIVITY_ANSWER, activity, max(due_on, case.accepted_on or due_on))


def follow_activity(activity, signing_in=None):
    """After a move: the agency's term is met, and what waits for the curator falls due."""
    if _touched.get() is not None:
        _touched.get()["activities"].add(activity.pk)
        return
    close_obligations(activity)
    due_on = add_working_days(timezone.localdate(), ANSWER_WORKING_DAYS)
    if activity.is_to_do:
        open_activity(activity, signing_in)
    elif activity.state == activity.State.REPORTED:
        _open_of_curator(duties.ACTIVITY_ACCEPT, activity, due_on, "cases:activity-accept")
    elif activity.state == activity.State.DECLINED:
        _open_of_curator(duties.ACTIVITY_DECLINED, activity, due_on, "cases:activity-detail")


def _signing_in(agencies: set) -> set:
    """Those of the agencies somebody of which signs in as an executor."""
    executors = User.objects.filter(organisation__in=agencies, role=Role.EXECUTOR, is_active=True)
    return set(executors.values_list("organisation", flat=True))


def _open_of_agency(duty, activity, due_on):
    open_obligation(
        duty,
        activity,
        due_on=due_on,
        organisation=activity.agency,
        title=f"{duty.title} № {activity.pk}",
        path=activity.get_absolute_url(),
    )


def _open_of_curator(duty, activity, due_on, page):
    case = activity.case
    open_obligation(
        duty,
        activity,
        due_on=due_on,
        assignee=case.curator,
        organisation=case.organisation,
        title=f"{duty.title}: случай № {case.number}",
        path=reverse(page, args=[activity.pk]),
        case_id=case.pk,
        family_id=case.family_id,
    )


def open_visit(visit):
    """A planned visit is due on its day; moved, on the new one."""
    case = visit.case
    open_obligation(
        duties.VISIT,
        visit,
        due_on=timezone.localdate(visit.at),
        assignee=case.curator,
        organisation=case.organisation,
        title=f"{duties.VISIT.title}: случай № {case.number}",
        path=f"{reverse('cases:contact-new', args=[case.pk])}?visit={visit.pk}",
        case_id=case.pk,
        family_id=case.family_id,
    )


def end_visit(visit, *, done_on):
    """Nothing is due any more: the visit was held (or tried) on `done_on`, or cancelled when that is None."""
    if done_on is None:
        cancel_obligations(visit)
    else:
        close_obligations(visit, on=done_on)
