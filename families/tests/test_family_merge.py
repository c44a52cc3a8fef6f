"""Merging and undoing on the pages: find, compare, confirm, the card afterwards, the list, the rules of who may."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from families.models import Family, Merge
from families.models.family import new_person
from sopr.tests.casework import make_family

D = datetime.date


@pytest.fixture
def two(world, client):
    world.kept = make_family(world, phone="+7 912 000-00-01")
    world.absorbed = make_family(world, surname="Ковалевы", phone="+7 912 000-00-02", circumstances="Помогает бабушка")
    client.force_login(world.head)
    return world


def url(w, name="family-merge-confirm"):
    return reverse(f"families:{name}", args=[w.kept.pk, w.absorbed.pk])


def answers(page, **changes):
    """What the form of `page` would send, with changes."""
    form = page.context["form"]
    data = {name: field.initial for name, field in form.fields.items() if field.initial not in (None, False)}
    return {name: "on" if value is True else value for name, value in data.items()} | {"reason": "twice"} | changes


def merge(client, w, **changes):
    return client.post(url(w), answers(client.get(url(w)), **changes), follow=True)


def test_the_second_card_is_suggested_and_found_by_number_and_name(two, client):
    find = reverse("families:family-merge", args=[two.kept.pk])
    page = client.get(find)
    assert [row for row, _title, _why in page.context["suggested"]] == [two.absorbed]
    for words in (two.absorbed.number, "Ковалёва Анна"):
        found = client.post(find, {"q": words})
        assert [row for row, _title, _why in found.context["found"]] == [two.absorbed]
    assert "не найдено" in client.post(find, {"q": "Ыыыы"}).content.decode()


def test_the_preview_says_what_goes_where(two, client):
    page = client.get(url(two))
    text = page.content.decode()
    assert {row.name for row in page.context["plan"].differences} == {"surname", "phone"}
    assert "Помогает бабушка" in text  # what the kept card lacks is taken over
    assert "станет дополнительной" not in text  # the same category of the same day: one stays
    assert [sure for _one, _other, sure in page.context["form"].pairs] == [True, True]
    assert Merge.objects.count() == 0


def test_merging_chooses_values_joins_people_and_leads_the_old_number_on(two, client):
    page = merge(client, two, value_phone="absorbed")
    assert page.redirect_chain[-1][0] == reverse("families:family-detail", args=[two.kept.pk])
    two.kept.refresh_from_db()
    assert (two.kept.surname, two.kept.phone) == ("Ковалёвы", "+7 912 000-00-02")
    assert two.kept.circumstances == "Помогает бабушка"
    assert two.kept.members_on(timezone.localdate()).count() == 2
    assert "отменить можно до" in page.content.decode()
    assert f"Объединена с карточкой № {two.absorbed.number}" in page.content.decode()

    old = client.get(reverse("families:family-detail", args=[two.absorbed.pk]), follow=True)
    assert old.redirect_chain == [(reverse("families:family-detail", args=[two.kept.pk]), 302)]
    assert f"Карточка № {two.absorbed.number} объединена с этой" in old.content.decode()
    assert two.absorbed not in Family.objects.visible_to(two.head)


def test_the_kept_card_shows_who_looked_at_the_absorbed_one(two, client):
    client.get(reverse("families:family-detail", args=[two.absorbed.pk]))
    merge(client, two)
    page = client.get(reverse("families:family-detail", args=[two.kept.pk]) + "?tab=access")
    looks = [row.what for row in page.context["readers"]]
    assert looks[-1] == "просмотр карточки"  # of the absorbed card, before the merge
    assert looks.count("просмотр карточки") == 3
    assert "записано: объединение карточек" in looks


def test_undoing_from_the_list(two, client):
    merge(client, two)
    page = client.get(reverse("families:merge-list"))
    done = Merge.objects.get(part_of=None)
    assert reverse("families:merge-undo", args=[done.pk]) in page.content.decode()
    part = done.parts.first()
    assert reverse("families:merge-undo", args=[part.pk]) not in page.content.decode()
    refused = client.get(reverse("families:merge-undo", args=[part.pk]))
    assert refused.status_code == 409 and "отмените объединение карточек" in refused.content.decode()

    client.post(reverse("families:merge-undo", args=[done.pk]), {})
    assert set(Family.objects.visible_to(two.head)) == {two.kept, two.absorbed}
    card = client.get(reverse("families:family-detail", args=[two.absorbed.pk]))
    assert "Объединение отменено" in card.content.decode()
    assert client.get(reverse("families:merge-undo", args=[done.pk])).status_code == 409


def test_a_card_changed_while_one_compared_is_compared_again(two, client):
    data = answers(client.get(url(two)))
    two.absorbed.amend(by=two.curator, surname="Ковалевские")
    page = client.post(url(two), data)
    assert page.status_code == 422 and "изменил другой сотрудник" in page.content.decode()
    assert Merge.objects.count() == 0
    page = client.post(url(two), data | {"other_version": Family.objects.get(pk=two.absorbed.pk).version})
    assert page.status_code == 302


def test_a_reason_is_asked_for_and_a_card_is_not_merged_with_itself(two, client):
    page = client.post(url(two), answers(client.get(url(two)), reason=""))
    assert page.status_code == 422 and "на каком основании" in page.content.decode()
    same = reverse("families:family-merge-confirm", args=[two.kept.pk, two.kept.pk])
    assert client.get(same).status_code == 409


def test_curators_do_not_merge_and_cards_of_others_do_not_exist(two, client):
    theirs = make_family(two, by=two.other_curator)
    for pair in ((two.kept.pk, theirs.pk), (theirs.pk, two.kept.pk)):
        assert client.get(reverse("families:family-merge-confirm", args=pair)).status_code == 404
        assert client.post(reverse("families:family-merge-confirm", args=pair), {"reason": "twice"}).status_code == 404
    client.force_login(two.curator)
    assert client.get(url(two)).status_code == 403
    card = client.get(reverse("families:family-detail", args=[two.kept.pk]) + "?tab=members").content.decode()
    assert reverse("families:family-merge", args=[two.kept.pk]) not in card
    client.force_login(two.other_head)
    assert not client.get(reverse("families:merge-list")).context["table"].rows


def test_two_records_of_one_person(two, client):
    other = new_person(
        by=two.curator, last_name="Ковалева", first_name="Анна", birth_on=D(1991, 4, 12), snils="11223344595"
    )
    two.kept.add_member(other, by=two.curator, relation="other", since=D(2020, 1, 1))
    mother = two.kept.memberships.get(relation="mother").person
    find = client.get(reverse("families:person-merge", args=[mother.pk]))
    assert other in [row for row, _title, _why in find.context["suggested"]]
    number = client.post(reverse("families:person-merge", args=[mother.pk]), {"q": f"№ {other.number}"})
    assert [row for row, _title, _why in number.context["found"]] == [other]
    confirm = reverse("families:person-merge-confirm", args=[mother.pk, other.pk])
    page = client.post(confirm, answers(client.get(confirm)), follow=True)
    assert page.status_code == 200
    mother.refresh_from_db()
    assert (mother.last_name, mother.snils) == ("Ковалёва", "11223344595")
    assert two.kept.memberships.filter(person=mother).count() == 1
    assert client.get(reverse("families:person-edit", args=[other.pk])).status_code == 404
    done = Merge.objects.get()
    client.post(reverse("families:merge-undo", args=[done.pk]), {})
    mother.refresh_from_db(), other.refresh_from_db()
    assert (mother.snils, other.snils) == ("", "11223344595")
    assert two.kept.memberships.get(person=other).relation == "other"


def test_the_preview_asks_as_many_queries_for_a_big_card_as_for_a_small_one(two, client, django_assert_max_num_queries):
    client.get(url(two))
    with django_assert_max_num_queries(400) as small:
        client.get(url(two))
    for number in range(12):
        two.absorbed.home_surveys.create(
            organisation=two.centre,
            commission="Двое",
            housing="Дом",
            children_conditions="Есть",
            conclusion=str(number),
            by=two.curator,
        )
        child = new_person(
            by=two.curator, last_name="Ковалёв", first_name=f"Сын{number}", birth_on=D(2014, 1, 1 + number)
        )
        two.absorbed.add_member(child, by=two.curator, relation="child", since=D(2016, 1, 1))
    with django_assert_max_num_queries(len(small) + 4):
        client.get(url(two))
