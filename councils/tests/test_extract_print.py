"""Papers of one family out of signed minutes: the extract, and the notice of refusal."""

import subprocess

import pytest
from django.urls import reverse

from councils.models import AgendaItem
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting


def url(page, item):
    return reverse(f"councils:{page}", args=[item.pk])


def text_of(answer) -> str:
    """The PDF's words without spaces: line breaks and no-break spaces do not matter."""
    read = subprocess.run(["pdftotext", "-", "-"], input=answer.content, capture_output=True, check=True)
    return "".join(read.stdout.decode().split())


@pytest.fixture
def running(world):
    council = make_council(world)
    world.items = []
    for surname in ("Ершовы", "Савиных"):
        case = open_case(world, family=make_family(world, surname=surname))
        add_pack(world, case)
        world.items.append(
            AgendaItem.propose(case, by=world.curator, council=council, question="recognise", level="basic")
        )
    world.meeting = start_meeting(world, council, *world.items)
    decide(world, world.items[0])
    decide(world, world.items[1], verdict="refused")
    return world


def test_nothing_is_printed_before_the_signature(client, running):
    client.force_login(running.curator)
    assert client.get(url("extract-print", running.items[0])).status_code == 409
    assert client.get(url("refusal-print", running.items[1])).status_code == 409


def test_the_extract_holds_one_family_only(client, running):
    w = running
    w.meeting.sign_minutes(by=w.secretary)
    client.force_login(w.curator)
    answer = client.get(url("extract-print", w.items[0]))
    text = text_of(answer)
    assert answer["Content-Disposition"] == f'inline; filename="vypiska-{w.items[0].pk}.pdf"'
    assert "ВЫПИСКАИЗПРОТОКОЛА" in text
    assert "Ершовых" in text
    assert "Решилиединогласно" in text
    assert "Савиных" not in text


def test_the_notice_of_refusal_names_the_minutes_and_the_ways_of_appeal(client, running):
    w = running
    w.meeting.sign_minutes(by=w.secretary)
    client.force_login(w.curator)
    assert client.get(url("refusal-print", w.items[0])).status_code == 409  # this family was accepted
    text = text_of(client.get(url("refusal-print", w.items[1])))
    assert "КовалёвойАннеИгоревне" in text
    assert "протокол№1,пункт2.1" in text
    assert "КАКОБЖАЛОВАТЬРЕШЕНИЕ" in text


def test_strangers_get_nothing(client, running):
    w = running
    w.meeting.sign_minutes(by=w.secretary)
    client.force_login(w.other_curator)
    assert client.get(url("extract-print", w.items[0])).status_code == 404
    client.force_login(w.secretary)
    assert client.get(url("extract-print", w.items[0])).status_code == 403
