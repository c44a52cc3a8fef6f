"""After the meeting, in the browser: signed in turn, corrected by an act, papers in the cases, an assignment controlled."""

import docx
import pytest
from django.utils import timezone

from conftest import make_user
from councils.models import AgendaItem, Assignment, ChairSignature, RefusalNotice
from sopr.calendar import add_working_days
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting

pytestmark = pytest.mark.browser
PDF = b"%PDF-1.4 paper %%EOF"


@pytest.fixture
def decided(world):
    """A meeting with everything decided: one family accepted with an assignment, one refused. The chair signs in."""
    w = world
    w.chair = make_user("member", w.ministry, "chair", last_name="Председателев")
    w.council = make_council(w)
    w.council.memberships.filter(role="chair").update(user=w.chair)
    w.items = []
    for surname in ("Ершовы", "Савиных"):
        case = open_case(w, family=make_family(w, surname=surname))
        add_pack(w, case)
        w.items.append(AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic"))
    w.meeting = start_meeting(w, w.council, *w.items)
    w.items[0].refresh_from_db()
    due_on = add_working_days(timezone.localdate(), 10)
    Assignment.give(w.items[0], by=w.secretary, text="Записать к врачу", executor=w.clinic, due_on=due_on)
    for item, verdict in zip(w.items, ("granted", "refused"), strict=True):
        decide(w, item, verdict)
    return w


def test_from_the_signatures_to_the_statistics(decided, visitor, tmp_path):  # noqa: F811
    w = decided
    paper = tmp_path / "Ершовы подписано.pdf"
    paper.write_bytes(PDF)
    secretary = visitor().sign_in(w.secretary)
    the_secretary_signs(secretary, w, tmp_path)
    the_chair_signs_on_a_phone(visitor(PHONE).sign_in(w.chair))
    the_minutes_are_corrected(secretary, paper)
    the_curator_has_the_papers(visitor().sign_in(w.curator), w, paper)
    the_agency_reports(visitor(PHONE).sign_in(w.executor), paper)
    the_secretary_accepts(secretary)
    the_quarter_is_counted(secretary, tmp_path)


def the_secretary_signs(secretary, w, folder):
    secretary.open(w.meeting.get_absolute_url())
    secretary.follow("Подписать протокол")
    secretary.press("Подписать протокол")
    secretary.is_told("Протокол подписан.")
    secretary.follow("Подписи и исправления")
    secretary.sees("ждёт подписи", "подписывает сам, войдя в систему", "Решили единогласно.")
    file = docx.Document(secretary.download("Word", folder))
    assert any("Ершовых" in line.text for line in file.paragraphs)
    assert secretary.take_pdf("PDF").startswith(b"%PDF")


def the_chair_signs_on_a_phone(chair):
    chair.sees("Ждут Вашей подписи", "Протокол № 1")
    chair.follow("Прочитать и подписать")
    chair.sees("Решили единогласно.")
    assert not chair.scrolls_sideways()
    chair.follow("Подписать протокол")
    chair.press("Подписать")
    chair.is_told("Протокол подписан.")
    assert not ChairSignature.objects.get().on_paper


def the_minutes_are_corrected(secretary, paper):
    secretary.follow("Протоколы", ".sidenav")
    secretary.sees("подписан обоими")
    secretary.follow("№ 1", "main")
    secretary.open_more()
    secretary.follow("Исправить актом")
    secretary.fill({
        "К какому вопросу": "1.", "Что записано": "единогласно", "Как следует читать": "при одном воздержавшемся",
        "Почему исправляется": "Описка",
    })  # fmt: skip
    secretary.press("Подписать акт")
    secretary.is_told("Акт подписан Вами.")
    secretary.sees("Акт № 1, вопрос 1", "при одном воздержавшемся")
    secretary.follow("Приложить скан")
    secretary.page.get_by_label("Скан").set_input_files(paper)
    secretary.press("Приложить")
    secretary.is_told("Скан приложен.")


def the_curator_has_the_papers(curator, w, paper):
    curator.open(w.items[0].case.get_absolute_url())
    curator.sees("Выписка из протокола", "Исправлено актом № 1", within="body")
    curator.open(w.items[1].case.get_absolute_url())
    curator.follow("Записать вручение")
    curator.fill({"Как": "лично под подпись"})
    curator.page.get_by_label("Скан расписки").set_input_files(paper)
    curator.press("Записать вручение")
    curator.is_told("Вручение записано.")
    assert RefusalNotice.objects.get().receipt is not None


def the_agency_reports(executor, paper):
    executor.sees("Поручения советов")
    executor.follow("Отчитаться", "main")
    executor.fill({"Что сделано": "Записан к неврологу"})
    executor.page.get_by_label("Файл к отчёту").set_input_files(paper)
    executor.press("Поручение исполнено")
    executor.is_told("Отчёт записан.")


def the_secretary_accepts(secretary):
    secretary.open("/")
    secretary.follow("Посмотреть отчёт")
    secretary.sees("Записан к неврологу", "отчёт у секретаря")
    secretary.follow("Принять отчёт")
    secretary.press("Принять отчёт")
    secretary.is_told("Отчёт принят")
    secretary.sees("исполнено")


def the_quarter_is_counted(secretary, folder):
    secretary.follow("Статистика", ".sidenav")
    secretary.sees("Явка по ведомствам", "признать нуждающейся".capitalize())
    assert secretary.download("Excel", folder).name.startswith("statistika-sovetov-quarter")
