"""The passport of the family: what each reader gets on paper, and the trace it leaves."""

import pytest
from django.urls import reverse

from families.documents import PASSPORT, passport_context
from families.models import HealthStatus
from sopr.audit.models import AuditRecord
from sopr.documents.pdf import render_html
from sopr.tests.casework import make_family, open_case


@pytest.fixture
def family(world):
    family = make_family(
        world, address_hidden=True, circumstances="Бабушка помогает", benefits="Единое пособие до 01.03.2027"
    )
    child = family.memberships.get(relation="child").person
    family.amend_person(child, by=world.curator, health="Эпилепсия", employment="studies", occupation="школа № 7")
    HealthStatus.establish(
        child, family, by=world.curator, kind="disability", detail="child", since=child.birth_on, document="МСЭ № 1"
    )
    mother = family.memberships.get(relation="mother")
    mother.represent(by=world.curator, ground="parents", document_name="Свидетельство", document_number="512")
    family.home_surveys.create(
        organisation=world.centre,
        commission="Куратова",
        housing="дом",
        income_per_head="9120.50",
        children_conditions="есть",
        conclusion="нужна помощь",
        by=world.curator,
    )
    open_case(world, family=family)
    return family


PROTECTED = ("Лесная", "Эпилепсия", "ребёнок-инвалид", "Бабушка", "Единое пособие", "9120")


def test_who_works_with_the_family_prints_everything(world, family):
    text = render_html(PASSPORT, family, reader=world.curator).replace("\u202f", "").replace("\u00a0", " ")
    for part in (*PROTECTED, "школа № 7", "Свидетельство № 512", world.curator.full_name, "ПАСПОРТ СЕМЬИ"):
        assert part in text, part


def test_a_colleague_prints_it_without_what_is_protected(world, family):
    text = render_html(PASSPORT, family, reader=world.colleague).replace("\u202f", "")
    assert "скрыт для безопасности" in text and "школа" in text
    for part in PROTECTED:
        assert part not in text, part


def test_the_pdf_and_its_trace(world, family, client):
    client.force_login(world.curator)
    answer = client.get(reverse("families:family-print", args=[family.pk]))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert f"pasport-semi-{family.pk}.pdf" in answer["Content-Disposition"]
    printed, read = AuditRecord.objects.order_by("-seq")[:2]
    assert (printed.action, printed.detail) == ("print", {"document": "passport"})
    assert read.detail["shown"] == ["address", "health"]
    page = client.get(reverse("families:family-detail", args=[family.pk]) + "?tab=access").content.decode()
    assert "печать: паспорт семьи" in page


def test_a_family_without_anything_is_printed_too(world):
    family = make_family(world)
    context = passport_context(family, world.head)
    assert context["income"] is None and len(context["members"]) == 2
    assert "нет данных" in render_html(PASSPORT, family, reader=world.head)
