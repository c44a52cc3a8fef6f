"""One's own account, and the people whom the administrator lets in."""

from copy import copy

from axes.utils import reset as lift_lock_out
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.urls import reverse

from sopr.accounts.filters import UserFilter
from sopr.accounts.forms import UserForm
from sopr.accounts.models import User
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, Empty, FormPage, ListPage
from sopr.web.tables import Column


class PasswordChange(FormPage):
    """Change one's own password; the session goes on."""

    permission = Perm.ACCOUNT_OWN
    title = "Смена пароля"
    form_class = PasswordChangeForm
    keeps_draft = False  # a password is never kept
    submit_title = "Сменить пароль"
    success_message = "Пароль изменён. В следующий раз входите с новым."

    def get_form(self, data=None, files=None):
        return PasswordChangeForm(self.request.user, data)

    def act(self, form):
        user = form.save()
        update_session_auth_hash(self.request, user)
        return "/"


class UserList(ListPage):
    """Who may sign in."""

    permission = Perm.ACCOUNT_MANAGE
    title = "Пользователи"
    model = User
    filterset_class = UserFilter
    default_sort = "last_name"
    columns = [
        Column("full_name", "Фамилия, имя, отчество", sort="last_name", width=36),
        Column("username", "Логин", sort="username", css="nowrap"),
        Column("role", "Роль", "get_role_display", sort="role", width=28),
        Column("organisation", "Организация", sort="organisation__name", width=40),
        Column("is_active", "Доступ", lambda user: "открыт" if user.is_active else "закрыт", sort="is_active"),
        Column("last_login", "Последний вход", kind="datetime", sort="last_login"),
    ]
    empty = Empty("Никого не найдено", "Измените условия отбора.")
    export_name = "users"

    def get_queryset(self):
        return User.objects.select_related("organisation")

    def get_main_action(self):
        return Action("Добавить пользователя", reverse("accounts:user-new"), "plus-lg")

    def get_row_url(self, row):
        return reverse("accounts:user-edit", args=[row.pk])


class _UserPage(FormPage):
    permission = Perm.ACCOUNT_MANAGE
    model = User

    def get_queryset(self):
        return User.objects.select_related("organisation")

    def get_breadcrumbs(self):
        return [("Пользователи", reverse("accounts:user-list"))]


class UserNew(_UserPage):
    """Open an account; the first password is shown once."""

    title = "Новый пользователь"
    form_class = UserForm
    submit_title = "Добавить"

    def act(self, form):
        user = form.save(commit=False)
        password = user.give_password()
        user.record_post(since=form.cleaned_data["since"])
        self.object = user
        messages.success(
            self.request, f"Пользователь {user.username} добавлен. Первый пароль: {password} — передайте его лично."
        )
        return reverse("accounts:user-list")


class UserEdit(_UserPage):
    """Change an account, or close access without deleting the trace."""

    form_class = UserForm
    template_name = "accounts/user_edit.html"
    success_message = "Сохранено."

    def get_title(self):
        return self.object.full_name

    def get_actions(self):
        return [Action("Задать новый пароль", reverse("accounts:user-password", args=[self.object.pk]), "key")]

    def get_form_kwargs(self):
        return {"instance": copy(self.object), "own": self.object == self.request.user}

    def get_context_data(self, **context):
        records = self.object.staff_records.select_related("organisation").order_by("-since", "-pk")
        return super().get_context_data(**({"records": records} | context))

    def act(self, form):
        user = form.save()
        if form.changes_post:
            user.record_post(since=form.cleaned_data["since"])
        return reverse("accounts:user-list")


class UserPassword(_UserPage, ActionPage):
    """A new password for one who forgot his, or never had one; the lock after wrong attempts is lifted too."""

    title = "Задать новый пароль"
    submit_title = "Задать новый пароль"

    def get_breadcrumbs(self):
        return [
            *super().get_breadcrumbs(),
            (self.object.full_name, reverse("accounts:user-edit", args=[self.object.pk])),
        ]

    def check_moment(self):
        if self.object == self.request.user:
            raise Refused("Свой пароль меняют на странице «Смена пароля»: имя вверху страницы, «Сменить пароль».")
        if not self.object.is_active:
            raise Refused("Доступ этому человеку закрыт. Сначала откройте его на странице пользователя.")

    def get_question(self):
        return f"Задать новый пароль: {self.object.full_name}?"

    def get_consequences(self):
        return [
            "Прежний пароль перестанет действовать, открытые сеансы этого человека закончатся.",
            "Новый пароль будет показан один раз. Передайте его лично; пусть человек сразу сменит.",
        ]

    def act(self, form):
        password = self.object.give_password()
        lift_lock_out(username=self.object.username)
        messages.success(self.request, f"Новый пароль для {self.object.username}: {password} — передайте его лично.")
        return reverse("accounts:user-edit", args=[self.object.pk])
