"""The ministry's own forms: one in force with two editions and reports by each of them, one still a draft."""

from reports import forms
from reports.compute import compute
from reports.models import OwnForm, Report
from reports.periods import containing
from sopr.audit.models import Action
from sopr.demo.reporting import REVIEWED_AFTER, centres, own_report
from sopr.demo.timeline import DAY, moment, workday


def _row(what, **more) -> dict:
    return {"kind": "measure", "what": what, "of": "", "by": "", "title": ""} | more


FIRST = {
    "columns": ["previous", "period", "since_january"],
    "rows": [
        _row("on_support", by="category"),
        _row("accepted"),
        _row("removed"),
        _row("overcame", kind="percent", of="removed", title="Доля преодолевших ТЖС среди снятых"),
    ],
    "notes": "Строка 4: без снятых по другим причинам доля не считается.",
    "decimals": 1,
}
SECOND = FIRST | {
    "columns": ["start", "year_ago", "period", "since_january"],
    "rows": [
        *FIRST["rows"],
        _row("people_on_support", by="municipality"),
        _row("level_changed", title="Семьи, у которых сменился уровень сопровождения"),
        _row("crisis_to_basic", title="из них с кризисного уровня на базовый"),
    ],
}
BEGUN = {
    "columns": ["last_year", "period"],
    "rows": [_row("services"), _row("specialists"), _row("trained_specialists", kind="fact"), _row("meetings")],
    "notes": "",
    "decimals": 0,
}
FATES = {0: "submitted", 5: "missing"}  # of the centres' reports; the others' are approved


def own_forms(scene):
    """Made, reported on by the ministry alone; then widened, and organisations owe it."""
    minister = scene.region.users["ministry"]
    quarter = containing(scene.timeline.today, "quarter").previous()
    if workday(quarter.until + REVIEWED_AFTER) > scene.timeline.today:
        quarter = quarter.previous()
    earlier = quarter.previous()
    yield moment(workday(earlier.since + 20 * DAY), 11)
    form = OwnForm.begin(by=minister, name="Путь семьи", kind="quarter")
    form.draft.rewrite(title="о пути семей от принятия до снятия с сопровождения", definition=FIRST)
    OwnForm.objects.get(pk=form.pk).draft.publish(by=minister, effective_from=earlier.since, owed=False)
    scene.note(minister, Action.CHANGE, form)
    yield moment(workday(earlier.until + 13 * DAY), 17)
    _consolidated(form, earlier).approve(by=minister)
    yield moment(workday(quarter.since + 25 * DAY), 12)
    form = OwnForm.objects.get(pk=form.pk)
    form.revise(by=minister).rewrite(definition=SECOND)
    OwnForm.objects.get(pk=form.pk).draft.publish(by=minister, effective_from=quarter.since, owed=True)
    scene.note(minister, Action.CHANGE, form)
    for number, centre in enumerate(centres(scene)):
        definition = forms.find(form.code, quarter)
        scene.timeline.follow(own_report(scene, quarter, centre, definition, FATES.get(number, "approved")))
    scene.timeline.follow(_last_consolidated(form, quarter))
    yield moment(scene.timeline.today - 3 * DAY, 15)
    begun = OwnForm.begin(by=minister, name="Кадры и заседания", kind="year")
    begun.draft.rewrite(definition=BEGUN)
    scene.note(minister, Action.CHANGE, begun)


def _last_consolidated(form, quarter):
    yield moment(workday(quarter.until + 13 * DAY), 17)
    _consolidated(form, quarter)


def _consolidated(form, quarter) -> Report:
    definition = forms.find(form.code, quarter)
    report = Report.open_for(definition, quarter)
    report.store(*compute(definition, quarter))
    return report
