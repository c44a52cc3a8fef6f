"""Voting by correspondence: ballots with a deadline, each member's own or on paper; decisions and minutes as any other."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from councils.models import AgendaItem, BallotSheet, Meeting
from sopr.documents.attachments import attach
from sopr.documents.content import read_content
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import add_pack, decide, make_council, open_case

DAY = datetime.timedelta(days=1)
PDF = b"%PDF-1.7\nballot\n%%EOF\n"


def url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


@pytest.fixture
def voting(world, time_machine, settings, tmp_path):
    """Five who vote (two with a login), one question, ballots sent on the 2nd of March and taken up to the 6th."""
    w = world
    settings.MEDIA_ROOT = tmp_path
    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    w.council = make_council(w, absentee=True)
    w.case = open_case(w)
    add_pack(w, w.case)
    w.item = AgendaItem.propose(w.case, by=w.curator, council=w.council, question="recognise", level="crisis")
    w.meeting = Meeting.plan_absentee(w.council, by=w.secretary, until=datetime.date(2026, 3, 6))
    w.item.schedule(w.meeting, by=w.secretary)
    w.meeting.send_ballots(by=w.secretary)
    w.item.refresh_from_db()
    return w


def sheet_of(w, user):
    return w.meeting.attendances.get(membership__user=user)


def vote_on_paper(w, count, choice="for"):
    for row in w.meeting.waiting_sheets().filter(membership__user=None)[:count]:
        BallotSheet.hand_in(
            row, by=w.secretary, choices={w.item.pk: choice}, signed_on=timezone.localdate(),
            scan=attach(read_content(PDF), by=w.secretary),
        )  # fmt: skip


def test_only_a_council_whose_regulation_allows_it(client, world):
    council = make_council(world)
    with pytest.raises(Refused, match="не допускает"):
        Meeting.plan_absentee(council, by=world.secretary, until=timezone.localdate() + DAY)
    client.force_login(world.secretary)
    assert client.get(reverse("councils:absentee-new")).status_code == 409
    council.amend(by=world.administrator, absentee=True)
    data = {"council": council.pk, "until": timezone.localdate().isoformat()}
    assert "не раньше завтрашнего" in client.post(reverse("councils:absentee-new"), data).content.decode()
    data["until"] = (timezone.localdate() + 3 * DAY).isoformat()
    answer = client.post(reverse("councils:absentee-new"), data)
    assert answer["Location"] == Meeting.objects.get().get_absolute_url()


def test_from_the_draft_to_the_signed_minutes_in_the_browser(client, world, settings, tmp_path):
    w = world
    settings.MEDIA_ROOT = tmp_path
    council = make_council(w, members=3, absentee=True)
    case = open_case(w)
    add_pack(w, case)
    item = AgendaItem.propose(case, by=w.curator, council=council, question="recognise", level="crisis")
    meeting = Meeting.plan_absentee(council, by=w.secretary, until=timezone.localdate() + 3 * DAY)
    client.force_login(w.secretary)
    client.post(url("agenda-edit", meeting), {"items": [item.pk]})
    draft = client.get(url("item-draft", item)).context["form"]["draft"].value()
    assert "6\u00a0месяцев со дня подведения итогов голосования" in draft
    assert client.post(url("item-draft", item), {"draft": draft + "\nОсобо."}).status_code == 302
    assert client.post(url("ballots-send", meeting), {}).status_code == 302
    assert client.get(url("item-draft", item)).status_code == 409  # what is voted on does not change
    own = meeting.attendances.get(membership__user=w.member)
    client.force_login(w.member)
    assert "Голосования" in client.get(reverse("councils:ballot-list")).content.decode()
    assert "Особо." in client.get(url("ballot", own)).content.decode()
    assert client.post(url("ballot", own), {}).status_code == 422
    assert client.post(url("ballot", own), {f"item_{item.pk}": "for"}).status_code == 302
    assert client.get(url("ballot", own)).status_code == 409
    client.force_login(w.secretary)
    mine = meeting.attendances.get(membership__user=w.secretary)
    client.post(url("ballot", mine), {f"item_{item.pk}": "for"})
    assert client.get(url("ballots-tally", meeting)).status_code == 409
    chair = meeting.attendances.get(membership__role="chair")
    paper = {f"item_{item.pk}": "abstained", "signed_on": timezone.localdate().isoformat()}
    assert client.post(url("ballot-paper", chair), paper).status_code == 422  # without its scan
    paper["scan"] = SimpleUploadedFile("b.pdf", PDF)
    assert client.post(url("ballot-paper", chair), paper).status_code == 302
    assert b"".join(client.get(url("ballot-scan", chair.sheet))) == PDF
    assert client.post(url("ballots-tally", meeting), {}).status_code == 302  # all have voted before the last day
    case.refresh_from_db()
    item.refresh_from_db()
    assert (case.stage, case.level) == ("active", "crisis")
    assert (item.decision.votes_for, item.decision.abstained, item.decision.present) == (2, 1, 3)
    assert item.decision.decided_on == timezone.localdate()
    assert client.post(url("minutes-sign", meeting), {}).status_code == 302
    meeting = Meeting.objects.get(pk=meeting.pk)
    assert meeting.minutes.content["absentee"] is True
    assert meeting.had_quorum
    assert client.get(url("minutes-print", meeting)).content.startswith(b"%PDF")
    assert client.get(meeting.get_absolute_url()).status_code == 200
    client.force_login(w.curator)
    assert client.get(url("extract-print", item)).content.startswith(b"%PDF")


def test_each_votes_himself_once_and_nobody_for_another(client, voting):
    w = voting
    row = sheet_of(w, w.member)
    with pytest.raises(Refused, match="каждый голосует сам"):
        BallotSheet.hand_in(row, by=w.secretary, choices={w.item.pk: "for"})
    with pytest.raises(Refused, match="Приложите скан"):
        BallotSheet.hand_in(row, by=w.secretary, choices={w.item.pk: "for"}, signed_on=timezone.localdate())
    with pytest.raises(Refused, match="Ответьте на каждый вопрос"):
        BallotSheet.hand_in(row, by=w.member, choices={})
    client.force_login(w.other_head)
    assert client.get(url("ballot", row)).status_code == 404
    BallotSheet.hand_in(row, by=w.member, choices={w.item.pk: "for"})
    with pytest.raises(Refused, match="уже принят"):
        BallotSheet.hand_in(row, by=w.member, choices={w.item.pk: "against"})


def test_a_sheet_is_due_and_closed_when_handed_in(voting):
    w = voting
    due = Obligation.objects.open().filter(kind="council.ballot")
    assert {row.assignee for row in due} == {w.secretary, w.member}
    assert {row.due_on for row in due} == {datetime.date(2026, 3, 6)}
    BallotSheet.hand_in(sheet_of(w, w.member), by=w.member, choices={w.item.pk: "for"})
    assert [row.assignee for row in due.all()] == [w.secretary]


@pytest.mark.parametrize(
    ("papers", "choice", "decided", "words"),
    [
        (3, "for", True, ""),
        (2, "for", False, "Нет кворума: проголосовали 2 из 5"),
        (3, "against", False, "решение не принято: за – 0, против – 3"),
        (3, "abstained", False, "воздержались – 3"),
        (3, "recused", False, "Нет кворума: проголосовали 0 из 5"),
    ],
)
def test_the_quorum_are_the_ballots_returned_by_the_last_day(voting, time_machine, papers, choice, decided, words):
    w = voting
    vote_on_paper(w, papers, choice)
    with pytest.raises(Refused, match="Приём бюллетеней идёт"):
        w.meeting.tally(by=w.secretary)
    time_machine.move_to(datetime.datetime(2026, 3, 9, 9, tzinfo=datetime.UTC))
    with pytest.raises(Refused, match=r"закончился 06\.03\.2026"):
        BallotSheet.hand_in(sheet_of(w, w.member), by=w.member, choices={w.item.pk: "for"})
    w.meeting.tally(by=w.secretary)
    w.item.refresh_from_db()
    assert hasattr(w.item, "decision") is decided
    if decided:
        assert w.item.decision.decided_on == datetime.date(2026, 3, 6)
    else:
        assert w.item.state == "queued"
        assert words in w.item.postponements.get().reason
    assert not Obligation.objects.open().filter(kind="council.ballot").exists()
    w.meeting.refresh_from_db()
    assert w.meeting.sign_minutes(by=w.secretary).content["items"]


def test_nothing_else_decides_what_is_voted_on(voting):
    w = voting
    with pytest.raises(Refused, match="Идёт заочное голосование"):
        decide(w, w.item)
    with pytest.raises(Refused, match="явки нет"):
        sheet_of(w, w.member).mark(by=w.secretary, state="present")
    with pytest.raises(Refused, match="откладывают, только подводя"):
        w.item.postpone(by=w.secretary)
    with pytest.raises(Refused, match="за проект голосуют"):
        w.item.note_down(by=w.secretary, heard="", spoke="", draft="Другое")


def test_a_case_that_has_changed_meanwhile_is_put_off_with_the_reason(voting):
    w = voting
    vote_on_paper(w, 3)
    for user in (w.secretary, w.member):
        BallotSheet.hand_in(sheet_of(w, user), by=user, choices={w.item.pk: "for"})
    w.case.refresh_from_db()
    w.case.curator.is_active = False
    w.case.curator.save()
    w.meeting.tally(by=w.secretary)
    w.item.refresh_from_db()
    assert w.item.state == "queued"
    assert "действующий куратор" in w.item.postponements.get().reason


def test_without_a_draft_nothing_is_sent(world):
    w = world
    council = make_council(w, absentee=True)
    item = AgendaItem.propose(open_case(w), by=w.curator, council=council, question="other")
    meeting = Meeting.plan_absentee(council, by=w.secretary, until=timezone.localdate() + DAY)
    with pytest.raises(Refused, match="нет вопросов"):
        meeting.send_ballots(by=w.secretary)
    item.schedule(meeting, by=w.secretary)
    with pytest.raises(Refused, match="напишите проект решения"):
        meeting.send_ballots(by=w.secretary)
    with pytest.raises(Refused, match="разошлите бюллетени"):
        meeting.start(by=w.secretary)
