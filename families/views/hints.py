"""«Проверено»: the answer to a hint about a card."""

from django import forms
from django.utils import timezone

from families import hints
from families.keepers import may_see
from families.views.family import KeptFamilyPage, family_url
from sopr.accounts.policy import Perm

DESK = "desk"


class CheckHintForm(forms.Form):
    fact = forms.CharField(max_length=120, widget=forms.HiddenInput)
    back = forms.CharField(max_length=10, required=False, widget=forms.HiddenInput)


class HintCheck(KeptFamilyPage):
    """The hint named by `fact` was looked at: it is not shown again, the history keeps by whom and when."""

    title = "Подсказка проверена"
    form_class = CheckHintForm
    submit_title = "Проверено"
    success_message = "Отмечено: подсказка проверена. Если данные снова изменятся, появится новая."

    def get_form_kwargs(self):
        return {"initial": {"fact": self.request.GET.get("fact", "")[:120]}}

    def act(self, form):
        family, user = self.object, self.request.user
        with_health = may_see(user, family, Perm.HEALTH_VIEW)
        hints.check(family, form.cleaned_data["fact"], by=user, today=timezone.localdate(), with_health=with_health)
        return "/" if form.cleaned_data["back"] == DESK else family_url(family)
