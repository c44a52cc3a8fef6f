"""The executor accepts or declines; the curator hands on, takes to the council or closes; questions, files, papers."""

import datetime
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cases.models import Activity, ActivityFile, ActivityRequest, Clarification
from sopr.accounts.models import User
from sopr.audit.models import AuditRecord
from sopr.documents.models import Attachment
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import hold_council

TODAY = timezone.localdate
PDF = b"%PDF-1.7\nsomething\n%%EOF\n"


@pytest.fixture
def activity(world, active):
    return Activity.objects.get(agency=world.clinic)


def owed(subject):
    return set(Obligation.objects.open().about(subject).values_list("kind", flat=True))


def kinds_of_events(activity):
    return list(activity.case.events.order_by("pk").values_list("kind", flat=True))


def photo(form="JPEG", **save):
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "#123456").save(target, form, **save)
    return target.getvalue()


# -- accept and decline -------------------------------------------------------------------------------------------------


def test_executor_accepts(world, activity, enter):
    assert owed(activity) == {"activity.report", "activity.answer"}
    browser = enter(world.executor)
    assert "Принять в работу" in browser.get("cases:activity-detail", activity.pk).content.decode()
    assert browser.post("cases:activity-take", activity.pk).status_code == 302
    activity.refresh_from_db()
    assert (activity.state, activity.accepted_on) == ("accepted", TODAY())
    assert owed(activity) == {"activity.report"}
    assert "activity_accepted" in kinds_of_events(activity)
    assert browser.get("cases:activity-take", activity.pk).status_code == 409


def test_executor_declines_with_a_reason_and_the_curator_decides(world, activity, enter):
    browser = enter(world.executor)
    assert browser.post("cases:activity-decline", activity.pk).status_code == 422
    other = {"decline_reason": "other", "decline_note": ""}
    assert browser.post("cases:activity-decline", activity.pk, **other).status_code == 422
    data = {"decline_reason": "no_capacity", "decline_note": "Психолог в отпуске до марта"}
    assert browser.post("cases:activity-decline", activity.pk, **data).status_code == 302
    activity.refresh_from_db()
    assert (activity.state, activity.declined_on) == ("declined", TODAY())
    due = Obligation.objects.open().about(activity).get()
    assert (due.kind, due.assignee, due.case_id) == ("activity.declined", world.curator, activity.case_id)
    page = enter(world.curator).get("cases:activity-detail", activity.pk).content.decode()
    assert "нет специалиста или мест" in page and "Психолог в отпуске" in page
    for words in ("Передать другому исполнителю", "Вынести изменение на совет", "Записать, что не исполнено"):
        assert words in page
    assert "Исполнитель отклонил мероприятие" in enter(world.curator).get("cases:my-day").content.decode()


def test_declined_is_handed_on_and_the_plan_of_the_council_stays(world, activity, enter):
    activity.decline(by=world.executor, reason="not_ours")
    browser = enter(world.curator)
    same = browser.post("cases:activity-hand-on", activity.pk, agency=world.clinic.pk)
    assert same.status_code == 422
    assert browser.post("cases:activity-hand-on", activity.pk, agency=world.guardianship.pk).status_code == 302
    activity.refresh_from_db()
    new = Activity.objects.get(continues=activity)
    assert (activity.state, activity.agency, activity.decline_reason) == ("handed_on", world.clinic, "not_ours")
    assert (new.state, new.agency, new.title, new.due_on, new.goal_id) == (
        "planned", world.guardianship, activity.title, activity.due_on, activity.goal_id,
    )  # fmt: skip
    assert owed(activity) == set()
    assert owed(new) == {"activity.record"}, "nobody of the guardianship signs in: the curator writes it down"
    assert activity.case.activities.counted().count() == 2
    answer = browser.get("cases:activity-detail", activity.pk)
    assert answer.status_code == 302 and answer["Location"] == new.get_absolute_url()


def test_a_draft_that_waits_follows_the_handing_on(world, active, activity):
    programme = active.programmes.get()
    draft = programme.amend(by=world.curator)
    activity.decline(by=world.executor, reason="term")
    new = activity.hand_on(by=world.curator, agency=world.guardianship)
    copy = draft.activities().get(continues=new)
    assert copy.agency == world.guardianship
    hold_council(world, active, "programme")
    copy.refresh_from_db()
    assert (copy.state, copy.goal.revision.state) == ("planned", "approved")
    assert active.activities.counted().count() == 2


def test_the_council_gives_a_declined_activity_to_another_agency(world, active, activity):
    activity.decline(by=world.executor, reason="no_capacity")
    draft = active.programmes.get().amend(by=world.curator)
    copy = draft.activities().get(continues=activity)
    copy.change(by=world.curator, agency=world.school)
    hold_council(world, active, "programme")
    copy.refresh_from_db()
    assert (copy.state, copy.declined_on) == ("planned", None), "the clinic's refusal is not the school's"


def test_declined_may_be_written_down_as_not_done(world, activity, enter):
    activity.decline(by=world.executor, reason="not_ours")
    data = {"done": "no", "not_done_reason": "agency_failed", "result": "Другого исполнителя в районе нет",
            "told_by": "Исполнителева", "told_on": TODAY().isoformat()}  # fmt: skip
    assert enter(world.curator).post("cases:activity-record", activity.pk, **data).status_code == 302
    activity.refresh_from_db()
    assert (activity.state, activity.not_done_reason) == ("not_done", "agency_failed")


def test_who_declined_may_think_better_of_it(world, activity):
    activity.decline(by=world.executor, reason="no_capacity")
    activity.take_on(by=world.executor)
    assert (activity.state, activity.decline_reason, activity.declined_on) == ("accepted", "", None)


def test_accepted_stays_accepted_in_a_later_revision(world, active, activity):
    activity.take_on(by=world.executor)
    draft = active.programmes.get().amend(by=world.curator)
    Clarification.ask(activity, by=world.executor, question="Сколько занятий?")
    hold_council(world, active, "programme")
    copy = draft.activities().get(continues=activity)
    assert (copy.state, copy.accepted_on) == ("accepted", TODAY())
    assert copy.clarifications.filter(closed_at=None).exists(), "the question goes on with the activity"


def test_nothing_is_answered_after_the_case_is_closed(world, active, activity, enter):
    Clarification.ask(activity, by=world.executor, question="Когда начать?")
    active.close_at_familys_wish(by=world.curator, day=TODAY(), outcome="unchanged")
    assert enter(world.executor).get("cases:activity-take", activity.pk).status_code == 409
    assert not Obligation.objects.open().filter(case_id=active.pk).exists()
    assert not Obligation.objects.open().filter(organisation=world.clinic).exists()
    assert not Clarification.objects.filter(closed_at=None).exists()
    page = enter(world.executor).get("cases:activity-list").content.decode()
    assert "сопровождение завершено" in page


def test_returned_report_goes_back_to_work(world, activity):
    activity.report_done(by=world.executor, done_on=TODAY(), result="Сделано")
    activity.return_report(by=world.curator, remark="Сколько занятий?")
    assert activity.state == "accepted"
    assert kinds_of_events(activity)[-1] == "activity_returned"
    activity.report_done(by=world.executor, done_on=TODAY(), result="Сделано: 5 занятий")
    assert (activity.state, activity.remark) == ("reported", "")


# -- the executor's page ------------------------------------------------------------------------------------------------


def test_tabs_tell_new_work_overdue_waiting_and_done_apart(world, active, activity, enter):
    late = Activity.objects.get(agency=world.school)
    Activity.objects.filter(pk=late.pk).update(
        agency=world.clinic, state="accepted", due_on=TODAY() - datetime.timedelta(days=2), title="Просроченное дело"
    )
    browser = enter(world.executor)
    page = browser.get("cases:activity-list").content.decode()
    for tab in ("Новые <small>1</small>", "В работе <small>1</small>", "Просрочено <small>1</small>"):
        assert tab in page
    assert "Просроченное дело" in browser.get("cases:activity-list", state="overdue").content.decode()
    assert "Просроченное дело" not in browser.get("cases:activity-list", state="new").content.decode()
    activity.report_done(by=world.executor, done_on=TODAY(), result="Сделано")
    assert activity.title in browser.get("cases:activity-list", state="wait").content.decode()
    activity.accept_report(by=world.curator)
    assert activity.title in browser.get("cases:activity-list", state="done").content.decode()


# -- questions ----------------------------------------------------------------------------------------------------------


def test_one_open_question_at_a_time(world, activity, enter):
    executor, curator = enter(world.executor), enter(world.curator)
    assert executor.post("cases:activity-ask", activity.pk, question="Есть ли направление?").status_code == 302
    row = Clarification.objects.get()
    assert row.to_curator and owed(row) == {"activity.clarify"}
    for browser in (executor, curator):
        assert browser.get("cases:activity-ask", activity.pk).status_code == 409
    assert executor.get("cases:clarification-answer", row.pk).status_code == 409, "not to his own question"
    day = curator.get("cases:my-day").content.decode()
    assert "Ответить на вопрос исполнителя" in day and activity.title in day
    assert curator.post("cases:clarification-answer", row.pk, text="Да, от 12.01.2026").status_code == 302
    assert owed(row) == set()
    assert "Да, от 12.01.2026" in executor.get("cases:activity-detail", activity.pk).content.decode()
    assert curator.post("cases:clarification-answer", row.pk, text="Ещё раз").status_code == 409
    assert curator.post("cases:activity-ask", activity.pk, question="Семья ходит?").status_code == 302
    asked = Clarification.objects.get(closed_at=None)
    assert not asked.to_curator
    assert Obligation.objects.open().about(asked).get().organisation == world.clinic
    assert "есть вопрос без ответа" in executor.get("cases:activity-list").content.decode()


def test_a_question_to_nobody_is_refused(world, active, activity):
    User.objects.filter(pk=world.executor.pk).update(is_active=False)
    with pytest.raises(Refused, match="нет входа"):
        Clarification.ask(activity, by=world.curator, question="Как дела?")


def test_strangers_read_no_question(world, activity, enter):
    row = Clarification.ask(activity, by=world.executor, question="Когда?")
    for user in (world.other_executor, world.other_curator, world.colleague):
        assert enter(user).get("cases:clarification-answer", row.pk).status_code == 404
        assert enter(user).get("cases:activity-detail", activity.pk).status_code == 404


# -- files --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def report(world, activity, enter, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"

    def report(content, name="Ковалёв Илья.pdf"):
        data = {"done": "yes", "done_on": TODAY().isoformat(), "result": "Сделано"}
        file = SimpleUploadedFile(name, content, content_type="text/html")
        return enter(world.executor).post("cases:activity-report", activity.pk, **data, file=file)

    return report


def test_a_file_comes_with_the_report_and_is_given_to_who_may(world, activity, enter, report, settings):
    assert report(PDF).status_code == 302
    file = ActivityFile.objects.get()
    stored = [path.name for path in (settings.MEDIA_ROOT / "attachments").iterdir()]
    assert len(stored) == 1 and "Ковал" not in stored[0] and stored[0].endswith(".pdf")
    page = enter(world.curator).get("cases:activity-accept", activity.pk).content.decode()
    url = reverse("cases:activity-file", args=[file.pk])
    assert url in page
    answer = enter(world.curator).client.get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == f'attachment; filename="file-{file.attachment_id}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"
    logged = AuditRecord.objects.filter(subject_type="cases.activityfile", actor=world.curator, action="read").get()
    assert logged.detail["file"] == file.attachment_id
    for user in (world.other_executor, world.colleague, world.other_head):
        assert enter(user).client.get(url).status_code == 404
    assert enter(world.secretary).client.get(url).status_code == 403


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><script>alert(1)</script></html>", "приложить нельзя"),
        (b"MZ\x90\x00 a program", "приложить нельзя"),
        (b"%PDF-1.7 cut off", "обрывается"),
        (b"\xff\xd8\xff\xe0 not a picture", "повреждено"),
        (b"PK\x03\x04 not an archive", "повреждён"),
    ],
)
def test_what_is_not_a_document_inside_is_refused(report, content, words):
    answer = report(content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_file_over_the_limit_is_refused_with_the_limit(report, settings):
    settings.SOPR_ATTACHMENT_MB = 1
    answer = report(PDF[:-6] + b" " * 1024 * 1024 + b"%%EOF\n")
    assert answer.status_code == 422
    assert "больше 1 МБ" in answer.content.decode()


def test_a_photo_is_kept_without_the_place_it_was_taken(report, settings):
    exif = Image.Exif()
    exif[0x010E] = "ул. Лесная, 4"
    assert report(photo(exif=exif)).status_code == 302
    row = Attachment.objects.get()
    kept = (settings.MEDIA_ROOT / row.path).read_bytes()
    assert "Лесная".encode() not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (40, 30) and not picture.getexif()


# -- papers -------------------------------------------------------------------------------------------------------------


def test_an_agency_without_a_login_gets_a_paper_and_its_answer_is_entered(world, activity, enter, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    User.objects.filter(pk=world.executor.pk).update(is_active=False)
    browser = enter(world.curator)
    answer = browser.post("cases:activity-request", activity.pk)
    row = ActivityRequest.objects.get()
    assert answer["Location"] == reverse("cases:request-print", args=[row.pk])
    assert row.number == f"1/{TODAY().year}"
    assert browser.get("cases:activity-detail", activity.pk).content.decode().count(row.number) == 1
    again = browser.post("cases:activity-request", activity.pk)
    assert again.status_code == 422 and "ждёт ответа" in again.content.decode()
    data = {
        "done": "yes", "done_on": TODAY().isoformat(), "result": "Приём проведён", "told_by": "Главный врач Смирнов",
        "told_on": TODAY().isoformat(), "told_paper": "исх. № 7",
    }  # fmt: skip
    scan = SimpleUploadedFile("scan.jpg", photo())
    assert browser.post("cases:activity-record", activity.pk, **data, file=scan).status_code == 302
    activity.refresh_from_db()
    row.refresh_from_db()
    assert (activity.state, row.answered_on) == ("done", TODAY())
    assert activity.files.count() == 1
    page = browser.get("cases:activity-detail", activity.pk).content.decode()
    assert "Главный врач Смирнов" in page and "исх. № 7" in page


def test_the_refusal_of_an_agency_without_a_login(world, activity, enter):
    data = {"done": "declined", "decline_reason": "not_ours", "result": "Не оказывают", "told_by": "Регистратура",
            "told_on": TODAY().isoformat()}  # fmt: skip
    assert enter(world.curator).post("cases:activity-record", activity.pk, **data).status_code == 302
    activity.refresh_from_db()
    assert (activity.state, activity.decline_note, activity.told_by) == ("declined", "Не оказывают", "Регистратура")
