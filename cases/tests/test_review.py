"""Reviews: drafted from the data, counted on their day, lead to the council, printed; the next one by the level."""

import datetime

from django.utils import timezone

from cases.models import Assessment, Review
from cases.tests.papers import says
from cases.words import Domain
from sopr.obligations.models import Obligation

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


def assess(case, **scores):
    values = dict.fromkeys(Domain.values, 0) | scores
    return Assessment.record(case, by=case.curator, done_on=TODAY(), scores=values, proposed_level="crisis")


def fields(**typed):
    today = TODAY().isoformat()
    return {"done_on": today, "progress": "Сделано", "changes": "Лучше", "conclusion": "continue"} | typed


def test_review_is_drafted_from_activities_and_assessments(world, active, enter, time_machine):
    done, late = active.activities.order_by("pk")
    done.report_done(by=world.other_executor, done_on=TODAY(), result="Помогли")
    done.accept_report(by=world.curator)
    time_machine.move_to(timezone.now() + 40 * DAY)
    assess(active, education=1, income=3)
    page = enter(world.curator).get("cases:review-new", active.pk).content.decode()
    assert "Выполнено 1 из 2 мероприятий." in page
    assert f"Просрочено: {late.title} (срок {late.due_on:%d.%m.%Y})." in page
    assert "Стало лучше: обучение и развитие детей (с 3 до 1)." in page
    assert "Стало хуже: доход и занятость (с 2 до 3)." in page
    assert enter(world.curator).post("cases:review-new", active.pk, **fields()).status_code == 302
    review = Review.objects.get()
    assert (review.activities_done, review.activities_total, review.activities_overdue) == (1, 2, 1)
    assert review.assessment == active.assessments.order_by("pk").last()
    late.report_done(by=world.executor, done_on=TODAY(), result="Успели")
    late.accept_report(by=world.curator)
    assert says(
        enter(world.curator).get("cases:review-print", review.pk), "1 из 2", "лучше на 2", "хуже на 1", "Продолжить"
    )


def test_next_review_may_come_sooner_and_never_later_than_the_level_asks(world, active, enter):
    browser = enter(world.curator)
    late = browser.post("cases:review-new", active.pk, **fields(next_on=(TODAY() + 60 * DAY).isoformat()))
    assert late.status_code == 422 and "не позже" in late.content.decode()
    same = browser.post("cases:review-new", active.pk, **fields(next_on=TODAY().isoformat()))
    assert same.status_code == 422
    soon = TODAY() + 10 * DAY
    assert browser.post("cases:review-new", active.pk, **fields(next_on=soon.isoformat())).status_code == 302
    assert Obligation.objects.open().get(kind="case.review").due_on == soon


def test_each_conclusion_leads_to_what_it_needs_and_the_councils_question_is_filled(world, active, enter):
    browser = enter(world.curator)
    revision = active.programmes.get().revisions.get()
    answer = browser.post("cases:review-new", active.pk, **fields(conclusion="amend", changes="Нужны новые цели"))
    assert answer.url == f"/cases/programmes/{revision.pk}/amend/"
    active.programmes.get().amend(by=world.curator)
    answer = browser.post("cases:review-new", active.pk, **fields(conclusion="amend", changes="Проект готов"))
    page = browser.client.get(answer.url).content.decode()
    assert "Проект готов" in page and 'value="programme" selected' in page
    answer = browser.post(
        "cases:review-new", active.pk, **fields(conclusion="change_level", proposed_level="basic", changes="Спокойнее")
    )
    page = browser.client.get(answer.url).content.decode()
    assert "Спокойнее" in page and 'value="level" selected' in page and 'value="basic" selected' in page
    answer = browser.post("cases:review-new", active.pk, **fields(conclusion="remove"))
    assert answer.url == f"/cases/{active.pk}/closure/"


def test_review_of_another_organisation_is_not_printed(world, active, enter):
    values = {"progress": "Да", "changes": "Да", "conclusion": "continue"}
    review = Review.record(active, by=world.curator, done_on=TODAY(), **values)
    assert enter(world.other_head).get("cases:review-print", review.pk).status_code == 404
