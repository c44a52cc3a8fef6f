"""Cases offered to another organisation: one waits for the demo head, one was taken over, one was declined."""

from cases import acts
from cases.models import Case, CaseTransfer, Enrolment, IndividualRoute, Service, ServiceGroup
from cases.words import Stage
from sopr import profile
from sopr.calendar import add_months
from sopr.demo import phrases

# what the demo centre does with each: leaves it waiting, takes it over, declines it
ANSWERS = ("", "accept", "decline")


def offer_cases(scene):
    """The last act of the history, when no life goes on with these cases."""
    region, day = scene.region, scene.day
    receiving = region.places[0].centres[0]
    cases = Case.objects.filter(stage=Stage.ACTIVE, opened_on__lt=day, level_periods__since__lt=day)
    cases = cases.exclude(organisation=receiving).exclude(family__cases__organisation=receiving).order_by("pk")
    for case, answer, reason in zip(cases.distinct(), ANSWERS, phrases.TRANSFER_REASONS, strict=False):
        if answer == "accept" and profile.current().has("services"):
            _goes_to_a_club(scene, case)
        offered = CaseTransfer.offer(
            case, by=region.heads[case.organisation_id], to_organisation=receiving, reason=reason, consented_on=day
        )
        if answer == "accept":
            offered.accept(by=region.heads[receiving.pk], curator=region.curators[receiving.pk][-1])
        elif answer == "decline":
            offered.decline(by=region.heads[receiving.pk], remark=phrases.TRANSFER_REMARK)


def _goes_to_a_club(scene, case):
    """The child goes to a club of the former organisation by a route of his own: the new one is offered both anew."""
    curator, day = case.curator, scene.day
    minors = case.members.filter(
        person__birth_on__gt=add_months(day, -12 * 18), person__birth_on__lt=add_months(day, -84)
    )
    child = minors.select_related("person").first()
    if child is None or acts.why_not_route(case):
        return
    service = Service.add(by=curator, title="Художественная студия", kind=Service.Kind.CLUB, for_whom="minors")
    group = ServiceGroup.start(service, by=curator, title="Палитра", leader=curator, places=10)
    Enrolment.enrol(group, case.family, by=curator, person=child.person)
    route = IndividualRoute.begin(
        case, by=curator, person=child.person, planned_until=add_months(day, 6), services=[service],
        interests="Рисует, мечтает стать дизайнером", goal="Окончить девятый класс и поступить в художественный колледж",
        with_parents="Консультации психолога раз в месяц.",
    )  # fmt: skip
    route.add_step(by=curator, text="Собрать папку работ", due_on=add_months(day, 1))
    route.add_step(by=curator, text="Договориться о занятиях дома", for_parents=True)
