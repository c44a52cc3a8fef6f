"""«Семейный сертификат»: the list of those issued, issuing and reissuing, handing over, marks of the months."""

import django_filters
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from cases import acts
from cases.certificate_forms import (
    CertificateForm,
    HandOverForm,
    MarkForm,
    WithdrawCertificateForm,
    helpers_formset,
)
from cases.documents import CERTIFICATE
from cases.documents.certificate import helpers_of, names_in_dative
from cases.documents.people import members_of
from cases.models import Activity, Certificate, CertificateMark, Goal
from cases.models.certificate import adults_of
from cases.views.base import CaseActionPage, CaseFormPage, CaseTrail, NewRowPage
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, Empty, ListPage
from sopr.web.tables import Column


class CertificateFilter(django_filters.FilterSet):
    STATES = [
        ("waiting", "ждут вручения"),
        ("held", "у семей"),
        ("outdated", "пора перевыпустить"),
        ("withdrawn", "отозваны и завершены"),
    ]

    state = django_filters.ChoiceFilter(label="Состояние", choices=STATES, method="filter_state", empty_label="все")
    year = django_filters.NumberFilter(label="Год")

    class Meta:
        model = Certificate
        fields = ["state", "year"]

    def filter_state(self, rows, _name, value):
        if value == "withdrawn":
            return rows.exclude(withdrawn_on=None)
        rows = rows.in_force()
        if value == "outdated":
            return rows.exclude(revision__state="approved")
        return rows.filter(handed_on=None) if value == "waiting" else rows.exclude(handed_on=None)


class CertificateList(ListPage):
    permission = Perm.CASE_VIEW
    module = "certificate"
    model = Certificate
    filterset_class = CertificateFilter
    title = "Семейные сертификаты"
    note = "Выписанные семьям, которых сопровождает организация"
    menu = "cases"
    export_name = "sertifikaty"
    default_sort = "-issued_on"
    columns = [
        Column("number", "№", "full_number", sort="number", url=lambda row: row.get_absolute_url(), width=12),
        Column(
            "family",
            "Семья",
            lambda row: row.case.family.surname,
            sort="case__family__search_text",
            note=lambda row: f"№ {row.case.family.number}",
            width=26,
        ),
        Column("case", "Случай", "case.number", url=lambda row: row.case.get_absolute_url(), width=14),
        Column("issued_on", "Выписан", kind="date", sort="issued_on", width=14),
        Column("handed_on", "Вручён", kind="date", sort="handed_on", width=14),
        Column("until", "Программа до", kind="date", sort="until", width=14),
        Column("marks", "Отметок", lambda row: f"{row.marks_made} из {len(row.months)}", width=12),
        Column(
            "state",
            "Состояние",
            lambda row: row.state[0],
            kind="state",
            tone=lambda row: row.state[1],
            width=20,
        ),
        Column("curator", "Куратор", "case.curator.short_name", width=20),
    ]
    empty = Empty(
        "Сертификатов пока нет",
        "Сертификат выписывают со страницы случая, когда есть утверждённая программа и договор.",
        "/cases/",
        "К случаям",
    )

    def get_queryset(self):
        return super().get_queryset().with_case().annotate(marks_made=Count("marks"))

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "сертификат,сертификата,сертификатов"} | context))


class CertificateIssue(NewRowPage):
    """What the family agreed to show, in its own words; a certificate in force whose programme changed is replaced."""

    module = "certificate"
    form_class = CertificateForm
    template_name = "cases/certificate_issue.html"
    submit_title = "Выписать сертификат"
    why_not = staticmethod(acts.why_not_certify)

    @cached_property
    def former(self):
        return self.object.certificates.select_related("revision").prefetch_related("goals__goal").first()

    def get_title(self):
        replaced = self.former is not None and self.former.withdrawn_on is None
        return "Перевыпустить семейный сертификат" if replaced else "Семейный сертификат"

    @property
    def title(self):
        return self.get_title()

    def get_form_kwargs(self):
        case, former = self.object, self.former
        said = {(row.goal.domain, row.goal.text): row.wording for row in former.goals.all()} if former else {}
        goals = Goal.objects.filter(revision__programme__case=case, revision__state="approved")
        words = {goal.pk: said.get((goal.domain, goal.text), "") for goal in goals}
        known = [(goal, bool(words[goal.pk]), words[goal.pk] or goal.family_wording) for goal in goals]
        adults = adults_of(case.family)
        return {
            "goals": known if former else [(goal, bool(wording), wording) for goal, _shown, wording in known],
            "adults": adults,
            "initial": {
                "surname": former.surname if former else case.family.surname_in("gen"),
                "names": former.names if former else names_in_dative(members_of(case)),
                "agreed_by": adults.first() if adults.count() == 1 else None,
            },
        }

    def get_formsets(self, data=None, files=None):
        case = self.object
        initial = self.former.helpers if self.former else helpers_of(case, self.unfinished())
        rows = [{"who": who, "phone": phone} for who, phone in initial]
        return {"helpers": helpers_formset(data, initial=rows)}

    def unfinished(self):
        open_ones = Activity.objects.filter(
            case=self.object, goal__revision__state="approved", state__in=Activity.OPEN_STATES
        )
        return open_ones.select_related("agency")

    def act(self, form):
        data = dict(form.cleaned_data)
        rows = [row for row in self.formsets["helpers"].forms if row.cleaned_data and not row.cleaned_data["DELETE"]]
        certificate = Certificate.issue(
            self.object,
            by=self.request.user,
            goals=data["goals"],
            helpers=[(row.cleaned_data["who"], row.cleaned_data["phone"]) for row in rows],
            **{name: data[name] for name in ("surname", "names", "agreed_by", "agreed_on", "issued_on")},
        )
        self.success_message = (
            f"Сертификат № {certificate.full_number} выписан. Распечатайте его и запишите вручение семье."
        )
        return certificate.get_absolute_url()

    def get_context_data(self, **context):
        return super().get_context_data(**({"former": self.former} | context))


class CertificateTrail(CaseTrail):
    """What the pages about one certificate share."""

    module = "certificate"
    model = Certificate
    menu = "cases"

    def get_queryset(self):
        return super().get_queryset().with_case()

    def get_case(self):
        return self.object.case

    def get_breadcrumbs(self):
        here = [("Семейные сертификаты", reverse("cases:certificate-list"))]
        return [*here, (f"№\u00a0{self.object.full_number}", self.object.get_absolute_url()), (self.title, None)]

    def get_back_url(self):
        return self.object.get_absolute_url()


class CertificateDetail(CertificateTrail, DetailPage):
    permission = Perm.CASE_VIEW
    template_name = "cases/certificate_detail.html"

    def get_title(self):
        return f"Семейный сертификат №\u00a0{self.object.full_number}"

    def get_breadcrumbs(self):
        return super().get_breadcrumbs()[:-1]

    def get_main_action(self):
        row = self.object
        if not self.request.user.may(Perm.CASE_WORK) or row.withdrawn_on:
            return None
        if row.handed_on is None:
            return Action("Записать вручение", reverse("cases:certificate-hand-over", args=[row.pk]))
        if row.is_outdated and not acts.why_not_certify(row.case):
            return Action("Перевыпустить", reverse("cases:certificate-issue", args=[row.case_id]))
        return Action("Отметить месяц", reverse("cases:certificate-mark", args=[row.pk]))

    def get_actions(self):
        row = self.object
        found = [Action("Печать", reverse("cases:certificate-print", args=[row.pk]), "printer")]
        if self.request.user.may(Perm.CASE_WORK) and row.withdrawn_on is None:
            found.append(Action("Отозвать", reverse("cases:certificate-withdraw", args=[row.pk]), rare=True))
        return found

    def get_context_data(self, **context):
        row = self.object
        marks = {mark.month: mark for mark in row.marks.select_related("by")}
        base = {
            "case": row.case,
            "months": [(month, marks.get(month)) for month in row.months],
            "goals": list(row.goals.select_related("goal")),
            "this_month": timezone.localdate().replace(day=1),
            "may_work": self.request.user.may(Perm.CASE_WORK) and row.withdrawn_on is None,
            "replaced_by": Certificate.objects.filter(replaces=row).first(),
        }
        return super().get_context_data(**(base | context))


class CertificatePrint(CertificateTrail, DetailPage):
    """The sheet for the family as a PDF."""

    permission = Perm.CASE_VIEW
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().select_related("replaces").prefetch_related("goals", "marks")

    def show(self, status=200, **context):
        return pdf_response(CERTIFICATE, self.object, by=self.request.user)


class CertificateAct(CertificateTrail, CaseFormPage):
    """An act on a certificate in force."""

    permission = Perm.CASE_WORK

    def check_moment(self):
        if self.object.withdrawn_on:
            raise Refused(f"Сертификат отозван {self.object.withdrawn_on:%d.%m.%Y}: с ним больше ничего не делают.")

    def act(self, form):
        self.perform(form)
        return self.object.get_absolute_url()


class CertificateHandOver(CertificateAct):
    form_class = HandOverForm
    title = "Вручение сертификата"
    submit_title = "Записать вручение"
    success_message = "Вручение записано."

    def check_moment(self):
        super().check_moment()
        if self.object.handed_on:
            raise Refused(f"Этот сертификат уже вручён {self.object.handed_on:%d.%m.%Y}.")

    def get_form_kwargs(self):
        adults = self.object.holders()
        return {"adults": adults, "initial": {"handed_to": adults.first() if adults.count() == 1 else None}}

    def perform(self, form):
        self.object.hand_over(by=self.request.user, **form.cleaned_data)


class CertificateMarkPage(CertificateAct):
    """«Мы встретились, шаг сделан», шаг сделан."""

    form_class = MarkForm
    title = "Отметка месяца"
    submit_title = "Поставить отметку"
    success_message = "Отметка поставлена."
    adds_row = True

    def check_moment(self):
        super().check_moment()
        if self.object.handed_on is None:
            raise Refused("Сначала вручите сертификат семье и запишите вручение.")

    def perform(self, form):
        self.object.mark(by=self.request.user, **form.cleaned_data)


class CertificateWithdraw(CertificateAct):
    form_class = WithdrawCertificateForm
    title = "Отозвать сертификат"
    submit_title = "Отозвать"
    success_message = "Сертификат отозван. Новый можно выписать со страницы случая."

    def perform(self, form):
        self.object.withdraw(by=self.request.user, reason=form.cleaned_data["reason"])

    def get_context_data(self, **context):
        return super().get_context_data(**({"tone": "danger"} | context))


class CertificateUnmark(CaseActionPage):
    """A mark put by mistake is taken back."""

    permission = Perm.CASE_WORK
    module = "certificate"
    model = CertificateMark
    title = "Снять отметку"
    submit_title = "Снять отметку"
    success_message = "Отметка снята."
    tone = "danger"

    def get_queryset(self):
        return super().get_queryset().select_related("certificate__case__family", "certificate__revision")

    def get_case(self):
        return self.object.certificate.case

    def get_case_url(self, tab=""):
        return self.object.certificate.get_absolute_url()

    def get_question(self):
        return f"Снять отметку о встрече {self.object.met_on:%d.%m.%Y}?"

    def get_consequences(self):
        return ["В истории случая останется, что отметка была и кто её снял."]

    def check_moment(self):
        if self.object.certificate.withdrawn_on:
            raise Refused("Сертификат отозван: его отметки не меняются.")

    def act(self, form):
        goes_to = self.object.certificate.get_absolute_url()
        self.object.erase(by=self.request.user)
        return goes_to
