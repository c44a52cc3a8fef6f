"""Practices of a region in the story of a family: the certificate it holds, points for its steps, its rights.

Told in the first municipality only: every state of a practice occurs there, and the seed stays quick. A practice draws
no numbers from the life's own chance: what else happens to the family does not depend on it.
"""

import itertools

from cases import acts
from cases.benefits import load_federal, navigate
from cases.documents.certificate import helpers_of, names_in_dative
from cases.documents.people import members_of
from cases.models import Benefit, BenefitNote, BonusEntry, BonusReward, BonusStep, Case, Certificate, Goal
from cases.models.certificate import LONGEST_WORDING, MOST_GOALS, adults_of
from cases.words import Stage
from sopr import profile
from sopr.demo.timeline import DAY

STEPS = (
    "Мама записалась на курсы", "Вместе сходили на приём к врачу", "Собрали документы на пособие", "Помирились и поговорили",
    "", "Ребёнок две недели без пропусков", "Навели порядок в комнате детей", "Папа вышел на работу",
)  # fmt: skip


# Steps of the region: title, points, once, so many a month; the last is of the demo centre alone.
POINTS = (
    ("Ребёнок месяц без пропусков занятий", 10, False, 1), ("Сходили с ребёнком к врачу", 5, False, 2),
    ("Мама или папа вышли на работу", 30, True, None), ("Занятие с психологом", 4, False, 4),
    ("Оформили документы сами", 8, False, None), ("Приготовили комнату к школе", 15, True, None),
    ("Помогли на празднике двора", 6, False, 1),
)  # fmt: skip
REWARDS = (
    ("Набор для рисования", 10), ("Билеты в кукольный театр", 20), ("Семейная фотография", 15), ("Настольная игра", 25),
    ("Поездка в ботанический сад", 40),
)  # fmt: skip
EVIDENCE = ("справка из школы", "отметка специалиста", "видела при визите", "принесли документ", "запись психолога")


def fill_dictionaries(scene):
    """Lines of points: of the region by its administrator, one of the demo centre by its head; one of each retired."""
    if not profile.current().has("bonus"):
        return
    region = scene.region
    administrator, head = region.users["administrator"], region.users["head"]
    for number, (title, points, once, limit) in enumerate(POINTS):
        by = head if number == len(POINTS) - 1 else administrator
        BonusStep.add(by=by, title=title, points=points, once=once, monthly_limit=limit)
    for title, points in REWARDS:
        BonusReward.add(by=administrator, title=title, points=points)
    BonusStep.add(by=administrator, title="Посетили собрание", points=2).retire(by=administrator)
    BonusReward.add(by=administrator, title="Канцелярский набор", points=5).retire(by=administrator)


class Practices:
    """Mixed into `Support`: called where a person would do it."""

    def has_practice(self, module) -> bool:
        return profile.current().has(module) and self.place is self.scene.region.places[0]

    def certify(self):
        """Write out a certificate (or a new one for an amended programme) and, mostly, hand it over."""
        if not self.has_practice("certificate") or acts.why_not_certify(self.case):
            return
        revision = self.case.programmes.first().approved
        goals = [
            goal for goal in Goal.objects.filter(revision=revision) if 0 < len(goal.family_wording) <= LONGEST_WORDING
        ]
        adult = adults_of(self.family).first()
        if not goals or adult is None:
            return
        activities = revision.activities().select_related("agency")
        certificate = Certificate.issue(
            self.case, by=self.curator, goals=[(goal, goal.family_wording) for goal in goals[:MOST_GOALS]],
            helpers=helpers_of(self.case, activities)[-5:], surname=self.family.surname_in("gen"),
            names=names_in_dative(members_of(self.case)) or self.family.surname, agreed_by=adult, agreed_on=self.scene.day,
        )  # fmt: skip
        if self.plot.number % 5 != 4:
            certificate.hand_over(by=self.curator, handed_on=self.scene.day, handed_to=adult)

    def mark_certificate(self):
        """At a meeting: stamp the month; replace what is out of date, now and then what was lost."""
        if not self.has_practice("certificate"):
            return
        certificate = self.case.certificates.in_force().select_related("revision").first()
        if certificate is None:
            return
        certificate.case = self.case
        if certificate.is_outdated:
            if int(self.case.number[-1]) % 3:  # every third family has not got its new one yet
                self.certify()
            return
        month = self.scene.day.replace(day=1)
        if certificate.handed_on and month in certificate.months and not certificate.marks.filter(month=month).exists():
            step = STEPS[(self.plot.number + month.month) % len(STEPS)]
            mark = certificate.mark(by=self.curator, met_on=self.scene.day, step=step)
            if self.plot.number % 4 == 1 and certificate.replaces_id is None and mark.month == certificate.months[0]:
                certificate.withdraw(by=self.curator, reason=Certificate.Withdrawal.DAMAGED)
                self.certify()

    def give_points(self):
        """At a meeting: points for a step, once a month; a reward when they suffice; now and then a mistake undone."""
        if not self.has_practice("bonus") or self.plot.number % 2 or acts.why_not_award(self.case):
            return
        day, entries = self.scene.day, self.case.bonus_entries.filter(kind="award")
        if entries.filter(happened_on__year=day.year, happened_on__month=day.month).exists():
            return
        turn = self.plot.number // 2 + entries.count()
        steps = BonusStep.objects.visible_to(self.curator).in_use().filter(once=False).order_by("pk")
        entry = BonusEntry.award(
            self.case, steps[turn % len(steps)], by=self.curator, happened_on=day, evidence=EVIDENCE[turn % len(EVIDENCE)],
        )  # fmt: skip
        if turn % 7 == 3:
            entry.case = self.case
            entry.cancel(by=self.curator, reason="Записано не той семье")
            return
        reward = BonusReward.objects.in_use().order_by("pk")[turn % len(REWARDS)]
        if entry.balance >= reward.points:
            BonusEntry.spend(self.case, reward, by=self.curator, happened_on=day, note="Вручено семье")


# What became of measures for families of the demo centre: state, result.
MADE_OF = (
    ("told", ""), ("applied", "Заявление через «Госуслуги», ждут ответа"), ("receives", "Назначено на год"),
    ("refused", "Не хватило справки о доходах, соберём снова"), ("not_needed", ""), ("stopped", "Ребёнку исполнилось три года"),
)  # fmt: skip
FAMILIES_TOLD = 12


def rights_of_families(scene):
    """The federal set, one measure of the demo centre, one amended, one ended, some confirmed; notes in each state."""
    administrator, head, day = scene.region.users["administrator"], scene.region.users["head"], scene.day
    load_federal(by=administrator)
    for benefit in Benefit.objects.filter(code__in=("ru-alimony", "ru-large-families", "ru-school-meals")):
        benefit.confirm(by=administrator)
    local = {
        "title": "Обувь и форма к школе", "level": "local", "norm": "Решение районного совета от 12.08.2025 № 31", "gives": "Обувь и школьная форма одному ребёнку.",
        "terms": "Малоимущим и многодетным семьям с учениками.", "papers": "Справка из школы.", "apply_at": "Центр помощи семье и детям",
        "phone": head.phone, "whom": ["low_income", "large"], "child_from": 6,
    }  # fmt: skip
    own = Benefit.add(by=head, since=day - 400 * DAY, **local)
    own.revise(by=head, since=day - 40 * DAY, **local | {"gives": "Обувь и школьная форма каждому ученику в семье."})
    ended = Benefit.add(by=head, since=day - 400 * DAY, **local | {"title": "Подарок первокласснику", "child_under": 8})
    ended.end(by=head, until=day - 90 * DAY)
    cases = Case.objects.filter(organisation=head.organisation_id, stage=Stage.ACTIVE).select_related(
        "family", "curator"
    )
    made = itertools.cycle(MADE_OF)
    for case in cases.order_by("pk")[:FAMILIES_TOLD]:
        _facts, matches = navigate(case.family, case.curator, day)
        for match, (state, result) in zip(matches[:4], made, strict=False):
            BenefitNote.write(
                case.family, match.version.benefit, by=case.curator, state=state, happened_on=day, result=result
            )
