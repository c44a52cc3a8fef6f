"""Анкета удовлетворённости: asked by a one-time code or on paper; anonymous unless the family says otherwise."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cases.models.case import Case
from sopr.accounts.models import GIVEN_PASSWORD_LETTERS, Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused

GUESSES = 20  # wrong codes from one address within the time below close the page for it [choice]
GUESS_MINUTES = 15
CODE_LENGTH = 12  # signs of the alphabet without look-alikes: 59 bits, past guessing
VALID_DAYS = 30  # calendar days [choice]
MOST = 5  # the best score; 0 is the worst
SALT = "cases.survey"


class SurveyQuerySet(ScopedQuerySet):
    """Road to the owner: the organisation that the answers are about."""

    def of_organisation(self, user):
        return self.filter(organisation=user.organisation_id)

    for_head = of_organisation


class Survey(models.Model):
    """One family's answers. An anonymous one keeps only the organisation and the quarter (decisions.md)."""

    class Change(models.TextChoices):
        OVERCAME = "overcame", "трудность преодолели"
        BETTER = "better", "стало лучше"
        SAME = "same", "так же"
        WORSE = "worse", "стало хуже"

    class Respondent(models.TextChoices):
        MOTHER = "mother", "мать"
        FATHER = "father", "отец"
        GUARDIAN = "guardian", "опекун"
        GRANDPARENT = "grandparent", "бабушка, дедушка"
        TEENAGER = "teenager", "подросток"

    # In the order of the printed form; the help text is what the family is asked.
    QUESTIONS = ("information", "accessibility", "speed", "tact", "quality", "comfort")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="surveys")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="surveys")
    answered_on = models.DateField("дата")
    satisfied = models.BooleanField("довольны помощью")
    improvement_noted = models.BooleanField("отмечают улучшение", null=True, blank=True)
    information = models.PositiveSmallIntegerField("понятно ли рассказали о помощи и правах", null=True, blank=True)
    accessibility = models.PositiveSmallIntegerField(
        "легко ли было обратиться к нам и дозвониться", null=True, blank=True
    )
    speed = models.PositiveSmallIntegerField("быстро ли Вы получили помощь", null=True, blank=True)
    tact = models.PositiveSmallIntegerField("были ли специалисты вежливы и внимательны", null=True, blank=True)
    quality = models.PositiveSmallIntegerField("помогло ли то, что мы делали", null=True, blank=True)
    comfort = models.PositiveSmallIntegerField("удобно ли было место и время встреч", null=True, blank=True)
    change = models.CharField("что изменилось в жизни семьи", max_length=12, choices=Change, blank=True)
    comment = models.TextField("что помогло больше всего, чего не хватило", blank=True)
    respondent = models.CharField("кто отвечает", max_length=12, choices=Respondent, blank=True)
    callback_phone = models.CharField("телефон для звонка", max_length=40, blank=True)
    # Who entered a paper form; empty for answers that came by the link.
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = "анкета"
        verbose_name_plural = "анкеты"
        ordering = ["-answered_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(case=None) | Q(callback_phone=""), name="anonymous_survey_has_no_telephone"
            )
        ]
        indexes = [
            # reports: answers in a period
            models.Index(fields=["answered_on", "case"], name="survey_answered"),
            # results of an organisation in a period
            models.Index(fields=["organisation", "answered_on"], name="survey_of_organisation"),
        ]

    def __str__(self):
        return f"Анкета {self.answered_on:%d.%m.%Y}"

    @classmethod
    def answer(cls, *, organisation, case=None, answered_on=None, by=None, **answers) -> "Survey":
        """Keep answers. Without `case` they are anonymous: only the quarter of the day is kept, and no telephone.

        Raises Refused for a day that has not come, and for a case of another organisation.
        """
        day = answered_on or timezone.localdate()
        if day > timezone.localdate():
            raise Refused("Дата анкеты ещё не наступила. Проверьте её.")
        if case is not None and case.organisation_id != organisation.pk:
            raise Refused("Этот случай ведёт другая организация. Проверьте номер.")
        if case is None:
            day = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            answers["callback_phone"] = ""
        if answers.get("change"):
            answers["improvement_noted"] = answers["change"] in (cls.Change.OVERCAME, cls.Change.BETTER)
        return cls.objects.create(organisation=organisation, case=case, answered_on=day, entered_by=by, **answers)


class WrongCode(Refused):
    """The code typed is none of ours."""


class SurveyGuess(models.Model):
    """A wrong code from somewhere, kept for a quarter of an hour; the address only as a keyed hash.

    Past guessing as the code is, whoever tries many of them is stopped, and the system is spared the work.
    """

    address_hash = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "неверный код анкеты"
        verbose_name_plural = "неверные коды анкет"
        # wrong codes of one address within the time
        indexes = [models.Index(fields=["address_hash", "at"], name="survey_guess_of_address")]

    def __str__(self):
        return f"Неверный код {self.at:%d.%m.%Y %H:%M}"

    @classmethod
    def note(cls, address: str):
        """One more wrong code from `address`; what is older than the time is forgotten."""
        cls.objects.filter(at__lt=_guesses_since()).delete()
        cls.objects.create(address_hash=_hash(address))

    @classmethod
    def is_shut(cls, address: str) -> bool:
        """Whether no code is taken from `address` for now, a right one neither: else a guesser would learn it."""
        return cls.objects.filter(address_hash=_hash(address), at__gte=_guesses_since()).count() >= GUESSES


def _guesses_since():
    return timezone.now() - datetime.timedelta(minutes=GUESS_MINUTES)


class SurveyInvitation(models.Model):
    """A one-time code for one family. The code itself is not stored: it is made anew from the row and our secret."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="survey_invitations")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_on = models.DateField("выдана", default=timezone.localdate)
    valid_until = models.DateField("действует до")
    used = models.BooleanField("заполнена", default=False)  # not when: the day would name an anonymous answer
    code_hash = models.CharField(max_length=64, unique=True, null=True)

    class Meta:
        verbose_name = "приглашение к анкете"
        verbose_name_plural = "приглашения к анкете"
        ordering = ["-issued_on", "-pk"]

    def __str__(self):
        return f"Приглашение к анкете от {self.issued_on:%d.%m.%Y}"

    @classmethod
    def issue(cls, case, *, by) -> "SurveyInvitation":
        """Invite the family of `case` to answer within thirty days."""
        today = timezone.localdate()
        with transaction.atomic():
            row = cls.objects.create(
                case=case, issued_by=by, issued_on=today, valid_until=today + datetime.timedelta(days=VALID_DAYS)
            )
            row.code_hash = _hash(row.code)
            row.save(update_fields=["code_hash"])
            case.log("survey_invited", by=by, invitation=row.pk)
        return row

    @classmethod
    def by_code(cls, typed: str) -> "SurveyInvitation":
        """The invitation of a code as typed or scanned; raises WrongCode, or Refused for a used or old one."""
        code = "".join(sign for sign in typed.lower() if sign in GIVEN_PASSWORD_LETTERS)
        row = cls.objects.filter(code_hash=_hash(code)).select_related("case__organisation").first()
        if row is None or len(code) != CODE_LENGTH:
            raise WrongCode("Код не подошёл. Проверьте его по листу: двенадцать букв и цифр.")
        row.check_usable()
        return row

    @property
    def code(self) -> str:
        """Twelve signs that only we can make from the row's number."""
        number = int.from_bytes(salted_hmac(SALT, str(self.pk), algorithm="sha256").digest(), "big")
        signs = []
        for _place in range(CODE_LENGTH):
            number, index = divmod(number, len(GIVEN_PASSWORD_LETTERS))
            signs.append(GIVEN_PASSWORD_LETTERS[index])
        return "".join(signs)

    @property
    def printed_code(self) -> str:
        """«abcd-efgh-jkmn»: as people read it aloud and type it."""
        return "-".join(self.code[start : start + 4] for start in range(0, CODE_LENGTH, 4))

    def check_usable(self):
        """Raises Refused once the form was filled in or its time is over."""
        if self.used:
            raise Refused("По этому коду анкета уже заполнена. Спасибо!")
        if self.valid_until < timezone.localdate():
            raise Refused("Срок этого кода истёк. Если хотите ответить, попросите у специалиста новый.")

    def use(self, *, named, **answers) -> Survey:
        """Keep the answers and spend the code; `named` links them to the family's case. Raises Refused as by_code."""
        with transaction.atomic():
            row = SurveyInvitation.objects.select_for_update().get(pk=self.pk)
            row.check_usable()
            row.used = True
            row.save(update_fields=["used"])
            case = self.case
            return Survey.answer(organisation=case.organisation, case=case if named else None, **answers)


def _hash(code: str) -> str:
    return salted_hmac(f"{SALT}.hash", code, algorithm="sha256").hexdigest()
