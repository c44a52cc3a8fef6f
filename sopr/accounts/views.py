"""One's own account, and the administrator's users and organisations."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.urls import reverse
from django.utils.crypto import get_random_string

from sopr.accounts.filters import OrganisationFilter, UserFilter
from sopr.accounts.forms import UserForm
from sopr.accounts.models import Organisation, User
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, Empty, FormPage, ListPage
from sopr.web.tables import Column

FIRST_PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 — an alphabet without look-alikes


class PasswordChange(FormPage):
    """Change one's own password; the session goes on."""

    permission = Perm.ACCOUNT_OWN
    title = "Смена пароля"
    form_class = PasswordChangeForm
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
        Column("username", "Логин", sort="username"),
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
        return Action("Добавить пользователя", reverse("accounts:user-new"), "plus")

    def get_row_url(self, row):
        return reverse("accounts:user-edit", args=[row.pk])


class UserPage(FormPage):
    permission = Perm.ACCOUNT_MANAGE
    form_class = UserForm
    model = User

    def get_queryset(self):
        return User.objects.all()

    def get_breadcrumbs(self):
        return [("Пользователи", reverse("accounts:user-list"))]

    def get_form_kwargs(self):
        return {"instance": self.object}


class UserNew(UserPage):
    """Open an account; the first password is shown once."""

    title = "Новый пользователь"
    submit_title = "Добавить"

    def act(self, form):
        password = get_random_string(12, FIRST_PASSWORD_LETTERS)
        user = form.save(commit=False)
        user.set_password(password)
        user.save()
        messages.success(
            self.request, f"Пользователь {user.username} добавлен. Первый пароль: {password} — передайте его лично."
        )
        return reverse("accounts:user-list")


class UserEdit(UserPage):
    """Change an account, or close access without deleting the trace."""

    success_message = "Сохранено."

    def get_title(self):
        return self.object.full_name

    def act(self, form):
        form.save()
        return reverse("accounts:user-list")


class OrganisationList(ListPage):
    """Organisations, agencies and NGOs of the region."""

    permission = Perm.ACCOUNT_MANAGE
    title = "Организации"
    model = Organisation
    filterset_class = OrganisationFilter
    default_sort = "name"
    columns = [
        Column("code", "Код", sort="code", width=12),
        Column("name", "Наименование", sort="name", width=60),
        Column("kind", "Вид", "get_kind_display", sort="kind", width=26),
        Column("municipality", "Муниципальное образование", sort="municipality__name", width=30),
        Column("phone", "Телефон"),
    ]
    empty = Empty("Ничего не найдено", "Измените условия отбора.")
    export_name = "organisations"

    def get_queryset(self):
        return Organisation.objects.select_related("municipality")
