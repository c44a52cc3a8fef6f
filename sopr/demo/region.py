"""The region itself: municipalities, organisations, staff, councils. There are no verbs for these: they are entered."""

import random
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.auth.hashers import make_password

from cases.models import Factor
from councils.models import Council, CouncilMembership
from sopr import profile
from sopr.accounts.models import (
    District,
    Municipality,
    Organisation,
    OrganisationKind,
    StaffRecord,
    Unit,
    User,
)
from sopr.accounts.policy import Role
from sopr.demo import names
from sopr.demo.phrases import POSTS

Kind = OrganisationKind
PASSWORD = "Opora-2026-Region"  # noqa: S105  # printed for everybody: the demo holds nobody's data
MINISTRY_CODE = "DEMO-MINISTRY"
CHAIR = "chair"  # login of the chair of the shown council

# code, name, genitive, town, villages, what agencies it has
TERRITORIES = (
    ("M1", "Приозёрный район", "Приозёрного района", "г. Приозёрск-на-Лугу", ("с. Берёзовка", "с. Каменка", "д. Ольховка"),
     (Kind.HEALTH, Kind.EDUCATION, Kind.GUARDIANSHIP, Kind.JUVENILE_COMMISSION, Kind.POLICE, Kind.EMPLOYMENT, Kind.NGO)),
    ("M2", "городской округ Верхнереченск", "городского округа Верхнереченск", "г. Верхнереченск", ("мкр. Заводской", "мкр. Южный"),
     (Kind.JUVENILE_COMMISSION, Kind.GUARDIANSHIP, Kind.EDUCATION, Kind.HEALTH)),
    ("M3", "Лесногорский район", "Лесногорского района", "п. Лесногорье", ("с. Кедровое", "с. Таёжное"),
     (Kind.JUVENILE_COMMISSION, Kind.GUARDIANSHIP, Kind.HEALTH)),
    ("M4", "Степной район", "Степного района", "с. Степное", ("с. Полынное", "с. Ковыльное"),
     (Kind.JUVENILE_COMMISSION, Kind.EDUCATION)),
    ("M5", "Заречный округ", "Заречного округа", "п. Заречье", ("с. Луговское", "д. Подгорная"),
     (Kind.GUARDIANSHIP, Kind.EDUCATION)),
    ("M6", "Северный округ", "Северного округа", "г. Северополье", ("с. Моховое", "с. Студёное"),
     (Kind.JUVENILE_COMMISSION, Kind.HEALTH)),
)  # fmt: skip
AGENCY_NAMES = {
    Kind.HEALTH: ("Детская поликлиника {}", "Детская поликлиника"),
    Kind.EDUCATION: ("Управление образования {}", "Управление образования"),
    Kind.GUARDIANSHIP: ("Отдел опеки и попечительства {}", "Опека"),
    Kind.JUVENILE_COMMISSION: ("Комиссия по делам несовершеннолетних и защите их прав {}", "КДНиЗП"),
    Kind.POLICE: ("Отдел полиции по делам несовершеннолетних {}", "Полиция (ПДН)"),
    Kind.EMPLOYMENT: ("Центр занятости населения {}", "Центр занятости"),
    Kind.NGO: ("Автономная некоммерческая организация «Семья рядом», {}", "АНО «Семья рядом»"),
}
SUPPORT_NAMES = (
    ("Центр помощи семье и детям {}", "ЦПСД"),
    ("Комплексный центр социального обслуживания населения {}", "КЦСОН"),
)
DEMO_NAMES = {
    "curator": ("Лебедева", "Ольга", "Николаевна"),
    "head": ("Соколова", "Марина", "Викторовна"),
    "secretary": ("Зайцева", "Наталья", "Игоревна"),
    "member": ("Фролова", "Елена", "Андреевна"),
    "executor": ("Морозова", "Татьяна", "Павловна"),
    "ministry": ("Крылова", "Ирина", "Сергеевна"),
    "officer": ("Жукова", "Светлана", "Юрьевна"),
    "administrator": ("Степанов", "Алексей", "Михайлович"),
}


@dataclass
class Place:
    """A municipality with everything the plots need of it."""

    municipality: Municipality
    genitive: str
    districts: list
    settlements: list
    centres: list = field(default_factory=list)
    agencies: dict = field(default_factory=dict)
    council: Council = None
    secretary: User = None


@dataclass
class Region:
    rng: random.Random
    places: list
    ministry: Organisation
    users: dict = field(default_factory=dict)  # login: user
    curators: dict = field(default_factory=dict)  # organisation id: list of users
    heads: dict = field(default_factory=dict)
    executors: dict = field(default_factory=dict)

    @cached_property
    def factors(self) -> tuple[list, list]:
        """Risks and resources that an assessment may name."""
        return tuple(list(Factor.objects.in_use().filter(kind=kind)) for kind in Factor.Kind.values)

    def agency(self, kind, place, centre) -> Organisation:
        """Who does work of `kind` for a family of `place`: its own agency, else one that serves the whole region."""
        if kind == Kind.SOCIAL:
            return centre
        if kind in place.agencies:
            return place.agencies[kind]
        serving = [other.agencies[kind] for other in self.places if kind in other.agencies]
        return serving[self.places.index(place) % len(serving)]


class Builder:
    def __init__(self, rng, since):
        self.rng, self.since = rng, since
        self.hash = make_password(PASSWORD)  # once: a hash takes as long as a hundred rows
        self.free = iter(self._staff_names())

    def _staff_names(self):
        forms = names.surnames()
        self.rng.shuffle(forms)
        taken = {name[0] for name in DEMO_NAMES.values()}
        for surname in forms * 2:
            if surname.woman in taken:
                continue
            daughter = self.rng.choice(list(names.FATHERS.values()))[1]
            yield surname.woman, self.rng.choice(names.WOMEN), daughter

    def build(self) -> Region:
        ministry = profile.current().ministry
        body = Organisation.objects.create(
            code=MINISTRY_CODE, name=ministry.title, short_name=ministry.short, kind=Kind.MINISTRY,
            director_name="Ветрова Галина Петровна", director_post="Министр", **self._contacts("г. Верхнереченск"),
        )  # fmt: skip
        region = Region(self.rng, [self._place(*row) for row in TERRITORIES], body)
        for place in region.places:
            self._organisations(region, place)
        for place in region.places:
            self._council(region, place)
        self._demo_people(region)
        return region

    def _contacts(self, town):
        numbers = names.organisation_numbers(self.rng)
        return {
            "address": f"{town}, ул. {self.rng.choice(names.STREETS)}, д. {self.rng.randrange(1, 60)}",
            "phone": names.phone(self.rng),
            **numbers,
        }

    def _place(self, code, name, genitive, town, villages, _kinds):
        municipality = Municipality.objects.create(code=code, name=name)
        districts = [
            District.objects.create(municipality=municipality, name=f"Участок № {number}, {settlement}")
            for number, settlement in enumerate((town, *villages), 1)
        ]
        return Place(municipality, genitive, districts, [town, *villages])

    def _organisations(self, region, place):
        code, _name, genitive, town, _villages, kinds = TERRITORIES[region.places.index(place)]
        for number, (title, short) in enumerate(SUPPORT_NAMES, 1):
            centre = Organisation.objects.create(
                code=f"S{code[1]}{number}", name=title.format(genitive), short_name=f"{short} {genitive}", kind=Kind.SOCIAL,
                municipality=place.municipality, founder=region.ministry.name, email=f"s{code[1]}{number}@sopr.example",
                director_name=" ".join(next(self.free)), **self._contacts(town),
            )  # fmt: skip
            Unit.objects.create(
                organisation=centre,
                name="Служба социального сопровождения семей",
                supports_families=True,
                since=self.since,
            )
            place.centres.append(centre)
            region.heads[centre.pk] = self._user(region, Role.HEAD, centre, "заведующая службой сопровождения")
            demo = code == "M1" and number == 1
            region.curators[centre.pk] = [
                self._user(
                    region,
                    Role.CURATOR,
                    centre,
                    "специалист по социальной работе",
                    f"curator-{centre.code.lower()}-{n}",
                )
                for n in range(1, 4 if demo or self.rng.random() < 0.4 else 3)
            ]
        for number, kind in enumerate(kinds, 1):
            title, short = AGENCY_NAMES[kind]
            agency = Organisation.objects.create(
                code=f"A{code[1]}{number}", name=title.format(genitive),
                short_name=short if kind == Kind.NGO else f"{short} {genitive}", kind=kind,
                municipality=place.municipality, director_name=" ".join(next(self.free)), **self._contacts(town),
            )  # fmt: skip
            place.agencies[kind] = agency
            region.executors[agency.pk] = self._user(region, Role.EXECUTOR, agency, POSTS[kind])

    def _user(self, region, role, organisation, post, login=None, name=None) -> User:
        last, first, patronymic = name or next(self.free)
        login = login or f"{role}-{organisation.code.lower()}"
        user = User.objects.create(
            username=login, role=role, organisation=organisation, post=post, last_name=last, first_name=first,
            patronymic=patronymic, phone=names.phone(self.rng), password=self.hash,
        )  # fmt: skip
        StaffRecord.objects.create(user=user, organisation=organisation, role=role, since=self.since)
        region.users[login] = user
        return user

    def _council(self, region, place):
        """Nine or so: the chair, a deputy, the secretary, a member for each agency and each centre."""
        title = profile.current().council_title.full
        council = Council.objects.create(
            code=f"K{place.municipality.code[1]}", name=f"{title} {place.genitive}", municipality=place.municipality,
            place=f"Администрация {place.genitive}, малый зал", order_number="7-р", order_on=self.since,
            roll_call=place.municipality.code == "M2", casting_vote=place.municipality.code in ("M1", "M2"),
        )  # fmt: skip
        place.council = council
        commission = region.agency(Kind.JUVENILE_COMMISSION, place, None)
        centre = place.centres[0]
        place.secretary = self._user(region, Role.SECRETARY, centre, "секретарь совета")
        seat = CouncilMembership.Role
        post = f"заместитель главы {place.genitive} по социальным вопросам"
        first = place is region.places[0]  # the chair of the shown council signs by his own login, the others on paper
        chair = self._user(region, Role.MEMBER, commission, post, CHAIR) if first else None
        self._seat(council, chair, seat.CHAIR, commission, post)
        self._seat(council, region.heads[centre.pk], seat.DEPUTY, centre, "заведующая службой сопровождения")
        self._seat(council, place.secretary, seat.SECRETARY, centre, "секретарь совета")
        kinds = [Kind.GUARDIANSHIP, Kind.HEALTH, Kind.EDUCATION, Kind.POLICE, Kind.EMPLOYMENT, Kind.NGO]
        for kind in kinds:
            agency = region.agency(kind, place, None)
            user = None
            if kind == Kind.GUARDIANSHIP and Kind.GUARDIANSHIP in place.agencies:
                user = self._user(region, Role.MEMBER, agency, POSTS[kind])
                council.required_agencies.add(agency)
            self._seat(council, user, seat.MEMBER, agency, POSTS[kind])
        self._seat(council, region.heads[place.centres[1].pk], seat.MEMBER, place.centres[1], "заведующая службой")

        for kind in profile.current().council_kinds[1:]:
            self._further_council(council, kind, place)

    def _further_council(self, main, kind, place):
        """Where the region has several kinds: one more council of the same people."""
        council = Council.objects.create(
            code=f"{main.code}-{kind.code}"[:32], name=f"{kind.full} {place.genitive}", kind=kind.code,
            municipality=place.municipality, place=main.place, order_number="8-р", order_on=self.since,
        )  # fmt: skip
        if kind.territory == "districts":
            council.districts.add(place.districts[0])
        for row in main.memberships.all():
            row.pk, row.council, row._state.adding = None, council, True
            row.save()

    def _seat(self, council, user, role, organisation, post):
        person = (user.last_name, user.first_name, user.patronymic) if user else next(self.free)
        council.memberships.create(
            user=user, last_name=person[0], first_name=person[1], patronymic=person[2], sex="f", post=post,
            organisation=organisation, role=role, since=self.since, order_number="7-р", order_on=self.since,
        )  # fmt: skip

    def _demo_people(self, region):
        """The eight logins that are shown: all of one municipality, so that their work meets."""
        place = region.places[0]
        centre, clinic = place.centres[0], place.agencies[Kind.HEALTH]
        self._rename(region, region.curators[centre.pk][0], "curator")
        self._rename(region, region.heads[centre.pk], "head")
        self._rename(region, place.secretary, "secretary")
        self._rename(region, region.users[f"member-{place.agencies[Kind.GUARDIANSHIP].code.lower()}"], "member")
        self._rename(region, region.executors[clinic.pk], "executor")
        ministry = region.ministry
        self._user(
            region, Role.MINISTRY, ministry, "начальник отдела по делам семьи", "ministry", DEMO_NAMES["ministry"]
        )
        self._user(
            region,
            Role.DATA_OFFICER,
            ministry,
            "ответственная за персональные данные",
            "officer",
            DEMO_NAMES["officer"],
        )
        self._user(
            region,
            Role.ADMINISTRATOR,
            ministry,
            "системный администратор",
            "administrator",
            DEMO_NAMES["administrator"],
        )

    def _rename(self, region, user, login):
        region.users[login] = region.users.pop(user.username)
        user.username = login
        user.last_name, user.first_name, user.patronymic = DEMO_NAMES[login]
        user.save()
        user.council_memberships.update(
            last_name=user.last_name, first_name=user.first_name, patronymic=user.patronymic
        )
