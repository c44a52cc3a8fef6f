from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from sopr.accounts.models import Organisation, OrganisationKind
from sopr.exchange.models import ExchangeJob
from sopr.exchange.workbook import NotAWorkbook, look_inside


class WorkbookForm(forms.Form):
    """The workbook: told by its content, whatever its name; its rows are checked by a worker."""

    file = forms.FileField(
        label="Книга Excel с реестром",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )
    holder = forms.ModelChoiceField(
        label="Кто ведёт семьи, у которых в книге нет случаев",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="не указано",
        help_text="Семью с принятым случаем ведёт организация этого случая. Без случая и без организации семью никто "
        "не увидит. Выгрузка из этой системы называет организацию сама.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["holder"].queryset = Organisation.objects.filter(kind=OrganisationKind.SOCIAL)
        self.fields["file"].help_text = (
            f"Файл .xlsx до {settings.SOPR_IMPORT_MB} МБ. Сначала Вы увидите, что будет создано и изменено; без "
            "подтверждения ничего не сохраняется. Листы и столбцы описаны в руководстве администратора."
        )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.SOPR_IMPORT_MB * 1024**2:
            raise ValidationError(
                f"Файл больше {settings.SOPR_IMPORT_MB} МБ. Разделите его на части или загрузите командой "
                "import_register на сервере."
            )
        try:
            look_inside(file)
        except NotAWorkbook as refusal:
            raise ValidationError(str(refusal)) from None
        return file


class ExportForm(forms.Form):
    """On what ground the register leaves the system, and what for."""

    purpose = forms.ChoiceField(label="Основание", choices=[("", "выберите"), *ExchangeJob.Purpose.choices])
    reason = forms.CharField(
        label="Для чего нужна выгрузка",
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=10,
        max_length=500,
        help_text="Например: «По письму министерства от 12.03.2026 № 118». Фамилий семей здесь не пишите.",
        error_messages={"min_length": "Напишите подробнее: кому и зачем нужна выгрузка."},
    )
