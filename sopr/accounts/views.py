"""One's own account."""

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm

from sopr.accounts.policy import Perm
from sopr.web.pages import FormPage


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
