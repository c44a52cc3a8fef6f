"""What the tests of the ministry's own forms share: the pages filled as a browser does, a few families."""

import datetime

from families.categories import Category
from reports import forms, periods
from reports.compute import compute
from reports.models import OwnForm, Report
from reports.tests.generated import a_case, make_families, save_cases

D = datetime.date
NEW = "/reports/own/new/"
ROWS = [
    {"kind": "measure", "what": "on_support", "by": "category"},
    {"kind": "measure", "what": "removed", "title": "Снято за период"},
    {"kind": "percent", "what": "overcame", "of": "removed"},
    {"kind": "measure", "what": "served", "by": "municipality"},
    {"kind": "fact", "what": "trained_specialists"},
]


def make_cases(world):
    """Six families, four of the centre; every other one was removed in May, of them the last otherwise."""
    families = make_families(6)
    return save_cases(
        [
            a_case(
                family,
                world.centre if n < 4 else world.other_centre,
                D(2025, 1, 10),
                D(2025, 5, 5) if n % 2 else None,
                outcome="improved" if n == 5 else "overcame",
                primary_category=Category.LARGE if n < 3 else Category.FOSTER,
            )
            for n, family in enumerate(families)
        ]
    )


def posted(rows, **head):
    """The editor as a browser sends it."""
    data = {"name": "Ранняя помощь", "kind": "quarter", "title": "", "decimals": "1", "notes": "", "columns": []}
    data |= {"rows-TOTAL_FORMS": str(len(rows)), "rows-INITIAL_FORMS": "0"} | head
    for place, row in enumerate(rows):
        row = dict.fromkeys(("kind", "what", "of", "by", "title"), "") | {"key": str(place + 1)} | row
        data |= {f"rows-{place}-{name}": value for name, value in row.items()}
    return data


def begin(client, name="Ранняя помощь", kind="quarter") -> OwnForm:
    answer = client.post(NEW, {"name": name, "kind": kind})
    made = OwnForm.objects.order_by("-pk").first()
    assert answer["Location"] == f"/reports/own/{made.pk}/edit/"
    return made


def write(client, form, rows, **head):
    answer = client.post(f"/reports/own/{form.pk}/edit/", posted(rows, **head))
    assert answer.status_code == 302, (answer.context["form"].errors, answer.context["rows"].errors)
    return answer


def publish(client, form, day, owed="yes"):
    return client.post(f"/reports/own/{form.pk}/publish/", {"effective_from": day, "owed": owed})


def made(client, rows=ROWS, since="2025-01-01", owed="yes", **head) -> OwnForm:
    """A published form; the editor and the publishing through their pages."""
    form = begin(client)
    write(client, form, rows, **head)
    assert publish(client, form, since, owed).status_code == 302
    return OwnForm.objects.get(pk=form.pk)


def computed(form, text, organisation=None) -> Report:
    period = periods.parse(text)
    definition = forms.find(form.code, period)
    report = Report.open_for(definition, period, organisation)
    report.store(*compute(definition, period, organisation))
    return report


def cells(report) -> dict:
    return {(cell["row"], cell["column"]): cell for cell in report.snapshot["cells"]}
