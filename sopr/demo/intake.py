"""The first half of a story: the signal, the visit, the family's card, papers, the pack for the council."""

import datetime
import random
from functools import cached_property

from cases import plan_forming
from cases.models import Activity, Assessment, Case, Programme
from cases.words import CaseForm, Domain, Ground, Level
from families.categories import Category
from families.models import Family, FamilyMembership, Referral, RegisterEntry
from families.models.family import new_person
from sopr import profile
from sopr.accounts.models import OrganisationKind as Kind
from sopr.audit.models import Action
from sopr.calendar import add_months, add_working_days
from sopr.demo import names, particulars, people, phrases, social
from sopr.demo.districts import district_of
from sopr.demo.texts import TEXTS
from sopr.demo.timeline import DAY, moment, workday

Channel = Referral.Channel
Relation = FamilyMembership.Relation
LIKELY = {  # what troubles families of a category most
    Category.FOSTER: (Domain.PARENTING, Domain.EDUCATION, Domain.RELATIONS),
    Category.DISABLED_CHILD: (Domain.CHILD_HEALTH, Domain.INCOME, Domain.LAW),
    Category.CHILD_UNDER_3_WITH_OVZ: (Domain.CHILD_HEALTH, Domain.ADULT_HEALTH, Domain.INCOME),
    Category.LARGE: (Domain.HOUSING, Domain.INCOME, Domain.EDUCATION),
    Category.NEWBORN_REFUSAL_RISK: (Domain.PARENTING, Domain.ADULT_HEALTH, Domain.HOUSING),
    Category.SINGLE_PARENT: (Domain.INCOME, Domain.RELATIONS, Domain.ADULT_HEALTH),
    Category.CHILD_IN_CONFLICT_WITH_LAW: (Domain.LAW, Domain.EDUCATION, Domain.PARENTING),
    Category.UNDERAGE_PARENTS: (Domain.PARENTING, Domain.EDUCATION, Domain.CHILD_HEALTH),
    Category.LOW_INCOME: (Domain.INCOME, Domain.HOUSING, Domain.ADDICTION),
    Category.REFUGEES: (Domain.LAW, Domain.HOUSING, Domain.EDUCATION),
    Category.SOCIAL_CONTRACT: (Domain.INCOME, Domain.EDUCATION, Domain.HOUSING),
    Category.OTHER: (Domain.ADDICTION, Domain.RELATIONS, Domain.SAFETY),
}
# Stories that start from a signal of a third party end there if it proves empty or belongs elsewhere.
CLASSES_TOLD = 150 * DAY  # classes begun before that are told as one act, not date by date
ENDS_BEFORE_A_CARD = ("new", "screening", "rejected", "referred_on")


class Intake:
    """Parts of a life that lead to the council. `Life` puts them in order."""

    def __init__(self, scene, plot, rng, surname):
        self.scene, self.plot, self.rng, self.surname = scene, plot, rng, surname
        self.put_on = plot.put_on
        self.domains = plot.domains or self._choose_domains()
        self.curator, self.centre, self.place = plot.curator, plot.centre, plot.place
        self.head = scene.region.heads[self.centre.pk]
        self.settlement = rng.choice(self.place.settlements)
        self.address = names.address(rng, self.settlement)
        self.family = self.case = self.referral = None

    def _choose_domains(self):
        likely = list(LIKELY[self.plot.category])
        if self.plot.path[0] == Level.EMERGENCY and Domain.SAFETY not in likely:
            likely[2] = Domain.SAFETY
        return tuple(likely[: self.rng.choice((2, 2, 3))])

    def before(self, working_days, hour=11):
        """So many working days before the case goes to the council."""
        return moment(add_working_days(self.put_on, -working_days), hour, self.rng.randrange(0, 59))

    # -- signal ------------------------------------------------------------------------------------------------------

    def signal(self):
        """The journal entry, its assignment and the visit; returns whether the story goes on."""
        rng, plot = self.rng, self.plot
        yield self.before(18, 9)
        channel = rng.choice(
            (Channel.AGENCY, Channel.AGENCY, Channel.VISIT, Channel.PHONE, Channel.LETTER, Channel.OWN)
        )
        threat = "threat" in plot.marks
        self.referral = Referral.register(
            by=rng.choice((self.head, self.curator)),
            channel=channel,
            source_agency=self._agency(self.domains[0]) if channel == Channel.AGENCY else None,
            informant=rng.choice(("сосед", "родственница", "учитель, просит не называть", ""))
            if channel == Channel.PHONE
            else "",
            about=f"семья {self.surname.of_family}",
            municipality=self.place.municipality,
            address=self.address,
            substance=rng.choice(TEXTS[Domain.SAFETY if threat else self.domains[0]].signals),
            threat_to_life=threat,
            notified=rng.choice(phrases.NOTIFIED) if threat else "",
        )
        if plot.course == "new":
            return  # the head has not seen to it yet
        yield self.before(18 if threat else 17, 12)
        self.referral.assign(by=self.head, curator=self.curator)
        yield self.before(17 if threat else 15, 13 if threat else 11)
        result = rng.choice(phrases.REJECTIONS if plot.course == "rejected" else phrases.VISIT_RESULTS)
        self.referral.record_visit(by=self.curator, visited_on=self.scene.day, result=result)
        if plot.course == "rejected":
            self.referral.reject(by=self.head, result=result)
        elif plot.course == "referred_on":
            self.referral.refer_on(by=self.head, result=rng.choice(phrases.REFERRALS_ON))

    def _agency(self, domain):
        kinds = [step.agency for goal in TEXTS[domain].goals for step in goal.steps if step.agency != Kind.SOCIAL]
        kinds = [kind for kind in kinds if kind not in (Kind.NGO, Kind.EMPLOYMENT)] or [Kind.EDUCATION]
        return self.scene.region.agency(self.rng.choice(kinds), self.place, self.centre)

    # -- card --------------------------------------------------------------------------------------------------------

    def register(self):
        """The family's card with its people and category."""
        rng, day = self.rng, self.scene.day
        ending = self.plot.ending
        grows_up = ending is not None and ending[1] == "children_grew_up"
        category = Category.OTHER if grows_up else self.plot.category
        home = people.household(category, rng, day, self.surname, grows_up)
        particulars.age_for_review(home, self.plot.marks, self.scene.timeline.today)
        self.family = Family.register(
            by=self.curator,
            surname=home.surname,
            municipality=self.place.municipality,
            district=district_of(self.place, self.settlement, self.plot.number),
            address=self.address,
            address_hidden=Domain.SAFETY in self.domains and rng.random() < 0.3,
            phone=names.phone(rng),
            circumstances=rng.choice(phrases.CIRCUMSTANCES),
        )
        self.people = [self._person(member) for member in home.members]
        self.family.set_primary_category(category, by=self.curator, since=day, ground="документы семьи")
        if rng.random() < 0.2 and category not in (Category.LOW_INCOME, Category.SOCIAL_CONTRACT):
            self.family.add_category(Category.LOW_INCOME, by=self.curator, since=day, ground="справка о доходах")
        if self.referral is not None:
            self.referral.link_family(self.family, by=self.curator)
        particulars.particulars(self)
        self.scene.note(self.curator, Action.CHANGE, self.family)

    def _person(self, member):
        rng = self.rng
        adult = member.relation != Relation.CHILD
        person = new_person(
            by=self.curator, last_name=member.last_name, first_name=member.first_name, patronymic=member.patronymic,
            sex=member.sex, birth_on=member.birth_on, snils=names.snils(rng) if rng.random() < 0.92 else "",
            phone=names.phone(rng) if adult and rng.random() < 0.8 else "", health=member.health,
            **particulars.fields_of(member, random.Random(f"{self.plot.number} {member.first_name}")),
        )  # fmt: skip
        ground = "акт органа опеки" if member.relation in (Relation.GUARDIAN, Relation.FOSTER_PARENT) else ""
        self.family.add_member(
            person, by=self.curator, relation=member.relation, since=member.since,
            is_representative=member.is_representative, ground=ground,
        )  # fmt: skip
        return person

    def stay_known(self):
        """Informed of what there is; the family manages with that."""
        social.inform(self)
        social.known_for_long(self)

    # -- papers and the case ----------------------------------------------------------------------------------------

    @cached_property
    def representative(self):
        """The adult who signs for the family."""
        return self.family.memberships.filter(is_representative=True, until=None).select_related("person").first()

    def sign_papers(self):
        """The written application, and a consent for each member."""
        rng, adult = self.rng, self.representative
        capacity = {Relation.MOTHER: "parent", Relation.FATHER: "parent"}.get(adult.relation, "guardian")
        self.family.applications.create(
            organisation=self.centre, applicant=adult.person, capacity=capacity, document="паспорт гражданина РФ",
            help_asked=rng.choice(phrases.HELP_ASKED), circumstances=rng.choice(phrases.CIRCUMSTANCES), by=self.curator,
        )  # fmt: skip
        today = self.scene.day
        until = self.scene.timeline.today + 20 * DAY if "consent_ends" in self.plot.marks else add_months(today, 36)
        for membership in self.family.members_on(today):
            own = membership.person.age_on(today) >= 18
            self.family.consents.create(
                operator=self.centre, subject=membership.person, given_by=membership.person if own else adult.person,
                recipients="ведомства — исполнители мероприятий ИПСС, члены совета", until=until,
                by=self.curator,
            )  # fmt: skip

    def open_case(self, transferred_from=None):
        plot = self.plot
        ground = Ground.APPEAL
        if plot.category == Category.SOCIAL_CONTRACT:
            ground = Ground.SOCIAL_CONTRACT
        elif "sop" in plot.marks:
            ground = Ground.SOP
        elif self.rng.random() < 0.15:
            ground = Ground.OTHER
        self.case = Case.open_for(
            self.family, by=self.curator, curator=self.curator, referral=self.referral, ground=ground,
            form=CaseForm.INDIVIDUAL if "individual" in plot.marks else CaseForm.GROUP,
            person=self.youngest if "individual" in plot.marks else None,
        )  # fmt: skip
        if transferred_from is not None:
            self.case.transferred_from = transferred_from
            self.case.save(update_fields=["transferred_from"])
        if ground == Ground.SOCIAL_CONTRACT:
            if not self.family.social_contracts.going_on().exists():
                social.conclude(self)
        if ground == Ground.SOP:
            self._place_on_registers()
        self.scene.note(self.curator, Action.CHANGE, self.case)

    def _place_on_registers(self):
        papers = {"sop": "постановление КДНиЗП", "patronage": "решение межведомственной группы"}
        for kind in RegisterEntry.Kind.values:
            if not self.family.register_entries.filter(kind=kind, removed_on=None).exists():
                ground = f"{papers[kind]} от {self.scene.day:%d.%m.%Y}"
                RegisterEntry.place(self.family, kind, by=self.curator, placed_on=self.scene.day, ground=ground)

    # -- pack --------------------------------------------------------------------------------------------------------

    def pack(self):
        """Survey of the home, assessment, draft programme, each on its day."""
        rng, curator = self.rng, self.curator
        yield self.before(8, 15)
        self.family.home_surveys.create(
            organisation=self.centre, commission=f"{curator.full_name}, куратор; инспектор отдела опеки и попечительства",
            present="взрослые члены семьи, дети", housing=rng.choice(phrases.HOUSING),
            income_per_head=rng.randrange(6200, 18900, 50), children_conditions=rng.choice(phrases.CHILDREN_CONDITIONS),
            safety=rng.choice(phrases.HOME_SAFETY), threat_found="threat" in self.plot.marks,
            conclusion=rng.choice(phrases.SURVEY_CONCLUSIONS), acquainted=rng.random() < 0.95, by=curator,
        )  # fmt: skip
        if "stuck" in self.plot.marks:
            yield moment(self.scene.timeline.today + DAY)
        yield self.before(6, 14)
        self._assess()
        yield self.before(3, 16)
        self._draft()

    def _assess(self):
        worst = {Level.EMERGENCY: 4, Level.CRISIS: 3}.get(self.plot.path[0], 2)
        if worst == 2 and self.plot.number % 6 == 0:
            worst = 3  # the scores speak for another level: the curator departs from the rule and says why
        scores = {code: self.rng.choice((0, 0, 0, 0)) for code in Domain.values}
        scores |= {domain: max(1, worst - place) for place, domain in enumerate(self.domains)}
        self._record_assessment(scores, self.plot.path[0])

    def _record_assessment(self, scores, level):
        evidence = {
            code: TEXTS[code].evidence[0 if score >= 3 else 1]
            if score
            else (TEXTS[code].evidence[2] if self.rng.random() < 0.3 else "")
            for code, score in scores.items()
        }
        worst = max(scores, key=scores.get)
        Assessment.record(
            self.case, by=self.curator, done_on=self.scene.day, scores=scores, evidence=evidence, proposed_level=level,
            reasons=TEXTS[worst].reason + ".", resources=self.rng.choice(phrases.RESOURCES),
            level_reason=phrases.LEVEL_REASONS[self.plot.number % len(phrases.LEVEL_REASONS)],
            factors=self._factors(),
        )  # fmt: skip
        self.scores = scores

    def _factors(self):
        """Two risks and two resources of the region's list, the same for the family each time."""
        risks, strengths = self.scene.region.factors
        return [risks[(self.plot.number + n * 5) % len(risks)] for n in range(2)] + [
            strengths[(self.plot.number + n * 3) % len(strengths)] for n in range(2)
        ]

    def _draft(self):
        """One programme for the family or for each member, as the region's profile says."""
        rng, today = self.rng, self.scene.day
        level = self.plot.path[0]
        until = add_months(today, profile.current().levels[level].months)
        whom = [None]
        if profile.current().programme_per == "member":
            whom = [row.person for row in self.case.members.select_related("person").order_by("pk")]
        for number, person in enumerate(whom):
            revision = Programme.start(
                self.case, by=self.curator, since=today, until=until, level=level, person=person,
                resources=rng.choice(phrases.RESOURCES), duties=rng.choice(phrases.DUTIES),
            )  # fmt: skip
            if number == 0 and self.plot.number % 3 == 0 and profile.current().has("activity_plan"):
                self.form_plan(revision)
                continue
            for domain in self.domains if number == 0 else self.domains[:1]:
                self.add_goal(revision, domain)

    def form_plan(self, revision):
        """As the curator does by one button: the first lines of the dictionary for each difficulty, then one act."""
        chosen = [(line, line.agencies[0]) for offered in plan_forming.offer(revision) for line in offered.lines[:3]]
        plan_forming.form_plan(revision, by=self.curator, chosen=chosen)

    def add_goal(self, revision, domain):
        """A goal of the domain with its steps, due one after another within the revision."""
        told = self.rng.choice(TEXTS[domain].goals)
        goal = revision.add_goal(
            by=self.curator, domain=domain, problem=told.problem, text=told.goal, criterion=told.criterion,
            family_wording=told.wording,
        )  # fmt: skip
        steps = told.steps if self.plot.domains else self.rng.sample(told.steps, 2)
        for number, step in enumerate(steps):
            self.add_step(revision, goal, step, number)

    def add_step(self, revision, goal, step, number=0):
        longest = (revision.until - revision.since).days - 14
        day = revision.since + min(longest, 24 + 30 * number + self.rng.randint(0, 30)) * DAY
        child = self.youngest if goal.domain in (Domain.CHILD_HEALTH, Domain.EDUCATION) else None
        due_on = min(workday(day), revision.until)
        goal.add_activity(
            by=self.curator, kind=step.kind, title=step.title, due_on=due_on, person=child,
            agency=self.scene.region.agency(step.agency, self.place, self.centre),
            **self._repetition(step, due_on),
        )  # fmt: skip

    def _repetition(self, step, due_on) -> dict:
        """Classes and groups are weekly ones; those of long ago are told as one act."""
        recent = self.scene.day > self.scene.timeline.today - CLASSES_TOLD
        return repetition(step.title, self.scene.day, due_on) if recent else {}

    @cached_property
    def youngest(self):
        """The youngest child, whom the help for children is for."""
        children = self.family.memberships.filter(relation=Relation.CHILD).select_related("person")
        return max((row.person for row in children), key=lambda person: person.birth_on)


def repetition(step_title, since, due_on) -> dict:
    """`repeats` and `times` of a step that is a class or a group: weekly until its date."""
    times = min(8, (due_on - since).days // 7 - 2)
    if step_title.startswith(phrases.REPEATED) and times >= 2:
        return {"repeats": Activity.Repeat.WEEKLY, "times": times}
    return {}


def time_of_visit(rng, day) -> datetime.datetime:
    return moment(day, rng.randrange(9, 18), rng.choice((0, 10, 15, 20, 30, 40, 45)))
