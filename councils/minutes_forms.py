"""Forms about signed minutes: a paper signature, an act of correction, scans, the notice handed to the applicant."""

from django import forms
from django.utils import timezone

from councils.models import RefusalNotice
from sopr.documents.attachments import AttachmentField
from sopr.web.forms import RussianDateField

ROWS_3 = {"rows": 3}


class PaperSignatureForm(forms.Form):
    signed_on = RussianDateField(label="Когда подписано на бумаге", initial=timezone.localdate)
    file = AttachmentField(label="Скан подписанного протокола")


class ScanForm(forms.Form):
    file = AttachmentField(
        label="Скан", required=True, error_messages={"required": "Выберите файл: PDF или фото подписанной бумаги."}
    )


class CorrectionForm(forms.Form):
    """`questions`: [(number, words)] of the minutes."""

    position = forms.TypedChoiceField(label="К какому вопросу", required=False, coerce=int, empty_value=None)
    stood = forms.CharField(label="Что записано", widget=forms.Textarea(attrs=ROWS_3))
    should = forms.CharField(label="Как следует читать", widget=forms.Textarea(attrs=ROWS_3))
    reason = forms.CharField(label="Почему исправляется", widget=forms.Textarea(attrs=ROWS_3))

    def __init__(self, *args, questions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["position"].choices = [("", "к протоколу в целом"), *questions]


class NoticeHandForm(forms.Form):
    handed_on = RussianDateField(label="Когда вручено или отправлено", initial=timezone.localdate)
    way = forms.ChoiceField(label="Как", choices=RefusalNotice.Way)
    receipt = AttachmentField(label="Скан расписки или квитанции")
