"""The audit log: who did or read what, chained so that no row can be altered unnoticed."""

from django.conf import settings
from django.db import models

from sopr.audit.append_only import AppendOnly


class Action(models.TextChoices):
    READ = "read", "просмотр"
    SEARCH = "search", "поиск"
    CHANGE = "change", "изменение"
    EXPORT = "export", "выгрузка"
    PRINT = "print", "печать"
    IMPORT = "import", "загрузка"
    REFUSE = "refuse", "отказ в доступе"
    SIGN_IN = "sign_in", "вход"
    SIGN_OUT = "sign_out", "выход"
    SIGN_IN_FAILED = "sign_in_failed", "неудачный вход"


class AuditRecord(AppendOnly):
    """One act of one user. Written by ``sopr.audit.log.record`` and by nothing else.

    It repeats the actor's login, role and organisation as they were at the moment. ``detail`` holds codes, ids,
    counts and dates, never personal text.
    """

    seq = models.BigIntegerField("номер", primary_key=True)  # 1, 2, 3… without gaps, so that a deleted row shows
    at = models.DateTimeField("когда")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="кто"
    )
    actor_login = models.CharField("логин", max_length=150, blank=True)
    role = models.CharField("роль", max_length=16, blank=True)
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="организация"
    )
    action = models.CharField("действие", max_length=16, choices=Action)
    subject_type = models.CharField("вид предмета", max_length=60, blank=True)  # a model's label, «cases.case»
    subject_id = models.BigIntegerField("номер предмета", null=True)
    detail = models.JSONField("подробности", default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "запись журнала"
        verbose_name_plural = "журнал действий"
        ordering = ["-seq"]
        indexes = [
            # What one user did, newest first; also the check that a user with records is not deleted.
            models.Index(fields=["actor", "-seq"], name="audit_by_actor"),
            # The log of one organisation, newest first.
            models.Index(fields=["organisation", "-seq"], name="audit_by_organisation"),
            # Who read or changed this family or case, newest first.
            models.Index(fields=["subject_type", "subject_id", "-seq"], name="audit_by_subject"),
            # All exports, all refusals, newest first.
            models.Index(fields=["action", "-seq"], name="audit_by_action"),
            # The log between two moments.
            models.Index(fields=["at"], name="audit_by_moment"),
        ]

    def __str__(self):
        return f"{self.seq} {self.action}"


class AuditHead(models.Model):
    """The end of the chain, a single row: locking it puts concurrent writers in line.

    It also shows a deleted tail: the count and the last hash are sealed with the same key as the rows.
    """

    count = models.BigIntegerField(default=0)
    last_hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="audit_head_is_one_row")]

    def __str__(self):
        return str(self.count)
