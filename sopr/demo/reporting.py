"""Quarter after quarter: organisations declare facts and sign their reports, the ministry reviews and consolidates."""

from django.utils import timezone

from reports import forms, periods
from reports.compute import compute
from reports.models import DeclaredFact, Packet, PacketPart, Report
from reports.models.job import State
from sopr.audit.models import Action
from sopr.demo.timeline import DAY, moment, workday

REVIEWED_AFTER = 16 * DAY  # by then the ministry has looked at the reports of a quarter
QUARTERS = 8
REGION_REPORTS = 5  # the consolidated reports go so many quarters back
MONTHLY = 3  # so many centres report by month
USUAL = 2  # so many of the region's forms have a history of quarters; the others show their last one
REMARK = (
    "Число семей на конец квартала расходится с переходящим остатком, а по двум семьям нет мониторинга. "
    "Сверьте списки и представьте новую редакцию."
)
FACTS = (
    ("trained_specialists", "удостоверения о повышении квалификации", (2, 4)),
    ("volunteers", "журнал учёта добровольцев", (0, 9)),
    ("editions", "акт приёмки печатной продукции", (0, 2)),
)
TRAINING = (  # what Irkutsk asks for
    ("profile_training", "дипломы о профессиональной переподготовке", (0, 1)),
    ("advanced_courses", "удостоверения о повышении квалификации", (1, 3)),
    ("internships", "приказы о направлении на стажировку", (0, 2)),
    ("contest_winners", "диплом регионального конкурса", (0, 1)),
)


def follow_quarters(scene):
    """Lives of all reports of the complete quarters, each at its time."""
    quarter = periods.containing(scene.timeline.today, "quarter").previous()
    latest = 1 if workday(quarter.until + REVIEWED_AFTER) <= scene.timeline.today else 2
    for back in range(1, QUARTERS + 1):
        due = forms.of_this_region("quarter")[: None if back <= latest else USUAL]
        for number, centre in enumerate(centres(scene)):
            scene.timeline.follow(declarations(scene, quarter, centre))
            if back <= latest + 1:
                for place, form in enumerate(due):
                    fate = _fate(number, place, latest=back == latest)
                    scene.timeline.follow(own_report(scene, quarter, centre, form, fate))
        scene.timeline.follow(data_bank(scene, quarter))
        if back == latest:
            scene.timeline.follow(packets(scene, quarter))
        if back <= REGION_REPORTS:
            for form in due:
                scene.timeline.follow(consolidated(scene, quarter, form, approved=back > latest))
        quarter = quarter.previous()
    follow_months(scene)


def follow_months(scene):
    """The last month that the ministry has looked at, in the forms due by month: of a few centres and the region."""
    month = periods.containing(scene.timeline.today, "month").previous()
    if workday(month.until + REVIEWED_AFTER) > scene.timeline.today:
        month = month.previous()
    for form in forms.of_this_region("month"):
        for centre in centres(scene)[:MONTHLY]:
            scene.timeline.follow(own_report(scene, month, centre, form, "approved"))
        scene.timeline.follow(consolidated(scene, month, form, approved=True))


def centres(scene):
    return [centre for place in scene.region.places for centre in place.centres]


def _fate(number, place, latest):
    """Of the latest quarter the demo head's first report came back and the second waits; one is not made, and so on."""
    if not latest:
        return "approved"
    if place >= USUAL:
        return {0: "submitted", 5: "missing"}.get(number, "approved")
    if place > 0:
        return {0: "draft", 5: "missing"}.get(number, "approved")
    return {0: "returned", 5: "missing", 7: "draft", 9: "submitted", 10: "submitted"}.get(number, "approved")


def _after(quarter, days, hour=11):
    return moment(workday(quarter.until + days * DAY), hour)


def declarations(scene, quarter, centre):
    """What no casework tells, declared with its basis."""
    yield _after(quarter, 4, 15)
    head = scene.region.heads[centre.pk]
    codes = {form.code for form in forms.of_this_region()}
    for code, basis, (least, most) in (*FACTS, *(TRAINING if "irkutsk-15" in codes else ())):
        value = str(scene.rng.randint(least, most))
        DeclaredFact.declare(centre, code, quarter, value, by=head, basis=basis)


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


def packets(scene, quarter):
    """The ministry's packets of a quarter: one cancelled, one that failed at a report, one whose file is too old."""
    yield _after(quarter, 14, 12)
    minister, form = scene.region.users["ministry"], forms.of_this_region("quarter")[0]
    Packet.ask(form, quarter, by=minister).cancel()
    reports = Report.objects.filter(form=form.code, period=quarter.text).latest().order_by("scope")
    for fails in (True, False):
        packet = Packet.ask(form, quarter, by=minister)
        done = {"state": State.DONE, "step": "Готово", "percent": 100}
        parts = [PacketPart(packet=packet, report=report, **done) for report in reports]
        told = {"prepared": True, "finished_at": timezone.now()} | done
        if fails:
            reason = "На диске сервера нет места. Сообщите администратору, затем запустите снова."
            parts[-1].state, parts[-1].step, parts[-1].error = State.FAILED, "Не удалось", reason
            error = f"Не сделаны файлы отчётов: 1 из {len(parts)}, причины в списке ниже. Нажмите «Сделать снова»."
            told |= {"state": State.FAILED, "step": "Не удалось", "error": error}
        PacketPart.objects.bulk_create(parts)
        Packet.objects.filter(pk=packet.pk).update(**told)
        scene.note(minister, Action.EXPORT, packet)


def _counted(form, quarter, organisation=None) -> Report:
    report = Report.open_for(form, quarter, organisation)
    report.store(*compute(form, quarter, organisation))
    return report
