"""The family's certificate: one sheet in its frame, with circles for the marks of the months."""

from itertools import pairwise
from textwrap import shorten

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from cases.documents.people import head_of
from cases.models.certificate import LONGEST_HELPER
from families.documents import organisation_context
from sopr import profile
from sopr.calendar import DAY, add_months
from sopr.documents.names import Case, Name, full_name, given_name
from sopr.documents.registry import Document, register
from sopr.documents.templatetags.doc import counted

HELPLINE = ("Детский телефон доверия, бесплатно", "8-800-2000-122")  # one number for all of Russia
MONTHS = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()
INK, LINE, FILL = "#14505c", "#c08a2e", "#e6efec"
WIDTH, HIGH, LOW = 680, 40, 58  # of the drawing, and the two heights at which circles stand by turns
LETTERS_A_LINE = 32
DENSE_LINES, AIRY_LINES = 9, 4  # lines of goals from which the sheet takes smaller type, and up to which larger
LARGE_SURNAME = 16  # letters; a longer surname is set smaller


def certificate_context(certificate) -> dict:
    """Certificate → context of documents/certificate.html."""
    case, organisation = certificate.case, certificate.case.organisation
    goals = [row.wording for row in certificate.goals.all()]
    marks = {mark.month: mark.met_on for mark in certificate.marks.all()}
    lines = sum(1 + (len(goal) - 1) // LETTERS_A_LINE for goal in goals)
    return {
        "organisation": organisation_context(organisation),
        "status": "",
        "number": certificate.full_number,
        "contract": certificate.contract.number,
        "replaces": certificate.replaces.full_number if certificate.replaces else "",
        "withdrawn_on": certificate.withdrawn_on if certificate.withdrawal != certificate.Withdrawal.ENDED else None,
        "family_gen": certificate.surname,
        "long_surname": len(certificate.surname) > LARGE_SURNAME,
        "names_dat": certificate.names,
        "term": term_in_words(certificate.since, certificate.until),
        "since": certificate.since,
        "until": certificate.until,
        "goals": goals,
        "helpers": [{"who": who, "phone": phone} for who, phone in certificate.helpers],
        "steps": draw_steps(certificate.months, marks),
        "type": _type_for(lines, len(certificate.helpers)),
        "head": head_of(organisation) if organisation.director_name else None,
        "curator": Name(case.curator).sign if case.curator else "",
        "place": organisation.municipality.name if organisation.municipality else "",
        "issued_on": certificate.issued_on,
        "seal": profile.current().requisites.seal,
    }


def _type_for(lines, helpers) -> str:
    """«dense», «airy» or nothing: the sheet is one page and neither crammed nor empty."""
    if lines >= DENSE_LINES or helpers > 5:
        return "dense"
    return "airy" if lines <= AIRY_LINES and helpers <= 3 else ""


def term_in_words(since, until) -> str:
    """«полгода», «год», «4 месяца»; empty where the term is no whole number of months, give or take a day."""
    months = next((n for n in range(1, 25) if abs((add_months(since, n) - until).days) <= DAY.days), 0)
    if months:
        return {1: "месяц", 6: "полгода", 12: "год"}.get(months) or counted(months, "месяц,месяца,месяцев")
    return ""


def draw_steps(months, marks):
    """A path of circles, one a month; a month in `marks` {month: day} bears a tick and the day of the meeting."""
    count = len(months)
    radius, size = (27, 17) if count <= 6 else (22, 15)
    points = [(round(WIDTH * (n + 0.5) / count, 1), HIGH if n % 2 == 0 else LOW) for n in range(count)]
    circles = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}" stroke-width="1.6"/>{}'
        '<text x="{}" y="{}" text-anchor="middle" font-family="Doc Serif" font-size="{}" fill="{}">{}</text>',
        (
            (x, y, radius, FILL if month in marks else "#fff", INK, _tick(x, y, radius, marks.get(month)),
             x, y + radius + 18, size, INK, MONTHS[month.month - 1])
            for (x, y), month in zip(points, months, strict=True)
        ),
    )  # fmt: skip
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 112" width="170mm" height="28mm" '
        'font-family="Doc Sans" font-size="13"><title>{}</title>'
        '<path d="{}" fill="none" stroke="{}" stroke-width="2.2" stroke-dasharray="1 7" stroke-linecap="round"/>{}'
        "</svg>",
        WIDTH,
        _described(months, marks),
        _road(points),
        LINE,
        circles,
    )


def _road(points) -> str:
    road = f"M{points[0][0]} {points[0][1]}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = round((x0 + x1) / 2, 1)
        road += f" C{middle} {y0} {middle} {y1} {x1} {y1}"
    return road


def _tick(x, y, radius, met_on):
    if met_on is None:
        return ""
    k = radius / 27
    tick = f"M{x - 9 * k:.1f} {y - 7 * k:.1f} l{6 * k:.1f} {7 * k:.1f} l{12 * k:.1f} {-13 * k:.1f}"
    return mark_safe(
        f'<path d="{tick}" fill="none" stroke="{LINE}" stroke-width="3" stroke-linecap="round"/>'
        f'<text x="{x}" y="{y + 15 * k:.1f}" text-anchor="middle" font-size="{11 * k:.1f}" fill="{INK}">'
        f"{met_on:%d.%m}</text>"
    )


def _described(months, marks) -> str:
    """What the drawing shows, for who hears the paper read."""
    named = ", ".join(MONTHS[month.month - 1] + (" (отмечен)" if month in marks else "") for month in months)
    return f"Кружки для отметок по месяцам: {named}"


def names_in_dative(members) -> str:
    """«Наталье Сергеевне, Артёму и Полине»: adults by name and patronymic, children by name, oldest first."""
    called = [name for name in (_called(row.person) for row in members) if name]
    return " и ".join(filter(None, [", ".join(called[:-1]), called[-1]])) if called else ""


def _called(person) -> str:
    if person.age is not None and person.age < 18:
        return given_name(person, Case.DAT)
    return " ".join(full_name(person, Case.DAT).split()[len(person.last_name.split()) :])


def helpers_of(case, activities) -> list[tuple[str, str]]:
    """Who stands beside the family at first: the curator, agencies of unfinished activities, the helpline."""
    helpers = []
    if case.curator and case.curator.phone:
        curator = case.curator
        full = f"Куратор {curator.first_name} {curator.patronymic} {curator.last_name}"
        helpers.append((full if len(full) <= LONGEST_HELPER else f"Куратор {Name(curator).sign}", curator.phone))
    agencies = {activity.agency_id: activity.agency for activity in activities}
    for agency in agencies.values():
        if agency.pk != case.organisation_id and agency.phone:
            helpers.append((shorten(str(agency), LONGEST_HELPER, placeholder="…"), agency.phone))
    return [*helpers[:4], HELPLINE]


CERTIFICATE = register(
    Document(
        code="certificate",
        title="Семейный сертификат",
        template="documents/certificate.html",
        context=certificate_context,
        file_name=lambda certificate: f"sertifikat-{certificate.number}-{certificate.year}",
    )
)
