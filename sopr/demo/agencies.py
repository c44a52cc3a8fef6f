"""What agencies answer: activities taken on and declined, sessions held, questions, papers, words of the quarter."""

import io
import random

from PIL import Image, ImageDraw

from cases.activity_sessions import participants
from cases.models import Activity, ActivityFile, ActivityRequest, Clarification, QuarterlyWord
from cases.words import SUPPORTED_STAGES
from sopr.calendar import add_working_days
from sopr.demo import phrases
from sopr.demo.intake import Intake
from sopr.demo.timeline import DAY
from sopr.documents.attachments import attach
from sopr.documents.content import read_content
from sopr.errors import Refused

TAKEN, DECLINED = 0.78, 0.86  # shares of a hundred; the rest has not answered yet
WEEK = 7 * DAY
WORDS_SAID = 12  # at the end of the story so many agencies have said their word of the quarter


class Agencies(Intake):
    """The part of a life that agencies write."""

    def plan_answer(self, activity):
        """An agency answers within a few days; told only of what is still open at the end of the story."""
        if activity.state == Activity.State.PLANNED and activity.due_on > self.scene.timeline.today:
            own = random.Random(activity.pk)
            self.plan(add_working_days(self.scene.day, own.randint(1, 4)), self.take, activity, own.random())

    def take(self, activity, share):
        activity.case = self.case
        executor = self.scene.region.executors.get(activity.agency_id)
        if executor is None:
            return
        try:
            if share < TAKEN:
                activity.take_on(by=executor)
            elif share < DECLINED:
                reason, note = next(self.scene.refusals)
                activity.decline(by=executor, reason=reason, note=note)
                if next(self.scene.handed):
                    self.plan(add_working_days(self.scene.day, 2), self.hand_on, activity)
        except Refused:  # reported or carried into a later revision meanwhile
            return

    def hand_on(self, activity):
        """The service does it itself."""
        activity.case = self.case
        try:
            activity.hand_on(by=self.curator, agency=self.centre)
        except Refused:  # carried into a later revision meanwhile
            return

    def hold_sessions(self, activity, executor):
        """Before the report of a repeated activity: its sessions, marked."""
        if activity.repeats and not activity.sessions.exists():
            last = min(activity.due_on, self.scene.day) - 4 * DAY
            activity.plan_sessions(by=executor, first_on=last - activity.times * WEEK)
            mark_sessions(activity, executor, self.scene.day)


def mark_sessions(activity, executor, today):
    """Attendance of every session that is past: mostly they came."""
    own = random.Random(activity.pk)
    people = participants(activity)
    for session in activity.sessions.filter(planned_on__lte=today, held_on=None, cancelled=""):
        session.activity = activity
        came = [person for person in people if own.random() < 0.85]
        missed = [person for person in people if person not in came]
        session.mark(by=executor, came=came, missed=missed, minutes=45, topic=own.choice(phrases.TOPICS))


def agencies_now(scene):
    """The last days: sessions of what goes on, questions, a paper for who has no login, words of the quarter."""
    open_now = Activity.objects.filter(
        case__stage__in=SUPPORTED_STAGES, goal__revision__state="approved", state=Activity.State.ACCEPTED
    ).select_related("case__curator", "case__organisation", "agency", "person")
    _refusals(scene)
    _sessions(scene, open_now)
    _questions(scene, open_now)
    _papers(scene)
    _words(scene)


def _refusals(scene):
    """Whatever the lives have told: one refusal waits for the demo curator, one has been handed on."""
    region = scene.region
    to_do = Activity.objects.filter(
        case__stage__in=SUPPORTED_STAGES, goal__revision__state="approved", state__in=Activity.TO_DO_STATES,
        agency__in=region.executors, due_on__gt=scene.day,
    ).exclude(agency=region.users["executor"].organisation_id)  # fmt: skip
    to_do = to_do.select_related("case__organisation", "case__curator", "goal__revision", "agency")
    demo = region.users["curator"]
    own, others = to_do.filter(case__curator=demo).order_by("-pk")[:1], to_do.exclude(case__curator=demo).order_by("pk")
    for number, activity in enumerate([*own, *others[: 2 - len(own)]]):
        reason, note = phrases.REFUSALS[number]
        activity.decline(by=region.executors[activity.agency_id], reason=reason, note=note)
        if number:
            activity.hand_on(by=activity.case.curator, agency=activity.case.organisation)


def _sessions(scene, open_now):
    for activity in open_now.exclude(repeats="").order_by("pk")[:20]:
        executor = scene.region.executors[activity.agency_id]
        if not activity.sessions.exists():
            try:
                activity.plan_sessions(by=executor, first_on=add_working_days(activity.accepted_on, 2))
            except Refused:  # too late for all of them: the executor will ask the curator
                continue
        mark_sessions(activity, executor, scene.day - 3 * DAY)
        last = activity.sessions.filter(held_on=None).last()
        if last is not None and activity.pk % 3 == 0:
            last.activity = activity
            last.cancel(by=executor, reason="Карантин в группе")


def _questions(scene, open_now):
    """One waits for each side, some are answered."""
    demo = scene.region.users["executor"]
    own = list(open_now.filter(agency=demo.organisation_id).order_by("-case__curator__username", "pk")[:6])
    for number, activity in enumerate(own):
        curator = activity.case.curator
        by = demo if number % 2 == 0 else curator
        question, answer = phrases.QUESTIONS[number % len(phrases.QUESTIONS)]
        row = Clarification.ask(activity, by=by, question=question)
        if number > 1:
            row.reply(by=curator if by is demo else demo, text=answer)


def _papers(scene):
    """A scan beside a report; a request on paper to an agency that does sign in but was asked in writing too."""
    demo = scene.region.users["curator"]
    own = Activity.objects.filter(case__curator=demo, case__stage__in=SUPPORTED_STAGES).select_related(
        "case__organisation", "goal__revision"
    )
    reported = own.filter(state=Activity.State.REPORTED).select_related("reported_by").first()
    if reported is not None:
        file = attach(read_content(scan()), by=reported.reported_by)
        ActivityFile.objects.create(activity=reported, attachment=file)
    asked = own.exclude(agency=demo.organisation_id).filter(
        state__in=Activity.TO_DO_STATES, goal__revision__state="approved"
    )
    for activity in asked.order_by("due_on", "pk")[:2]:
        ActivityRequest.issue(activity, by=demo)


def scan() -> bytes:
    """A sheet that says what it is."""
    sheet = Image.new("L", (620, 877), 255)
    ImageDraw.Draw(sheet).rectangle((60, 60, 560, 817), outline=0, width=2)
    target = io.BytesIO()
    sheet.save(target, "PNG")
    return target.getvalue()


def _words(scene):
    """Agencies begin to say what they did: some read, one returned; the others are still waited for."""
    QuarterlyWord.open_due(scene.day)
    demo = scene.region.users["curator"]
    waiting = QuarterlyWord.objects.waiting().with_sides()
    own = list(waiting.filter(case__curator=demo).order_by("pk")[:4])
    others = list(waiting.exclude(case__curator=demo).order_by("pk")[: WORDS_SAID - len(own)])
    for number, word in enumerate([*own, *others]):
        done, seen, advice = phrases.WORDS[number % len(phrases.WORDS)]
        word.say(by=scene.region.executors[word.agency_id], done=done, seen=seen, advice=advice)
        if number % 4 == 1:
            word.accept(by=word.case.curator)
        elif number % 4 == 2:
            word.give_back(by=word.case.curator, remark="Напишите, сколько встреч было и кто из семьи приходил.")
