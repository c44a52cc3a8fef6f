"""Cards that were put right: a family entered twice and merged, a family that parted and was split."""

from cases.models import Case
from cases.words import Stage
from families.categories import Category
from families.merging.splitting import Leaver, NewCard, split_family
from families.merging.verbs import merge_families, pairs_of_people
from families.models import Family
from families.models.family import new_person
from sopr.demo.timeline import DAY, moment, workday

PARENTS = {"mother", "father"}


def entered_twice(scene):
    """A colleague enters a family that has a card already; the head finds it out a few days later, and may undo it."""
    yield moment(workday(scene.timeline.today - 24 * DAY), 9, 10)
    head = scene.region.users["head"]
    kept = next(iter(_supported(scene)), None)
    if kept is None:
        return
    colleague = next(
        each for each in scene.region.curators[head.organisation_id] if each != scene.region.users["curator"]
    )
    double = _enter_again(kept, colleague)
    yield moment(workday(scene.timeline.today - 12 * DAY), 16, 20)
    for row in (kept, double):
        row.refresh_from_db()
    people = [(one, other) for one, other, sure in pairs_of_people(kept, double) if sure]
    merge_families(kept, double, by=head, reason="twice", same_people=people)


def parted(scene):
    """After a divorce the father lives apart: he has a card of his own, the child is a member of both families."""
    yield moment(workday(scene.timeline.today - 19 * DAY), 11, 40)
    head, day = scene.region.users["head"], scene.day
    for family in list(_supported(scene))[1:]:
        present = list(family.members_on(day))
        father = next((row for row in present if row.relation == "father"), None)
        child = next((row for row in present if row.relation == "child"), None)
        if father is None or child is None or PARENTS - {row.relation for row in present}:
            continue
        if any(row.since and row.since >= day for row in (father, child)):
            continue
        split_family(
            family,
            by=head,
            leavers=[
                Leaver(father, "father", is_representative=True, ground="свидетельство о расторжении брака"),
                Leaver(child, "child", stays=True),
            ],
            on=day,
            to=NewCard(
                {"surname": family.surname, "municipality": family.municipality, "district": family.district},
                Category.SINGLE_PARENT,
            ),
        )
        return


def _supported(scene):
    """Families of the demo curator that are on support, in the order of their numbers."""
    curator = scene.region.users["curator"]
    cases = Case.objects.filter(curator=curator, stage=Stage.ACTIVE).values("family")
    return Family.objects.live().filter(pk__in=cases).select_related("municipality", "district").order_by("pk")


def _enter_again(family, by) -> Family:
    double = Family.register(
        by=by,
        surname=family.surname,
        municipality=family.municipality,
        district=family.district,
        address=family.address,
        circumstances="Бабушка по отцу живёт рядом и забирает детей после уроков.",
    )
    for row in family.members_on(double.registered_on):
        fields = ("last_name", "first_name", "patronymic", "sex", "birth_on")
        person = new_person(by=by, **{name: getattr(row.person, name) for name in fields})
        double.add_member(person, by=by, relation=row.relation, is_representative=row.is_representative)
    double.set_primary_category(family.primary_category_on(double.registered_on), by=by)
    return double
