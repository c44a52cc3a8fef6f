"""What a path of «Под крылом аиста» gathers: the near circle, the questionnaires before and after, the help given."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils import timezone

from cases import duties
from cases.models.newborn import NewbornRisk
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations
from sopr.web.models import Versioned

MOST = 4  # the highest score of a question


class NewbornPartQuerySet(ScopedQuerySet):
    """Seen by whoever sees the path."""

    def visible_to(self, user):
        return self.filter(risk__in=NewbornRisk.objects.visible_to(user))


class NearPerson(Versioned):
    """Человек из близкого окружения женщины."""

    class Relation(models.TextChoices):
        MOTHER = "mother", "мать"
        FATHER = "father", "отец"
        HUSBAND = "husband", "муж"
        CHILDS_FATHER = "childs_father", "отец ребёнка"
        SIBLING = "sibling", "брат, сестра"
        GRANDPARENT = "grandparent", "бабушка, дедушка"
        FRIEND = "friend", "друг, подруга"
        OTHER = "other", "другой близкий человек"

    class Attitude(models.TextChoices):
        SUPPORTS = "supports", "поддерживает рождение ребёнка"
        WAVERS = "wavers", "колеблется"
        AGAINST = "against", "настаивает на отказе"
        UNKNOWN = "unknown", "ещё не говорили"

    risk = models.ForeignKey(NewbornRisk, models.PROTECT, related_name="near")
    full_name = models.CharField("фамилия, имя, отчество", max_length=200)
    relation = models.CharField("кем приходится", max_length=16, choices=Relation)
    phone = models.CharField("телефон", max_length=40, blank=True)
    attitude = models.CharField("как относится", max_length=12, choices=Attitude, default=Attitude.UNKNOWN)
    agreed = models.BooleanField("согласился помогать", default=False)
    help = models.CharField("чем поможет", max_length=300, blank=True)

    objects = NewbornPartQuerySet.as_manager()

    class Meta:
        verbose_name = "близкий человек"
        verbose_name_plural = "близкое окружение"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.get_relation_display()}: {self.full_name}"

    @classmethod
    def add(cls, risk, *, by, **fields) -> "NearPerson":
        """Write down a person of the near circle."""
        with transaction.atomic():
            near = cls.objects.create(risk=risk, **fields)
            risk.log("near_added", by=by, near=near.pk)
        return near

    def amend(self, *, by, **fields):
        """The attitude changed, help was agreed upon, or a mistake is put right."""
        with transaction.atomic():
            self.lock_unchanged()
            for name, value in fields.items():
                setattr(self, name, value)
            self.save(update_fields=list(fields))
            self.risk.log("near_amended", by=by, near=self.pk)


class NewbornQuestionnaire(Versioned):
    """Анкета женщины до помощи и после неё: the same fixed questions, so that the change can be seen."""

    class Moment(models.TextChoices):
        BEFORE = "before", "до помощи"
        AFTER = "after", "после помощи"

    class Intention(models.TextChoices):
        KEEP = "keep", "растить ребёнка"
        DOUBT = "doubt", "сомневается"
        REFUSE = "refuse", "отказаться от ребёнка"

    class Reason(models.TextChoices):
        """Why women refuse: section 4.1 of the practice."""

        MEANS = "means", "не хватает денег"
        HOUSING = "housing", "негде жить"
        PARTNER = "partner", "нет поддержки отца ребёнка"
        RELATIVES = "relatives", "нет поддержки родных"
        INABILITY = "inability", "чувствует, что не справится"
        UNREADY = "unready", "не готова отвечать за ребёнка"
        VIOLENCE = "violence", "насилие в семье"
        STUDY = "study", "учёба, слишком молода"
        CHILD_HEALTH = "child_health", "здоровье ребёнка"
        OTHER = "other", "другое"

    # In the order of the form: code → what is asked; 0 not at all, 4 fully.
    SCORES = ("doubt", "support", "care", "means")
    LESS_IS_BETTER = ("doubt",)

    risk = models.ForeignKey(NewbornRisk, models.PROTECT, related_name="questionnaires")
    moment = models.CharField("когда", max_length=8, choices=Moment)
    filled_on = models.DateField("дата", default=timezone.localdate)
    intention = models.CharField("намерение", max_length=8, choices=Intention)
    reasons = models.JSONField("причины сомнений", default=list, blank=True)
    doubt = models.PositiveSmallIntegerField("насколько сомневается", validators=[MaxValueValidator(MOST)])
    support = models.PositiveSmallIntegerField("чувствует ли поддержку близких", validators=[MaxValueValidator(MOST)])
    care = models.PositiveSmallIntegerField("умеет ли ухаживать за новорождённым", validators=[MaxValueValidator(MOST)])
    means = models.PositiveSmallIntegerField("есть ли самое нужное для ребёнка", validators=[MaxValueValidator(MOST)])
    comment = models.TextField("своими словами", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = NewbornPartQuerySet.as_manager()

    class Meta:
        verbose_name = "анкета женщины"
        verbose_name_plural = "анкеты женщины"
        ordering = ["filled_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["risk", "moment"], name="one_newborn_questionnaire_per_moment")]
        # reports: «women still in doubt at the end» of a period
        indexes = [models.Index(fields=["moment", "filled_on"], name="newborn_questionnaire_day")]

    def __str__(self):
        return f"Анкета {self.get_moment_display()}, {self.filled_on:%d.%m.%Y}"

    @classmethod
    def fill(cls, risk, *, by, moment, filled_on, **answers) -> "NewbornQuestionnaire":
        """Write down (or correct) the answers of one moment; with the first the meeting at once is done.

        Raises Refused for the future, before the signal, and for «after» without «before» or earlier than it.
        """
        if not risk.signalled_on <= filled_on <= timezone.localdate():
            raise Refused(f"Дата анкеты — от дня сигнала ({risk.signalled_on:%d.%m.%Y}) до сегодняшнего дня.")
        days = dict(risk.questionnaires.values_list("moment", "filled_on"))
        if moment == cls.Moment.AFTER and cls.Moment.BEFORE not in days:
            raise Refused("Сначала заполните анкету «до помощи»: без неё не видно, что изменилось.")
        days[moment] = filled_on
        if len(days) == len(cls.Moment) and days[cls.Moment.AFTER] < days[cls.Moment.BEFORE]:
            raise Refused("Анкета «после помощи» не может быть раньше анкеты «до помощи». Проверьте даты.")
        with transaction.atomic():
            row, _created = cls.objects.update_or_create(
                risk=risk, moment=moment, defaults={"by": by, "filled_on": filled_on, **answers}
            )
            risk.log("asked", by=by, happened_on=filled_on, moment=moment)
            if moment == cls.Moment.BEFORE:
                close_obligations(risk, duties.NEWBORN_BEGIN, on=filled_on)
        return row

    @property
    def reason_titles(self) -> list[str]:
        return [self.Reason(code).label for code in self.reasons]


class NewbornHelp(models.Model):
    """Консультация, занятие, обучение уходу: what was given, when and to whom."""

    class Kind(models.TextChoices):
        MEETING = "meeting", "беседа, сопровождение в роддоме"
        PSYCHOLOGIST = "psychologist", "консультация психолога"
        LEGAL = "legal", "юридическая консультация"
        SOCIAL = "social", "социальная помощь, оформление пособий"
        TRAINING = "training", "обучение уходу за новорождённым («Мама+»)"
        GROUP = "group", "занятие «В ожидании чуда»"
        SHELTER = "shelter", "временное проживание («Мать и дитя»)"
        OTHER = "other", "другая помощь"

    risk = models.ForeignKey(NewbornRisk, models.PROTECT, related_name="help")
    kind = models.CharField("вид помощи", max_length=16, choices=Kind)
    held_on = models.DateField("дата", default=timezone.localdate)
    # Empty: the woman herself.
    near = models.ForeignKey(
        NearPerson, models.PROTECT, null=True, blank=True, related_name="help_given", verbose_name="кому"
    )
    note = models.CharField("результат", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = NewbornPartQuerySet.as_manager()

    class Meta:
        verbose_name = "помощь женщине и близким"
        verbose_name_plural = "помощь женщине и близким"
        ordering = ["-held_on", "-pk"]
        # reports: women, near people and trained mothers of a period
        indexes = [models.Index(fields=["held_on", "kind"], name="newborn_help_day")]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.held_on:%d.%m.%Y}"

    @classmethod
    def give(cls, risk, *, by, kind, held_on, near=None, note="") -> "NewbornHelp":
        """Mark help that was given; raises Refused for the future, before the signal, or for a stranger."""
        if not risk.signalled_on <= held_on <= timezone.localdate():
            raise Refused(f"Дата — от дня сигнала ({risk.signalled_on:%d.%m.%Y}) до сегодняшнего дня.")
        if near is not None and near.risk_id != risk.pk:
            raise Refused("Этот человек из окружения другой женщины.")
        with transaction.atomic():
            row = cls.objects.create(risk=risk, by=by, kind=kind, held_on=held_on, near=near, note=note)
            risk.log("helped", by=by, happened_on=held_on, help=row.pk)
        return row
