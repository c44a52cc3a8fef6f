"""Forms of «запрос сверки». The asker describes the people; which family is meant travels signed."""

from django import forms
from django.core import signing

from families.forms.family import people_formset
from families.models import Family, MatchRequest
from sopr.accounts.models import Organisation

SALT = "families.match"
OPEN_FOR = 12 * 3600  # seconds: a working day, as long as a session


def match_token(family, organisation, user) -> str:
    """Names `family` and `organisation` for `user` only, so that nobody asks about a card the search did not find."""
    return signing.dumps([family.pk, organisation.pk, user.pk], salt=SALT)


def read_match_token(token: str, user) -> tuple[Family, Organisation] | None:
    """What `match_token` named, or None for a forged, foreign or old one."""
    try:
        family, organisation, owner = signing.loads(token, salt=SALT, max_age=OPEN_FOR)
    except signing.BadSignature:
        return None
    if owner != user.pk:
        return None
    found = Family.objects.live().filter(pk=family).first()
    holder = Organisation.objects.filter(pk=organisation).first()
    return (found, holder) if found and holder else None


def describe_typed(post) -> str:
    """«Ковалёва Анна Игоревна, 12.04.1991», a line each: the people typed so far into the card of a new family."""
    people = people_formset(post)
    people.is_valid()
    lines = []
    for row in people.forms:
        values = getattr(row, "cleaned_data", None) or {}
        name = " ".join(filter(None, (values.get(part) for part in ("last_name", "first_name", "patronymic"))))
        if name and not values.get("DELETE"):
            lines.append(f"{name}, {values['birth_on']:%d.%m.%Y}" if values.get("birth_on") else name)
    return "\n".join(lines)


class AskForm(forms.Form):
    token = forms.CharField(widget=forms.HiddenInput)
    about = forms.CharField(
        label="О ком вопрос",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Имена и даты рождения: по ним коллега сверит свою карточку. Лишнего не пишите.",
        error_messages={"required": "Напишите, о ком вопрос: имя и дату рождения хотя бы одного человека."},
    )
    reason = forms.CharField(
        label="Зачем нужна сверка",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Например: семья переехала и обратилась к нам.",
        error_messages={"required": "Напишите, зачем нужна сверка: без причины вопрос не отправляется."},
    )


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label="Ваш ответ",
        choices=MatchRequest.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите ответ."},
    )
    remark = forms.CharField(
        label="Пояснение",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Кому позвонить, как договориться. Сведений из карточки не пишите.",
    )
