"""История случая: who and what on which dates; periods end, rows stay (domain.md §6)."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cases import acts, terms
from cases.models.querysets import CasePartQuerySet
from cases.words import Level
from families.models import FamilyMembership, Person
from sopr import profile
from sopr.accounts.policy import Role
from sopr.audit.append_only import AppendOnly
from sopr.calendar import add_months
from sopr.errors import Refused

# Whom a case covers by default: children and their legal representatives.
BY_DEFAULT = Q(relation__in=[FamilyMembership.Relation.CHILD, *FamilyMembership.REPRESENTATIVES]) | Q(
    is_representative=True
)


class CaseMemberQuerySet(CasePartQuerySet):
    def now(self):
        """Covered and not left."""
        return self.filter(until=None)


class CaseMember(models.Model):
    """Кого охватывает случай: the persons of «семей/человек»."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="case_memberships")
    since = models.DateField("с", null=True)  # None: from the beginning of the case, entered before dates were kept
    until = models.DateField("по", null=True)

    objects = CaseMemberQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], name="one_case_membership_per_person"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="covered_since_before_until"
            ),
        ]

    def __str__(self):
        return str(self.person)

    @classmethod
    def add(cls, case, people, *, by, since=None):
        """Cover further `people` of the family from `since` (today if None): a newborn, somebody who came back.

        Raises Refused for somebody not in the family on that day, or covered already.
        """
        since = since or timezone.localdate()
        reason = acts.why_not_change_cover(case)
        if reason:
            raise Refused(reason)
        if not case.opened_on <= since <= timezone.localdate():
            raise Refused(f"Дата — от открытия случая ({case.opened_on:%d.%m.%Y}) до сегодняшнего дня.")
        with transaction.atomic():
            present = set(case.family.members_on(since).values_list("person", flat=True))
            former = {row.person_id: row for row in cls.objects.select_for_update().filter(case=case)}
            for person in people:
                if person.pk not in present:
                    raise Refused(
                        f"{person.full_name} не в составе семьи на {since:%d.%m.%Y}. Проверьте состав и дату."
                    )
                row = former.get(person.pk)
                if row is not None and row.until is None:
                    raise Refused(f"{person.full_name}: случай уже охватывает этого человека.")
                cls.objects.update_or_create(case=case, person=person, defaults={"since": since, "until": None})
                case.log("member_covered", by=by, happened_on=since, person=person.pk)
            terms.reset(case)

    def end(self, *, by, until):
        """The case covers the person until this day, the last one; raises Refused for the only person covered."""
        case = self.case
        reason = acts.why_not_change_cover(case)
        if reason:
            raise Refused(reason)
        if not (self.since or case.opened_on) <= until <= timezone.localdate():
            raise Refused("Последний день — от начала охвата до сегодняшнего дня.")
        with transaction.atomic():
            others = CaseMember.objects.select_for_update().filter(case=case, until=None).exclude(pk=self.pk)
            if not others.exists():
                raise Refused(
                    "Случай охватывает только этого человека. Вынесите на совет вопрос о снятии с сопровождения."
                )
            if CaseMember.objects.get(pk=self.pk).until is not None:
                raise Refused("Охват этого человека уже закончен.")
            self.until = until
            self.save(update_fields=["until"])
            case.log("member_uncovered", by=by, happened_on=until, person=self.person_id)
            terms.reset(case)

    @classmethod
    def cover(cls, case, day, *, person=None):
        """Cover children and their legal representatives (decisions.md, «Persons a case covers»), or one `person`."""
        people = case.family.members_on(day)
        people = people.filter(BY_DEFAULT) if person is None else people.filter(person=person)
        cls.objects.bulk_create(
            [
                cls(case=case, person_id=person, since=day)
                for person in people.values_list("person_id", flat=True).distinct()
            ],
            ignore_conflicts=True,
        )


class CuratorAssignment(models.Model):
    """Закрепление куратора на даты."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="curator_assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="curator_assignments")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="curator_since_before_until"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="one_current_curator"),
        ]

    def __str__(self):
        return f"{self.user} с {self.since:%d.%m.%Y}"

    @classmethod
    def why_not(cls, case, curator, since) -> str:
        """Why `curator` cannot keep `case` from the day `since`; empty when he can."""
        if curator.organisation_id != case.organisation_id or curator.role != Role.CURATOR or not curator.is_active:
            return "Куратором может быть только действующий куратор Вашей организации."
        if since > timezone.localdate():
            return "Дата закрепления ещё не наступила."
        current = case.curator_assignments.filter(until=None).first()
        if current is not None and since < current.since:
            return f"Нынешний куратор закреплён с {current.since:%d.%m.%Y}: укажите этот день или более поздний."
        return ""

    @classmethod
    def begin(cls, case, curator, since):
        """The case is kept by `curator` from `since`: the former period ends the day before."""
        current = case.curator_assignments.filter(until=None).first()
        if current is not None and current.user_id == curator.pk:
            return
        if current is not None:
            if current.since >= since:
                current.delete()  # replaced on the day it began: nothing to remember but the event
            else:
                current.until = since - datetime.timedelta(days=1)
                current.save(update_fields=["until"])
        case.stand_in_periods.cut(since - datetime.timedelta(days=1))  # they stood in for the former one
        case.curator_assignments.create(user=curator, since=since)
        case.curator = curator
        case.save(update_fields=["curator"])


class Suspension(models.Model):
    """Приостановление на даты, with the head's reason; `until` is the day support went on."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="suspensions")
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)
    reason = models.CharField("причина", max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "приостановление"
        verbose_name_plural = "приостановления"
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="suspension_since_before_until"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="one_open_suspension"),
        ]

    def __str__(self):
        return f"Приостановлено с {self.since:%d.%m.%Y}"


class LevelPeriod(models.Model):
    """Уровень сопровождения на даты. `until` is the last day; `term_on` the longest term the level allows."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="level_periods")
    level = models.CharField("уровень", max_length=12, choices=Level)
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)
    term_on = models.DateField("срок", null=True, blank=True)
    decision = models.BigIntegerField(null=True, blank=True)  # id of councils.Decision, which stands above this app
    basis = models.CharField("основание", max_length=200, blank=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="level_since_before_until"),
            models.UniqueConstraint(fields=["case"], condition=Q(until=None), name="one_open_level"),
        ]
        # reports: level changes that start in a period
        indexes = [models.Index(fields=["since", "case"], name="level_since_case")]

    def __str__(self):
        return f"{self.get_level_display()} с {self.since:%d.%m.%Y}"

    @classmethod
    def begin(cls, case, level, decision):
        """Put the case on `level` from the day of the decision, for the longest term the profile gives the level.

        The former period ends the day before. Raises Refused for an unknown level, for a level of entry after another
        one (the adaptation level is for a child newly placed in a family: model programme of the Irkutsk region,
        section 5), and for a day not after the former period began.
        """
        if level not in Level.values:
            raise Refused("Укажите уровень сопровождения.")
        rule = profile.current().levels[level]
        if rule.entry_only and case.level_periods.exclude(level=level).exists():
            raise Refused(f"Уровень «{Level(level).label}» устанавливается только при принятии на сопровождение.")
        day = decision.decided_on
        term = add_months(day, rule.months)
        former = case.level_periods.filter(until=None).first()
        if former is not None:
            if former.since >= day:
                raise Refused(f"Действующий уровень установлен {former.since:%d.%m.%Y}: решение не может быть раньше.")
            former.until = day - datetime.timedelta(days=1)
            former.save(update_fields=["until"])
        case.level_periods.create(level=level, since=day, term_on=term, decision=decision.pk, basis=decision.basis)
        case.level, case.level_term_on = level, term
        case.save(update_fields=["level", "level_term_on"])


class CaseEvent(AppendOnly):
    """История случая: ids, codes and dates only."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="events")
    kind = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now, editable=False)
    happened_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    refs = models.JSONField(default=dict)

    class Meta:
        ordering = ["-happened_on", "-pk"]
        # timeline of a case, newest first
        indexes = [models.Index(fields=["case", "-happened_on", "-id"], name="case_event_timeline")]

    def __str__(self):
        return f"{self.kind} {self.happened_on}"
