"""The rental point of the demo centre: an item in each state, a loan in time, a late one, one that came back."""

from django.utils import timezone

from cases.models import Case, RentalItem
from cases.words import SUPPORTED_STAGES
from sopr.demo.timeline import DAY

Kind = RentalItem.Kind
# inventory number, kind, model, what belongs to it, what became of it
GOODS = (
    ("ПР-001", Kind.PRAM, "Коляска-трансформер «Аист»", "дождевик, сетка", "late"),
    ("ПР-002", Kind.COT, "Кроватка с маятником", "матрас", "lent"),
    ("ПР-003", Kind.PLAYPEN, "Манеж складной", "", "came_back"),
    ("ПР-004", Kind.HIGH_CHAIR, "Стульчик для кормления", "столик съёмный", "repair"),
    ("ПР-005", Kind.WALKER, "Ходунки", "", "written_off"),
    ("ПР-006", Kind.CHANGING_TABLE, "Пеленальный столик", "", ""),
    ("ПР-007", Kind.PLAY_MAT, "Коврик развивающий с дугами", "пять игрушек", "lent"),
    ("ПР-008", Kind.PRAM, "Коляска прогулочная", "", ""),
)
LOANS = {"late": (100, 90), "lent": (30, 90), "came_back": (120, 90)}  # begun days ago, for days


def rental_point(scene):
    """The last act of the history, told of the families that the demo centre supports now."""
    centre, today = scene.region.places[0].centres[0], scene.day
    curator = scene.region.curators[centre.pk][0]
    supported = Case.objects.filter(organisation=centre, stage__in=SUPPORTED_STAGES).select_related("family")
    families = [case.family for case in supported.order_by("pk")[: len(GOODS)]]
    for place, (number, kind, title, note, fate) in enumerate(GOODS):
        item = RentalItem.enter(
            by=curator, inventory_number=number, kind=kind, title=title, note=note, acquired_on=today - 300 * DAY
        )
        if fate == "repair":
            item.send_to_repair(by=curator, since=today - 6 * DAY, fault="сломан замок столика")
        elif fate == "written_off":
            item.write_off(by=curator, day=today - 20 * DAY, ground="акт о списании № 3")
        elif fate:
            _lend(item, families[place % len(families)], curator, fate)


def _lend(item, family, curator, fate):
    adult = family.memberships.filter(is_representative=True, until=None).select_related("person").first()
    days_ago, term = LOANS[fate]
    since = timezone.localdate() - days_ago * DAY
    loan = item.lend(by=curator, family=family, person=adult.person, since=since, due_on=since + term * DAY)
    if fate == "came_back":
        loan.give_back(by=curator, day=since + 80 * DAY, condition="worn", note="потёртости")
