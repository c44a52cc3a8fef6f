"""A question's way through HTTP: proposed, scheduled, discussed, decided, signed, printed."""

import subprocess

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.words import Level, Stage
from councils.models import AgendaItem, Meeting, Minutes
from sopr.audit.models import AuditRecord
from sopr.tests.casework import add_pack, make_council, open_case


@pytest.fixture
def ready(world):
    """A case whose pack is whole, and a council to hear it."""
    case = open_case(world)
    add_pack(world, case)
    world.council = make_council(world)
    world.case = case
    return world


def pdf_text(content: bytes) -> str:
    answer = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(answer.stdout.decode().split())


def url(page, row, query=""):
    return reverse(f"councils:{page}", args=[row.pk]) + query


def test_from_proposal_to_printed_minutes(client, ready):
    w, case = ready, ready.case
    client.force_login(w.curator)
    page = client.get(url("item-propose", case))
    assert page.context["form"].initial["level"] == Level.CRISIS
    answer = client.post(
        url("item-propose", case),
        {"council": w.council.pk, "question": "recognise", "level": "crisis", "summary": "Мать одна воспитывает сына."},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    case.refresh_from_db()
    assert case.stage == Stage.COUNCIL
    item = case.agenda_items.get()

    client.force_login(w.secretary)
    home = client.get(reverse("councils:meeting-list")).content.decode()
    assert "О признании семьи Ковалёвых нуждающейся" in home
    today = timezone.localdate()
    answer = client.post(
        reverse("councils:meeting-new"),
        {"council": w.council.pk, "held_on": today.isoformat(), "starts_at": "10:00", "place": "каб. 12"},
    )
    meeting = Meeting.objects.get()
    assert answer["Location"] == meeting.get_absolute_url()
    client.post(url("item-schedule", item), {"meeting": meeting.pk})
    client.post(url("meeting-start", meeting))

    board = client.get(url("meeting-detail", meeting, f"?item={item.pk}"))
    assert "По вопросу 1 кворума нет" in board.content.decode()
    client.post(url("attendance-all", meeting), {"agendaitem": item.pk, "heard": "", "spoke": "", "draft": ""})
    item.refresh_from_db()
    board = client.get(url("meeting-detail", meeting, f"?item={item.pk}"))
    html = board.content.decode()
    assert "Кворум по вопросу 1 есть" in html
    draft = board.context["board"].draft
    assert draft.startswith(
        "1. Признать семью Ковалёвых (мать – Ковалёва Анна Игоревна; ребёнок – Ковалёв Илья Петрович, 2016"
    )
    assert "2. Установить кризисный уровень на 6" in draft

    # an early signature lists what is open
    refused = client.post(url("minutes-sign", meeting))
    assert refused.status_code == 409
    assert "не решён вопрос 1" in refused.content.decode()

    said = {
        "heard": "о положении семьи",
        "spoke": "Членова О.: опека поддерживает",
        "draft": draft,
        "item_version": item.version,
        "verdict": "granted",
        "level": "crisis",
        "curator": w.curator.pk,
        "votes_for": 5,
        "votes_against": 0,
        "abstained": 0,
    }
    wrong = client.post(url("item-decide", item), said | {"votes_for": 4})
    assert wrong.status_code == 422
    assert "Голоса не сходятся: всего 4, а голосуют 5" in wrong.content.decode()
    assert "опека поддерживает" in wrong.content.decode()  # nothing typed is lost
    case.refresh_from_db()
    assert case.stage == Stage.COUNCIL

    assert client.post(url("item-decide", item), said).status_code == 302
    case.refresh_from_db()
    assert (case.stage, case.level) == (Stage.ACTIVE, Level.CRISIS)
    assert client.post(url("item-decide", item), said).status_code == 409  # a second decision

    assert "ПРОЕКТ" in pdf_text(client.get(url("minutes-print", meeting)).content)
    assert client.post(url("minutes-sign", meeting)).status_code == 302
    printed = client.get(url("minutes-print", meeting))
    assert printed["Content-Disposition"] == f'inline; filename="protokol-1-{today.year}.pdf"'
    text = pdf_text(printed.content)
    for words in (
        "№ 1",
        f"{today:%d.%m.%Y}",
        "1.2. Установить кризисный уровень",
        "за – 5, против – 0",
        "опека поддерживает",
    ):
        assert words.replace(" ", "") in text.replace("\u00a0", "").replace("\u202f", "").replace(" ", ""), words
    assert "ПРОЕКТ" not in text
    assert AuditRecord.objects.filter(action="print").count() == 2

    period = case.level_periods.get()
    assert period.basis == f"протокол № 1 от {today:%d.%m.%Y}, вопрос 1"
    assert item.revisions.get().basis == period.basis


def test_print_reads_what_was_frozen(client, ready):
    w = ready
    item = AgendaItem.propose(w.case, by=w.curator, council=w.council, question="recognise", level="basic")
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate())
    item.schedule(meeting, by=w.secretary)
    meeting.start(by=w.secretary)
    meeting.mark_all_present(by=w.secretary)
    item.refresh_from_db()
    item.decide(by=w.secretary, verdict="granted", text="Признать нуждающейся.", votes_for=5)
    meeting.sign_minutes(by=w.secretary)
    before = Minutes.objects.get().content
    w.case.family.surname = "Переименованные"
    w.case.family.save()
    client.force_login(w.secretary)
    text = pdf_text(client.get(url("minutes-print", meeting)).content)
    assert "Переименованные" not in text
    assert Minutes.objects.get().content == before


def test_another_councils_secretary_finds_nothing(client, ready):
    w = ready
    item = AgendaItem.propose(w.case, by=w.curator, council=w.council, question="recognise", level="basic")
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate())
    client.force_login(w.other_secretary)
    for page in ("meeting-detail", "meeting-start", "meeting-cancel", "minutes-sign", "minutes-print", "pack-detail"):
        assert client.get(url(page, meeting)).status_code == 404
    for page in ("item-schedule", "item-return", "item-postpone", "item-decide", "item-notes", "item-recuse"):
        assert client.post(url(page, item)).status_code == 404


def test_a_plain_member_elsewhere_keeps_no_papers_there(client, ready):
    """A secretary of one council who merely sits in another does not run it."""
    w = ready
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate())
    w.council.memberships.create(
        user=w.other_secretary, last_name="Протоколова", organisation=w.other_centre, role="member",
        since=timezone.localdate(),
    )  # fmt: skip
    client.force_login(w.other_secretary)
    assert client.get(url("meeting-detail", meeting)).status_code == 404
    assert client.get(url("pack-detail", meeting)).status_code == 200
