"""Все сведения организации за период на одном листе: what is typed, what is confirmed, what is refused."""

from django import forms
from django.utils import timezone

from reports.models import DeclaredFact
from reports.models.fact import WITH_COPIES
from sopr.errors import Refused
from sopr.web.forms import RussianDateField, RussianDateInput

ERASED = "Записанное нельзя просто стереть: впишите верное значение или отзовите прежнее с причиной."
NO_BASIS = "Назовите документ, которым подтверждается значение: вид, дата, номер."
CARRIED = ("quarter", "year", "month")  # kinds of periods that have a previous one


def stored_values(organisation, period) -> dict[str, DeclaredFact]:
    """The values in force of one organisation for exactly this period, by code of the fact."""
    found = DeclaredFact.objects.current().filter(organisation=organisation, since=period.since, until=period.until)
    return {value.indicator: value for value in found.select_related("by", "confirms")}


class FactSheetForm(forms.Form):
    """A value, its basis and date for each fact; for a fact without a value, whether the previous one still holds.

    `rows` are what the forms need; `stored` and `former` are values of this period and of the previous one by code.
    """

    def __init__(self, *args, rows, stored, former, **kwargs):
        self.rows, self.stored, self.former = rows, stored, former
        self.facts = [row.fact for row in rows]
        super().__init__(*args, initial=self._read_initial(), **kwargs)
        for row in rows:
            self._add_fields(row.fact, f"Строка {row.code}")

    def _read_initial(self):
        initial, today = {}, timezone.localdate()
        for fact in self.facts:
            value = self.stored.get(fact.code)
            initial |= {
                f"value-{fact.code}": value.shown.removesuffix("\u00a0%") if value else "",
                f"basis-{fact.code}": value.basis if value else "",
                f"day-{fact.code}": value.declared_on if value else today,
                f"copies-{fact.code}": value.copies if value else None,
                f"keep-{fact.code}": fact.stock,  # a stock mostly stays as it was, a flow has to be counted anew
            }
        return initial

    def _add_fields(self, fact, name):
        code = fact.code
        if fact.kind == "flag":
            choices = [("", "нет данных"), ("да", "да"), ("нет", "нет")]
            self.fields[f"value-{code}"] = forms.ChoiceField(label=f"{name}, значение", choices=choices, required=False)
        else:
            typed = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
            self.fields[f"value-{code}"] = forms.CharField(
                label=f"{name}, значение", max_length=20, required=False, widget=typed
            )
        self.fields[f"basis-{code}"] = forms.CharField(label=f"{name}, основание", max_length=300, required=False)
        self.fields[f"day-{code}"] = RussianDateField(label=f"{name}, дата", required=False, widget=RussianDateInput)
        if code in WITH_COPIES:
            self.fields[f"copies-{code}"] = forms.IntegerField(
                label=f"{name}, тираж", required=False, min_value=0, max_value=10**9
            )
        if code in self.former and code not in self.stored:
            self.fields[f"keep-{code}"] = forms.BooleanField(label=f"{name}, подтвердить", required=False)

    def get_lines(self) -> list[dict]:
        """The rows with their fields, as the page shows them."""
        parts = ("value", "basis", "day", "copies", "keep")
        return [
            {"row": row, "stored": self.stored.get(row.fact.code), "former": self.former.get(row.fact.code)}
            | {part: self[f"{part}-{row.fact.code}"] for part in parts if f"{part}-{row.fact.code}" in self.fields}
            for row in self.rows
        ]

    def clean(self):
        cleaned = super().clean()
        self.declared = [entry for fact in self.facts if (entry := self._read(fact)) is not None]
        return cleaned

    def _read(self, fact) -> dict | None:
        """What is to be declared of this fact; None when nothing is, or when what is typed is wrong."""
        typed = {part: self.cleaned_data.get(f"{part}-{fact.code}") for part in ("value", "basis", "day", "copies")}
        confirmed = None
        if not typed["value"]:
            if fact.code in self.stored:
                self.add_error(f"value-{fact.code}", ERASED)
            if f"value-{fact.code}" in self.errors or not self.cleaned_data.get(f"keep-{fact.code}"):
                return None
            confirmed = self.former[fact.code]
            typed |= {"value": confirmed.shown, "basis": typed["basis"] or confirmed.basis, "copies": confirmed.copies}
        self._check(fact, typed)
        return {"indicator": fact.code, "confirms": confirmed} | typed

    def _check(self, fact, typed):
        try:
            fact.read(typed["value"])
        except Refused as refused:
            self.add_error(f"value-{fact.code}", refused.message)
        if not typed["basis"]:
            self.add_error(f"basis-{fact.code}", NO_BASIS)
        if f"day-{fact.code}" in self.errors:
            return
        if not typed["day"]:
            self.add_error(f"day-{fact.code}", "Укажите дату документа.")
        elif typed["day"] > timezone.localdate():
            self.add_error(f"day-{fact.code}", "Эта дата ещё не наступила.")

    def declare(self, organisation, period, *, by) -> int:
        """Declare what changed; returns how many values were written."""
        changed = [entry for entry in self.declared if not self._stands(entry)]
        DeclaredFact.declare_all(
            organisation,
            [
                {
                    "indicator": entry["indicator"],
                    "period": period,
                    "value": entry["value"],
                    "by": by,
                    "basis": entry["basis"],
                    "declared_on": entry["day"],
                    "copies": entry["copies"],
                    "confirms": entry["confirms"],
                }
                for entry in changed
            ],
        )
        return len(changed)

    def _stands(self, entry) -> bool:
        """Whether exactly this is stored already."""
        stored = self.stored.get(entry["indicator"])
        return stored is not None and (stored.value, stored.basis, stored.declared_on, stored.copies) == (
            stored.fact.read(entry["value"]),
            entry["basis"],
            entry["day"],
            entry["copies"],
        )
