"""The import as pages: checked by a worker, shown before it is saved, abandoned at any moment, kept as a summary."""

import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from families.models import Family, Person
from sopr.audit.models import AuditRecord
from sopr.errors import Refused
from sopr.exchange import jobs, tasks
from sopr.exchange.models import ExchangeJob, Lost
from sopr.exchange.views.jobs import describe
from sopr.tests.casework import make_family
from sopr.tests.workbooks import make_workbook, small_register

pytestmark = pytest.mark.django_db
NEW, LIST = "exchange:import-new", "exchange:import-list"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.SOPR_VAR = tmp_path


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Jobs are done by the tests themselves, when they say so."""
    monkeypatch.setattr(tasks.do_exchange, "delay", lambda pk: None)


@pytest.fixture
def upload(client, world, tmp_path):
    """Upload a workbook of `sheets` as the administrator; returns the answer."""
    client.force_login(world.administrator)

    def upload(sheets, **fields):
        content = sheets
        if isinstance(sheets, dict):
            content = make_workbook(tmp_path / "register.xlsx", sheets).read_bytes()
        return client.post(reverse(NEW), {"file": SimpleUploadedFile("Иванова.xlsx", content), **fields})

    return upload


@pytest.fixture
def checked(upload):
    """Upload and check; returns the job."""

    def checked(sheets, **fields):
        assert upload(sheets, **fields).status_code == 302
        job = ExchangeJob.objects.latest("pk")
        jobs.work(job.pk)
        job.refresh_from_db()
        return job

    return checked


def page(client, job):
    return client.get(reverse("exchange:import-detail", args=[job.pk])).content.decode()


def act(client, job, name):
    return client.post(reverse(f"exchange:import-{name}", args=[job.pk]))


def test_a_workbook_is_checked_shown_and_only_then_saved(client, checked):
    job = checked(small_register())
    assert job.state == "checked"
    shown = page(client, job)
    assert "Просмотр перед загрузкой" in shown and "Будет создано" in shown
    assert "Ф-1" in shown and "Фамилия семьи: Ковалёвы" in shown
    assert not Family.objects.exists()
    assert act(client, job, "confirm").status_code == 302
    assert not Family.objects.exists(), "saving is the worker's"
    assert jobs.work(job.pk)
    assert Family.objects.count() == 2
    record = AuditRecord.objects.get(action="import")
    assert (record.actor.role, record.detail) == ("administrator", {"rows": 31})
    job.refresh_from_db()
    assert (job.state, job.path) == ("done", "")
    assert not job.folder.exists()
    assert "samples" not in str(job.result) and "likes" not in job.result
    assert "Реестр загружен" in page(client, job)
    assert describe(job) in client.get(reverse(LIST)).content.decode()


def test_the_summary_of_a_preview_is_what_saving_does(client, checked):
    first = checked(small_register())
    act(client, first, "confirm")
    jobs.work(first.pk)
    sheets = small_register()
    sheets["Семьи"][1][3] = "ул. Новая, 5"
    sheets["Люди"][2][2] = "Ковалёв-Орлов"
    sheets["Случаи"][3][9:] = ["2023-04-01", "улучшение", "срок истёк"] if sheets["Случаи"][3][9] is None else []
    second = checked(sheets)
    counts = {sheet["title"]: sheet["counts"] for sheet in second.result["sheets"]}
    assert counts["Семьи"] == {"изменено": 1, "без изменений": 1}
    assert counts["Люди"] == {"изменено": 1, "без изменений": 1}
    shown = page(client, second)
    assert "<del>ул. Лесная, 4</del>" in shown and "<ins>ул. Новая, 5</ins>" in shown
    act(client, second, "confirm")
    jobs.work(second.pk)
    second.refresh_from_db()
    assert {sheet["title"]: sheet["counts"] for sheet in second.result["sheets"]} == counts
    third = checked(sheets)
    assert all(set(sheet["counts"]) <= {"без изменений"} for sheet in third.result["sheets"])


def test_errors_are_named_with_their_places_and_nothing_can_be_confirmed(client, checked):
    sheets = small_register()
    sheets["Случаи"][1][9] = "2019-12-31"
    sheets["Информирование"] += [[None, "не дата", "Тема", 1]] * 250
    job = checked(sheets)
    assert job.state == "failed"
    shown = page(client, job)
    assert "Лист «Случаи», строка 2, столбец «Дата снятия»: раньше даты принятия (2020-02-03)" in shown
    assert "Показаны первые 200" in shown and "Ошибки: 25" in shown
    refused = {sheet["title"]: sheet["refused"] for sheet in job.result["sheets"]}
    assert (refused["Случаи"], refused["Информирование"], refused["Семьи"]) == (1, 250, 0)
    assert act(client, job, "confirm").status_code == 409
    assert not job.folder.exists()
    assert not Family.objects.exists()


@pytest.mark.parametrize("content", [b"MZ this is a program", b"", "текст".encode()])
def test_what_is_not_a_workbook_is_refused_at_once(upload, content):
    answer = upload(content)
    assert answer.status_code == 422
    assert not ExchangeJob.objects.exists()


def test_a_workbook_larger_than_the_limit_is_refused_with_the_limit(upload, settings):
    settings.SOPR_IMPORT_MB = 0
    answer = upload(small_register())
    assert answer.status_code == 422
    assert "Файл больше 0 МБ" in answer.content.decode()


def test_a_broken_workbook_fails_with_its_reason(client, upload, tmp_path):
    whole, broken = make_workbook(tmp_path / "whole.xlsx", small_register()), tmp_path / "broken.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name)[: 300 if name.startswith("xl/worksheets") else None])
    upload(broken.read_bytes())
    job = ExchangeJob.objects.latest("pk")
    assert not jobs.work(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and "не открывается как книга Excel" in job.error


def test_like_families_and_people_are_shown_by_number_and_organisation_only(client, world, checked):
    family = make_family(world)
    family.amend(by=world.curator, address="г. Северный, ул. Лесная, д. 4")
    child = family.memberships.get(relation="child").person
    sheets = small_register()
    sheets["Семьи"][1][1:4:2] = [family.surname, "Северный Лесная 4"]
    sheets["Люди"][2][2:6] = [child.last_name, child.first_name, None, child.birth_on]
    sheets["Люди"][1][2:6] = [child.last_name, "Аристарх", None, child.birth_on]  # a twin is somebody else
    for row in sheets["Люди"][1:]:
        row[8] = "2017-01-01"
    job = checked(sheets)
    assert job.result["likes_total"] == 2
    likes = {like["sheet"]: like for like in job.result["likes"]}
    assert likes["Семьи"]["other"] == f"семья № {family.number}"
    assert likes["Люди"] == {
        "sheet": "Люди",
        "n": 3,
        "number": "Ч-2",
        "other": f"человек № {child.number}",
        "organisations": [str(world.centre)],
        "why": "та же дата рождения, похожие фамилия и имя",
    }
    shown = page(client, job)
    assert "Похожи на уже известных: 2" in shown
    assert "Лесная, д. 4" not in shown


def test_a_live_card_is_left_as_it_is_and_its_values_are_not_shown(client, world, checked):
    family = make_family(world)
    sheets = {
        "Муниципальные образования": [["Код", "Наименование"], ["01", world.north.name]],
        "Семьи": [["Номер семьи", "Фамилия семьи", "Код МО"], [family.number, "Другие", "01"]],
    }
    job = checked(sheets)
    counts = {sheet["title"]: sheet["counts"] for sheet in job.result["sheets"]}
    assert counts["Семьи"] == {"оставлено как есть": 1}
    assert family.surname not in page(client, job)


def test_a_hidden_address_is_neither_shown_nor_overwritten(client, checked):
    first = checked(small_register())
    act(client, first, "confirm")
    jobs.work(first.pk)
    family = Family.objects.get(number="Ф-1")
    family.address, family.address_hidden = "ул. Тайная, 13", True
    family.save()
    sheets = small_register()
    sheets["Семьи"][1][3] = "ул. Новая, 5"
    second = checked(sheets)
    assert "Тайная" not in str(second.result)
    act(client, second, "confirm")
    jobs.work(second.pk)
    family.refresh_from_db()
    assert family.address == "ул. Тайная, 13"


def test_families_without_a_case_go_to_the_named_organisation(client, world, checked):
    sheets = {name: small_register()[name] for name in ("Муниципальные образования", "Семьи")}
    job = checked(sheets, holder=world.centre.pk)
    act(client, job, "confirm")
    jobs.work(job.pk)
    assert {family.holders.get() for family in Family.objects.all()} == {world.centre}


def test_an_abandoned_job_saves_nothing(client, checked):
    job = checked(small_register())
    assert act(client, job, "abandon").status_code == 302
    job.refresh_from_db()
    assert job.state == "abandoned"
    assert "Загрузка отменена" in page(client, job)
    assert act(client, job, "confirm").status_code == 409
    assert not jobs.work(job.pk)
    assert not Family.objects.exists()


def test_a_finished_job_cannot_be_abandoned(client, checked):
    job = checked(small_register())
    act(client, job, "confirm")
    jobs.work(job.pk)
    answer = act(client, job, "abandon")
    assert answer.status_code == 422
    assert "Отменить уже нельзя" in answer.content.decode()
    assert Family.objects.count() == 2


def test_one_import_is_saved_at_a_time(client, checked):
    first, second = checked(small_register()), checked(small_register())
    act(client, first, "confirm")
    answer = act(client, second, "confirm")
    assert answer.status_code == 422
    assert "Сейчас записывается другая книга" in answer.content.decode()
    with pytest.raises(Refused):
        second.confirm()


def test_a_page_shows_the_progress_after_a_reload_and_goes_on_by_itself(client, upload):
    upload(small_register())
    job = ExchangeJob.objects.latest("pk")
    claimed = ExchangeJob.claim(job.pk)
    claimed.beat("Чтение: Люди", 12000, 37)
    for _reload in range(2):
        shown = page(client, job)
        assert "Чтение: Люди" in shown and "37" in shown and "hx-get" in shown
    reads = AuditRecord.objects.filter(subject_type="exchange.exchangejob", action="read")
    assert not reads.exists(), "asked every second"
    claimed.hand_over({})
    answer = client.get(reverse("exchange:import-detail", args=[job.pk]), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("exchange:import-detail", args=[job.pk])


def test_the_progress_of_sqlite_stands_beside_the_row(client, checked, settings):
    job = checked(small_register())
    act(client, job, "confirm")
    claimed = ExchangeJob.claim(job.pk)
    claimed.beat("Сохранение: Люди", 3000, 71)
    shown = page(client, job)
    assert "Сохранение: Люди" in shown and "71" in shown
    assert ExchangeJob.claim(job.pk) is None


def test_the_word_to_stop_reaches_the_worker(client, checked):
    job = checked(small_register())
    act(client, job, "confirm")
    claimed = ExchangeJob.claim(job.pk)
    claimed.ask_to_stop()
    with pytest.raises(Lost):
        claimed.beat("Сохранение", 1, 1)
    claimed.give_up()
    job.refresh_from_db()
    assert job.state == "abandoned"


def test_a_merged_person_is_not_changed_through_his_old_number(client, checked):
    first = checked(small_register())
    act(client, first, "confirm")
    jobs.work(first.pk)
    mother, child = Person.objects.get(number="Ч-1"), Person.objects.get(number="Ч-2")
    stray = Person.objects.create(number="Ч-9", last_name="Ковалев", imported=True, merged_into=child)
    sheets = small_register()
    sheets["Люди"].append(
        ["Ф-1", stray.number, "Совсем", "Другой", None, "2012-03-01", "ребёнок", None, "2013-01-01", None]
    )
    second = checked(sheets)
    counts = {sheet["title"]: sheet["counts"] for sheet in second.result["sheets"]}
    assert counts["Люди"] == {"без изменений": 2, "оставлено как есть": 1}
    act(client, second, "confirm")
    jobs.work(second.pk)
    stray.refresh_from_db()
    assert stray.last_name == "Ковалев" and stray.memberships.count() == 0
    assert mother.memberships.count() == 1


def test_old_previews_and_files_go(client, checked, settings):
    job = checked(small_register())
    ExchangeJob.objects.update(created_at="2020-01-01T00:00:00Z")
    tasks.clear_exchange()
    job.refresh_from_db()
    assert job.state == "abandoned" and not job.result["sheets"][0].get("samples")


def test_other_administrators_see_the_job_and_nobody_else(client, world, checked):
    job = checked(small_register())
    for user in (world.head, world.minister, world.officer):
        client.force_login(user)
        assert client.get(reverse("exchange:import-detail", args=[job.pk])).status_code == 403
