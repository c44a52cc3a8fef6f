"""Casework on the family card: each tag shows only the cases its reader may see."""

import pytest
from django.template import Context, Template
from django.utils import timezone

from cases.models import Contact
from families.chronicle import Asked

TAGS = ["family_header_facts", "family_support", "family_contacts", "family_actions"]


def render(tag, *args):
    names = [f"a{index}" for index in range(len(args))]
    template = Template("{% load cases_panels %}{% " + tag + " " + " ".join(names) + " %}")
    return template.render(Context(dict(zip(names, args, strict=True))))


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("who", ["colleague", "other_curator", "secretary", "executor"])
def test_a_stranger_reads_nothing_of_the_case(world, active, tag, who):
    Contact.record(active, by=world.curator, at=timezone.now(), kind="phone", summary="КАНАРЕЙКА")
    active.activities.update(title="КАНАРЕЙКА")
    text = render(tag, active.family, getattr(world, who))
    assert "КАНАРЕЙКА" not in text
    assert active.number not in text
    assert "кризисный" not in text


def test_header_names_level_curator_and_terms(world, active):
    text = render("family_header_facts", active.family, world.curator)
    for phrase in ("кризисный", active.number, "Куратова", f"{active.level_term_on:%d.%m.%Y}"):
        assert phrase in text


def test_colleague_learns_only_who_keeps_the_family(world, active):
    text = render("family_header_facts", active.family, world.colleague)
    assert "Куратова" in text
    assert "семью ведёт другой куратор" in text


def test_support_shows_the_programme(world, active):
    text = render("family_support", active.family, world.head)
    assert "Программа (ИПСС)" in text and "Помощь: обучение и развитие детей" in text


def test_timeline_merges_and_filters(world, active):
    Contact.record(active, by=world.curator, at=timezone.now(), kind="phone", summary="Созвонились с мамой")
    everything = render("family_timeline", active.family, world.curator, [], Asked())
    assert "Созвонились с мамой" in everything and "Открыт случай" in everything
    contacts = render("family_timeline", active.family, world.curator, [], Asked(kind="contacts"))
    assert "Созвонились с мамой" in contacts and "Открыт случай" not in contacts
    assert "Созвонились" not in render("family_timeline", active.family, world.colleague, [], Asked())
