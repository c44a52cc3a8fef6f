"""Запись в группу, лист ожидания, выбытие; консультации родителей."""

import django_filters
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from cases import acts
from cases.models import Consultation, Enrolment, Service, ServiceGroup
from cases.service_forms import (
    AdmitForm,
    ConsultationForm,
    EnrolFamilyForm,
    EnrolForm,
    FindForm,
    LeaveForm,
    month_asked,
)
from cases.views.base import NewRowPage
from cases.views.group import GroupTrail
from cases.views.service import ServiceModule
from families.finding.search import find_families
from families.models import Family
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.filters import LONGEST, keep_words, recall_words
from sopr.web.pages import Empty, FormPage, ListPage
from sopr.web.tables import Column

FOUND = 20  # families of one search


def people_to_enrol(families, service, day):
    """[(«Ковалёвы, № 12», [(«p5», «Ковалёв Илья, 12 лет»), («f3», «вся семья»)])] of these families.

    A service for minors takes children only, one for parents adults only; one for families takes both and the family.
    """
    for family in families:
        rows = []
        for member in family.members_on(day):
            person = member.person
            minor = person.age is not None and person.age < 18
            if service.for_whom == Service.ForWhom.MINORS and not minor and person.age is not None:
                continue
            if service.for_whom in (Service.ForWhom.PARENTS, Service.ForWhom.FOSTER) and minor:
                continue
            age = f", {person.age}" if person.age is not None else ""
            rows.append((f"p{family.pk}-{person.pk}", f"{person.full_name}{age}"))
        if service.for_whom != Service.ForWhom.MINORS:
            rows.append((f"f{family.pk}", f"вся семья {family.surname_in('gen')}"))
        if rows:
            yield (f"{family.surname}, № {family.number}", rows)


def read_who(value: str, families):
    """(family, person or None) of a choice of `people_to_enrol`; raises Refused for a family that is not among them."""
    family_id, _dash, person_id = value[1:].partition("-")
    family = families.filter(pk=family_id).first()
    if family is None:
        raise Refused("Карточка семьи Вам больше не открыта. Обновите страницу.")
    if not person_id:
        return family, None
    member = family.members_on(timezone.localdate()).filter(person=person_id).first()
    if member is None:
        raise Refused("Этого человека уже нет в составе семьи. Обновите страницу.")
    return family, member.person


def say_enrolled(request, enrolment):
    """The notice that follows."""
    if enrolment.state == Enrolment.State.WAITING:
        messages.warning(request, f"Мест нет. {enrolment.name}: в листе ожидания группы «{enrolment.group.title}».")
    else:
        messages.success(request, f"{enrolment.name}: записан в группу «{enrolment.group.title}».")


class EnrolmentNew(GroupTrail, FormPage):
    """Find the family, choose who. The words sought stay in the session, the address carries a token only."""

    template_name = "cases/enrolment_new.html"
    form_class = EnrolForm
    title = "Записать в группу"
    submit_title = "Записать"
    adds_row = True
    keeps_draft = False  # a choice and a date: made again in a moment

    @property
    def words(self) -> str:
        return recall_words(self.request.session, self.page_name, self.request.GET.get("words", ""))

    def post(self, request, *args, **kwargs):
        if "find" in request.POST:
            self.object  # noqa: B018 — found or 404 before anything else
            words = request.POST.get("words", "").strip()[:LONGEST]
            token = keep_words(request.session, self.page_name, words) if words else ""
            return HttpResponseRedirect(f"{request.path}?words={token}" if token else request.path)
        return super().post(request, *args, **kwargs)

    def check_moment(self):
        if self.object.until is not None:
            raise Refused(f"Группа закрыта с {self.object.until:%d.%m.%Y}: запись в неё не идёт.")

    def get_found(self):
        if not self.words:
            return []
        found = find_families(self.request.user, self.words, FOUND)
        return [entry.family for entry in found.found]

    def get_form_kwargs(self):
        today = timezone.localdate()
        return {"choices": list(people_to_enrol(self.get_found(), self.object.service, today))}

    def act(self, form):
        family, person = read_who(form.cleaned_data["who"], Family.objects.visible_to(self.request.user))
        enrolment = Enrolment.enrol(
            self.object, family, by=self.request.user, person=person, since=form.cleaned_data["since"]
        )
        say_enrolled(self.request, enrolment)
        return self.object.get_absolute_url()

    def get_context_data(self, **context):
        choices = self.get_form_kwargs()["choices"]
        base = {"find": FindForm(initial={"words": self.words}), "sought": self.words, "choices": choices}
        return super().get_context_data(**(base | context))


class EnrolmentTrail(GroupTrail):
    """What pages about one enrolment share."""

    model = Enrolment

    def get_queryset(self):
        rows = Enrolment.objects.visible_to(self.request.user).named()
        return rows.select_related("person", "family", "case", "group__service__organisation", "group__leader")

    def get_group(self):
        return self.object.group

    def get_note(self):
        return f"{self.object.name}; {self.object.group}"


class EnrolmentAdmit(EnrolmentTrail, FormPage):
    form_class = AdmitForm
    title = "Принять из листа ожидания"
    submit_title = "Принять в группу"

    def check_moment(self):
        if self.object.state != Enrolment.State.WAITING:
            raise Refused("Этот человек уже не ждёт места.")

    def act(self, form):
        self.object.admit(by=self.request.user, since=form.cleaned_data["since"])
        say_enrolled(self.request, self.object)
        return self.object.group.get_absolute_url()


class EnrolmentLeave(EnrolmentTrail, FormPage):
    form_class = LeaveForm
    title = "Выбытие из группы"
    submit_title = "Записать выбытие"
    success_message = "Выбытие записано."

    def check_moment(self):
        if self.object.state == Enrolment.State.LEFT:
            raise Refused(f"Выбытие уже записано: {self.object.until:%d.%m.%Y}.")

    def act(self, form):
        self.object.leave(by=self.request.user, **form.cleaned_data)
        return self.object.group.get_absolute_url()


class CaseEnrol(ServiceModule, NewRowPage):
    """From the case: a group and who of the family goes to it."""

    form_class = EnrolFamilyForm
    title = "Записать на занятия"
    submit_title = "Записать"
    tab = "services"
    why_not = staticmethod(acts.why_not_consult)

    def get_groups(self):
        groups = ServiceGroup.objects.visible_to(self.request.user).going_on(timezone.localdate())
        return groups.with_service().order_by("service__title", "title")

    def check_moment(self):
        super().check_moment()
        if not self.get_groups().exists():
            raise Refused("Групп, в которые можно записать, нет. Создайте группу на странице «Услуги и занятия».")

    def get_form_kwargs(self):
        family, today = self.object.family, timezone.localdate()
        people = [(f"p{family.pk}-{member.person_id}", member.person.full_name) for member in family.members_on(today)]
        return {
            "groups": [(group.pk, str(group)) for group in self.get_groups()],
            "choices": [*people, (f"f{family.pk}", "вся семья")],
        }

    def perform(self, form):
        group = self.get_groups().get(pk=form.cleaned_data["group"])
        own = Family.objects.filter(pk=self.object.family_id)
        family, person = read_who(form.cleaned_data["who"], own)
        enrolment = Enrolment.enrol(
            group, family, by=self.request.user, person=person, since=form.cleaned_data["since"]
        )
        say_enrolled(self.request, enrolment)


def consultation_services(organisation_id):
    """Services in which a consultation may be written down."""
    return Service.objects.offered().filter(organisation=organisation_id, kind=Service.Kind.CONSULTATION)


class ConsultationNew(ServiceModule, NewRowPage):
    form_class = ConsultationForm
    title = "Консультация родителей"
    submit_title = "Записать консультацию"
    success_message = "Консультация записана."
    tab = "services"
    why_not = staticmethod(acts.why_not_consult)

    def check_moment(self):
        super().check_moment()
        if not consultation_services(self.object.organisation_id).exists():
            raise Refused(
                "В услугах организации нет вида «консультация родителей». Добавьте её на странице «Услуги и занятия»."
            )

    def get_form_kwargs(self):
        services = consultation_services(self.object.organisation_id)
        return {"services": services, "initial": {"done_on": timezone.localdate()}}

    def perform(self, form):
        Consultation.record(self.object, by=self.request.user, **form.cleaned_data)


class ConsultationFilter(django_filters.FilterSet):
    WAYS = [("True", "дистанционно"), ("False", "лично")]

    month = django_filters.CharFilter(label="Месяц", method="filter_month")
    service = django_filters.ModelChoiceFilter(label="Услуга", queryset=None, empty_label="все")
    remote = django_filters.ChoiceFilter(label="Как", choices=WAYS, empty_label="любые")

    class Meta:
        model = Consultation
        fields = ["month", "service", "remote"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = Service.objects.visible_to(self.request.user)
        self.filters["service"].queryset = own.filter(kind=Service.Kind.CONSULTATION)
        self.filters["month"].field.widget.input_type = "month"

    def filter_month(self, rows, _name, _value):
        month = month_asked(self.request)
        return rows.filter(done_on__year=month.year, done_on__month=month.month)


class ConsultationList(ServiceModule, ListPage):
    permission = Perm.CASE_VIEW
    model = Consultation
    filterset_class = ConsultationFilter
    title = "Консультации родителей"
    export_name = "konsultatsii"
    default_sort = "-done_on"
    empty = Empty("Консультаций пока нет", "Консультацию записывают со страницы случая: «Консультация».")
    columns = [
        Column("done_on", "Дата", kind="date", sort="done_on", width=14),
        Column(
            "family",
            "Семья",
            "case.family.surname",
            sort="case__family__search_text",
            url=lambda row: f"{row.case.get_absolute_url()}?tab=services",
            note=lambda row: f"№ {row.case.family.number}",
            width=24,
        ),
        Column("service", "Услуга", "service.title", sort="service__title", width=34),
        Column("way", "Как", lambda row: "дистанционно" if row.remote else "лично", width=14),
        Column("summary", "О чём", "summary", width=60),
        Column("by", "Провёл", "by.short_name", width=22),
    ]

    def get_queryset(self):
        return super().get_queryset().select_related("case__family", "service", "by")

    def get_breadcrumbs(self):
        return [
            ("Случаи", reverse("cases:case-list")),
            ("Услуги и занятия", reverse("cases:service-list")),
            (self.title, None),
        ]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "консультация,консультации,консультаций"} | context))
