"""«Семейный сертификат»: only what the family agreed to show, numbers without gaps, marks, reissue, absence elsewhere."""

import datetime
import io
import subprocess

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.documents import CERTIFICATE
from cases.documents.certificate import draw_steps, names_in_dative, term_in_words
from cases.documents.people import members_of
from cases.models import Case, Certificate, Contract, Goal
from cases.words import Domain, Outcome
from sopr.documents.pdf import render_pdf
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, hold_council, make_family, open_case

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)
WORDS = {Domain.EDUCATION: "Илья учится без пропусков и собирает роботов", Domain.INCOME: "Мама работает"}


def sign(world, case):
    mother = case.family.memberships.get(relation="mother").person
    return Contract.sign(case, by=world.curator, signed_on=TODAY(), until=TODAY() + 90 * DAY, party=mother)


def issue(world, case, **fields):
    mother = case.family.memberships.get(relation="mother").person
    goals = Goal.objects.filter(revision__programme__case=case, revision__state="approved")
    values = {
        "goals": [(goal, WORDS.get(goal.domain, "Всё хорошо")) for goal in goals],
        "helpers": [("Куратор Ольга Николаевна Куратова", "8 (800) 221-40-15")],
        "surname": "Ковалёвых",
        "names": "Анне Игоревне и Илье",
        "agreed_by": mother,
        "agreed_on": TODAY(),
    } | fields
    return Certificate.issue(case, by=world.curator, **values)


@pytest.fixture
def contracted(world, active):
    sign(world, active)
    return active


@pytest.fixture
def certificate(world, contracted):
    return issue(world, contracted)


def mother_of(row):
    return row.case.family.memberships.get(relation="mother").person


def text_of(pdf):
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def pages_of(pdf) -> int:
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return int(next(line for line in told.splitlines() if line.startswith("Pages")).split()[1])


# -- issuing ---------------------------------------------------------------------------------------------------------


def test_the_page_issues_what_the_family_agreed_to_show(world, contracted, enter):
    browser = enter(world.curator)
    page = browser.get("cases:certificate-issue", contracted.pk).content.decode()
    assert "Ковалёвых" in page and "Анне Игоревне и Илье" in page and "8-800-2000-122" in page
    shown, hidden = Goal.objects.filter(revision__programme__case=contracted)
    mother = contracted.family.memberships.get(relation="mother").person
    data = {
        f"show_{shown.pk}": "on",
        f"wording_{shown.pk}": "Илья учится без пропусков",
        f"wording_{hidden.pk}": "это семья показать не захотела",
        "surname": "Ковалёвых",
        "names": "Анне Игоревне и Илье",
        "agreed": "on",
        "agreed_by": mother.pk,
        "agreed_on": TODAY().isoformat(),
        "issued_on": TODAY().isoformat(),
        "helpers-TOTAL_FORMS": "1",
        "helpers-INITIAL_FORMS": "0",
        "helpers-0-who": "Психолог Юлия Викторовна",
        "helpers-0-phone": "8 (800) 221-40-16",
    }
    refused = browser.post("cases:certificate-issue", contracted.pk, **{k: v for k, v in data.items() if k != "agreed"})
    assert refused.status_code == 422 and "Без согласия семьи" in refused.content.decode()
    empty = browser.post("cases:certificate-issue", contracted.pk, **data | {f"wording_{shown.pk}": " "})
    assert "Спросите семью, как она сама назовёт эту цель" in empty.content.decode()
    assert not Certificate.objects.exists()
    answer = browser.post("cases:certificate-issue", contracted.pk, **data)
    certificate = Certificate.objects.get()
    assert answer["Location"] == certificate.get_absolute_url()
    assert certificate.full_number == f"1/{TODAY().year}"
    assert [row.wording for row in certificate.goals.all()] == ["Илья учится без пропусков"]
    assert certificate.helpers == [["Психолог Юлия Викторовна", "8 (800) 221-40-16"]]
    assert contracted.events.filter(kind="certificate_issued").get().refs == {"certificate": certificate.pk}
    assert "ждёт вручения" in browser.get("cases:certificate-detail", certificate.pk).content.decode()
    assert "Семейный сертификат" in browser.get("cases:case-detail", contracted.pk).content.decode()


def test_it_needs_a_programme_a_contract_and_support(world, case, active):
    for one, said in [(case, "сначала решение совета"), (active, "Нет действующего договора")]:
        with pytest.raises(Refused, match=said):
            issue(world, one, goals=[])


def test_only_what_fits_the_sheet_and_was_agreed(world, contracted):
    goal = Goal.objects.filter(revision__programme__case=contracted).first()
    other = activate(world, open_case(world, family=make_family(world)))
    stranger = other.programmes.get().revisions.get().goals.first()
    for fields, said in [
        ({"goals": []}, "хотя бы одну цель"),
        ({"goals": [(goal, "  ")]}, "словами семьи"),
        ({"goals": [(goal, "ы" * 65)]}, "не длиннее 64"),
        ({"goals": [(goal, "да")] * 7}, "помещается 6 целей"),
        ({"goals": [(stranger, "да")]}, "Программу только что изменили"),
        ({"helpers": [("Кто", "1-2-3")] * 7}, "6 помощников"),
        ({"agreed_on": TODAY() + DAY}, "Сначала семья соглашается"),
        ({"issued_on": TODAY() - DAY}, "со дня договора"),
    ]:
        with pytest.raises(Refused, match=said):
            issue(world, contracted, **fields)
    assert not Certificate.objects.exists()


def test_numbers_run_within_the_organisation_and_the_year(world, certificate):
    other = activate(world, open_case(world, family=make_family(world)))
    sign(world, other)
    assert issue(world, other).full_number == f"2/{TODAY().year}"
    with pytest.raises(Refused, match="действует"):
        issue(world, other)
    elsewhere = Certificate(organisation=world.other_centre, year=certificate.year, number=certificate.number)
    assert elsewhere.organisation_id != certificate.organisation_id
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(number=2).update(number=1)


# -- handing over and marks ------------------------------------------------------------------------------------------


def test_handed_over_marked_unmarked(world, certificate, enter):
    browser = enter(world.curator)
    assert browser.get("cases:certificate-mark", certificate.pk).status_code == 409
    with pytest.raises(Refused, match="взрослому"):
        child = certificate.case.family.memberships.get(relation="child").person
        certificate.hand_over(by=world.curator, handed_on=TODAY(), handed_to=child)
    browser.post(
        "cases:certificate-hand-over",
        certificate.pk,
        handed_on=TODAY().isoformat(),
        handed_to=mother_of(certificate).pk,
    )
    certificate.refresh_from_db()
    assert certificate.handed_to == mother_of(certificate) and certificate.state == ("у семьи", "good")
    assert browser.get("cases:certificate-hand-over", certificate.pk).status_code == 409
    # the programme began two months ago: its first two months may be marked by now
    begun = (TODAY().replace(day=1) - DAY).replace(day=1) - DAY
    Certificate.objects.filter(pk=certificate.pk).update(since=begun)
    certificate.refresh_from_db()
    with pytest.raises(Refused, match="нет этого месяца"):
        certificate.mark(by=world.curator, met_on=begun)
    answer = browser.post(
        "cases:certificate-mark", certificate.pk, met_on=TODAY().isoformat(), step="Мама прошла собеседование"
    )
    assert answer.status_code == 302
    mark = certificate.marks.get()
    assert mark.month == TODAY().replace(day=1)
    with pytest.raises(Refused, match="уже отмечен"):
        certificate.mark(by=world.curator, met_on=TODAY())
    assert "Мама прошла собеседование" in browser.get("cases:certificate-detail", certificate.pk).content.decode()
    browser.post("cases:certificate-unmark", mark.pk)
    assert not certificate.marks.exists()
    kinds = certificate.case.events.values_list("kind", flat=True)
    assert {"certificate_handed", "certificate_marked", "certificate_unmarked"} <= set(kinds)


def test_months_are_those_after_the_beginning_and_twelve_at_most():
    def months(since, until):
        return [f"{month:%m.%y}" for month in Certificate(since=since, until=until).months]

    assert months(datetime.date(2026, 10, 22), datetime.date(2027, 4, 22)) == [
        "11.26", "12.26", "01.27", "02.27", "03.27", "04.27",
    ]  # fmt: skip
    assert len(months(datetime.date(2026, 1, 31), datetime.date(2028, 1, 31))) == 12
    assert months(datetime.date(2026, 10, 5), datetime.date(2026, 10, 25)) == ["10.26"]


# -- reissue, withdrawal, the end -------------------------------------------------------------------------------------


def test_an_amended_programme_calls_for_a_new_certificate(world, certificate, enter):
    case = certificate.case
    case.programmes.get().amend(by=world.curator)
    hold_council(world, case, "programme")
    duty = Obligation.objects.open().get(kind="case.certificate")
    assert duty.path == reverse("cases:certificate-issue", args=[case.pk])
    certificate = Certificate.objects.get()
    assert certificate.is_outdated and certificate.state[0] == "пора перевыпустить"
    page = enter(world.curator).get("cases:certificate-issue", case.pk).content.decode()
    assert "Перевыпустить семейный сертификат" in page and WORDS[Domain.INCOME] in page
    renewed = issue(world, case)
    certificate.refresh_from_db()
    assert (certificate.withdrawal, renewed.replaces) == ("amended", certificate)
    assert renewed.revision.number == 2 and not renewed.is_outdated
    assert not Obligation.objects.open().filter(kind="case.certificate").exists()
    assert f"вместо № {certificate.full_number}" in text_of(_pdf(world, renewed)).replace("\xa0", " ")


def test_a_lost_one_is_withdrawn_and_written_anew(world, certificate, enter):
    browser = enter(world.curator)
    browser.post("cases:certificate-withdraw", certificate.pk, reason="damaged")
    certificate.refresh_from_db()
    assert certificate.withdrawn_on == TODAY()
    assert browser.get("cases:certificate-withdraw", certificate.pk).status_code == 409
    assert browser.get("cases:certificate-mark", certificate.pk).status_code == 409
    assert issue(world, certificate.case).replaces == certificate
    with pytest.raises(Refused, match="Выберите, почему"):
        certificate.withdraw(by=world.curator, reason="ended")


def test_the_certificate_ends_with_the_case(world, certificate):
    case = Case.objects.get(pk=certificate.case_id)
    case.close_at_familys_wish(by=world.curator, day=TODAY(), outcome=Outcome.IMPROVED)
    certificate.refresh_from_db()
    assert (certificate.withdrawal, certificate.state[0]) == ("ended", "завершён")


# -- paper ------------------------------------------------------------------------------------------------------------


def _pdf(world, certificate):
    return render_pdf(CERTIFICATE, Certificate.objects.with_case().get(pk=certificate.pk), by=world.curator)


def test_the_sheet_says_neither_level_nor_problem_nor_category(world, certificate, enter):
    certificate.hand_over(by=world.curator, handed_on=TODAY(), handed_to=mother_of(certificate))
    answer = enter(world.curator).get("cases:certificate-print", certificate.pk)
    assert answer["Content-Disposition"] == f'inline; filename="sertifikat-1-{TODAY().year}.pdf"'
    text = text_of(answer.content)
    assert "Ковалёвых" in text and "Мама работает" in text and "8 (800) 221-40-15" in text.replace("\u202f", " ")
    case = certificate.case
    for secret in (
        case.get_level_display(),
        case.get_primary_category_display(),
        "Есть трудность",
        "Решить её",
        "Лесная",
        case.family.number,
    ):
        assert secret not in text
    assert pages_of(answer.content) == 1


def test_the_fullest_sheet_is_one_page(world, contracted):
    """Six goals and six helpers of the greatest length, a long surname, five long names, twelve months, all marked."""
    long = "Дома спокойно, мы умеем договариваться и ужинаем все за столом"
    certificate = issue(
        world,
        contracted,
        goals=[(goal, long) for goal in Goal.objects.filter(revision__programme__case=contracted)],
        helpers=[("Педагог Анна Константиновна Вознесенская", "8 (800) 221-40-15")] * 6,
        surname="Константиновых-Вознесенских",
        names="Анне-Марии Константиновне, Александру Владимировичу, Ярославу, Елизавете, Константину и Раисе Петровне",
    )
    draft = contracted.programmes.get().amend(by=world.curator)  # the approved revision is frozen: four goals from here
    for code in (Domain.HOUSING, Domain.LAW, Domain.SAFETY, Domain.RELATIONS):
        goal = draft.add_goal(by=world.curator, domain=code, problem="p", text=code, criterion="c")
        certificate.goals.create(goal=goal, wording=long)
    since = TODAY() - 360 * DAY
    Certificate.objects.filter(pk=certificate.pk).update(since=since, until=TODAY())
    certificate.refresh_from_db()
    for month in certificate.months:
        certificate.marks.create(month=month, met_on=month, by=world.curator)
    pdf = _pdf(world, certificate)
    assert pages_of(pdf) == 1
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    tops = {}
    for line in io.StringIO(boxes):
        if "<word" in line:
            part = line.split('"')
            tops.setdefault(line.split(">")[1].split("<")[0], []).append((float(part[3]), float(part[7])))
    steps_top = max(top for top, _bottom in tops["шаги"])
    goals_bottom = max(bottom for _top, bottom in [*tops["столом"], *tops["Вознесенская"], *tops["221-40-15"]])
    assert goals_bottom < steps_top, "the goals must end above the circles"


def test_words_of_the_sheet(world, active):
    assert names_in_dative(members_of(active)) == "Анне Игоревне и Илье"
    day = datetime.date(2026, 10, 22)
    assert term_in_words(day, datetime.date(2027, 4, 22)) == "полгода"
    assert term_in_words(day, datetime.date(2027, 10, 21)) == "год"
    assert term_in_words(day, datetime.date(2027, 1, 22)) == "3\u00a0месяца"
    assert term_in_words(day, datetime.date(2026, 12, 8)) == ""
    drawn = draw_steps([datetime.date(2026, 11, 1), datetime.date(2026, 12, 1)], {datetime.date(2026, 11, 1): day})
    assert drawn.count("<circle") == 2 and "ноябрь (отмечен), декабрь" in drawn


# -- who sees it, and where it is not ----------------------------------------------------------------------------------


def test_the_list_and_its_filters(world, certificate, enter, django_assert_max_num_queries):
    browser = enter(world.curator)
    for state, found in {"": True, "waiting": True, "held": False, "outdated": False, "withdrawn": False}.items():
        page = browser.get("cases:certificate-list", state=state).content.decode()
        assert (f">{certificate.full_number}<" in page) is found, state
    assert browser.get("cases:certificate-list", **{"as": "xlsx"}).status_code == 200
    assert f">{certificate.full_number}<" not in enter(world.colleague).get("cases:certificate-list").content.decode()
    assert f">{certificate.full_number}<" in enter(world.head).get("cases:certificate-list").content.decode()
    for _number in range(3):
        other = activate(world, open_case(world, family=make_family(world)))
        sign(world, other)
        issue(world, other)
    with django_assert_max_num_queries(16):
        browser.get("cases:certificate-list")


PAGES = ["certificate-detail", "certificate-print", "certificate-hand-over", "certificate-mark", "certificate-withdraw"]


def test_another_organisations_certificate_does_not_exist(world, certificate, enter):
    browser = enter(world.other_head)
    assert {browser.get(f"cases:{page}", certificate.pk).status_code for page in PAGES} == {404}


def test_a_region_without_the_module_has_neither_pages_nor_links(world, certificate, enter, settings):
    settings.SOPR_REGION = "primorye"
    browser = enter(world.curator)
    assert {browser.get(f"cases:{page}", certificate.pk).status_code for page in PAGES} == {404}
    assert browser.get("cases:certificate-list").status_code == 404
    assert browser.get("cases:certificate-issue", certificate.case_id).status_code == 404
    for page in (browser.get("cases:case-detail", certificate.case_id), browser.get("cases:case-list")):
        assert "ертификат" not in page.content.decode().replace("Выписан семейный сертификат", "")
