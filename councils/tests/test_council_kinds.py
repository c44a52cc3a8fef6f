"""A region has several kinds of councils: each decides what its kind may, about the families it is made for."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.documents.programme import programme_context
from councils import level_terms
from councils.minutes import describe_council
from councils.models import AgendaItem, Council
from families.models import RegisterEntry
from sopr.errors import Refused
from sopr.tests.casework import activate, add_pack, decide, make_family, open_case, start_meeting


def place_on_register(w, family):
    return RegisterEntry.place(family, "sop", by=w.curator, placed_on=timezone.localdate())


def names(case, question=""):
    return [council.code for council in Council.objects.of_case(case, question)]


@pytest.fixture
def ready(three_councils):
    w = three_councils
    w.case = open_case(w, family=make_family(w, district=w.far))
    add_pack(w, w.case)
    return w


def propose(w, council, question="recognise", **fields):
    level = "basic" if question == "recognise" else ""
    return AgendaItem.propose(w.case, by=w.curator, council=council, question=question, level=level, **fields)


def test_a_family_has_the_councils_made_for_it_the_nearest_first(ready):
    w = ready
    assert names(w.case) == ["G"]
    w.case.family.district = w.near
    w.case.family.save()
    assert names(w.case) == ["D", "G"]
    place_on_register(w, w.case.family)
    assert names(w.case) == ["J", "D", "G"]
    assert names(w.case, "recognise") == ["J", "G"]


@pytest.mark.parametrize(
    ("council", "district", "question", "words"),
    [
        ("district", "near", "recognise", "здесь не решают"),
        ("juvenile", "far", "recognise", "только о семьях в СОП"),
        ("district", "far", "other", "не на участке"),
        ("district", None, "other", "участок семьи не указан"),
    ],
)
def test_a_question_not_of_this_council_is_refused(ready, council, district, question, words):
    w = ready
    w.case.family.district = district and getattr(w, district)
    w.case.family.save()
    with pytest.raises(Refused, match=words):
        propose(w, getattr(w, council), question)
    assert not w.case.agenda_items.exists()


def test_the_form_offers_only_what_somebody_may_decide(client, ready):
    w = ready
    client.force_login(w.curator)
    url = reverse("councils:item-propose", args=[w.case.pk])
    form = client.get(url).context["form"]
    assert list(form.fields["council"].queryset) == [w.group]
    w.group.kind = "district_commission"
    w.group.save()
    form = client.get(url).context["form"]
    assert [code for code, _title in form.fields["question"].choices] == ["other"]
    data = {"council": w.juvenile.pk, "question": "other", "level": "", "summary": "Коротко."}
    assert client.post(url, data).status_code == 422


def test_the_juvenile_commission_decides_about_a_family_on_its_register(ready):
    w = ready
    place_on_register(w, w.case.family)
    item = propose(w, w.juvenile)
    start_meeting(w, w.juvenile, item)
    decide(w, item)
    w.case.refresh_from_db()
    assert w.case.stage == "active"


def test_a_family_off_the_register_is_not_taken_onto_the_agenda(ready):
    w = ready
    entry = place_on_register(w, w.case.family)
    item = propose(w, w.juvenile)
    entry.remove(by=w.curator, removed_on=timezone.localdate())
    with pytest.raises(Refused, match="Верните вопрос куратору"):
        start_meeting(w, w.juvenile, item)


def test_the_system_asks_a_council_that_may_decide_the_term(three_councils, time_machine):
    w = three_councils
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    w.case = activate(w, open_case(w, family=make_family(w, district=w.near)), council=w.group)
    AgendaItem.propose(w.case, by=w.curator, council=w.district, question="other")
    w.case.refresh_from_db()
    time_machine.move_to(
        datetime.datetime.combine(w.case.level_term_on - datetime.timedelta(days=5), datetime.time(9), datetime.UTC)
    )
    level_terms.sweep(timezone.localdate())
    assert w.case.agenda_items.about_term().get().council == w.group  # not the commission that was asked last


def test_papers_call_each_council_by_its_kind(three_councils):
    w = three_councils
    said = [describe_council(council)["title_gen"] for council in (w.group, w.district, w.juvenile)]
    assert said == ["рабочей группы", "участковой комиссии", "КДНиЗП"]


def test_a_programme_names_the_council_that_approved_it(ready):
    w = ready
    place_on_register(w, w.case.family)
    item = propose(w, w.juvenile)
    start_meeting(w, w.juvenile, item)
    decide(w, item)
    revision = item.revisions.get()
    assert programme_context(revision)["approved"]["council_gen"] == "КДНиЗП"


def test_a_kind_the_region_no_longer_has_counts_as_the_main_one(world):
    case = open_case(world)
    council = Council.objects.create(code="old", name="Прежний", municipality=world.north, kind="gone")
    assert names(case) == ["old"]
    assert council.why_not("recognise", case.family) == ""


def test_handing_over_names_to_whom(client, world):
    case = activate(world)
    council = case.agenda_items.get().council
    client.force_login(world.curator)
    url = reverse("councils:item-propose", args=[case.pk])
    data = {"council": council.pk, "question": "transfer", "level": "", "summary": "Переезжают."}
    assert "Выберите организацию" in client.post(url, data).content.decode()
    assert client.post(url, data | {"to_organisation": world.other_centre.pk}).status_code == 302
    item = case.agenda_items.get(question="transfer")
    assert item.to_organisation == world.other_centre
    client.force_login(world.secretary)
    assert "передать в другую организацию" in client.get(reverse("councils:item-queue")).content.decode()
