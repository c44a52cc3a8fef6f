"""What follows a meeting on paper: the chair's signature, scans, an act of correction, control of assignments.

Takes nothing from the dice of the story: who does what follows from numbers, so the region stays the same around it.
"""

from councils.models import AgendaItem, Assignment, RefusalNotice, Scan
from councils.words import Question
from sopr.calendar import add_working_days
from sopr.demo.agencies import scan
from sopr.demo.timeline import DAY, moment, workday
from sopr.documents.content import read_content

CORRECTIONS = (
    (
        "Голосовали: воздержались – 0.",
        "Голосовали: воздержались – 1.",
        "Описка секретаря, выявлена при сверке с листом.",
    ),
    ("срок уровня 12 месяцев", "срок уровня 6 месяцев", "Срок указан не по виду уровня."),
)
REMARKS = ("Приложите справку и напишите, когда семья была на приёме.", "Напишите, кто из семьи получил помощь.")


def signing(scene, minutes, number):
    """The chair signs a day or two later, by his login or on paper; now and then an act corrects the minutes."""
    secretary = minutes.signed_by
    if is_recent(scene, minutes.meeting.held_on, 20):  # the last ones wait for the chair, one with an act of correction
        yield moment(add_working_days(scene.day, 1), 15)
        if not minutes.needs_paper():
            stood, should, reason = CORRECTIONS[0]
            minutes.correct(by=secretary, stood=stood, should=should, reason=reason, position=1)
        return
    yield moment(add_working_days(scene.day, 1 + number % 2), 15)
    _sign(minutes, secretary, scene.day)
    if number % 4 == 0:
        Scan.add(minutes, read_content(scan()), by=secretary)
    if number % 6 == 1:
        yield moment(add_working_days(scene.day, 2), 10)
        stood, should, reason = CORRECTIONS[number // 6 % len(CORRECTIONS)]
        act = minutes.correct(by=secretary, stood=stood, should=should, reason=reason, position=1)
        yield moment(add_working_days(scene.day, 2), 16)
        _sign(act, secretary, scene.day)


def is_recent(scene, day, days) -> bool:
    """Whether `day` lies within so many days of the real today."""
    return scene.timeline.today - day <= days * DAY


def _sign(paper, secretary, day):
    minutes = getattr(paper, "minutes", paper)
    if minutes.needs_paper():
        paper.record_paper(by=secretary, signed_on=day)
    else:
        paper.confirm(by=minutes.presided.user)


def refusals_are_told(scene, minutes):
    """The curator hands the notice over, mostly in time; the latest still wait."""
    notices = list(RefusalNotice.objects.filter(item__meeting=minutes.meeting_id).select_related("item__case__curator"))
    for notice in notices:
        if is_recent(scene, minutes.meeting.held_on, 90):
            return
        yield moment(max(workday(scene.day + DAY), workday(notice.due_on - DAY)), 11)
        ways = list(RefusalNotice.Way.values)
        way = ways[notice.pk % len(ways)]
        receipt = read_content(scan()) if notice.pk % 2 else None
        notice.hand(by=notice.item.case.curator or minutes.signed_by, handed_on=scene.day, way=way, receipt=receipt)


def looked_at(scene, assignment, secretary):
    """The secretary looks at an agency's report: accepts it, or first sends it back once."""
    yield moment(add_working_days(scene.day, 1), 10)
    if is_recent(scene, scene.day, 45) and assignment.pk % 2:
        return  # this one lies on the secretary's desk
    if assignment.pk % 5 == 2:
        executor, result = assignment.events.last().by, assignment.result
        assignment.send_back(by=secretary, remark=REMARKS[assignment.pk % len(REMARKS)])
        yield moment(add_working_days(scene.day, 2), 14)
        assignment.report(by=executor, done_on=scene.day, result=f"{result} Справка приложена.",
                          file=read_content(scan()))  # fmt: skip
        yield moment(add_working_days(scene.day, 1), 12)
    assignment.accept(by=secretary)


def prolonged(item, secretary):
    """A question that came back because of an assignment not done: the council gives it a later term now and then."""
    if item.question != Question.OTHER or item.state != AgendaItem.State.DECIDED:
        return
    late = Assignment.objects.open().filter(item__council=item.council_id, item__case=item.case_id)
    for task in late.select_related("item", "executor"):
        if task.pk % 2 and task.due_on < item.meeting.held_on:
            task.prolong(by=secretary, item=item, due_on=workday(item.meeting.held_on + 20 * DAY))
