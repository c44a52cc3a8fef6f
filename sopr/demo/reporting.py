"""Quarter after quarter: organisations declare facts and sign their reports, the ministry reviews and consolidates."""

from reports import periods
from reports.compute import compute
from reports.forms import CATALOGUE
from reports.models import DeclaredFact, Report
from sopr import profile
from sopr.audit.models import Action
from sopr.demo.timeline import DAY, moment, workday

REVIEWED_AFTER = 16 * DAY  # by then the ministry has looked at the reports of a quarter
QUARTERS = 8
REGION_REPORTS = 5  # the consolidated reports go so many quarters back
REMARK = (
    "Число семей на конец квартала расходится с переходящим остатком, а по двум семьям нет мониторинга. "
    "Сверьте списки и представьте новую редакцию."
)
FACTS = (
    ("trained_specialists", "удостоверения о повышении квалификации", (2, 4)),
    ("volunteers", "журнал учёта добровольцев", (0, 9)),
    ("editions", "акт приёмки печатной продукции", (0, 2)),
)
COPIES = 150  # of each edition
SILENT, MISTAKEN, HASTY = 3, 1, 4  # centres that in the last quarter declare nothing, correct a value, withdraw one


def follow_quarters(scene):
    """Lives of all reports of the complete quarters, each at its time."""
    quarter = periods.containing(scene.timeline.today, "quarter").previous()
    latest = 1 if workday(quarter.until + REVIEWED_AFTER) <= scene.timeline.today else 2
    for back in range(1, QUARTERS + 1):
        for number, centre in enumerate(centres(scene)):
            scene.timeline.follow(declarations(scene, quarter, centre, number if back == 1 else None))
            if back <= latest + 1:
                for place, form in enumerate(region_forms()):
                    fate = _fate(number, place, latest=back == latest)
                    scene.timeline.follow(own_report(scene, quarter, centre, form, fate))
        scene.timeline.follow(data_bank(scene, quarter))
        if back <= REGION_REPORTS:
            for form in region_forms():
                scene.timeline.follow(consolidated(scene, quarter, form, approved=back > latest))
        quarter = quarter.previous()


def centres(scene):
    return [centre for place in scene.region.places for centre in place.centres]


def region_forms():
    """Forms that the profile names and that exist."""
    return [CATALOGUE[rule.code] for rule in profile.current().report_forms if rule.code in CATALOGUE]


def _fate(number, place, latest):
    """Of the latest quarter the demo head's first report came back and the second waits; one is not made, and so on."""
    if not latest:
        return "approved"
    if place > 0:
        return {0: "draft", 5: "missing"}.get(number, "approved")
    return {0: "returned", 5: "missing", 7: "draft", 9: "submitted", 10: "submitted"}.get(number, "approved")


def _after(quarter, days, hour=11):
    return moment(workday(quarter.until + days * DAY), hour)


def declarations(scene, quarter, centre, place=None):
    """What no casework tells, declared with its basis; what stays as it was a quarter ago is confirmed.

    `place` is the centre's among all, in the last quarter only: there each kind of what may happen is shown once.
    """
    yield _after(quarter, 4, 15)
    head = scene.region.heads[centre.pk]
    values = {code: scene.rng.randint(least, most) for code, _basis, (least, most) in FACTS}
    if place == SILENT:
        return
    for code, basis, _limits in FACTS:
        before = DeclaredFact.objects.current().filter(
            organisation=centre, indicator=code, period=quarter.previous().text
        )
        confirmed = before.first() if code == "trained_specialists" and values[code] % 2 else None
        value = confirmed.shown if confirmed else str(values[code])
        copies = COPIES * values[code] if code == "editions" else None
        DeclaredFact.declare(centre, code, quarter, value, by=head, basis=basis, copies=copies, confirms=confirmed)
    if place in (MISTAKEN, HASTY):
        yield _after(quarter, 5, 10)
        yield from _on_second_thoughts(quarter, centre, head, withdrawn=place == HASTY)


def _on_second_thoughts(quarter, centre, head, *, withdrawn):
    fact = DeclaredFact.objects.current().get(organisation=centre, indicator="volunteers", period=quarter.text)
    if withdrawn:
        fact.withdraw(by=head, reason="добровольцы ещё не закончили подготовку")
    else:
        value = str(int(fact.value) + 2)
        DeclaredFact.declare(centre, "volunteers", quarter, value, by=head, basis=f"{fact.basis}, уточнён")
    yield _after(quarter, 6, 10)


def data_bank(scene, quarter):
    yield _after(quarter, 5, 12)
    minister, region = scene.region.users["ministry"], scene.region.ministry
    basis = f"приказ от {scene.since:%d.%m.%Y} № 118"
    DeclaredFact.declare(region, "data_banks", quarter, "да", by=minister, basis=basis)


def own_report(scene, quarter, centre, form, fate):
    """An organisation's report on one form: counted, signed, then approved or sent back."""
    if fate == "missing":
        return
    yield _after(quarter, 6 + scene.rng.randint(0, 3), 16)
    head, minister = scene.region.heads[centre.pk], scene.region.users["ministry"]
    report = _counted(form, quarter, centre)
    if fate == "draft":
        return
    report.sign(by=head)
    scene.note(head, Action.CHANGE, report)
    yield _after(quarter, 12)
    if fate == "returned":
        report.send_back(by=minister, remark=REMARK)
    elif fate == "approved":
        report.approve(by=minister)
    scene.note(minister, Action.CHANGE, report)


def consolidated(scene, quarter, form, approved):
    """The region's own report; the latest one is a draft that waits for those who are late."""
    yield _after(quarter, 13, 17)
    minister = scene.region.users["ministry"]
    report = _counted(form, quarter)
    if approved:
        report.approve(by=minister)
    scene.note(minister, Action.CHANGE, report)


def _counted(form, quarter, organisation=None) -> Report:
    report = Report.open_for(form, quarter, organisation)
    report.store(*compute(form, quarter, organisation))
    return report
