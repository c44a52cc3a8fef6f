from django import forms
from django.core.exceptions import ValidationError

from sopr.exchange.importer import import_register
from sopr.exchange.workbook import NotAWorkbook

MOST_BYTES = 10 * 1024**2  # on a page; a larger register is brought in by the command


class WorkbookForm(forms.Form):
    """The workbook, read and checked whole by its content; its errors are the form's, each with its place."""

    file = forms.FileField(
        label="Книга Excel с реестром",
        help_text="Файл .xlsx до 10 МБ. Сначала Вы увидите, что будет создано и изменено; без подтверждения ничего "
        "не сохраняется. Листы и столбцы описаны в руководстве администратора.",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                "Файл больше 10 МБ. Разделите его на части или загрузите командой import_register на сервере."
            )
        try:
            errors = import_register(file, check_only=True).errors
        except NotAWorkbook as refusal:
            raise ValidationError(str(refusal)) from None
        if errors:
            rest = [f"… и ещё ошибок: {errors.total - len(errors.lines)}"] if errors.total > len(errors.lines) else []
            raise ValidationError([*errors.lines, *rest])
        return file
