"""Practices of Tatarstan in the browser under its profile: certificate, points, rights; and their absence elsewhere."""

import datetime
import subprocess

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import BenefitNote, BonusEntry, Certificate, Contract
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import activate

pytestmark = pytest.mark.browser


def supported(world):
    """A family on support with its contract signed today."""
    world.centre.director_name, world.centre.director_post = "Мартынов Павел Андреевич", "Директор"
    world.centre.save()
    world.curator.phone = "8 (843) 221-40-15"
    world.curator.save()
    case, today = activate(world), timezone.localdate()
    mother = case.family.memberships.get(relation="mother").person
    until = today + datetime.timedelta(days=90)
    Contract.sign(case, by=world.curator, signed_on=today, until=until, party=mother)
    return case


def text_of(pdf) -> str:
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def a_certificate_is_written_out_and_handed_over(curator, case):
    curator.open(f"/cases/{case.pk}/")
    curator.follow("Выписать сертификат")
    curator.press("Выписать сертификат", "main")
    curator.sees("Отметьте хотя бы одну цель", "Без согласия семьи сертификат не выписывают")
    curator.shot("certificate-errors")
    goals = curator.page.locator(".cert-goal")
    goals.nth(0).get_by_label("Показать в сертификате").check()
    goals.nth(0).get_by_label("Словами семьи").fill("Илья учится без пропусков и собирает роботов")
    goals.nth(1).get_by_label("Показать в сертификате").check()
    goals.nth(1).get_by_label("Словами семьи").fill("Мама работает, дохода хватает")
    curator.fill({"Семья прочитала текст": True, "Кто согласился от семьи": "Ковалёва Анна"})
    curator.shot("certificate-issue")
    curator.press("Выписать сертификат", "main")
    curator.is_told("выписан")
    curator.sees("ждёт вручения", "Мама работает, дохода хватает")
    text = text_of(curator.take_pdf("Печать"))
    assert "Ковалёвых" in text and "П.А. Мартынов" in text.replace("\xa0", " ") and "Решить её" not in text
    curator.follow("Записать вручение")
    curator.fill({"Кому вручён": "Ковалёва Анна"})
    curator.press("Записать вручение")
    curator.is_told("Вручение записано.")
    # the programme began last month, so this month has its circle
    begun = (timezone.localdate().replace(day=1) - datetime.timedelta(days=1)).replace(day=1)
    Certificate.objects.filter(case=case).update(since=begun)
    curator.page.reload()
    curator.follow("Отметить месяц")
    curator.fill({"Какой шаг сделан": "Мама прошла собеседование"})
    curator.press("Поставить отметку")
    curator.is_told("Отметка поставлена.")
    curator.sees("Мама прошла собеседование")
    curator.shot("certificate-detail")
    curator.open("/cases/")
    curator.open_more()
    curator.follow("Семейные сертификаты")
    curator.sees("у семьи", "Ковалёвы")
    curator.shot("certificate-list")


def the_dictionary_of_points_is_filled(administrator):
    administrator.follow("Справочники")
    administrator.shot("dictionaries")
    administrator.follow("Шаги бонусной программы", "main")
    administrator.sees("Шагов пока нет")
    administrator.follow("Добавить строку")
    administrator.fill({"Шаг семьи": "Сходили с ребёнком к врачу", "Сколько баллов": "5", "Не чаще, раз в месяц": "2"})
    administrator.press("Добавить")
    administrator.is_told("Строка добавлена.")
    administrator.sees("не чаще 2 в месяц")
    administrator.shot("bonus-step-list")
    administrator.open("/cases/dictionaries/")
    administrator.follow("Поощрения бонусной программы", "main")
    administrator.follow("Добавить строку")
    administrator.fill({"На что тратятся баллы": "Набор для рисования", "Сколько баллов стоит": "8"})
    administrator.press("Добавить")
    administrator.open("/cases/dictionaries/")
    administrator.follow("Меры поддержки", "main")
    administrator.sees("Мер пока нет")
    administrator.follow("Внести федеральные меры")
    administrator.press("Внести", "main")
    administrator.is_told("Внесено новых мер:")
    administrator.sees("Алименты на ребёнка", "проверьте у юриста")
    administrator.shot("benefit-list")
    administrator.follow("Алименты на ребёнка", "main")
    administrator.follow("Проверена юристом")
    administrator.press("Проверена")
    administrator.is_told("проверена юристом")
    administrator.follow("Новая редакция")
    administrator.shot("benefit-revise")
    administrator.fill({"Телефон": "8 800 100-00-02"})
    administrator.press("Сохранить новую редакцию")
    administrator.is_told("Прежняя осталась в истории.")
    administrator.shot("benefit-detail")


def points_are_given_spent_and_taken_back(curator, case):
    curator.open(f"/cases/{case.pk}/")
    curator.shot("case-with-practices")
    for evidence in ("справка педиатра", "запись окулиста"):
        curator.open(f"/cases/bonus/{case.pk}/")
        curator.follow("Начислить баллы")
        curator.fill({"Какой шаг сделан": "Сходили с ребёнком", "Чем подтверждается": evidence})
        curator.press("Начислить", "main")
        curator.is_told("Баллы начислены.")
    curator.follow("Начислить баллы")
    curator.fill({"Какой шаг сделан": "Сходили с ребёнком", "Чем подтверждается": "ещё раз"})
    curator.press("Начислить", "main")
    curator.sees("в этом месяце уже 2")
    curator.open(f"/cases/bonus/{case.pk}/")
    curator.follow("Потратить баллы")
    curator.fill({"На что": "Набор для рисования"})
    curator.press("Записать трату")
    curator.is_told("Трата записана.")
    curator.sees("рейтинга нет")
    curator.page.get_by_role("link", name="Отменить").first.click()
    curator.fill({"Почему отменяется": "набор не подошёл"})
    curator.press("Отменить запись", "main")
    curator.is_told("встречной записью")
    curator.sees("набор не подошёл", "отменено")
    curator.shot("bonus-detail")
    assert "набор не подошёл" in text_of(curator.take_pdf("Выписка"))
    assert [row.balance for row in BonusEntry.objects.order_by("pk")] == [5, 10, 2, 10]


def the_family_learns_its_rights(curator, case):
    curator.open(f"/families/{case.family_id}/")
    curator.page.locator("summary", has_text="Карточка").click()
    curator.follow("Права и льготы")
    curator.sees("Алименты на ребёнка", "Почему показана: семья с одним родителем")
    curator.shot("benefit-family")
    row = curator.page.locator(".measure-row", has_text="Алименты на ребёнка")
    row.get_by_role("link", name="Отметить").click()
    curator.choose("подали заявление")
    curator.fill({"Чем закончилось": "Судебный приказ получен"})
    curator.shot("benefit-note")
    curator.press("Записать", "main")
    curator.is_told("Записано.")
    expect(row).to_contain_text("подали заявление")
    text = text_of(curator.take_pdf("Печать для семьи"))
    assert "Судебный приказ получен" in text and "Семейный кодекс" in text
    assert BenefitNote.objects.get().family_id == case.family_id


def test_certificate_points_and_rights(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "tatarstan"
    case = supported(world)
    the_dictionary_of_points_is_filled(visitor().sign_in(world.administrator))
    curator = visitor().sign_in(world.curator)
    a_certificate_is_written_out_and_handed_over(curator, case)
    points_are_given_spent_and_taken_back(curator, case)
    the_family_learns_its_rights(curator, case)
    phone = visitor(PHONE).sign_in(world.curator)
    certificate = Certificate.objects.get()
    Certificate.objects.update(withdrawn_on=timezone.localdate(), withdrawal="damaged")
    wide = []
    for path in [
        f"/cases/{case.pk}/",
        f"/cases/certificates/issue/{case.pk}/",
        f"/cases/certificates/{certificate.pk}/",
        "/cases/certificates/",
        f"/cases/bonus/{case.pk}/",
        f"/cases/bonus/{case.pk}/award/",
        "/cases/bonus/steps/",
        "/cases/benefits/",
        f"/cases/benefits/family/{case.family_id}/",
    ]:
        phone.open(path)
        phone.shot(f"phone-{path.strip('/').replace('/', '-')}")
        wide += [path] if phone.scrolls_sideways() else []
    assert wide == []


def test_another_region_has_none_of_it(world, visitor, settings):  # noqa: F811
    settings.SOPR_REGION = "primorye"
    case = supported(world)
    curator = visitor().sign_in(world.curator)
    for path in [f"/cases/{case.pk}/", "/cases/", f"/families/{case.family_id}/"]:
        curator.open(path)
        for words in ("ертификат", "Балл", "Права и льготы", "Справочники"):
            expect(curator.page.locator("body")).not_to_contain_text(words)
    for path in [
        "/cases/certificates/",
        f"/cases/certificates/issue/{case.pk}/",
        f"/cases/bonus/{case.pk}/",
        f"/cases/benefits/family/{case.family_id}/",
        "/cases/benefits/",
    ]:
        assert curator.context.request.get(path).status == 404, path
