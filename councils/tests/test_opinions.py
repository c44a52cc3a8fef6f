"""Opinions of agencies: asked with a date, answered until the meeting opens, seen by who is called to the question."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from conftest import make_user
from councils import tasks
from councils.models import AgendaItem, Meeting, Opinion, OpinionAnswer
from sopr.accounts.policy import Role
from sopr.audit.append_only import AppendOnlyError
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import add_pack, make_council, open_case

DAY = datetime.timedelta(days=1)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def planned(world, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    w = world
    w.council = make_council(w)
    w.case = open_case(w)
    add_pack(w, w.case)
    w.item = AgendaItem.propose(
        w.case, by=w.curator, council=w.council, question="recognise", level="basic", summary="Тайна семьи."
    )
    w.day = timezone.localdate() + 7 * DAY
    w.meeting = Meeting.plan(w.council, by=w.secretary, held_on=w.day)
    w.item.schedule(w.meeting, by=w.secretary)
    return w


def ask(w, agency=None, **fields):
    values = {"question": "Как дела в поликлинике?", "due_on": w.day - 2 * DAY} | fields
    return Opinion.ask(w.item, by=w.secretary, agency=agency or w.clinic, **values)


def page(opinion):
    return reverse("councils:opinion-give", args=[opinion.pk])


def test_the_secretary_asks_and_the_agency_sees_a_duty(client, planned):
    w = planned
    url = reverse("councils:opinion-ask", args=[w.item.pk])
    data = {"agency": w.clinic.pk, "question": "Приходят ли на осмотр?", "due_on": f"{w.day - DAY}"}
    client.force_login(w.secretary)
    assert "не позже этого дня" in client.post(url, data | {"due_on": f"{w.day + DAY}"}).content.decode()
    assert "уже прошёл" in client.post(url, data | {"due_on": "2020-01-01"}).content.decode()
    assert client.post(url, data | {"agency": w.other_centre.pk}).status_code == 422, "of another municipality"
    assert client.post(url, data).status_code == 302
    assert "уже запрошен" in client.post(url, data | {"question": "Ещё раз?"}).content.decode()
    opinion = w.item.opinions.get()
    duty = Obligation.objects.about(opinion).open().get()
    assert (duty.due_on, duty.organisation, duty.path) == (w.day - DAY, w.clinic, page(opinion))
    client.force_login(w.executor)
    assert "Приходят ли на осмотр?" in client.get(reverse("councils:opinion-list")).content.decode()


def test_the_agency_reads_the_least(client, planned):
    w = planned
    opinion = ask(w)
    client.force_login(w.executor)
    html = client.get(page(opinion)).content.decode()
    assert "Илья\u00a0К., 2016 г. р." in html and "Анна\u00a0К., мать" in html
    for secret in ("Ковалёв", "Тайна семьи", "Лесная", w.case.number, "12.04.1991"):
        assert secret not in html, secret
    client.force_login(w.other_executor)
    assert client.get(page(opinion)).status_code == 404
    assert "Как дела" not in client.get(reverse("councils:opinion-list")).content.decode()


def test_an_answer_with_a_file_changes_until_the_meeting_opens(client, planned, time_machine):
    w = planned
    opinion = ask(w)
    client.force_login(w.executor)
    bad = SimpleUploadedFile("otzyv.pdf", b"MZ not a pdf")
    refused = client.post(page(opinion), {"text": "Всё хорошо", "attachment": bad})
    assert refused.status_code == 422 and not OpinionAnswer.objects.exists()
    sent = {"text": "Всё хорошо", "attachment": SimpleUploadedFile("kovalevy.pdf", PDF)}
    assert client.post(page(opinion), sent).status_code == 302
    assert not Obligation.objects.about(opinion).open().exists()
    answer = opinion.answers.get()
    assert client.get(reverse("councils:opinion-file", args=[answer.pk])).getvalue() == PDF
    assert client.post(page(opinion), {"text": "Всё плохо"}).status_code == 302
    opinion = Opinion.objects.for_reading().get()
    assert opinion.latest.text == "Всё плохо" and [old.text for old in opinion.earlier] == ["Всё хорошо"]
    time_machine.move_to(datetime.datetime.combine(w.day, datetime.time(9), tzinfo=datetime.UTC))
    w.meeting.refresh_from_db()
    w.meeting.start(by=w.secretary)
    client.force_login(w.executor)
    assert client.post(page(opinion), {"text": "Передумали"}).status_code == 409
    assert client.get(page(opinion)).status_code == 200, "what was said can still be read"
    with pytest.raises(Refused, match="больше не принимается"):
        Opinion.objects.get().give(by=w.executor, text="Передумали")


def test_what_was_said_is_never_rewritten(planned):
    answer = ask(planned).give(by=planned.executor, text="Всё хорошо")
    answer.text = "Всё плохо"
    for change in (answer.save, answer.delete, OpinionAnswer.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            change()


def test_the_file_goes_to_who_is_called_and_to_nobody_else(client, planned):
    w = planned
    opinion = ask(w)
    client.force_login(w.executor)
    client.post(page(opinion), {"text": "Вот", "attachment": SimpleUploadedFile("a.pdf", PDF)})
    url = reverse("councils:opinion-file", args=[opinion.answers.get().pk])
    for user, status in [
        (w.member, 200), (w.secretary, 200), (w.other_executor, 404), (w.other_secretary, 404), (w.curator, 403),
        (w.minister, 403),
    ]:  # fmt: skip
        client.force_login(user)
        assert client.get(url).status_code == status, user
    w.item.call([w.school], by=w.secretary)
    client.force_login(w.member)
    assert client.get(url).status_code == 404, "not called to the question any more"


def test_opinions_stand_in_the_pack_and_on_the_meetings_page(client, planned, time_machine):
    w = planned
    ask(w).give(by=w.executor, text="Осмотр пройден")
    ask(w, w.school)
    for user, url in [
        (w.member, reverse("councils:pack-detail", args=[w.meeting.pk])),
        (w.secretary, w.meeting.get_absolute_url()),
    ]:
        client.force_login(user)
        html = client.get(url).content.decode()
        assert "Осмотр пройден" in html and "ждём ответа" in html
    time_machine.move_to(datetime.datetime.combine(w.day - DAY, datetime.time(9), tzinfo=datetime.UTC))
    client.force_login(w.secretary)
    assert "просрочен" in client.get(w.meeting.get_absolute_url()).content.decode()
    assert "Просроченные отзывы" in client.get(reverse("councils:meeting-list")).content.decode()


def test_a_meeting_brought_forward_brings_its_opinions(planned):
    w = planned
    opinion = ask(w, due_on=w.day)
    w.meeting.move(by=w.secretary, held_on=w.day - 3 * DAY, starts_at=datetime.time(10))
    opinion.refresh_from_db()
    assert opinion.due_on == w.day - 3 * DAY == Obligation.objects.about(opinion).get().due_on


def test_nobody_waits_once_the_meeting_opens_or_the_question_is_gone(planned, time_machine):
    w = planned
    opinion = ask(w)
    w.item.refresh_from_db()
    w.item.return_with_remark(by=w.secretary, remark="Дополните")
    tasks.sweep_meetings()
    assert not Obligation.objects.about(opinion).open().exists()
    with pytest.raises(Refused):
        Opinion.objects.get().give(by=w.executor, text="Поздно")


def test_open_duties_end_when_the_meeting_opens(planned, time_machine):
    w = planned
    opinion = ask(w)
    time_machine.move_to(datetime.datetime.combine(w.day, datetime.time(9), tzinfo=datetime.UTC))
    w.meeting.start(by=w.secretary)
    assert not Obligation.objects.about(opinion).open().exists()


def test_a_member_answers_for_his_agency(client, planned):
    w = planned
    opinion = ask(w, w.guardianship)
    client.force_login(w.member)
    assert client.post(page(opinion), {"text": "Опека не возражает"}).status_code == 302
    assert Opinion.objects.for_reading().get().latest.by == w.member
    plain = make_user(Role.MEMBER, w.clinic, "member-2")
    client.force_login(plain)
    assert client.get(page(opinion)).status_code == 404
