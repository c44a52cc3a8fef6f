"""«Мои черновики»: forms the person has begun and not sent. Nobody but their owner ever sees them."""

from django.conf import settings
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse

from sopr.accounts.policy import Perm
from sopr.web.models import Draft
from sopr.web.pages import ActionPage, Empty, ListPage, Page
from sopr.web.tables import Column


class DraftList(ListPage):
    """One's own drafts, the latest first."""

    permission = Perm.ACCOUNT_OWN
    model = Draft
    title = "Мои черновики"
    default_sort = "-saved_at"
    columns = [
        Column("title", "Форма", url=lambda draft: draft.address, width=40),
        Column("about", "О чём", width=24),
        Column("saved_at", "Сохранён", kind="datetime"),
        Column(
            "drop",
            "Действие",
            lambda draft: "Удалить",
            "act",
            url=lambda draft: reverse("accounts:draft-delete", args=[draft.pk]),
        ),
    ]
    empty = Empty(
        "Черновиков нет",
        "Начатая и не отправленная форма сохраняется сама и появится здесь. Отправите форму – черновик исчезнет.",
    )

    def get_note(self):
        days = settings.SOPR_DRAFT_DAYS
        return f"Видны только Вам. Черновик, к которому не возвращались {days} дней, удаляется."

    def get_queryset(self):
        return Draft.objects.of(self.request.user)


class DraftDelete(ActionPage):
    """Throw one's own draft away; `?again` says that the form is begun anew."""

    permission = Perm.ACCOUNT_OWN
    model = Draft
    title = "Удалить черновик"
    question = "Удалить набранный текст?"
    submit_title = "Удалить"
    tone = "danger"
    success_message = "Черновик удалён."
    adds_row = True  # the form may go on keeping the text meanwhile: it is thrown away as it is
    audit_read = ""

    def get_queryset(self):
        return Draft.objects.of(self.request.user)

    def get_breadcrumbs(self):
        return [("Мои черновики", reverse("accounts:draft-list")), (self.object.title, None)]

    def get_note(self):
        return ", ".join(filter(None, [self.object.title, self.object.about]))

    def get_consequences(self):
        return ["Вернуть его будет нельзя. Записанные данные не изменятся."]

    def get_cancel_url(self):
        return self.object.address if "again" in self.request.GET else super().get_cancel_url()

    def act(self, form):
        draft, self.object = self.object, None  # a draft is no record: the log has nothing to name
        draft.delete()
        return draft.address if "again" in self.request.GET else reverse("accounts:draft-list")


class DraftToken(Page):
    """Asked by a form that is open: who is signed in now, and the token with which he may send it."""

    permission = Perm.ACCOUNT_OWN
    audit_read = ""

    def get(self, request, *args, **kwargs):
        return JsonResponse({"user": request.user.pk, "token": get_token(request)})
