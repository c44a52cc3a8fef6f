"""Minutes are signed in turn: the secretary, then who presided, by his own login or on paper; corrected by an act."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from conftest import make_user
from councils.models import AgendaItem, ChairSignature, Correction, Meeting, Minutes, Scan
from councils.models.minutes import checksum
from sopr.audit.append_only import AppendOnlyError
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting

PDF = b"%PDF-1.4 signed %%EOF"


def url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


@pytest.fixture
def signed(world):
    """Two families decided on; the secretary has signed. The chair of this council has no login."""
    w = world
    w.council = make_council(w)
    w.items = []
    for surname in ("Ивановы", "Петровы"):
        case = open_case(w, family=make_family(w, surname=surname))
        add_pack(w, case)
        w.items.append(AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic"))
    w.meeting = start_meeting(w, w.council, *w.items)
    for item in w.items:
        decide(w, item)
    w.minutes = w.meeting.sign_minutes(by=w.secretary)
    return w


@pytest.fixture
def by_login(world):
    """The same with a chair who signs in: a member of the council."""
    w = world
    w.council = make_council(w)
    w.chair = make_user("member", w.ministry, "chair", last_name="Председателев")
    w.council.memberships.filter(role="chair").update(user=w.chair)
    case = open_case(w)
    add_pack(w, case)
    item = AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic")
    w.meeting = start_meeting(w, w.council, item)
    decide(w, item)
    w.minutes = w.meeting.sign_minutes(by=w.secretary)
    return w


def test_the_secretary_freezes_and_the_state_says_who_is_awaited(client, signed):
    w = signed
    assert w.minutes.awaited == "ждёт подписи: Председателев\xa0И.И."
    duty = Obligation.objects.open().about(w.minutes).get()
    assert (duty.assignee, duty.path) == (w.secretary, w.minutes.get_absolute_url())
    client.force_login(w.secretary)
    assert "Протоколы ждут подписи председателя" in client.get(reverse("councils:meeting-list")).content.decode()
    assert "ждёт: Председателев\xa0И.И." in client.get(reverse("councils:minutes-list")).content.decode()
    page = client.get(w.minutes.get_absolute_url()).content.decode()
    assert "Записать подпись на бумаге" in page


def test_a_chair_without_a_login_signs_on_paper(client, signed):
    w, today = signed, timezone.localdate()
    client.force_login(w.secretary)
    early = client.post(
        url("minutes-paper", w.minutes), {"signed_on": (today - datetime.timedelta(days=1)).isoformat()}
    )
    assert early.status_code == 422 and "Подпись ставят со дня подписи секретаря" in early.content.decode()
    scan = SimpleUploadedFile("Ивановы.pdf", PDF)
    done = client.post(url("minutes-paper", w.minutes), {"signed_on": today.isoformat(), "file": scan})
    assert done.status_code == 302
    assert Minutes.objects.get().awaited == "" and ChairSignature.objects.get().on_paper
    assert not Obligation.objects.open().about(w.minutes).exists()
    assert client.get(url("minutes-paper", w.minutes)).status_code == 409
    file = client.get(url("scan-file", Scan.objects.get()))
    assert b"".join(file.streaming_content) == PDF and "Иван" not in file["Content-Disposition"]
    with pytest.raises(Refused, match="уже подписал"):
        w.minutes.record_paper(by=w.secretary, signed_on=today)


def test_a_chair_with_a_login_signs_himself(client, by_login):
    w = by_login
    assert Obligation.objects.open().about(w.minutes).get().assignee == w.chair
    client.force_login(w.secretary)
    assert client.get(url("minutes-paper", w.minutes)).status_code == 409
    assert client.get(url("minutes-confirm", w.minutes)).status_code == 409
    with pytest.raises(Refused, match="подписывает сам"):
        w.minutes.record_paper(by=w.secretary, signed_on=timezone.localdate())
    with pytest.raises(Refused, match="кто председательствовал"):
        w.minutes.confirm(by=w.secretary)
    client.force_login(w.chair)
    home = client.get(reverse("councils:pack-list")).content.decode()
    assert "Ждут Вашей подписи" in home and w.minutes.get_absolute_url() in home
    assert "Решили единогласно" in client.get(w.minutes.get_absolute_url()).content.decode()
    assert client.get(url("minutes-read", w.minutes))["Content-Type"] == "application/pdf"
    before = Minutes.objects.get().content
    assert client.post(url("minutes-confirm", w.minutes)).status_code == 302
    assert Minutes.objects.get().content == before and not Minutes.objects.get().awaited
    assert "Ждут Вашей подписи" not in client.get(reverse("councils:pack-list")).content.decode()
    assert client.get(url("minutes-confirm", w.minutes)).status_code == 409


def test_in_the_chairs_absence_the_deputy_signs(world):
    w = world
    w.council = make_council(w)
    deputy = w.council.memberships.create(
        user=w.head, last_name="Главина", organisation=w.centre, role="deputy", since=datetime.date(2025, 1, 9)
    )
    case = open_case(w)
    add_pack(w, case)
    item = AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic")
    meeting = start_meeting(w, w.council, item)
    meeting.attendances.get(membership__role="chair").mark(by=w.secretary, state="excused")
    decide(w, item)
    minutes = meeting.sign_minutes(by=w.secretary)
    assert minutes.presided == deputy and minutes.content["excused"] == ["Председателев\xa0И.И."]
    minutes.confirm(by=w.head)
    assert not minutes.awaited


def test_the_minutes_list_who_was_absent_and_who_was_invited(world):
    w = world
    w.council = make_council(w)
    for name, post in (("Гостева", "психолог"), ("Нежданова", "")):
        w.council.memberships.create(
            last_name=name,
            organisation=w.school,
            role="invited",
            votes=False,
            post=post,
            since=datetime.date(2025, 1, 9),
        )
    meeting = start_meeting(w, w.council)
    rows = {row.membership.last_name: row for row in meeting.attendances.select_related("membership")}
    rows["Нежданова"].mark(by=w.secretary, state="absent")
    rows["Членова"].mark(by=w.secretary, state="excused")
    rows["Участников0"].mark(by=w.secretary, state="absent")
    content = meeting.describe()
    assert content["invited"] == ["Гостева, психолог, Школа № 7"]
    assert (content["absent"], content["excused"]) == (["Участников0\xa0П."], ["Членова\xa0О."])
    assert "Гостева" not in {member["short"] for member in content["members"]}


def test_strangers_read_no_minutes(client, signed):
    w = signed
    for user in (w.member, w.head, w.minister, w.curator, w.other_secretary):
        client.force_login(user)
        for page in ("minutes-detail", "minutes-read", "minutes-confirm"):
            assert client.get(url(page, w.minutes)).status_code == 404, (user.role, page)
    client.force_login(w.minister)
    html = client.get(reverse("councils:minutes-list")).content.decode()
    assert "№ 1" in html and w.minutes.get_absolute_url() not in html


def test_who_presided_reads_until_the_pack_closes(client, by_login, time_machine):
    w = by_login
    later = timezone.now() + datetime.timedelta(days=40)
    time_machine.move_to(later)
    client.force_login(w.chair)
    assert client.get(w.minutes.get_absolute_url()).status_code == 200  # his signature is awaited
    w.minutes.confirm(by=w.chair)
    assert client.get(w.minutes.get_absolute_url()).status_code == 404


def test_an_act_corrects_and_the_minutes_stay(client, signed):
    w, frozen = signed, checksum(signed.minutes.content)
    client.force_login(w.secretary)
    form = {"position": "1", "stood": "Решили единогласно.", "should": "Решили при одном воздержавшемся.", "reason": ""}
    assert client.post(url("correction-new", w.minutes), form).status_code == 422
    assert client.post(url("correction-new", w.minutes), form | {"reason": "Описка секретаря"}).status_code == 302
    act = Correction.objects.get()
    assert (act.number, act.position, act.awaited) == (1, 1, "ждёт подписи: Председателев\xa0И.И.")
    assert checksum(Minutes.objects.get().content) == frozen == Minutes.objects.get().checksum
    assert Obligation.objects.open().about(act).get().assignee == w.secretary
    assert client.post(url("correction-paper", act), {"signed_on": timezone.localdate().isoformat()}).status_code == 302
    assert Correction.objects.get().awaited == "" and not Obligation.objects.open().about(act).exists()
    page = client.get(w.minutes.get_absolute_url()).content.decode()
    assert "Решили при одном воздержавшемся" in page
    client.force_login(w.curator)
    case_page = client.get(w.items[0].case.get_absolute_url()).content.decode()
    assert "Исправлено актом № 1" in case_page and "при одном воздержавшемся" in case_page
    assert "Исправлено актом" not in client.get(w.items[1].case.get_absolute_url()).content.decode()


def test_acts_refuse_what_makes_no_sense(signed):
    w = signed
    with pytest.raises(Refused, match="Вопроса 9 в этом протоколе нет"):
        w.minutes.correct(by=w.secretary, stood="а", should="б", reason="в", position=9)
    with pytest.raises(Refused, match="Напишите, что было записано"):
        w.minutes.correct(by=w.secretary, stood="а", should=" ", reason="в")
    old = Meeting.objects.create(
        council=w.council,
        held_on=timezone.localdate(),
        starts_at="08:00",
        state="signed",
        had_quorum=True,
        imported=True,
    )
    imported = Minutes.objects.create(meeting=old, number="77", year=2026)
    with pytest.raises(Refused, match="перенесён"):
        imported.correct(by=w.secretary, stood="а", should="б", reason="в")
    with pytest.raises(Refused, match="уже подписан на бумаге"):
        imported.record_paper(by=w.secretary, signed_on=timezone.localdate())
    assert imported not in Minutes.objects.awaiting_chair() and imported.awaited == ""


@pytest.mark.parametrize("table", ["councils_extract", "councils_correction", "councils_chairsignature"])
def test_no_signed_row_changes(signed, table):
    w = signed
    w.minutes.correct(by=w.secretary, stood="а", should="б", reason="в")
    w.minutes.record_paper(by=w.secretary, signed_on=timezone.localdate())
    with pytest.raises(Exception, match="only appended"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET minutes_id = minutes_id")  # noqa: S608 — our own names
    with pytest.raises(AppendOnlyError):
        ChairSignature.objects.update(on_paper=False)


def test_the_register_is_searched_by_number_and_state(client, signed):
    w = signed
    client.force_login(w.secretary)
    rows = lambda query: client.get(reverse("councils:minutes-list") + query).content.decode()  # noqa: E731
    assert w.minutes.get_absolute_url() in rows("?number=1")
    assert w.minutes.get_absolute_url() not in rows("?number=2")
    assert w.minutes.get_absolute_url() in rows("?state=awaited")
    assert w.minutes.get_absolute_url() not in rows("?state=complete")
    assert w.minutes.get_absolute_url() not in rows("?scan=yes")
    w.minutes.record_paper(by=w.secretary, signed_on=timezone.localdate())
    assert w.minutes.get_absolute_url() in rows("?state=complete&scan=no")
    assert client.get(reverse("councils:minutes-list") + "?as=xlsx").status_code == 200


def test_the_register_costs_the_same_for_many_rows(client, signed, django_assert_max_num_queries):
    w = signed
    for hour in range(11, 16):
        meeting = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate(), starts_at=datetime.time(hour))
        meeting.state, meeting.had_quorum = "signed", True
        meeting.save()
        Minutes.objects.create(meeting=meeting, number=str(hour), year=2026, content={"items": []})
    client.force_login(w.secretary)
    with django_assert_max_num_queries(16):
        assert "№ 15" in client.get(reverse("councils:minutes-list")).content.decode()
