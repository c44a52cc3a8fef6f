"""What the page bases keep: the tokens that make a double submit one act."""

from django.db import models

from sopr.errors import Refused


class Submission(models.Model):
    """A form already acted upon; the second post with the same token is sent where the first one went."""

    token = models.UUIDField(unique=True)
    user_id = models.BigIntegerField()
    redirect_to = models.CharField(max_length=500)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return str(self.token)


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
