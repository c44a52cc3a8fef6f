"""Who serves: municipalities with districts, organisations of unequal size with their staff, clinics, councils."""

import datetime

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from councils.models import Council, CouncilMembership, Meeting
from sopr import profile
from sopr.accounts.models import District, Municipality, Organisation, OrganisationKind, StaffRecord, User
from sopr.accounts.policy import Role
from sopr.demo import names
from sopr.demo.region import PASSWORD

LARGEST_SHARE = 0.2  # of all families: so that its list is long enough to leaf deep into
CASES_OF_A_CURATOR = 25  # open ones
OPEN_SHARE = 0.25  # of the families have an open case
SINCE = datetime.date(2020, 1, 9)
SETTLEMENTS = ("г. {}", "с. Берёзовка", "с. Каменка", "д. Ольховка", "с. Луговое", "п. Новый")


class Bodies:
    """The first organisation holds the `largest` share of the families; `head` and `curator` sign in there."""

    def __init__(self, rng, organisations, families, largest=LARGEST_SHARE):
        self.rng, self.largest = rng, largest
        self.hash = make_password(PASSWORD)  # once: a hash takes as long as a hundred rows
        self.surnames = names.surnames()
        count = max(1, organisations * 2 // 3)
        self.municipalities = Municipality.objects.bulk_create(
            [Municipality(code=f"B{n:03}", name=f"{rng.choice(self.surnames).man[:-1]}инский район № {n}")
             for n in range(1, count + 1)]
        )  # fmt: skip
        self._districts()
        self._organisations(organisations)
        self._staff(families)
        self._councils()

    def pick(self) -> Organisation:
        """An organisation that gets the next family."""
        return self.rng.choices(self.centres, cum_weights=self.bounds)[0]

    def settlement(self, municipality) -> str:
        number = self.municipalities.index(municipality)
        return self.rng.choice(SETTLEMENTS).format(f"{names.STREETS[number % len(names.STREETS)][:-2]}ск")

    def _districts(self):
        rows = District.objects.bulk_create(
            [District(municipality=place, name=f"Участок № {n}") for place in self.municipalities for n in range(1, 5)]
        )
        self.districts = {place.pk: rows[at * 4 : at * 4 + 4] for at, place in enumerate(self.municipalities)}

    def _organisations(self, number):
        places = self.municipalities
        self.centres = Organisation.objects.bulk_create(
            [Organisation(code=f"B-{n:03}", name=f"Центр помощи семье и детям № {n}", short_name=f"ЦПСД № {n}",
                          kind=OrganisationKind.SOCIAL, municipality=places[n % len(places)],
                          phone=names.phone(self.rng))
             for n in range(1, number + 1)]
        )  # fmt: skip
        self.clinics = dict(
            zip(
                [place.pk for place in places],
                Organisation.objects.bulk_create(
                    [Organisation(code=f"BA-{n:03}", name=f"Детская поликлиника № {n}", kind=OrganisationKind.HEALTH,
                                  municipality=place)
                     for n, place in enumerate(places, 1)]
                ),
                strict=True,
            )
        )  # fmt: skip
        self.ministry = Organisation.objects.create(
            code="B-MINISTRY", name=profile.current().ministry.title, kind=OrganisationKind.MINISTRY
        )
        first = min(1, max(self.largest, 2 / len(self.centres)))
        others = [self.rng.uniform(0.4, 1.6) for _ in self.centres[1:]]
        shares = [first, *((1 - first) * other / sum(others) for other in others)]
        self.shares = shares
        self.bounds = [sum(shares[: at + 1]) for at in range(len(shares))]

    def _staff(self, families):
        wanted = []
        for centre, share in zip(self.centres, self.shares, strict=True):
            first = centre is self.centres[0]
            curators = max(1, round(families * share * OPEN_SHARE / CASES_OF_A_CURATOR))
            wanted.append(("head" if first else f"head-{centre.code}", Role.HEAD, centre))
            wanted += [
                ("curator" if first and n == 1 else f"curator-{centre.code}-{n}", Role.CURATOR, centre)
                for n in range(1, curators + 1)
            ]
        for place in self.municipalities:
            home = next((row for row in self.centres if row.municipality_id == place.pk), self.centres[0])
            wanted.append((f"secretary-{place.code}", Role.SECRETARY, home))
            wanted.append((f"member-{place.code}", Role.MEMBER, self.clinics[place.pk]))
            wanted.append((f"executor-{place.code}", Role.EXECUTOR, self.clinics[place.pk]))
        wanted += [("ministry", Role.MINISTRY, self.ministry), ("officer", Role.DATA_OFFICER, self.ministry),
                   ("administrator", Role.ADMINISTRATOR, self.ministry)]  # fmt: skip
        users = User.objects.bulk_create([self._user(*row) for row in wanted], batch_size=500)
        StaffRecord.objects.bulk_create(
            [StaffRecord(user=user, organisation=user.organisation, role=user.role, since=SINCE) for user in users]
        )
        self.users = {user.username: user for user in users}
        self.curators, self.heads = {}, {}
        for user in users:
            if user.role == Role.CURATOR:
                self.curators.setdefault(user.organisation_id, []).append(user)
            elif user.role == Role.HEAD:
                self.heads[user.organisation_id] = user

    def _user(self, login, role, organisation) -> User:
        surname = self.rng.choice(self.surnames)
        return User(
            username=login, role=role, organisation=organisation, password=self.hash, last_name=surname.woman,
            first_name=self.rng.choice(names.WOMEN),
            patronymic=self.rng.choice(list(names.FATHERS.values()))[1], post="специалист",
        )  # fmt: skip

    def _councils(self):
        """One council for each municipality, with a meeting ahead."""
        councils = Council.objects.bulk_create(
            [Council(code=f"BK-{place.code}", name=f"Координационный совет, {place.name}", municipality=place)
             for place in self.municipalities]
        )  # fmt: skip
        self.councils = {council.municipality_id: council for council in councils}
        seat = CouncilMembership.Role
        seats = []
        for council in councils:
            for role, login in ((seat.SECRETARY, "secretary"), (seat.MEMBER, "member")):
                user = self.users[f"{login}-{council.municipality.code}"]
                seats.append(self._seat(council, role, user.organisation, user.last_name, user.first_name, user))
            for role in (seat.CHAIR, seat.MEMBER, seat.MEMBER):
                name = self.rng.choice(self.surnames).woman
                seats.append(self._seat(council, role, self.clinics[council.municipality_id], name, "Ольга"))
        CouncilMembership.objects.bulk_create(seats)
        ahead = timezone.localdate() + datetime.timedelta(days=7)
        meetings = Meeting.objects.bulk_create([Meeting(council=council, held_on=ahead) for council in councils])
        self.meetings = {meeting.council_id: meeting for meeting in meetings}

    @staticmethod
    def _seat(council, role, organisation, last_name, first_name, user=None):
        return CouncilMembership(
            council=council, role=role, organisation=organisation, last_name=last_name, first_name=first_name,
            sex="f", user=user, since=SINCE,
        )  # fmt: skip
