"""Words about a report: the head's on its checks, the ministry's at its cells, why names were opened to it."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from reports.models.report import Report
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly, AppendOnlyQuerySet
from sopr.audit.log import record
from sopr.errors import Refused

LONGEST = 2000


class CheckWord(models.Model):
    """Пояснение: the head's word on one warning before signing; frozen with the report.

    `found` is what the warning said: another number of cases asks for another word.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="check_words")
    check_code = models.CharField(max_length=40)
    found = models.CharField(max_length=400)
    text = models.TextField("пояснение", max_length=LONGEST)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["report", "check_code"], name="one_word_per_check")]

    def __str__(self):
        return f"Пояснение {self.check_code}"

    @classmethod
    def explain(cls, report, words: dict, *, by):
        """Keep the head's `words` by the warning's code; an empty one takes the former away. Raises Refused."""
        titles = {check["code"]: check["title"] for check in report.checked("warn")}
        with transaction.atomic():
            if report._locked().is_frozen:
                raise Refused("Отчёт подписан: пояснения больше не меняются.")
            for code, text in words.items():
                if code not in titles:
                    raise Refused("Проверки пересчитаны. Обновите страницу и поясните то, что осталось.")
                if not text.strip():
                    cls.objects.filter(report=report, check_code=code).delete()
                    continue
                kept = {"found": titles[code], "text": text.strip(), "by": by, "at": timezone.now()}
                cls.objects.update_or_create(report=report, check_code=code, defaults=kept)


class Remark(models.Model):
    """Замечание министерства at one cell of a returned report, and its answer in the next revision."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="remarks")
    row = models.CharField("строка", max_length=20)
    column = models.CharField("графа", max_length=40)
    text = models.TextField("что исправить", max_length=LONGEST)
    answer = models.TextField("ответ", max_length=LONGEST, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"Замечание к строке {self.row}"

    @classmethod
    def reply(cls, revision, answers: dict, *, by):
        """Answer, in a draft `revision`, the remarks at its predecessor by their ids. Raises Refused."""
        with transaction.atomic():
            if revision._locked().is_frozen:
                raise Refused("Редакция подписана: ответы на замечания больше не меняются.")
            for remark in cls.objects.select_for_update().filter(report=revision.previous_id, pk__in=answers):
                remark.answer = answers[remark.pk].strip()
                remark.answered_by, remark.answered_at = (by, timezone.now()) if remark.answer else (None, None)
                remark.save(update_fields=["answer", "answered_by", "answered_at"])


class NamedReadingQuerySet(ScopedQuerySet, AppendOnlyQuerySet):
    """Who opened names reads them; nobody else does by the same opening."""

    def for_ministry(self, user):
        return self.filter(by=user)


class NamedReading(AppendOnly):
    """Names behind one number opened to the ministry for a written reason: seen by the report's head (domain.md §5)."""

    MINUTES = 60

    report = models.ForeignKey(Report, models.PROTECT, related_name="named_readings")
    list_key = models.CharField(max_length=80)  # «cell/10/2026Q3», «check/review»: which list
    title = models.CharField(max_length=400)
    reason = models.TextField("зачем нужны фамилии", max_length=LONGEST)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = NamedReadingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"Фамилии открыты {self.at:%d.%m.%Y}"

    @classmethod
    def open(cls, report, list_key, title, *, by, reason) -> "NamedReading":
        """Open the names of one list for MINUTES; the audit log says which. Raises Refused without a reason."""
        if not reason.strip():
            raise Refused("Напишите, зачем нужны фамилии.")
        with transaction.atomic():
            made = cls(report=report, list_key=list_key, title=title, reason=reason.strip(), by=by)
            made.save()
            record(by, "read", made, organisation=report.organisation, detail={"report": report.pk, "list": list_key})
        return made

    @property
    def until(self):
        return self.at + datetime.timedelta(minutes=self.MINUTES)

    @property
    def is_open(self) -> bool:
        return timezone.now() < self.until
