"""What a form of the ministry's own is typed into: its head, its rows, the day it comes into force."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from reports.own_forms import (
    COLUMNS,
    KINDS,
    MOST_ROWS,
    PERIODS,
    cut_choices,
    definition_of,
    measure_choices,
    offered,
    problem_of,
    usual_title,
)
from sopr.web.forms import RussianDateField, with_blank

FIELDS = ("kind", "what", "of", "by", "title", "key")
DECIMALS = [("0", "до целых"), ("1", "один знак"), ("2", "два знака")]


def clean_name(name: str) -> str:
    """The name without the quotes that every form's name stands in."""
    return " ".join(name.strip("«»\"' ").split())


class OwnFormNew(forms.Form):
    """How the form is called and how often it is filled: the rest is made in the editor."""

    name = forms.CharField(
        label="Название", max_length=60, help_text="Коротко, как о форме говорят: «Летний отдых», «Ранняя помощь»."
    )
    kind = forms.ChoiceField(label="Отчётный период", choices=list(PERIODS.items()), widget=forms.RadioSelect)

    def clean_name(self):
        name = clean_name(self.cleaned_data["name"])
        if not name:
            raise ValidationError("Назовите форму словами.")
        return name


class OwnFormHead(OwnFormNew):
    """The draft of a version without its rows."""

    title = forms.CharField(
        label="Заголовок",
        max_length=200,
        required=False,
        help_text="Печатается после слова «Отчёт»: «о работе служб ранней помощи». Пусто — «по форме» и название.",
    )
    columns = forms.MultipleChoiceField(
        label="Графы",
        required=False,
        choices=[(code, title) for code, (title, _make) in COLUMNS.items() if code != "period"],
        widget=forms.CheckboxSelectMultiple,
        help_text="Графа отчётного периода есть всегда.",
    )
    decimals = forms.TypedChoiceField(label="Доли округлять", choices=DECIMALS, coerce=int)
    notes = forms.CharField(
        label="Примечания под таблицей",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Каждая строка — отдельное примечание. Печатаются в отчёте.",
    )

    field_order = ("name", "title", "kind", "columns", "decimals", "notes")

    def clean_columns(self):
        """In the order they stand on the sheet, with the period itself."""
        chosen = {*self.cleaned_data["columns"], "period"}
        return [code for code in COLUMNS if code in chosen]


class OwnRowForm(forms.Form):
    """One row of the form. What it counts is chosen in the catalogue; of a share, in two lists."""

    kind = forms.CharField(widget=forms.HiddenInput)
    what = forms.CharField(widget=forms.HiddenInput, required=False)
    of = forms.CharField(widget=forms.HiddenInput, required=False)
    by = forms.CharField(widget=forms.HiddenInput, required=False)
    key = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label="Свой заголовок строки", max_length=300, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs | {"empty_permitted": False})  # a row left as it was is a row too
        self.row = {name: self._sent(name) for name in FIELDS}
        measure = offered().get(self.row["what"])
        if self.row["kind"] == "percent":
            choices = with_blank(measure_choices())
            self.fields["what"] = forms.ChoiceField(label="Что", choices=choices, required=False)
            self.fields["of"] = forms.ChoiceField(label="От чего", choices=choices, required=False)
        elif self.row["kind"] == "measure" and measure is not None and cut_choices(measure):
            cuts = [("", "без разреза"), *cut_choices(measure)]
            self.fields["by"] = forms.ChoiceField(label="Разрез", choices=cuts, required=False)
        self.fields["title"].widget.attrs["placeholder"] = self.usual
        for field in self.fields.values():
            if not field.widget.is_hidden:
                css = (
                    "form-select form-select-sm"
                    if isinstance(field, forms.ChoiceField)
                    else "form-control form-control-sm"
                )
                field.widget.attrs |= {"class": css, "autocomplete": "off"}

    def _sent(self, name) -> str:
        """The value as sent or stored; asked before the fields are made, so not of the field."""
        found = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        return str(found or "")

    @property
    def usual(self) -> str:
        return usual_title(self.row) or "по выбранным показателям"

    @property
    def heading(self) -> str:
        """What the row is, before its own title."""
        return "Доля, %" if self.row["kind"] == "percent" else usual_title(self.row)

    @property
    def definition(self) -> str:
        return definition_of(self.row)

    def clean(self):
        cleaned = super().clean()
        wrong = problem_of({name: cleaned.get(name) or "" for name in FIELDS})
        if wrong and not self.errors:
            raise ValidationError(wrong)
        return cleaned

    def as_row(self) -> dict:
        """The row as a definition keeps it."""
        return {name: self.cleaned_data.get(name) or "" for name in FIELDS if name != "key"}


class OwnRows(forms.BaseFormSet):
    """The rows in their order."""

    title = "Строки"

    def as_rows(self) -> list[dict]:
        return [row.as_row() for row in self.forms]


OwnRowSet = forms.formset_factory(OwnRowForm, OwnRows, extra=0, max_num=MOST_ROWS, validate_max=True)


class RowSheet:
    """Rows as they are posted, and the acts of the buttons upon them."""

    PREFIX = "rows"

    def __init__(self, post):
        self.post = post.copy()
        total = self.post.get(f"{self.PREFIX}-TOTAL_FORMS", "0")
        number = min(int(total), MOST_ROWS) if total.isdecimal() and len(total) < 5 else 0
        self.rows = [
            {name: self.post.get(f"{self.PREFIX}-{place}-{name}", "") for name in FIELDS} for place in range(number)
        ]

    def act(self, op: str):
        """`op`: «add:measure:on_support», «add:percent:», «up:3», «down:3», «drop:3»; anything else does nothing."""
        act, _colon, rest = op.partition(":")
        if act == "add":
            self._add(*rest.partition(":")[::2])
        elif rest.isdecimal() and int(rest) < len(self.rows):
            place = int(rest)
            if act == "drop":
                del self.rows[place]
            elif act in ("up", "down"):
                self._swap(place, place + (1 if act == "down" else -1))
        self._write()

    def _add(self, kind, what):
        if kind not in KINDS or len(self.rows) >= MOST_ROWS:
            return
        keys = [int(row["key"]) for row in self.rows if row["key"].isdecimal() and len(row["key"]) < 6]
        self.rows.append(dict.fromkeys(FIELDS, "") | {"kind": kind, "what": what, "key": str(max(keys, default=0) + 1)})

    def _swap(self, place, other):
        if 0 <= other < len(self.rows):
            self.rows[place], self.rows[other] = self.rows[other], self.rows[place]

    def _write(self):
        for name in [name for name in self.post if name.startswith(f"{self.PREFIX}-")]:
            del self.post[name]
        counts = {"TOTAL_FORMS": len(self.rows), "INITIAL_FORMS": 0}
        self.post.update({f"{self.PREFIX}-{name}": str(number) for name, number in counts.items()})
        for place, row in enumerate(self.rows):
            self.post.update({f"{self.PREFIX}-{place}-{name}": value for name, value in row.items()})


class OwnFormPublish(forms.Form):
    """From when the version is in force, and whether organisations owe a report on it."""

    effective_from = RussianDateField(
        label="Действует с",
        initial=timezone.localdate,
        help_text="Отчёты за периоды, которые начались в этот день или позже, составляются по этой редакции.",
    )
    owed = forms.ChoiceField(label="Кто представляет", widget=forms.RadioSelect)

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        self.version = version
        self.fields["owed"].choices = [
            ("no", "Только министерство: сводный отчёт"),
            ("yes", f"Организации и министерство, каждый {PERIODS[version.kind]}"),
        ]

    def clean_effective_from(self):
        day = self.cleaned_data["effective_from"]
        if not 1990 <= day.year <= 2100:
            raise ValidationError("Годы бывают от 1990 до 2100.")
        wrong = self.version.why_not_from(day)
        if wrong:
            raise ValidationError(wrong)
        return day
