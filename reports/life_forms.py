"""Forms of a report's life: remarks, words on checks, answers, reasons. What they ask for depends on the snapshot."""

from django import forms

from reports.models.words import LONGEST
from sopr.web.forms import with_blank

MOST_REMARKS = 30


def words_field(label, help_text="", rows=3, **more):
    """A text of some sentences."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONGEST, widget=widget, help_text=help_text, **more)


class RemarkForm(forms.Form):
    """Why the report goes back, in general; what is wrong at single cells stands in the rows below."""

    remark = words_field("Общее замечание", "Замечание увидит руководитель службы.", required=False)


class CellRemarkForm(forms.Form):
    """One remark at one cell."""

    row = forms.ChoiceField(label="Строка")
    column = forms.ChoiceField(label="Графа")
    text = words_field("Что исправить", rows=2)

    def __init__(self, *args, snapshot, **kwargs):
        super().__init__(*args, **kwargs)
        rows = [(row["code"], f"{row['code']}. {row['title']}"[:90]) for row in snapshot["rows"]]
        self.fields["row"].choices = with_blank(rows)
        self.fields["column"].choices = [
            (column["code"], ", ".join(filter(None, [column["group"], column["title"]])))
            for column in snapshot["columns"]
        ]
        self.fields["column"].initial = snapshot["main_column"]


def cell_remarks(snapshot, data=None, row="", column=""):
    """Rows for remarks at cells; the first one is about the cell the reader came from."""
    factory = forms.formset_factory(CellRemarkForm, extra=1, max_num=MOST_REMARKS, can_delete=True)
    initial = [{"row": row, "column": column or snapshot["main_column"]}] if row and data is None else None
    if initial:
        factory.extra = 0
    formset = factory(data, prefix="cells", initial=initial, form_kwargs={"snapshot": snapshot})
    formset.title, formset.add_title = "Замечания к ячейкам", "Ещё одно замечание"
    return formset


class ManyWordsForm(forms.Form):
    """One text for each of several things: `asked` is [(name, label, help, initial)]."""

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label, help_text, initial in asked:
            self.fields[name] = words_field(label, help_text, rows=2, required=False, initial=initial)


class ReasonForm(forms.Form):
    """Why: one text, with the label the page gives it."""

    reason = words_field("Причина")

    def __init__(self, *args, label="Причина", help_text="", required=True, initial="", **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.label, field.help_text, field.required, field.initial = label, help_text, required, initial
