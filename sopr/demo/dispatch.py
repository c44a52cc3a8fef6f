"""The single window of the demo centre: a request in each state, closed with consent, for silence and into a case."""

from cases.models import Case, DispatchAttempt, DispatchRequest, DispatchService, ProblemGroup
from cases.words import HelpKind
from families.models import Family, FamilyMembership
from sopr.demo.timeline import DAY

# what the family asked, index of its problem group, how far it has come, days since the appeal
APPEALS = (
    ("Просят помочь с дровами на зиму.", 3, "new", 1),
    ("Нужна консультация: ребёнок не слушается, пропускает уроки.", 0, "grouped", 3),
    ("Отец потерял работу, не хватает на еду.", 4, "picked", 4),
    ("Просят кровать для младшего ребёнка.", 1, "in_help", 12),
    ("Мать хочет бросить пить, просит о враче.", 2, "consent", 40),
    ("Помогите восстановить свидетельство о рождении.", 5, "silence", 45),
    ("Семья просит постоянного сопровождения.", 3, "support", 30),
)


def single_window(scene):
    """The last act of the history, told of families that the demo centre knows."""
    centre = scene.region.places[0].centres[0]
    curator, colleague = scene.region.curators[centre.pk][:2]
    supported = Case.objects.filter(organisation=centre).open().select_related("family").order_by("pk")
    settled = FamilyMembership.objects.filter(is_representative=True, until=None)
    settled = settled.exclude(since__gt=scene.day - 60 * DAY)
    known = Family.objects.live().filter(holders=centre, pk__in=settled.values("family"))
    known = known.exclude(cases=supported.last()).order_by("pk")
    families = list(known[: len(APPEALS)])
    groups = list(ProblemGroup.objects.filter(is_active=True))
    for place, (asked, group, fate, ago) in enumerate(APPEALS):
        case = supported.last() if fate == "support" else None
        if case is None and place >= len(families):
            continue  # a very small region
        family = case.family if case else families[place]
        by = colleague if fate == "grouped" else curator
        request = DispatchRequest.open_for(family, by=by, appealed_on=scene.day - ago * DAY, asked=asked)
        _go_on(request, groups[group % len(groups)], by, fate, case)


def _go_on(request, group, by, fate, case):
    if fate == "new":
        return
    request.put_into_group(group, by=by, problem="выявлено в беседе с психологом")
    if fate == "grouped":
        return
    since = request.appealed_on
    first = _plan(request, group, by, since + 3 * DAY)
    trip = _plan(request, group, by, since + 6 * DAY, mobile=True, team="специалист по работе с семьёй, психолог")
    if fate == "picked":
        return
    first.give(by=by, given_on=since + 3 * DAY, result="семья довольна помощью")
    if fate == "consent":
        trip.give(by=by, given_on=since + 7 * DAY, result="выезд состоялся")
        adult = request.family.members_on(since).filter(is_representative=True).first()
        request.close(by=by, result="solved", consent_by=adult.person, consent_on=since + 9 * DAY, consent_how="phone")
    elif fate == "silence":
        trip.cancel(by=by, reason="семьи не было дома")
        for days in (8, 14, 20):
            DispatchAttempt.record(request, by=by, made_on=since + days * DAY, how="phone", note="не отвечает")
        request.close_for_silence(by=by, result="not_solved")
    elif fate == "support":
        request.pass_to_support(case, by=by)


def _plan(request, group, by, day, **fields):
    return DispatchService.plan(
        request,
        by=by,
        title=group.services[0],
        kind=HelpKind.SOCIAL,
        agency=request.organisation,
        planned_on=day,
        **fields,
    )
