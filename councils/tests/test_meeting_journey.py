"""In the browser: a meeting of twelve questions by one secretary; two at one meeting; a line that breaks."""

import datetime
import subprocess

import docx
import pytest
from django.urls import reverse
from django.utils import timezone
from docx.oxml.ns import qn
from playwright.sync_api import expect

from conftest import make_user
from councils.models import AgendaItem, Assignment, Meeting
from sopr.accounts.policy import Role
from sopr.tests.browser import PHONE, visitor  # noqa: F401 — a fixture
from sopr.tests.casework import add_pack, make_council, make_family, open_case, start_meeting

pytestmark = pytest.mark.browser
SURNAMES = (
    "Алёшины", "Беловы", "Вороновы", "Громовы", "Дёмины", "Ежовы",
    "Жуковы", "Зимины", "Ильины", "Карповы", "Лосевы",
)  # fmt: skip


def propose(w, surname):
    case = open_case(w, family=make_family(w, surname=surname))
    add_pack(w, case)
    return AgendaItem.propose(
        case, by=w.curator, council=w.council, question="recognise", level="crisis", summary=f"Кратко: {surname}."
    )


def press_in_attendance(person, words):
    """A click in the attendance; done when the page has taken the answer in."""
    with person.page.expect_response(lambda answer: "/attendance" in answer.url and answer.request.method == "POST"):
        person.page.get_by_role("button", name=words).first.click()


def at_question(person, number):
    expect(person.page.locator(".is-now .agenda__n")).to_have_text(str(number))


def decide(person, number, following=True):
    at_question(person, number)
    person.press("Решение принято", "#decide")
    if following:
        expect(person.page.locator(".is-now .agenda__n")).not_to_have_text(str(number))


def text_of(pdf) -> str:
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def test_a_meeting_of_twelve_questions(world, visitor, tmp_path):  # noqa: F811
    """Two come late, one recuses himself, one question has no quorum, one is postponed, one is urgent."""
    w = world
    w.council = make_council(w, members=7)
    w.council.required_agencies.add(w.guardianship)
    items = [propose(w, name) for name in SURNAMES]
    urgent = propose(w, "Юдины")
    meeting = Meeting.plan(w.council, by=w.secretary, held_on=timezone.localdate())
    for item in items:
        item.schedule(meeting, by=w.secretary)
    late_one, late_two = w.council.memberships.filter(last_name__in=("Участников2", "Участников3")).order_by("pk")

    secretary = visitor().sign_in(w.secretary)
    secretary.open(meeting.get_absolute_url())
    secretary.follow("Открыть заседание")
    secretary.press("Открыть заседание", "main")
    for late in (late_one, late_two):
        press_in_attendance(secretary, f"{late}: предупредил")
    press_in_attendance(secretary, "Отметить всех присутствующими")
    secretary.sees("Кворум по вопросу 1 есть", "Ведёт Председателев", within=".mt__att")
    secretary.shot("meeting-twelve-begins")

    decide(secretary, 1)
    press_in_attendance(secretary, f"{late_one}: здесь")  # late: from the second question
    press_in_attendance(secretary, f"{late_two}: здесь")
    expect(secretary.page.locator("#votes")).to_contain_text("голосуют 7")
    decide(secretary, 2)

    at_question(secretary, 3)  # the member of guardianship recuses herself: without her agency there is no quorum
    secretary.page.locator("summary", has_text="заявить самоотвод").click()
    secretary.page.locator("#id_recused").select_option(label=str(w.council.memberships.get(user=w.member)))
    secretary.page.locator("#id_recusal_reason").fill("родственник")
    secretary.press("Записать", ".recuse__f")
    secretary.sees("По вопросу 3 кворума нет", within=".mt__att")
    expect(secretary.page.locator("#decide")).to_contain_text("Нет кворума")
    secretary.press("Отложить", "#decide")
    secretary.fill({"Почему вопрос откладывается": "Нет кворума: самоотвод опеки"})
    secretary.press("Отложить", "main")

    at_question(secretary, 4)  # a member recuses himself, the quorum stands
    secretary.page.locator("summary", has_text="заявить самоотвод").click()
    secretary.page.locator("#id_recused").select_option(label=str(late_one))
    secretary.press("Записать", ".recuse__f")
    secretary.sees("6 из 7", within=".mt__att")
    decide(secretary, 4)

    at_question(secretary, 5)  # a task given beside the question; the text typed meanwhile stays
    secretary.page.locator("#talk").fill("Членова О.: нужна помощь врача")
    secretary.page.locator("#tasks summary").click()
    secretary.page.locator("#id_task").fill("Записать ребёнка к врачу")
    secretary.page.locator("#id_executor").select_option(label=str(w.clinic))
    secretary.page.locator("#id_due_on").fill((timezone.localdate() + datetime.timedelta(days=14)).isoformat())
    secretary.press("Поручить", "#tasks")
    expect(secretary.page.locator("#tasks")).to_contain_text("Записать ребёнка к врачу")
    expect(secretary.page.locator("#talk")).to_have_value("Членова О.: нужна помощь врача")
    secretary.page.keyboard.press("Control+Enter")
    expect(secretary.page.locator(".is-now .agenda__n")).not_to_have_text("5")

    at_question(secretary, 6)
    secretary.press("Отложить", "#decide")
    secretary.fill({"Почему вопрос откладывается": "Нужна справка"})
    secretary.press("Отложить", "main")

    at_question(secretary, 7)
    secretary.press("Добавить срочный вопрос", ".mt__agenda")
    secretary.page.locator("#id_item").select_option(index=3)  # after two that were put off: Юдины is the last
    chosen = secretary.page.locator("#id_item option:checked").inner_text()
    assert "Юдиных" in chosen
    secretary.fill({"Почему не может ждать": "Ребёнка выписывают завтра"})
    secretary.press("Включить в повестку", "main")
    at_question(secretary, 12)
    decide(secretary, 12)
    for number in range(7, 11):
        decide(secretary, number)
    decide(secretary, 11, following=False)
    expect(secretary.page.locator(".mt__agenda")).to_contain_text("решено 10 из 10")
    secretary.shot("meeting-twelve-ends")

    secretary.follow("Подписать протокол")
    secretary.press("Подписать протокол", "main")
    secretary.sees_title("Протокол № 1")
    paper = secretary.take_pdf("Напечатать протокол")
    (tmp_path / "minutes.pdf").write_bytes(paper)
    secretary.follow("Подписи и исправления")
    file = docx.Document(secretary.download("Word", tmp_path))
    in_word = "".join(node.text or "" for node in file.element.body.iter(qn("w:t"))).replace("\xa0", " ")
    words = text_of(paper)
    for said in (
        "12. О признании семьи Юдиных",
        "Ребёнка выписывают завтра",
        "Вопрос отложен: нет кворума: самоотвод опеки",
        "Вопрос отложен: нужна справка",
        "Записать ребёнка к врачу",
        "самоотвод",
    ):
        assert said in words, said
        assert said in in_word, f"Word: {said}"

    urgent.refresh_from_db()
    curator = visitor().sign_in(w.curator)
    curator.open(urgent.case.get_absolute_url() + "?tab=council")
    extract = text_of(curator.context.request.get(reverse("councils:extract-print", args=[urgent.pk])).body())
    assert "Юдиных" in extract
    assert not [name for name in ("Алёшин", "Белов", "Зимин", "Лосев") if name in extract]
    executor = visitor().sign_in(w.executor)
    executor.sees("Записать ребёнка к врачу")
    assert Assignment.objects.get().executor == w.clinic


@pytest.fixture
def sitting(world):
    """A running meeting with two questions, kept by the secretary and by the deputy of the secretary."""
    w = world
    w.council = make_council(w)
    w.second = make_user(Role.SECRETARY, w.centre, "secretary-2", last_name="Помощникова")
    w.council.memberships.create(
        user=w.second, last_name="Помощникова", first_name="Анна", organisation=w.centre, role="secretary",
        since=datetime.date(2025, 1, 9),
    )  # fmt: skip
    w.items = [propose(w, name) for name in SURNAMES[:2]]
    w.meeting = start_meeting(w, w.council, *w.items)
    return w


def test_two_secretaries_see_each_other(sitting, visitor):  # noqa: F811
    w = sitting
    one, two = visitor().sign_in(w.secretary), visitor().sign_in(w.second)
    for person in (one, two):
        person.open(w.meeting.get_absolute_url())
        at_question(person, 1)
    # one writes: the other sees who and where, and the words come into the field nobody types into
    two.page.locator("#talk").fill("Моё, ещё не сказано")
    one.page.locator("#heard").fill("о положении семьи")
    expect(two.page.locator("#colleague")).to_contain_text(f"{w.secretary.short_name} пишет в вопросе 1")
    expect(two.page.locator("#heard")).to_have_value("о положении семьи")
    expect(two.page.locator("#talk")).to_have_value("Моё, ещё не сказано")
    expect(one.page.locator("#talk")).to_have_value("Моё, ещё не сказано")
    # attendance and quorum without reload, the typed number stays
    two.page.locator("#id_votes_against").fill("1")
    chair = w.council.memberships.get(role="chair")
    press_in_attendance(one, f"{chair}: нет")
    expect(two.page.locator(".quorum")).to_contain_text("5 из 6")
    expect(two.page.locator("#votes")).to_contain_text("голосуют 5")
    expect(two.page.locator("#id_votes_against")).to_have_value("1")
    two.sees("Кто ведёт заседание", within=".mt__att")
    press_in_attendance(one, f"{chair}: здесь")
    # one decides: the other is told, and his text is still there
    expect(two.page.locator("#decide")).to_contain_text("Решение принято")
    two.page.locator("#talk").fill("Ещё одно слово")
    expect(one.page.locator("#talk")).to_have_value("Ещё одно слово")
    decide(one, 1)
    expect(two.page.locator("#colleague")).to_contain_text("уже закрыт другим сотрудником")
    expect(two.page.locator("#talk")).to_have_value("Ещё одно слово")
    expect(two.page.locator("#agenda-list")).to_contain_text("решено 1 из 2")
    two.shot("meeting-decided-by-colleague")


def test_both_texts_are_shown_when_both_write_one_field(sitting, visitor):  # noqa: F811
    w, item = sitting, sitting.items[0]
    one, two = visitor().sign_in(w.secretary), visitor().sign_in(w.second)
    for person in (one, two):
        person.open(w.meeting.get_absolute_url())
        at_question(person, 1)
    with two.expecting_trouble():
        two.context.set_offline(True)
        two.page.locator("#heard").fill("Второй текст")
        expect(two.page.locator("#saved")).to_contain_text("Нет связи")
        one.page.locator("#heard").fill("Первый текст")
        expect(one.page.locator("#saved")).to_contain_text("Сохранено в")
        two.context.set_offline(False)
        both = two.page.locator("#both-heard")
        expect(both).to_contain_text("Первый текст")
    two.shot("meeting-both-texts")
    expect(two.page.locator("#heard")).to_have_value("Второй текст")
    two.press("Соединить оба", "#both-heard")
    expect(two.page.locator("#saved")).to_contain_text("Сохранено в")
    item.refresh_from_db()
    assert item.heard.splitlines() == ["Первый текст", "Второй текст"]


def test_without_a_connection_nothing_is_lost(sitting, visitor):  # noqa: F811
    w, item = sitting, sitting.items[0]
    secretary = visitor(PHONE)
    secretary.open("/")
    secretary.page.get_by_label("Учётная запись").fill(w.secretary.username)
    secretary.page.get_by_label("Пароль", exact=True).fill("Проверка-2026")
    secretary.press("Войти")
    secretary.sees_title("Заседания")
    secretary.open(w.meeting.get_absolute_url())
    with secretary.expecting_trouble():
        secretary.context.set_offline(True)
        secretary.page.locator("#heard").fill("Набрано без связи")
        expect(secretary.page.locator("#saved")).to_contain_text("Текст хранится в этом браузере")
        secretary.press("Решение принято", "#decide")  # goes nowhere, the page stays
        expect(secretary.page.locator("#saved")).to_contain_text("ничего не отправлено")
        expect(secretary.page.locator("#heard")).to_have_value("Набрано без связи")
        secretary.shot("meeting-offline-phone")
        kept = secretary.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('sopr.meeting.'))")
        assert kept == [f"sopr.meeting.{w.secretary.pk}.{item.pk}"]  # nobody else's page takes it up
        secretary.page.close()  # the tab is closed, the browser stays
        secretary.context.set_offline(False)
    secretary.page = secretary.context.new_page()
    secretary.open(w.meeting.get_absolute_url())
    expect(secretary.page.locator("#saved")).to_contain_text("Сохранено в")
    item.refresh_from_db()
    assert item.heard == "Набрано без связи"
    assert secretary.page.evaluate("Object.keys(localStorage).some((key) => key.startsWith('sopr.meeting.'))") is False
    assert secretary.scrolls_sideways() is False


def test_what_is_typed_before_the_page_is_ready_is_kept_too(sitting, visitor):  # noqa: F811
    w, item = sitting, sitting.items[0]
    secretary, held = visitor().sign_in(w.secretary), []
    secretary.page.route("**/js/meeting*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    with secretary.page.expect_request("**/js/meeting*.js"):
        secretary.page.goto(w.meeting.get_absolute_url(), wait_until="commit")
    secretary.page.locator("#heard").fill("Набрано сразу")
    held[0].continue_()
    expect(secretary.page.locator("#saved")).to_contain_text("Сохранено в")
    item.refresh_from_db()
    assert item.heard == "Набрано сразу"
