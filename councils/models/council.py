"""Совет (координационный совет, консилиум, МРГ), его регламент и история изменений."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from councils.models.membership import CouncilMembership, said_order
from councils.words import Question
from families.models import RegisterEntry
from sopr import profile
from sopr.accounts.models import District, Municipality, Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly
from sopr.errors import Refused
from sopr.web.models import Versioned

MANY = ("districts", "required_agencies")


class CouncilQuerySet(ScopedQuerySet):
    def of_member(self, user):
        """Councils in which the user sits today."""
        return self._where_sits(user)

    for_member = of_member

    def for_secretary(self, user):
        """Councils whose papers the user keeps: being a plain member elsewhere opens no agenda there."""
        return self._where_sits(user, role=CouncilMembership.Role.SECRETARY)

    def _where_sits(self, user, **how):
        sits = CouncilMembership.objects.valid_on(timezone.localdate()).filter(user=user, **how)
        return self.filter(pk__in=sits.values("council"))

    def for_head(self, user):
        """Councils of the head's own municipality."""
        return self.filter(municipality=user.organisation.municipality_id) if user.organisation else self.none()

    for_curator = for_head

    def of_case(self, case, question=""):
        """Councils that may decide about the family (and the `question`), those made for such families first.

        Of the family's municipality; of the organisation's own when there are none.
        """
        family = case.family
        own = self.filter(municipality=family.municipality_id)._about(family, question)
        if own.exists():
            return own
        return self.filter(municipality=case.organisation.municipality_id)._about(family, question)

    def _about(self, family, question):
        kinds = [kind for kind in profile.current().council_kinds if not question or question in kind.questions]
        if not _in_sop(family):
            kinds = [kind for kind in kinds if kind.families != "sop"]
        codes = [kind.code for kind in kinds]
        known = [kind.code for kind in profile.current().council_kinds]
        fits = Q(kind__in=codes)
        if profile.current().council_title in kinds:  # a kind that the region has no more counts as the main one
            fits |= ~Q(kind__in=known)
        named = Council.districts.through.objects.filter(council=OuterRef("pk"))
        here = Exists(named.filter(district=family.district_id)) if family.district_id else Value(False)
        made_for_sop = [kind.code for kind in kinds if kind.families == "sop"]
        nearness = Case(When(kind__in=made_for_sop, then=0), When(here, then=1), default=2)
        return self.filter(fits).filter(Q(here) | ~Exists(named)).order_by(nearness, "name", "pk")

    def for_ministry(self, user):
        return self.all()

    for_administrator = for_ministry  # keeps the councils and their members, reads none of their papers


def default_quorum_share() -> int:
    """The region's share of members, percent; a council may set a stricter one."""
    return profile.current().council.quorum_share


def default_kind() -> str:
    """The region's main kind of councils."""
    return profile.current().council_title.code


def default_substitutes() -> bool:
    return profile.current().council.substitutes


def default_absentee() -> bool:
    return profile.current().council.absentee


class Council(Versioned):
    code = models.CharField("код", max_length=32, unique=True)
    name = models.CharField("наименование", max_length=300)
    kind = models.CharField("вид", max_length=32, default=default_kind)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="councils")
    districts = models.ManyToManyField(District, blank=True, related_name="councils", verbose_name="участки")
    quorum_share = models.PositiveSmallIntegerField("кворум: больше чем, % состава", default=default_quorum_share)
    required_agencies = models.ManyToManyField(
        Organisation, blank=True, related_name="+", verbose_name="без кого заседание неправомочно"
    )
    substitutes = models.BooleanField("члена совета может замещать другой", default=default_substitutes)
    absentee = models.BooleanField("заочное голосование", default=default_absentee)
    order_number = models.CharField("номер распоряжения", max_length=60, blank=True, default="", db_default="")
    order_on = models.DateField("дата распоряжения", null=True, blank=True)
    place = models.CharField("место заседаний", max_length=300, blank=True)
    roll_call = models.BooleanField("голосуют поимённо", default=False, db_default=False)
    casting_vote = models.BooleanField("при равенстве решает голос председателя", default=False, db_default=False)

    objects = CouncilQuerySet.as_manager()

    class Meta:
        verbose_name = "совет"
        verbose_name_plural = "советы"
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(quorum_share__lt=100), name="quorum_share_below_100")]

    def __str__(self):
        return self.name

    @property
    def rules(self) -> profile.CouncilKind:
        """The kind of this council: its titles, what it may decide and about whom."""
        return profile.current().council_kind(self.kind)

    @property
    def order(self) -> str:
        """The paper that made the council: «распоряжение № 12-р от 09.01.2026»; empty when it is not known."""
        return said_order(self.order_number, self.order_on)

    def why_not(self, question, family) -> str:
        """Why this council may not decide `question` about `family`, in Russian; empty when it may."""
        if question == Question.ANNUL:  # asked of the council that decided
            return ""
        rules = self.rules
        if question not in rules.questions:
            return f"{self}: этот вопрос («{Question(question).label}») здесь не решают. Выберите другой совет."
        if rules.families == "sop" and not _in_sop(family):
            return (
                f"{self}: здесь решают только о семьях в СОП, а семья на этом учёте не состоит. Выберите другой совет."
            )
        if family.district_id not in {None, *self.district_ids} and self.district_ids:
            return f"{self}: семья живёт не на участке этого совета. Выберите другой совет."
        if family.district_id is None and self.district_ids:
            return (
                f"{self}: он решает о семьях своих участков, а участок семьи не указан. Укажите его в карточке семьи."
            )
        return ""

    @property
    def district_ids(self) -> set:
        """Ids of the districts whose families it hears; empty for the whole municipality."""
        if "_districts" not in self.__dict__:
            self.__dict__["_districts"] = set(self.districts.values_list("pk", flat=True))
        return self.__dict__["_districts"]

    @classmethod
    def establish(cls, *, by, **values) -> "Council":
        """A new council with its regulation; `values` as in `amend`. Raises Refused as it does."""
        with transaction.atomic():
            many = {name: values.pop(name) for name in MANY if name in values}
            council = cls(**values)
            council._check_regulation(many)
            council.save()
            council._set_many(many)
            council.note("created", by=by)
        return council

    def amend(self, *, by, **values):
        """Change the regulation; what differs goes into the council's history.

        `values` are its fields, with lists of `districts` and `required_agencies`. Raises Refused for districts of
        another municipality and for a council of districts without one.
        """
        with transaction.atomic():
            before = self.lock().regulation()
            many = {name: values.pop(name) for name in MANY if name in values}
            for name, value in values.items():
                setattr(self, name, value)
            self._check_regulation(many)
            self.save()
            self._set_many(many)
            changes = [[what, before[what], now] for what, now in self.regulation().items() if before[what] != now]
            if changes:
                self.note("amended", by=by, changes=changes)

    def regulation(self) -> dict:
        """The regulation in words, {what: how}: for the page, and to tell what has changed."""
        yes_no = {True: "да", False: "нет"}
        return {
            "наименование": self.name,
            "вид": self.rules.full,
            "муниципальное образование": str(self.municipality),
            "участки": ", ".join(district.name for district in self.districts.order_by("name")),
            "кворум": f"больше {self.quorum_share} % состава",
            "обязательные ведомства": ", ".join(str(agency) for agency in self.required_agencies.order_by("name")),
            "замещение": yes_no[self.substitutes],
            "заочное голосование": yes_no[self.absentee],
            "поимённое голосование": yes_no[self.roll_call],
            "решающий голос председательствующего": yes_no[self.casting_vote],
            "распоряжение о создании": self.order,
            "место заседаний": self.place,
        }

    def _check_regulation(self, many):
        districts = many.get("districts", self.districts.all() if self.pk else [])
        strange = [str(district) for district in districts if district.municipality_id != self.municipality_id]
        if strange:
            raise Refused(f"Участки другого муниципального образования: {', '.join(strange)}. Снимите отметку.")
        if self.rules.territory == "districts" and not districts:
            raise Refused(f"{self.rules.full} работает по участкам. Отметьте хотя бы один.")

    def _set_many(self, many):
        for name, rows in many.items():
            getattr(self, name).set(rows)
        self.__dict__.pop("_districts", None)

    def lock(self) -> "Council":
        """The row as it is now, locked until the transaction ends: changes of one membership follow one another."""
        return Council.objects.select_for_update().get(pk=self.pk)

    def note(self, kind, *, by, changes=(), membership=None):
        """One more line of the council's history; `changes` are [what, was, is now]."""
        CouncilEvent.objects.create(council=self, kind=kind, by=by, changes=list(changes), membership=membership)

    def members_on(self, day):
        """Memberships valid on `day`, chair first, then deputies, secretaries, members, the invited."""
        return self.memberships.valid_on(day).select_related("user", "organisation").by_rank()

    def seat(
        self, *, by, organisation, role, since, user=None, last_name="", first_name="", patronymic="", post="",
        votes=True, substitute="", order_number="", order_on=None, sexes=None,
    ):  # fmt: skip
        """A new member since the day `since`: a `user`, or a person named who does not sign in.

        `sexes` of those known already, by the user's id or the full name.

        The first member of an agency of the kinds the region requires makes that agency required here (profile,
        `council.required_agencies`). Raises Refused for a second chair, for a user who sits already, and for a
        substitute where the regulation knows none.
        """
        with transaction.atomic():
            council = self.lock()
            lasting = self.memberships.lasting(since)
            if user is not None and lasting.filter(user=user).exists():
                raise Refused(f"{user.full_name}: уже в составе совета. Сначала выведите из состава.")
            chair = CouncilMembership.Role.CHAIR
            if role == chair and (present := lasting.filter(role=chair).first()):
                raise Refused(f"Председатель уже есть: {present.full_name}. Сначала выведите его из состава.")
            if substitute and not council.substitutes:
                raise Refused("По регламенту этого совета его члены участвуют лично: заместителя не указывают.")
            if user is not None:
                last_name, first_name, patronymic = user.last_name, user.first_name, user.patronymic
            name = " ".join(filter(None, [last_name, first_name, patronymic]))
            votes = votes and role != CouncilMembership.Role.INVITED
            known = self.memberships.voting().filter(organisation=organisation).exists()
            if votes and not known and organisation.kind in profile.current().council.required_agencies:
                self.required_agencies.add(organisation)
            row = self.memberships.create(
                user=user,
                last_name=last_name,
                first_name=first_name,
                patronymic=patronymic,
                sex=(sexes or {}).get(user.pk if user else name, ""),
                organisation=organisation,
                role=role,
                votes=votes,
                post=post,
                substitute=substitute,
                order_number=order_number,
                order_on=order_on,
                since=since,
            )
            self.note("seated", by=by, membership=row, changes=[["первый день", "", f"{since:%d.%m.%Y}"]])
            return row

    def replace_members(self, seats, *, by, since, order_number="", order_on=None) -> list[CouncilMembership]:
        """A new order names the whole membership anew: everybody who sits leaves the day before `since`, and `seats`
        (arguments of `seat`) enter on it, in one act.

        Raises Refused without exactly one chair and a secretary, without somebody for each required agency, for one
        person twice, and when somebody of now came on `since` or later.
        """
        with transaction.atomic():
            council = self.lock()
            seats = [dict(seat) for seat in seats]
            _check_seats(council, seats)
            lasting = self.memberships.lasting(since)
            fresh = lasting.filter(since__gte=since).order_by("-since").first()
            if fresh is not None:
                raise Refused(
                    f"{fresh.full_name} входит в состав с {fresh.since:%d.%m.%Y}. Новый состав может сменить нынешний "
                    "только позже: укажите другой первый день."
                )
            last_day = since - datetime.timedelta(days=1)
            sexes = {row.user_id or row.full_name: row.sex for row in lasting}  # papers need the gender of a name
            ended = lasting.update(until=last_day)
            order = {"order_number": order_number, "order_on": order_on}
            rows = [self.seat(by=by, since=since, sexes=sexes, **(seat | order)) for seat in seats]
            self.note(
                "replaced",
                by=by,
                changes=[
                    ["состав", f"{ended} чел. по {last_day:%d.%m.%Y}", f"{len(rows)} чел. с {since:%d.%m.%Y}"],
                    ["распоряжение", "", said_order(order_number, order_on)],
                ],
            )
            return rows


def _in_sop(family) -> bool:
    """Whether the juvenile commission keeps the family on its register now."""
    return family.register_entries.filter(kind=RegisterEntry.Kind.SOP, removed_on=None).exists()


def _check_seats(council, seats):
    """What a whole membership must have; raises Refused with what it lacks."""
    role = CouncilMembership.Role
    roles = [seat["role"] for seat in seats]
    if roles.count(role.CHAIR) != 1:
        raise Refused("В составе должен быть один председатель. Отметьте его роль.")
    if role.SECRETARY not in roles:
        raise Refused("В составе нет секретаря: вести заседания будет некому. Отметьте его роль.")
    users = [seat["user"] for seat in seats if seat.get("user")]
    if len(set(users)) != len(users):
        raise Refused("Один и тот же пользователь внесён дважды. Уберите лишнюю строку.")
    voting = {seat["organisation"].pk for seat in seats if seat.get("votes", True) and seat["role"] != role.INVITED}
    lacking = [str(agency) for agency in council.required_agencies.exclude(pk__in=voting)]
    if lacking:
        raise Refused(
            f"Без этих ведомств заседание неправомочно, а в новом составе их нет: {', '.join(lacking)}. Внесите их "
            "представителей или сначала снимите это требование на странице совета."
        )


class CouncilEvent(AppendOnly):
    """История совета: who changed its regulation or its membership, what and when. `changes`: [what, was, is now]."""

    class Kind(models.TextChoices):
        CREATED = "created", "совет добавлен"
        AMENDED = "amended", "изменён регламент"
        SEATED = "seated", "вошёл в состав"
        ENDED = "ended", "вышел из состава"
        REPLACED = "replaced", "состав сменён целиком"
        SUBSTITUTE = "substitute", "изменён замещающий"

    council = models.ForeignKey(Council, models.PROTECT, related_name="events")
    at = models.DateTimeField("когда", default=timezone.now)
    kind = models.CharField("что", max_length=12, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    membership = models.ForeignKey(CouncilMembership, models.PROTECT, null=True, related_name="events")
    changes = models.JSONField("изменения", default=list)

    class Meta:
        verbose_name = "изменение совета"
        verbose_name_plural = "изменения совета"
        ordering = ["-at", "-pk"]
        # the council's page: its history, newest first
        indexes = [models.Index(fields=["council", "-at", "-id"], name="council_history")]

    def __str__(self):
        return f"{self.get_kind_display()} {timezone.localdate(self.at):%d.%m.%Y}"
