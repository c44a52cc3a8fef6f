"""What the page bases keep: the tokens that make a double submit one act, and the drafts of forms not yet sent."""

from django.db import models
from django.http import QueryDict

from sopr.errors import Refused


class Submission(models.Model):
    """A form already acted upon; the second post with the same token is sent where the first one went."""

    token = models.UUIDField(unique=True)
    user_id = models.BigIntegerField()
    redirect_to = models.CharField(max_length=500)
    digest = models.CharField(max_length=64, default="", editable=False)  # of what was sent, keyed; not the text
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return str(self.token)


class DraftQuerySet(models.QuerySet):
    def of(self, user):
        """Drafts of this person, without those whose form has been sent since: nobody else's are ever read."""
        sent = Submission.objects.filter(token=models.OuterRef("token"), user_id=models.OuterRef("user_id"))
        return self.filter(user_id=user.pk).exclude(models.Exists(sent))


class Draft(models.Model):
    """What a person has typed into a form and not sent yet: one for each form he has open, seen by nobody else.

    It holds personal data, so it lives `SOPR_DRAFT_DAYS` and no longer. `title` and `about` name the form and the
    row by its number only, `version` is the row's when the form was opened, `token` is the form's submit token: a
    form restored from the draft and the one it was typed into are one act.
    """

    user_id = models.BigIntegerField()
    page = models.CharField(max_length=100)
    address = models.CharField(max_length=300)
    title = models.CharField("форма", max_length=200)
    about = models.CharField("о чём", max_length=200, blank=True)
    data = models.JSONField(default=dict)
    version = models.CharField(max_length=20, blank=True)
    token = models.UUIDField(null=True)
    saved_at = models.DateTimeField("сохранён", db_index=True)  # the daily sweep of old ones goes by it

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = "черновик"
        verbose_name_plural = "черновики"
        constraints = [models.UniqueConstraint(fields=["user_id", "address"], name="one_draft_of_a_form")]

    def __str__(self):
        return f"Черновик {self.pk}"

    def as_post(self) -> QueryDict:
        """The typed fields as a form takes them."""
        post = QueryDict(mutable=True)
        for name, values in self.data.items():
            post.setlist(name, values)
        return post


class Versioned(models.Model):
    """A row that people edit: `version` grows with each save, so a stale form can be told from a fresh one."""

    version = models.PositiveIntegerField("версия", default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if not self._state.adding:
            self.version += 1
            if update_fields is not None:
                update_fields = {*update_fields, "version"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def lock_unchanged(self):
        """Lock the row until the transaction ends; raises Refused when it was saved after this instance was read.

        A form compares versions before it calls the verb; this closes the moment between the two.
        """
        rows = type(self)._base_manager.select_for_update().filter(pk=self.pk)
        if rows.values_list("version", flat=True).first() != self.version:
            raise Refused(
                "Пока Вы заполняли форму, запись изменил другой сотрудник. Нажмите кнопку ещё раз: рядом с Вашим "
                "текстом будет видно, что изменилось."
            )
