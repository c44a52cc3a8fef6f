"""What the page bases keep: the tokens that make a double submit one act."""

from django.db import models


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
