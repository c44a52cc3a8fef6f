"""What the page bases keep.

The tokens that make a double submit one act, the drafts of forms not yet sent, the columns and filters of lists.
People and organisations stand above this app: they are kept by their ids.
"""

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.http import QueryDict

from sopr.errors import Refused


class Submission(models.Model):
    """A form already acted upon; the second post with the same token is sent where the first one went."""

    token = models.UUIDField(unique=True)
    user_id = models.BigIntegerField()
    redirect_to = models.CharField(max_length=500)
    digest = models.CharField(max_length=64, default="", editable=False)  # of what was sent, keyed; not the text
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "digest"], name="same_text_sent_before")]

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


class ChosenColumns(models.Model):
    """The columns of a list that a user has chosen, in his order."""

    user_id = models.BigIntegerField()
    page = models.CharField(max_length=60)
    keys = models.JSONField(default=list)

    class Meta:
        # read with every list
        constraints = [models.UniqueConstraint(fields=["user_id", "page"], name="one_choice_of_columns_per_list")]

    def __str__(self):
        return f"{self.page}: {len(self.keys)}"

    @classmethod
    def of(cls, user, page: str) -> list[str]:
        """Keys of the columns `user` has chosen for `page`; empty when the page's own are shown."""
        return cls.objects.filter(user_id=user.pk, page=page).values_list("keys", flat=True).first() or []

    @classmethod
    def choose(cls, user, page: str, keys: list[str], *, reset=False):
        """Keep the choice, or forget it with `reset`; raises Refused for a table without columns."""
        if reset:
            cls.objects.filter(user_id=user.pk, page=page).delete()
            return
        if not keys:
            raise Refused("Оставьте хотя бы один столбец: таблицу без столбцов не показать.")
        cls.objects.update_or_create(user_id=user.pk, page=page, defaults={"keys": keys})


class SavedFilterQuerySet(models.QuerySet):
    def for_user(self, user, page: str):
        """The user's own filters of a list and those his organisation shares, by name."""
        seen = Q(owner_id=user.pk)
        if user.organisation_id:
            seen |= Q(organisation_id=user.organisation_id, shared=True)
        return self.filter(seen, page=page).order_by("name", "pk")


class SavedFilter(models.Model):
    """Готовый отбор: a list's filter and order under a name, for oneself or for the organisation."""

    MOST = 30

    owner_id = models.BigIntegerField()
    organisation_id = models.BigIntegerField(null=True)
    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    shared = models.BooleanField(default=False)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        constraints = [
            # one name means one thing in an organisation; also finds the filters of a list
            models.UniqueConstraint(fields=["organisation_id", "page", "name"], name="one_saved_filter_per_name"),
            models.UniqueConstraint(
                fields=["owner_id", "page", "name"],
                condition=Q(organisation_id=None),
                name="one_saved_filter_per_name_of_who_has_no_organisation",
            ),
        ]
        # a user's own filters of a list
        indexes = [models.Index(fields=["owner_id", "page"], name="saved_filter_owner_page")]

    def __str__(self):
        return self.name

    @classmethod
    def keep(cls, user, page: str, name: str, query: str, *, shared=False) -> "SavedFilter":
        """Keep `query` (an address without words of people) under `name`; raises Refused with what to change."""
        name = " ".join(name.split())
        if not name or len(name) > 60:
            raise Refused("Назовите отбор: от одной до 60 букв.")
        if not query or len(query) > 1000:
            raise Refused("Сохранять нечего: сначала выберите отбор или порядок. Слова поиска в отбор не входят.")
        if cls.objects.filter(owner_id=user.pk, page=page).count() >= cls.MOST:
            raise Refused(f"У Вас уже {cls.MOST} отборов этого списка. Удалите ненужный и сохраните снова.")
        try:
            with transaction.atomic():
                return cls.objects.create(
                    owner_id=user.pk,
                    organisation_id=user.organisation_id,
                    page=page,
                    name=name,
                    query=query,
                    shared=shared,
                )
        except IntegrityError as taken:
            raise Refused(f"Отбор «{name}» в организации уже есть. Назовите свой иначе.") from taken

    @classmethod
    def own(cls, user, page: str, pk: str) -> "SavedFilter":
        """The user's filter by the id an address gave; raises Refused when it is not his or is gone."""
        found = cls.objects.filter(owner_id=user.pk, page=page, pk=pk).first() if pk.isdecimal() else None
        if found is None:
            raise Refused("Такого Вашего отбора нет: его уже удалили или сохранил другой сотрудник.")
        return found

    def share(self, shared: bool) -> dict:
        """Show the filter to the organisation, or keep it to its owner; returns what the log says."""
        self.shared = shared
        self.save(update_fields=["shared"])
        return {"saved_filter": self.pk, "shared": shared}
