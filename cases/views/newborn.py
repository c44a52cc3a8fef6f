"""«Под крылом аиста»: the list of paths, one path, and the acts on it. Open to its keeper and to the head alone."""

import django_filters
from django.urls import reverse
from django.utils import timezone

from cases import newborn
from cases.models import Case, NearPerson, NewbornHelp, NewbornQuestionnaire, NewbornRisk
from cases.newborn_forms import (
    HelpForm,
    KeeperForm,
    NearForm,
    OutcomeForm,
    QuestionnaireForm,
    RiskForm,
    StartForm,
)
from cases.period_filters import since_filter, until_filter
from cases.views.case import curators_of
from families.keepers import keeps
from families.models import Family, FamilyMembership, Person, Referral
from families.views.access import NOT_KEEPER
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

MODULE = "newborn"
TITLE = "Под крылом аиста"
Outcome, Moment = NewbornRisk.Outcome, NewbornQuestionnaire.Moment
TONES = {"": "work", Outcome.PREVENTED: "good", Outcome.REFUSED: "bad", Outcome.DOUBT: "wait"}


def outcome_of(risk) -> str:
    return risk.get_outcome_display() if risk.outcome else "идёт работа"


class NewbornTrail:
    """The module, the right and the road of every page of a path."""

    module = MODULE
    permission = Perm.HEALTH_VIEW
    menu = "referrals"
    model = NewbornRisk

    def get_risk(self):
        return self.object

    def get_breadcrumbs(self):
        crumbs = [(TITLE, reverse("cases:newborn-list"))]
        risk = self.get_risk()
        if risk is not None:
            crumbs.append((f"№\u00a0{risk.number}/{risk.year}", risk.get_absolute_url()))
        return [*crumbs, (self.get_title(), None)]


class NewbornFilter(django_filters.FilterSet):
    STATES = [("going_on", "идёт работа и сомневаются"), *Outcome.choices]

    state = django_filters.ChoiceFilter(label="Исход", choices=STATES, method="by_state", empty_label="любой")
    group = django_filters.ChoiceFilter(label="Кто обратился", choices=NewbornRisk.Group, empty_label="любые")
    since = since_filter("Сигнал с", "signalled_on")
    until = until_filter("по", "signalled_on")

    class Meta:
        model = NewbornRisk
        fields = ["state", "group"]

    def by_state(self, rows, _name, value):
        return rows.going_on() if value == "going_on" else rows.filter(outcome=value)


class NewbornList(NewbornTrail, ListPage):
    filterset_class = NewbornFilter
    title = TITLE
    note = "Женщины, которые сомневаются, оставить ли новорождённого ребёнка"
    default_sort = "-signalled_on"
    columns = [
        Column(
            "number", "№", lambda row: f"{row.number}/{row.year}", url=NewbornRisk.get_absolute_url, width=10,
        ),
        Column("signalled_on", "Сигнал", kind="date", sort="signalled_on", width=14),
        Column("woman", "Женщина", "woman.full_name", sort="woman__search_name", url=NewbornRisk.get_absolute_url,
               note=lambda row: row.get_group_display(), note_title="Кто обратился", width=32),
        Column("birth", "Роды", lambda row: row.born_on or row.expected_on, kind="date",
               note=lambda row: "" if row.born_on else "ожидаются", width=14),
        Column("outcome", "Исход", outcome_of, kind="state", tone=lambda row: TONES[row.outcome],
               note=lambda row: f"{row.outcome_on:%d.%m.%Y}" if row.outcome_on else "", sort="outcome",
               note_title="Дата исхода", width=22),
        Column("keeper", "Кто ведёт", "keeper.short_name", sort="keeper__last_name", width=20),
    ]  # fmt: skip
    empty = Empty(
        "Записей пока нет",
        "Запись начинают с карточки семьи («Карточка», «Риск отказа от новорождённого») или с сигнала роддома.",
        "/families/referrals/new/",
        "Записать сигнал",
    )

    @property
    def export_name(self):
        """The list leaves the system only in the hands of the head."""
        return "pod-krylom-aista" if self.request.user.may(Perm.CASE_ASSIGN) else ""

    def get_breadcrumbs(self):
        return []

    def get_queryset(self):
        return super().get_queryset().select_related("woman", "keeper")

    def get_main_action(self):
        return Action("Записать сигнал", reverse("families:referral-new"), "plus-lg")

    def get_actions(self):
        if not self.request.user.may(Perm.CASE_ASSIGN):
            return []
        return [Action("Итоги за период", reverse("cases:newborn-figures"))]

    def get_context_data(self, **context):
        return super().get_context_data(found="запись,записи,записей", **context)


class NewbornStart(NewbornTrail, FormPage):
    """Begin a path, from the family's card or from the signal (?referral=)."""

    model = Family
    form_class = StartForm
    title = "Риск отказа от новорождённого"
    submit_title = "Начать"
    success_message = "Запись начата. Встретьтесь с женщиной сегодня и заполните анкету «до помощи»."
    adds_row = True

    def get_risk(self):
        return None

    def get_back_url(self):
        return reverse("families:family-detail", args=[self.object.pk])

    def get_note(self):
        return str(self.object)

    def check_moment(self):
        if not keeps(self.request.user, self.object):
            raise Refused(NOT_KEEPER)

    def get_form_kwargs(self):
        user, today = self.request.user, timezone.localdate()
        women = [row.person_id for row in self.object.members_on(today) if row.person.sex != Person.Sex.MALE]
        referrals = Referral.objects.visible_to(user).filter(family=self.object, newborn_risk=None)
        asked = self.request.GET.get("referral", "")
        referral = referrals.filter(pk=asked).first() if asked.isdecimal() else None
        adults = self.object.members_on(today).filter(
            person__in=women, relation__in=FamilyMembership.REPRESENTATIVES
        ).values_list("person", flat=True)  # fmt: skip
        return {
            "women": Person.objects.filter(pk__in=women),
            "referrals": referrals,
            "keepers": curators_of(user.organisation_id) if user.may(Perm.CASE_ASSIGN) else None,
            "initial": {
                "referral": referral,
                "signalled_on": timezone.localdate(referral.received_at) if referral else today,
                "woman": adults[0] if len(adults) == 1 else None,
            },
        }

    def act(self, form):
        data = dict(form.cleaned_data)
        keeper = data.pop("keeper", None) or self.request.user
        return NewbornRisk.start(self.object, by=self.request.user, keeper=keeper, **data).get_absolute_url()


class NewbornDetail(NewbornTrail, DetailPage):
    """One path: what to do now, the questionnaires side by side, the near circle, the help given, the outcome."""

    template_name = "cases/newborn_detail.html"

    def get_queryset(self):
        return super().get_queryset().select_related("woman", "keeper", "family", "referral__source_agency", "case")

    def get_title(self):
        return self.object.woman.full_name

    def get_breadcrumbs(self):
        risk = self.object
        return [(TITLE, reverse("cases:newborn-list")), (f"№\u00a0{risk.number}/{risk.year}", None)]

    def link(self, name):
        return reverse(f"cases:newborn-{name}", args=[self.object.pk])

    def get_main_action(self):
        if self.before is None:
            return Action("Заполнить анкету", self.link("before"))
        return Action("Записать помощь", self.link("help"))

    def get_actions(self):
        risk = self.object
        done = "" if NewbornRisk.FLOW[risk.outcome] else f"Исход записан: {risk.get_outcome_display()}."
        actions = [Action("Записать исход", self.link("outcome"), disabled_reason=done)]
        if self.before is not None and self.after is None:
            actions.append(Action("Анкета «после помощи»", self.link("after")))
        actions += [
            Action("Близкий человек", self.link("near"), rare=True),
            Action("Уточнить сведения", self.link("edit"), rare=True),
        ]
        if risk.case is None:
            reason = "" if self.open_case else "У семьи нет открытого случая."
            actions.append(Action("Связать со случаем", self.link("case"), disabled_reason=reason, rare=True))
        if self.request.user.may(Perm.CASE_ASSIGN):
            actions.append(Action("Назначить другого куратора", self.link("assign"), rare=True))
        return actions

    def get_context_data(self, **context):
        risk = self.object
        filled = {row.moment: row for row in risk.questionnaires.select_related("by")}
        self.before, self.after = filled.get(Moment.BEFORE), filled.get(Moment.AFTER)
        self.open_case = find_case(risk)
        return super().get_context_data(
            before=self.before,
            after=self.after,
            answers=newborn.compare(self.before, self.after) if self.before else [],
            near=list(risk.near.all()),
            help=list(risk.help.select_related("near", "by")),
            events=list(risk.events.select_related("by")),
            loans=list(risk.woman.rental_loans.filter(item__organisation=risk.organisation_id).select_related("item")),
            open_case=self.open_case,
            outcome_title=outcome_of(risk),
            tone=TONES[risk.outcome],
            **context,
        )


def find_case(risk):
    """The case of the woman's family that goes on in the organisation, or None."""
    return Case.objects.filter(family=risk.family_id, organisation=risk.organisation_id).open().first()


class NewbornPage(NewbornTrail, FormPage):
    """An act on one path."""

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.select_related("woman", "family", "organisation", "keeper") if self.model is NewbornRisk else rows

    def get_back_url(self):
        return self.get_risk().get_absolute_url()

    def get_note(self):
        return self.get_risk().woman.full_name

    def act(self, form):
        self.perform(form)
        return self.get_risk().get_absolute_url()


class NewbornEdit(NewbornPage):
    title = "Уточнить сведения"
    form_class = RiskForm
    success_message = "Сохранено."

    def get_form_kwargs(self):
        return {"initial": {name: getattr(self.object, name) for name in RiskForm.base_fields}}

    def perform(self, form):
        self.object.amend(by=self.request.user, **form.cleaned_data)


class NewbornAssign(NewbornPage):
    permission = Perm.CASE_ASSIGN
    title = "Назначить другого куратора"
    form_class = KeeperForm
    submit_title = "Назначить"
    success_message = "Куратор назначен."

    def get_form_kwargs(self):
        return {"keepers": curators_of(self.object.organisation_id), "initial": {"keeper": self.object.keeper_id}}

    def perform(self, form):
        self.object.assign(by=self.request.user, keeper=form.cleaned_data["keeper"])


class NewbornAsk(NewbornPage):
    """The questionnaire of one moment; opened again, it is corrected."""

    form_class = QuestionnaireForm
    template_name = "cases/newborn_ask.html"
    submit_title = "Сохранить анкету"
    success_message = "Анкета сохранена."
    moment = Moment.BEFORE

    def get_title(self):
        return f"Анкета «{Moment(self.moment).label}»"

    def get_edited(self):
        return self.object.questionnaires.filter(moment=self.moment).first()

    def get_version(self):
        return super().get_version() or "new"

    def check_moment(self):
        if self.moment == Moment.AFTER and not self.object.questionnaires.filter(moment=Moment.BEFORE).exists():
            raise Refused("Сначала заполните анкету «до помощи»: без неё не видно, что изменилось.")

    def get_form_kwargs(self):
        filled = self.get_edited()
        names = QuestionnaireForm.base_fields
        return {"initial": {name: getattr(filled, name) for name in names} if filled else {}}

    def perform(self, form):
        NewbornQuestionnaire.fill(self.object, by=self.request.user, moment=self.moment, **form.cleaned_data)


class NewbornAskAfter(NewbornAsk):
    moment = Moment.AFTER


class NewbornNear(NewbornPage):
    title = "Близкий человек"
    form_class = NearForm
    success_message = "Записано."
    adds_row = True

    def perform(self, form):
        NearPerson.add(self.object, by=self.request.user, **form.cleaned_data)


class NewbornNearEdit(NewbornPage):
    model = NearPerson
    title = "Близкий человек"
    form_class = NearForm
    success_message = "Сохранено."

    def get_queryset(self):
        return super().get_queryset().select_related("risk__woman")

    def get_risk(self):
        return self.object.risk

    def get_form_kwargs(self):
        return {"initial": {name: getattr(self.object, name) for name in NearForm.base_fields}}

    def perform(self, form):
        self.object.amend(by=self.request.user, **form.cleaned_data)


class NewbornHelpPage(NewbornPage):
    title = "Записать помощь"
    form_class = HelpForm
    submit_title = "Записать"
    success_message = "Помощь записана."
    adds_row = True

    def get_form_kwargs(self):
        return {"near": self.object.near.all()}

    def perform(self, form):
        NewbornHelp.give(self.object, by=self.request.user, **form.cleaned_data)


class NewbornOutcome(NewbornPage):
    title = "Исход"
    form_class = OutcomeForm
    submit_title = "Записать исход"
    success_message = "Исход записан."

    def check_moment(self):
        if not NewbornRisk.FLOW[self.object.outcome]:
            raise Refused(f"Исход уже записан: {self.object.get_outcome_display()}, {self.object.outcome_on:%d.%m.%Y}.")

    def get_form_kwargs(self):
        possible = NewbornRisk.FLOW[self.object.outcome]
        children = self.object.family.members_on(timezone.localdate()).filter(relation=FamilyMembership.Relation.CHILD)
        return {
            "outcomes": [pair for pair in Outcome.choices if pair[0] in possible],
            "children": Person.objects.filter(pk__in=children.values("person")),
        }

    def perform(self, form):
        self.object.conclude(by=self.request.user, **form.cleaned_data)


class NewbornCase(NewbornPage, ActionPage):
    title = "Связать со случаем"
    question = "Связать запись со случаем семьи?"
    submit_title = "Связать"
    success_message = "Запись связана со случаем."

    def check_moment(self):
        if find_case(self.object) is None:
            raise Refused("У семьи нет открытого случая. Сначала откройте его с карточки семьи.")

    def get_consequences(self):
        return ["В истории случая появится отметка о связи. Содержание записи видите только Вы и руководитель службы."]

    def perform(self, form):
        self.object.link_case(find_case(self.object), by=self.request.user)
