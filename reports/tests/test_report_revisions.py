"""Remarks at cells and their answers, revisions with differences, «сведений нет», closed quarters, frozen rows."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from families.categories import Category
from reports import duties, forms, periods, tasks
from reports.compute import compute
from reports.models import CheckWord, NamedReading, Remark, Report, ReportList
from reports.models.report import checksum_of
from reports.tests.generated import a_case, make_families, save_cases
from sopr.audit.models import AuditRecord
from sopr.errors import Refused
from sopr.obligations.models import Obligation

D = datetime.date
FORM = forms.find("tatarstan-414")
MONITORING = forms.find("primorye-monitoring")
QUARTER = periods.parse("2025Q2")


@pytest.fixture
def cases(world):
    return save_cases(
        [
            a_case(family, world.centre, D(2025, 1, 10), D(2025, 5, 5) if n else None)
            for n, family in enumerate(make_families(4))
        ]
    )


def computed(organisation=None, period=QUARTER, form=FORM):
    report = Report.open_for(form, period, organisation)
    report.store(*compute(form, period, organisation))
    return report


def signed(world, **where):
    report = computed(world.centre, **where)
    report.sign(by=world.head)
    return report


def test_remarks_at_cells_are_answered_and_revisions_compared(world, cases, client):
    """Returned with two remarks, corrected twice; each revision shows what differs from whichever is asked for."""
    report = signed(world)
    client.force_login(world.minister)
    assert "замечание</a>" in client.get(report.get_absolute_url()).content.decode()
    back = reverse("reports:report-return", args=[report.pk])
    assert 'value="10" selected' in client.get(f"{back}?row=10&column=2025Q2").content.decode()
    typed = {"remark": "", "cells-TOTAL_FORMS": "2", "cells-INITIAL_FORMS": "0"}
    rows = [("10", "2025Q2", "Сверьте исход"), ("10.4", "2025Q2", "Сверьте категорию")]
    for n, (row, column, text) in enumerate(rows):
        typed |= {f"cells-{n}-row": row, f"cells-{n}-column": column, f"cells-{n}-text": text}
    assert client.post(back, typed | {"cells-1-row": "77"}).status_code == 422
    assert client.post(back, typed).status_code == 302
    text = client.get(report.get_absolute_url()).content.decode()
    assert text.index('href="#remark-1"') < text.index('href="#remark-2"')

    client.force_login(world.head)
    correct = reverse("reports:report-correct", args=[report.pk])
    assert client.post(correct, {"reason": "Исход исправлен по акту"}).status_code == 302
    second = Report.objects.get(revision=2)
    Case.objects.filter(pk=cases[1].pk).update(outcome="unchanged")
    second.store(*compute(FORM, QUARTER, world.centre))
    with pytest.raises(Refused, match="осталось 2"):
        second.sign(by=world.head)
    first_remark, other_remark = Remark.objects.all()
    answer = reverse("reports:report-answer", args=[second.pk])
    assert "Сверьте исход" in client.get(answer).content.decode()
    given = {f"remark-{first_remark.pk}": "Исход одной семьи изменён", f"remark-{other_remark.pk}": "То же"}
    assert client.post(answer, given).status_code == 302
    page = client.get(second.get_absolute_url())
    assert {(c["row"], c["was"], c["now"], c["why"]) for c in page.context["life"].changes if "II" in c["column"]} == {
        ("10", "3", "2", "Исход одной семьи изменён"),
        ("10.4", "3", "2", "То же"),
        ("11", "75", "50", "Исход исправлен по акту"),
    }
    second.sign(by=world.head)
    with pytest.raises(Refused, match="больше не меняются"):
        Remark.reply(second, {first_remark.pk: "Иначе"}, by=world.head)
    second.send_back(by=world.minister, remark="Ещё раз")
    third = second.correct(by=world.head)
    Case.objects.filter(pk=cases[1].pk).update(outcome="overcame")
    third.store(*compute(FORM, QUARTER, world.centre))
    url = third.get_absolute_url()
    assert len(client.get(url).context["life"].changes) == len(second.changes)
    assert client.get(f"{url}?against=1").context["life"].changes == []
    assert "Ни одна ячейка не отличается" in client.get(f"{url}?against=1").content.decode()


def test_a_revision_says_where_the_list_changed_though_the_number_stayed(world, cases, client):
    """One family overcame instead of another: row 10 is as it was, its list is not; row 9 lists the same families."""
    Case.objects.filter(pk=cases[1].pk).update(outcome="unchanged")
    report = signed(world)
    report.send_back(by=world.minister, remark="Сверьте исходы")
    second = report.correct(by=world.head)
    Case.objects.filter(pk=cases[1].pk).update(outcome="overcame")
    Case.objects.filter(pk=cases[2].pk).update(outcome="unchanged")
    second.store(*compute(FORM, QUARTER, world.centre))
    changed = {(c["row"], c["was"], c["now"]) for c in second.changes if c["column"] == "2025Q2"}
    assert changed == {
        (row, was, f"{was} (в списке: +1 −1)") for row, was in (("10", "2"), ("10.4", "2"), ("11", "50"))
    }
    client.force_login(world.head)
    assert "в списке: +1 −1" in client.get(second.get_absolute_url()).content.decode()
    assert second.differences_from(second) == []


def test_nothing_to_report_is_signed_with_a_reason_and_counts_as_handed_in(world, client):
    client.force_login(world.head)
    report = computed(world.centre, form=MONITORING)
    url = reverse("reports:report-nothing", args=[report.pk])
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "Семьи не принимались, совет не созывался"}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.state_title) == ("submitted", "представлен: сведений нет")
    client.force_login(world.minister)
    assert "совет не созывался" in client.get(report.get_absolute_url()).content.decode()
    listed = client.get(reverse("reports:report-list"), {"state": "nothing"})
    assert [row.object for row in listed.context["table"].rows] == [report]
    region = computed(form=MONITORING)
    assert region.snapshot["coverage"]["missing"] == [str(world.other_centre)]
    with pytest.raises(Refused, match="числа больше нуля"):
        computed(world.centre).declare_nothing(by=world.head, reason="Нет")  # its services are a number


def test_a_closed_quarter_is_opened_by_the_ministry_only(world, cases, client):
    report = signed(world)
    report.approve(by=world.minister)
    client.force_login(world.head)
    assert client.post(reverse("reports:report-correct", args=[report.pk]), {"reason": "Ошибка"}).status_code == 409
    reopen = reverse("reports:report-reopen", args=[report.pk])
    client.force_login(world.minister)
    assert client.post(reopen, {"reason": ""}).status_code == 422
    assert client.post(reopen, {"reason": "Суд отменил решение"}).status_code == 302
    assert AuditRecord.objects.filter(action="change", subject_type="reports.report", subject_id=report.pk).exists()
    duty = Obligation.objects.about(report).open().get(kind="reports.fix")
    assert duty.assignee == world.head
    client.force_login(world.head)
    assert "Суд отменил решение" in client.get(report.get_absolute_url()).content.decode()
    report.refresh_from_db()
    second = report.correct(by=world.head)
    assert second.reason == "Суд отменил решение"
    second.store(*compute(FORM, QUARTER, world.centre))
    second.sign(by=world.head)
    assert not Obligation.objects.about(report).open().exists()
    with pytest.raises(Refused, match="уже создана"):
        report.correct(by=world.head)


def test_the_ministry_learns_the_day_after_who_is_late(world, settings, time_machine):
    settings.SOPR_REGION = "tatarstan"
    time_machine.move_to(datetime.datetime(2025, 7, 10, 9, tzinfo=datetime.UTC))
    quarter = duties.last_quarter()
    late = Obligation.objects.filter(kind="reports.late").open()
    tasks.sweep_signing()
    assert not late.exists()
    assert Obligation.objects.open().get(kind="reports.consolidate").due_on == D(2025, 7, 15)
    time_machine.move_to(datetime.datetime(2025, 7, 11, 9, tzinfo=datetime.UTC))
    for _night in range(2):
        tasks.sweep_signing()
    assert late.get().assignee == world.minister
    assert "организаций — 2" in late.get().title
    assert Report.objects.not_handed_in(timezone.localdate()).count() == 2
    for organisation, head in ((world.centre, world.head), (world.other_centre, world.other_head)):
        computed(organisation, quarter).sign(by=head)
    assert not late.exists()
    computed(None, quarter).approve(by=world.minister)
    assert not Obligation.objects.open().filter(kind__startswith="reports.").exists()


def test_a_frozen_report_stays_byte_for_byte_the_same(world, cases):
    """The database itself refuses every change; casework behind it may be corrected, moved and destroyed."""
    draft = computed(world.centre)
    CheckWord.objects.create(report=draft, check_code="x", found="x", text="x", by=world.head)
    draft.sign(by=world.head)
    draft.send_back(by=world.minister, cells=[("10", "2025Q2", "Сверьте")])
    report = Report.objects.get(pk=draft.pk)
    kept = Report.objects.filter(pk=report.pk).values_list("snapshot", "checksum", "code_version", "signed_at").get()
    ids = ReportList.objects.get(report=report).ids
    assert report.snapshot["code_version"] == report.code_version != ""
    assert report.snapshot["definitions"]
    assert report.snapshot["profile_version"]

    Case.objects.filter(pk=cases[1].pk).update(outcome="unchanged", primary_category=Category.FOSTER)
    Case.objects.filter(pk=cases[2].pk).update(organisation=world.other_centre)
    Case.objects.filter(pk=cases[3].pk)._raw_delete("default")
    rows, lists = Report.objects.filter(pk=report.pk), ReportList.objects.filter(report=report)
    for change in (
        {"snapshot": {}}, {"checksum": "0"}, {"state": "draft"}, {"state": "submitted"}, {"signed_at": timezone.now()},
        {"remark": "Иное"}, {"code_version": "9"}, {"changes": [1]}, {"nothing": "Ничего"}, {"period": "2025Q3"},
    ):  # fmt: skip
        refused(lambda change=change: rows.update(**change))
    refused(lambda: rows._raw_delete("default"))
    refused(lambda: lists.update(ids={}))
    refused(lambda: lists._raw_delete("default"))
    refused(lambda: CheckWord.objects.filter(report=report).update(text="Иное"))
    refused(lambda: Remark.objects.filter(report=report).update(text="Иное"))
    refused(lambda: Remark.objects.filter(report=report)._raw_delete("default"))
    assert rows.values_list("snapshot", "checksum", "code_version", "signed_at").get() == kept
    assert checksum_of(kept[0]) == kept[1]
    assert ReportList.objects.get(report=report).ids == ids

    second = report.correct(by=world.head)
    second.store(*compute(FORM, QUARTER, world.centre))
    changed = {(c["row"], c["was"], c["now"]) for c in second.changes if c["column"] == "2025Q2"}
    before, after = (
        {c["row"]: c["text"] for c in each.snapshot["cells"] if c["column"] == "2025Q2"} for each in (report, second)
    )
    exact = {(row, text, after[row]) for row, text in before.items() if after[row] != text}
    assert exact <= changed
    assert {row for row, _was, _now in changed - exact} <= {"9", "11", "12"}  # shares with other numbers under them
    Remark.reply(second, {Remark.objects.get().pk: "Исправлено"}, by=world.head)
    second.sign(by=world.head)
    refused(lambda: Remark.objects.filter(report=report).update(answer="Иное"))


def refused(write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_the_ministry_reads_names_for_a_written_reason(world, cases, client):
    report = signed(world)
    client.force_login(world.minister)
    behind = reverse("reports:report-cell", args=[report.pk, "10", "2025Q2"])
    page = client.get(behind)
    assert "Ковалёвы" not in page.content.decode()
    opens = page.context["names_url"]
    assert client.post(opens, {"reason": ""}).status_code == 422
    answer = client.post(opens, {"reason": "Проверка жалобы"})
    names = client.get(answer["Location"])
    assert names.content.decode().count("Ковалёвы") == 3
    reading = NamedReading.objects.get()
    assert AuditRecord.objects.filter(subject_type="reports.namedreading", subject_id=reading.pk).count() >= 2
    assert "Ковалёвы" not in client.get(behind).content.decode()
    assert client.get(f"{answer['Location']}?as=xlsx").status_code == 404
    for key in ("cell/10", "check/none", "cell/99/2025Q2", "other/1/2"):
        assert client.get(reverse("reports:names-open", args=[report.pk, key])).status_code == 404, key
    client.force_login(world.head)
    assert "Проверка жалобы" in client.get(report.get_absolute_url()).content.decode()
    other = type(world.minister).objects.create(
        username="second", role="ministry", organisation=world.ministry, last_name="Вторая"
    )
    client.force_login(other)
    assert client.get(answer["Location"]).status_code == 404


def test_the_published_version_hides_small_numbers_and_what_would_give_them_away(world, client):
    families = make_families(21)
    groups = [(Category.LARGE, 12), (Category.FOSTER, 6), (Category.DISABLED_CHILD, 3)]
    categories = [category for category, number in groups for _one in range(number)]
    save_cases(
        [
            a_case(family, world.centre, D(2025, 1, 10), primary_category=category)
            for family, category in zip(families, categories, strict=True)
        ]
    )
    report = computed()
    client.force_login(world.minister)
    page = client.get(reverse("reports:report-published", args=[report.pk]))
    shown = {
        row["code"]: cell["text"] for row in page.context["table"]["rows"] for cell in row["cells"] if cell["main"]
    }
    assert [shown[row] for row in ("1", "1.1", "1.2", "1.4", "1.3")] == ["21", "скрыто", "скрыто", "12", "0"]
    assert "/cell/" not in page.content.decode()
    own = computed(world.centre)
    assert client.get(reverse("reports:report-published", args=[own.pk])).status_code == 404
