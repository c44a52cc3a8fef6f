"""Quarter after quarter: organisations declare facts and sign their reports, the ministry reviews and consolidates."""

from django.utils import timezone

from reports import forms, periods, tasks
from reports.compute import compute
from reports.models import CheckWord, DeclaredFact, Packet, PacketPart, Remark, Report
from reports.models.job import State
from sopr.audit.models import Action
from sopr.demo.timeline import DAY, moment, workday

REVIEWED_AFTER = 16 * DAY  # by then the ministry has looked at the reports of a quarter
QUARTERS = 8
REGION_REPORTS = 5  # the consolidated reports go so many quarters back
LATE = 5  # the centre that hands in nothing
USUAL = 2  # so many of the region's forms have a history of quarters; the others show their last one
REMARK = (
    "Число семей на конец квартала расходится с переходящим остатком, а по двум семьям нет мониторинга. "
    "Сверьте списки и представьте новую редакцию."
)
CELL_REMARKS = (
    "Число расходится с итогом прошлого квартала. Сверьте список и исправьте даты снятия.",
    "Приложите приказ, которым служба создана, или исправьте число.",
)
ANSWER = "Список сверен с журналом, ошибка исправлена."
REOPENED = "Организация письмом сообщила, что в журнале пропущен доброволец."
NOTHING = "В квартале таких семей не было и мероприятия не проводились."
WORDS = {
    "jump": "Число изменилось из-за перевода участка между организациями.",
    "review": "Семьи были в отъезде, мониторинг назначен на следующий месяц.",
    "level": "Вопрос о продлении стоит в повестке ближайшего заседания совета.",
    "signed": "Данные исправлены после сверки с журналом, прошлый отчёт будет исправлен.",
    "other": "Проверено по делам, сведения верны.",
}
FACTS = (
    ("trained_specialists", "удостоверения о повышении квалификации", (2, 4)),
    ("volunteers", "журнал учёта добровольцев", (0, 9)),
    ("editions", "акт приёмки печатной продукции", (0, 2)),
    ("profile_training", "дипломы о профессиональной переподготовке", (0, 1)),
    ("advanced_courses", "удостоверения о повышении квалификации", (1, 3)),
    ("internships", "приказы о направлении на стажировку", (0, 2)),
    ("contest_winners", "диплом регионального конкурса", (0, 1)),
)
COPIES = 150  # of each edition
# Centres that in the last quarter leave one value unconfirmed, correct a value, withdraw one; LATE declares nothing.
FORGETFUL, MISTAKEN, HASTY = 0, 1, 4


def follow_quarters(scene):
    """Lives of all reports of the complete quarters, each at its time."""
    quarter = periods.containing(scene.timeline.today, "quarter").previous()
    latest = 1 if workday(quarter.until + REVIEWED_AFTER) <= scene.timeline.today else 2
    for back in range(1, QUARTERS + 1):
        due = forms.of_this_region("quarter")[: None if back <= latest else USUAL]
        for number, centre in enumerate(centres(scene)):
            scene.timeline.follow(declarations(scene, quarter, centre, number if back == 1 else None))
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
    """The last month that the ministry has looked at, in the forms due by month: of all centres but one, and the region."""
    month = periods.containing(scene.timeline.today, "month").previous()
    if workday(month.until + REVIEWED_AFTER) > scene.timeline.today:
        month = month.previous()
    for form in forms.of_this_region("month"):
        for number, centre in enumerate(centres(scene)):
            fate = "missing" if number == LATE else "approved"
            scene.timeline.follow(own_report(scene, month, centre, form, fate))
        scene.timeline.follow(consolidated(scene, month, form, approved=False))


def drafts_of_today(scene):
    """The region's drafts as they are counted today, and the year (till March the last one) in every form."""
    for report in Report.objects.filter(organisation=None, state=Report.State.DRAFT):
        report.store(*compute(report.definition, report.span))
    year = periods.containing(scene.timeline.today - 60 * DAY, "year")
    for form in forms.of_this_region(on=year.since):
        _counted(form, year)


def centres(scene):
    return [centre for place in scene.region.places for centre in place.centres]


def _fate(number, place, latest):
    """Of the latest quarter the demo head's first report came back and the second waits; one is not made, and so on."""
    if not latest:
        return "reopened" if (number, place) == (0, 0) else "approved"
    if place >= USUAL:
        return {0: "submitted", LATE: "missing"}.get(number, "approved")
    if place > 0:
        return {0: "draft", LATE: "missing"}.get(number, "approved")
    fates = {0: "returned", 3: "opened", LATE: "missing", 7: "draft", 8: "revised", 9: "submitted", 10: "submitted"}
    return fates.get(number, "approved")


def _after(quarter, days, hour=11):
    return moment(workday(quarter.until + days * DAY), hour)


def declarations(scene, quarter, centre, place=None):
    """What no casework tells, declared with its basis; what stays as it was a quarter ago is confirmed.

    `place` is the centre's among all, in the last quarter only: there each kind of what may happen is shown once.
    """
    yield _after(quarter, 4, 15)
    head = scene.region.heads[centre.pk]
    values = {code: scene.rng.randint(least, most) for code, _basis, (least, most) in FACTS}
    if place == LATE:
        return
    for code, basis, _limits in FACTS:
        if (place, code) == (FORGETFUL, "trained_specialists"):
            continue
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
    """An organisation's report on one form: counted, explained, signed, then approved, sent back, corrected."""
    if fate == "missing":
        return
    yield _after(quarter, 6 + scene.rng.randint(0, 3), 16)
    head, minister = scene.region.heads[centre.pk], scene.region.users["ministry"]
    report = _counted(form, quarter, centre)
    if fate == "draft" or report.checked("error"):
        return
    sign(scene, report, head)
    yield _after(quarter, 12)
    if fate in ("returned", "revised"):
        report.send_back(by=minister, remark=REMARK, cells=_remarks(report))
    elif fate != "submitted":
        report.approve(by=minister)
    scene.note(minister, Action.CHANGE, report)
    if fate in ("opened", "reopened"):
        yield _after(quarter, 20)
        report.reopen(by=minister, reason=REOPENED)
        scene.note(minister, Action.CHANGE, report)
    if fate in ("revised", "reopened"):
        yield _after(quarter, 22, 15)
        revision = correct(scene, report, head)
        yield _after(quarter, 23)
        if fate == "reopened" and revision.is_frozen:
            revision.approve(by=minister)
            scene.note(minister, Action.CHANGE, revision)


def sign(scene, report, head):
    """The head explains what the checks ask about, then signs; with nothing but zeros he says that there is nothing."""
    if report.is_all_zero:
        report.declare_nothing(by=head, reason=NOTHING)
    else:
        CheckWord.explain(report, {check["code"]: _word(check) for check in report.checked("warn")}, by=head)
        report.sign(by=head)
    scene.note(head, Action.CHANGE, report)


def correct(scene, report, head):
    """A new revision after one volunteer too few was declared; each remark is answered."""
    basis = "журнал учёта добровольцев, сверка"
    declared = DeclaredFact.objects.current().filter(organisation=report.organisation, indicator="volunteers")
    fact = declared.filter(until=report.until, since=report.since).first()
    value = str(int(fact.value) + 1) if fact else "1"
    DeclaredFact.declare(report.organisation, "volunteers", report.span, value, by=head, basis=basis)
    revision = report.correct(by=head, reason="" if report.remark else "Добавлен доброволец, пропущенный в журнале")
    revision.store(*compute(revision.definition, revision.span, revision.organisation))
    Remark.reply(revision, {remark.pk: ANSWER for remark in report.remarks.all()}, by=head)
    if not revision.checked("error"):
        sign(scene, revision, head)
    return revision


def _remarks(report) -> list[tuple]:
    """Two remarks at cells of the main column."""
    main = report.snapshot["main_column"]
    totals = [row["code"] for row in report.snapshot["rows"] if not row["level"]]
    return [(row, main, text) for row, text in zip(totals, CELL_REMARKS, strict=False)]


def _word(check) -> str:
    kind = check["code"].partition("-")[0]
    return WORDS.get(kind, WORDS["other"])


def reports_now(scene):
    """What the night brings today: drafts, duties, who is late; and the demo head's draft of the running quarter."""
    tasks.sweep_signing()
    tasks.refresh_figures()
    running = periods.containing(scene.timeline.today, "quarter")
    for form in forms.of_this_region()[:1]:
        _counted(form, running, centres(scene)[0])


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
