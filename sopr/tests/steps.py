"""Steps that several journeys share, and the clock and the papers they need."""

import datetime
import subprocess
from contextlib import nullcontext

import time_machine
from django.utils import timezone


def on(date):
    """The server's clock shows nine in the morning of `date`, or the true time for None. The browser keeps its own."""
    if date is None:
        return nullcontext()
    zone = timezone.get_default_timezone()
    return time_machine.travel(datetime.datetime.combine(date, datetime.time(9), zone), tick=True)


def text_of(pdf) -> str:
    """Words of a PDF, by an independent reader."""
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def add_goal(curator, problem, text, kind, activity, agency, due_on):
    """A goal for the first domain not answered yet, with one activity."""
    curator.follow("Добавить цель")
    curator.fill({"В чём трудность": problem, "Цель": text, "Признак достижения": "Видно по справке."})
    curator.press("Добавить цель")
    curator.page.get_by_role("link", name="Добавить мероприятие").last.click()
    curator.fill({"Мероприятие": activity, "Вид помощи": kind, "Исполнитель": agency, "Срок": due_on})
    curator.shot("activity-add")
    curator.press("Добавить мероприятие")
    curator.sees(activity)


def meet(secretary, date):
    """Plan a meeting for today, take the only question of the queue onto its agenda, open it."""
    secretary.follow("Назначить заседание")
    secretary.fill({"Дата": date})
    secretary.press("Назначить")
    secretary.is_told("Заседание назначено.")
    secretary.follow("Открыть очередь")
    secretary.page.get_by_role("checkbox").first.check()
    secretary.press("Взять отмеченные в повестку")
    secretary.is_told("Вопросы включены в повестку.")
    secretary.follow("К заседанию")
    secretary.shot("meeting-planned")
    secretary.follow("Открыть заседание")
    secretary.press("Открыть заседание")


def all_for(secretary):
    """Everybody is present and votes for the only question of the agenda."""
    secretary.press("Отметить всех присутствующими")
    secretary.sees("Кворум по вопросу 1 есть")
    secretary.press("Решение принято")
    secretary.sees("решено 1 из 1")


def sign(secretary) -> str:
    """Sign the minutes of the meeting on the page; returns their printed text."""
    secretary.follow("Подписать протокол")
    secretary.shot("minutes-sign")
    secretary.press("Подписать протокол")
    secretary.is_told("Протокол подписан.")
    secretary.shot("meeting-signed")
    return text_of(secretary.take_pdf("Напечатать протокол"))
