from django import forms

from sopr.accounts.models import User


class UserForm(forms.ModelForm):
    """An account as the administrator sees it; the password is the user's own business."""

    class Meta:
        model = User
        fields = [
            "last_name",
            "first_name",
            "patronymic",
            "username",
            "role",
            "organisation",
            "post",
            "phone",
            "email",
            "is_active",
        ]
        labels = {"username": "Логин", "is_active": "Доступ открыт", "email": "Эл. почта"}
        help_texts = {
            "username": "Латинские буквы, цифры и знаки @ . + - _",
            "is_active": "Снимите отметку, когда человек уволился: войти он не сможет, а его записи останутся.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].required = True
