"""A thousand families with their people, papers and signals; their casework is in casework.py."""

import datetime

from django.utils import timezone

from families.categories import Category
from families.duties import VISIT
from families.models import (
    Application,
    CategoryPeriod,
    Consent,
    Family,
    FamilyEvent,
    FamilyMembership,
    HealthStatus,
    HomeSurvey,
    Person,
    Referral,
    RegisterEntry,
    Representation,
)
from sopr.audit.chain import head_seal, locked_head, row_hash
from sopr.audit.models import Action, AuditRecord
from sopr.demo import names
from sopr.demo.bulk.casework import Casework
from sopr.demo.bulk.tables import Counters, save
from sopr.obligations.models import Obligation

DAYS = 4 * 365  # since the first family was registered
GROUNDS = ("заявление семьи", "справка медико-социальной экспертизы", "акт обследования", "сообщение школы")
SUBSTANCE = (
    "Ребёнок не посещает школу вторую неделю.",
    "Соседи сообщают о шуме по ночам, дети без присмотра.",
    "Семья обратилась за помощью в оформлении пособий.",
    "Мать просит помочь устроить ребёнка в детский сад.",
)
RISKS = ("", "", "помогает бабушка, живёт рядом", "долг за жильё, печное отопление", "отец работает вахтой")


class Batch:
    """Rows are built in memory, saved table by table, and forgotten."""

    def __init__(self, rng, bodies, counters: Counters, households):
        self.rng, self.bodies, self.counters, self.households = rng, bodies, counters, households
        self.today = timezone.localdate()

    def write(self, number):
        families = self._families(number)
        self._people(families)
        self._categories(families)
        self._registers(families)
        referrals = self._referrals(families)
        casework = Casework(self.rng, self.bodies, self.counters, self.today)
        opened = casework.write(families, self.members, referrals)
        self._papers(opened)
        self._records(families)

    def _families(self, number):
        made = []
        for _n in range(number):
            centre = self.bodies.pick()
            place = centre.municipality
            surname = self.households.surname()
            day = self.today - datetime.timedelta(days=self.rng.randrange(DAYS))
            family = Family(
                number=f"{self.counters.next('family'):04d}",
                surname=surname.family,
                municipality=place,
                district=self.rng.choice(self.bodies.districts[place.pk]),
                address=names.address(self.rng, self.bodies.settlement(place)),
                address_hidden=self.rng.random() < 0.01,
                phone=names.phone(self.rng) if self.rng.random() < 0.4 else "",
                circumstances=self.rng.choice(RISKS),
                registered_on=day,
            )
            family.fill_keys()
            family.centre, family.name = centre, surname
            family.by = self.rng.choice(self.bodies.curators[centre.pk])
            made.append(family)
        save(Family, made)
        holders = Family.holders.through
        save(holders, [holders(family=family, organisation=family.centre) for family in made])
        save(
            FamilyEvent,
            [FamilyEvent(family=row, kind="registered", by=row.by, happened_on=row.registered_on) for row in made],
        )
        return made

    def _people(self, families):
        people, memberships, self.members = [], [], {}
        for family in families:
            family.category, made = self.households.make(family.name, self.today)
            self.members[family.pk] = [person for person, _relation, _stands in made]
            for person, relation, stands in made:
                person.number = f"{self.counters.next('person'):04d}"
                person.fill_keys()
                people.append(person)
                child = relation == FamilyMembership.Relation.CHILD
                memberships.append(
                    FamilyMembership(
                        family=family,
                        person=person,
                        relation=relation,
                        is_representative=stands,
                        since=person.birth_on if child else None,
                        until=self._left(family, person) if not stands or relation == "father" else None,
                    )
                )
        save(Person, people)
        save(FamilyMembership, memberships)
        save(Representation, [self._representation(row) for row in memberships if row.is_representative])
        save(
            HealthStatus,
            [self._disability(row) for row in memberships if row.relation == "child" and self._is_disabled(row.family)],
        )

    def _representation(self, membership) -> Representation:
        guardian = membership.relation == FamilyMembership.Relation.GUARDIAN
        ground = Representation.Ground.GUARDIANSHIP if guardian else Representation.Ground.PARENTS
        return Representation(
            membership=membership, ground=ground, document_name="акт опеки" if guardian else "свидетельство о рождении",
            document_number=str(self.rng.randrange(100_000, 999_999)), since=membership.family.registered_on,
        )  # fmt: skip

    @staticmethod
    def _is_disabled(family) -> bool:
        return family.category == Category.DISABLED_CHILD

    def _disability(self, membership) -> HealthStatus:
        until = self.today + datetime.timedelta(days=self.rng.randint(-30, 700))
        since = min(max(membership.family.registered_on, membership.person.birth_on), until)
        return HealthStatus(
            person=membership.person, kind=HealthStatus.Kind.DISABILITY, detail=HealthStatus.Detail.CHILD, since=since,
            document="справка МСЭ", until=until,
        )  # fmt: skip

    def _left(self, family, person):
        """The last day in the family of those few who left it."""
        return self._after(max(family.registered_on, person.birth_on)) if self.rng.random() < 0.03 else None

    def _after(self, day) -> datetime.date:
        return day + datetime.timedelta(days=self.rng.randint(0, max((self.today - day).days, 0)))

    def _categories(self, families):
        rows = []
        for family in families:
            since = family.registered_on
            if self.rng.random() < 0.15:  # another one was primary before
                since = self._after(since)
                if since > family.registered_on:
                    until = since - datetime.timedelta(days=1)
                    rows.append(self._period(family, "other", family.registered_on, is_primary=True, until=until))
            rows.append(self._period(family, family.category, since, is_primary=True))
            if family.category != "low_income" and self.rng.random() < 0.1:
                rows.append(self._period(family, "low_income", since))
        save(CategoryPeriod, rows)

    def _period(self, family, category, since, **fields):
        ground = self.rng.choice(GROUNDS)
        return CategoryPeriod(family=family, category=category, since=since, ground=ground, **fields)

    def _registers(self, families):
        rows = []
        for family in families:
            chance = self.rng.random()
            if chance < 0.12:
                placed = self._after(family.registered_on)
                removed = self._after(placed) if chance < 0.04 else None
                rows.append(
                    RegisterEntry(
                        family=family, kind=RegisterEntry.Kind.SOP, placed_on=placed, removed_on=removed,
                        positive_rehabilitation=None if removed is None else chance < 0.03,
                    )
                )  # fmt: skip
        save(RegisterEntry, rows)

    def _referrals(self, families):
        """A signal about every twelfth family; returns {family id: the accepted one}."""
        rows, states = [], list(Referral.State)
        for family in families:
            if self.rng.random() > 0.08:
                continue
            state = self.rng.choices(states, weights=(10, 15, 50, 10, 15))[0]
            rows.append(self._referral(family, state))
        save(Referral, rows)
        save(
            Obligation,
            [
                Obligation(
                    kind=VISIT.code, subject_type=row._meta.label_lower, subject_id=row.pk, due_on=row.due_on,
                    remind_on=VISIT.remind_on(row.due_on), organisation=row.organisation, assignee=row.assigned_to,
                    title=f"{VISIT.title} № {row.number}/{row.year}", path=row.get_absolute_url(),
                    family_id=row.family_id,
                )
                for row in rows
                if row.state == Referral.State.SCREENING
            ],
        )  # fmt: skip
        return {row.family_id: row for row in rows if row.state == Referral.State.ACCEPTED}

    def _referral(self, family, state) -> Referral:
        moment = timezone.now() - datetime.timedelta(minutes=self.rng.randrange(DAYS * 1440))
        if state in (Referral.State.NEW, Referral.State.SCREENING):
            moment = timezone.now() - datetime.timedelta(minutes=self.rng.randrange(14 * 1440))
        threat = self.rng.random() < 0.05
        given = state != Referral.State.NEW
        ended = state not in (Referral.State.NEW, Referral.State.SCREENING)
        return Referral(
            number=self.counters.next(f"referral:{family.centre.pk}", moment.year),
            year=moment.year,
            organisation=family.centre,
            received_at=moment,
            channel=self.rng.choice(Referral.Channel.values),
            informant="соседка по дому" if self.rng.random() < 0.3 else "",
            family=family,
            about=f"семья {family.name.of_family}",
            municipality=family.municipality,
            substance=self.rng.choice(SUBSTANCE),
            threat_to_life=threat,
            notified="опека, по телефону в тот же час" if threat else "",
            state=state,
            registered_by=family.by,
            assigned_to=family.by if given else None,
            due_on=moment.date() + datetime.timedelta(days=3) if given else None,
            visited_on=moment.date() if ended else None,
            result="семья посещена" if ended else "",
        )

    def _papers(self, cases):
        applications, consents, surveys = [], [], []
        for case in cases:
            family, people, day = case.family, self.members[case.family_id], case.opened_on
            adult = people[0]
            applications.append(
                Application(family=family, organisation=family.centre, applicant=adult, capacity="parent",
                            help_asked="Помочь с оформлением пособий", received_on=day, by=family.by)
            )  # fmt: skip
            consents += [
                Consent(
                    family=family, operator=family.centre, subject=person, given_by=adult, given_on=day, by=family.by
                )
                for person in people
            ]
            surveys.append(
                HomeSurvey(family=family, organisation=family.centre, done_on=day, commission="куратор, участковый",
                           housing="2 комнаты", children_conditions="кровать и стол есть", conclusion="нужна помощь",
                           by=family.by)
            )  # fmt: skip
        save(Application, applications)
        save(Consent, consents)
        save(HomeSurvey, surveys)

    def _records(self, families):
        """Each card was looked at once: a line of the audit log, sealed as the log seals its lines."""
        head, now, rows = locked_head(), timezone.now(), []
        for family in families:
            row = AuditRecord(
                seq=head.count + 1, at=now, actor=family.by, actor_login=family.by.username, role=family.by.role,
                organisation=family.centre, action=Action.READ.value, subject_type=family._meta.label_lower,
                subject_id=family.pk, detail={"page": "families:family-detail"}, prev_hash=head.last_hash,
            )  # fmt: skip
            row.hash = row_hash(row)
            head.count, head.last_hash = row.seq, row.hash
            rows.append(row)
        save(AuditRecord, rows)
        head.seal = head_seal(head)
        head.save()
