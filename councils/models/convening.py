"""Созыв: what happens to a meeting before it opens: planned, repeated, moved, called off, answered for."""

import datetime

from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from councils.models.attendance import Attendance
from councils.models.council import Council
from sopr.errors import Refused

DURATION = 120  # minutes: a meeting of a dozen questions (screens.md, «Meeting in progress»)


class Convening(models.Model):
    """What an invitation to a meeting says, and the verbs that change it. `Meeting` is its only child.

    `sequence` grows with each change that the invited must be told of: it is SEQUENCE of their calendar event.
    """

    starts_at = models.TimeField("время", default=datetime.time(10, 0))
    duration = models.PositiveSmallIntegerField("продолжительность, минут", default=DURATION)
    place = models.CharField("место", max_length=300, blank=True)
    video_link = models.URLField("ссылка на видеосвязь", max_length=300, blank=True)
    extraordinary = models.BooleanField("внеочередное", default=False)
    ground = models.TextField("основание внеочередного заседания", blank=True)
    cancel_reason = models.TextField("причина отмены", blank=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def convene(cls, council, *, by, despite=False, **how):
        """Plan a meeting as a person does: raises Refused with what it collides with unless told `despite` that.

        `how` is what `plan` takes.
        """
        place = how.get("place") or council.place
        warn_of(cls.collisions(council, **_moment(how), place=place), despite)
        return cls.plan(council, by=by, **how)

    @classmethod
    def plan(
        cls,
        council,
        *,
        by,
        held_on,
        starts_at=datetime.time(10, 0),
        duration=DURATION,
        place="",
        video_link="",
        extraordinary=False,
        ground="",
    ):
        """Plan a meeting; everyone who is a member on that day is expected and invited."""
        _check_day(held_on)
        if extraordinary and not ground.strip():
            raise Refused("Запишите, почему заседание внеочередное: основание увидят члены совета.")
        with transaction.atomic():
            _lock_hour(council, held_on, starts_at)
            meeting = cls.objects.create(
                council=council,
                held_on=held_on,
                starts_at=starts_at,
                duration=duration,
                place=place or council.place,
                video_link=video_link,
                extraordinary=extraordinary,
                ground=ground.strip() if extraordinary else "",
            )
            meeting.tell_the_invited()
        return meeting

    @classmethod
    def plan_series(cls, council, *, by, days, **how):
        """Plan a meeting on each of `days`, all or none; returns them."""
        if not days:
            raise Refused("Отметьте хотя бы один день.")
        with transaction.atomic():
            return [cls.plan(council, by=by, held_on=day, **how) for day in sorted(days)]

    def move(self, *, by, held_on, starts_at, duration=None, place="", video_link="", despite=False):
        """To another day, hour or place. Who has answered for another day or hour is asked anew."""
        _check_day(held_on)
        duration = duration or self.duration
        with transaction.atomic():
            Council.objects.select_for_update().get(pk=self.council_id)
            row = self._lock_planned("Перенести можно только запланированное заседание.")
            place = place or row.council.place
            told = (row.held_on, row.starts_at, row.duration, row.place, row.video_link)
            if told == (held_on, starts_at, duration, place, video_link):
                raise Refused("Ничего не изменилось: укажите другой день, время или место.")
            found = type(self).collisions(
                row.council, held_on=held_on, starts_at=starts_at, duration=duration, place=place, besides=self.pk
            )
            warn_of(found, despite)
            _lock_hour(row.council, held_on, starts_at, besides=self.pk)
            if (row.held_on, row.starts_at) != (held_on, starts_at):
                self.invitations.exclude(answer="").update(
                    answer="", reason="", substitute="", answered_at=None, version=F("version") + 1
                )
            self.held_on, self.starts_at, self.duration = held_on, starts_at, duration
            self.place, self.video_link, self.sequence = place, video_link, row.sequence + 1
            self.save(update_fields=["held_on", "starts_at", "duration", "place", "video_link", "sequence"])
            self._keep_opinions_in_time()
            self.tell_the_invited()

    def cancel(self, *, by, reason):
        """Call off a planned meeting: its items go back to the queue, the invited are told why."""
        if not reason.strip():
            raise Refused("Запишите причину отмены: её увидят члены совета.")
        with transaction.atomic():
            row = self._lock_planned("Отменить можно только запланированное заседание.")
            self.agenda_items.update(meeting=None, state="queued", position=0, version=F("version") + 1)
            self.state, self.cancel_reason, self.sequence = self.State.CANCELLED, reason.strip(), row.sequence + 1
            self.save(update_fields=["state", "cancel_reason", "sequence"])
            self.tell_the_invited()

    def _lock_planned(self, otherwise):
        row = self.locked()
        if row.state != self.State.PLANNED:
            raise Refused(otherwise)
        return row

    def _keep_opinions_in_time(self):
        """A meeting brought forward needs its opinions sooner: none is due after it."""
        from councils.models.opinion import Opinion  # stands on this module

        for opinion in Opinion.objects.waiting().filter(item__meeting=self, due_on__gt=self.held_on):
            opinion.bring_forward(self.held_on)

    def tell_the_invited(self):
        """Once the change is kept, wake the task that sends what each of the invited does not know yet."""
        from councils import tasks  # tasks stand on the models

        if self.held_on >= timezone.localdate():
            transaction.on_commit(lambda: tasks.wake(self.pk))

    def seat_of(self, user):
        """The user's membership on the meeting's day; None for who does not sit in the council."""
        return self.council.memberships.valid_on(self.held_on).filter(user=user).order_by("pk").first()

    def open_for_answers(self):
        """Raises Refused once nobody can say any more whether he will come."""
        if self.state != self.State.PLANNED:
            raise Refused(f"Ответить на приглашение уже нельзя: {self.get_state_display()}.")

    def take_answers(self):
        """The meeting opens: who has said he would not come is marked as excused; opinions are not waited for."""
        from councils.models.opinion import Opinion  # stands on this module

        excused = self.invitations.filter(answer="no").values("membership")
        self.attendances.filter(membership__in=excused).update(state=Attendance.State.EXCUSED)
        sends = dict(self.invitations.filter(answer="substitute").values_list("membership", "substitute"))
        for row in self.attendances.filter(membership__in=sends):
            row.substitute = sends[row.membership_id]
            row.save(update_fields=["substitute"])
        Opinion.stop_waiting(self.agenda_items.all())

    def expected_quorum(self):
        """The quorum there will be if those come who have said so, and nobody else; a substitute counts as he does."""
        says = dict(self.invitations.values_list("membership", "answer"))
        rows = [
            Attendance(
                meeting=self,
                membership=member,
                state=Attendance.State.PRESENT if says.get(member.pk) in ("yes", "substitute") else "absent",
            )
            for member in self.council.members_on(self.held_on)
        ]
        return self.count_quorum(rows, 1)

    @property
    def begins(self) -> datetime.datetime:
        """The moment it begins, in the region's time."""
        return timezone.make_aware(datetime.datetime.combine(self.held_on, self.starts_at))

    @property
    def ends(self) -> datetime.datetime:
        return self.begins + datetime.timedelta(minutes=self.duration)

    @classmethod
    def collisions(cls, council, *, held_on, starts_at, duration=DURATION, place="", besides=None) -> list[str]:
        """What else happens at that hour, as Russian phrases: the hall is taken, a member sits elsewhere."""
        begins = timezone.make_aware(datetime.datetime.combine(held_on, starts_at))
        ends = begins + datetime.timedelta(minutes=duration)
        same_day = cls.objects.filter(held_on=held_on, state__in=("planned", "running")).exclude(pk=besides)
        at_once = [m for m in same_day.select_related("council") if m.begins < ends and begins < m.ends]
        hall = " ".join(place.lower().split())
        found = [
            f"«{place}» занято в {m.starts_at:%H:%M}: {m.council}"
            for m in at_once
            if hall and " ".join(m.place.lower().split()) == hall
        ]
        others = {m.council_id: m.council for m in at_once if m.council_id != council.pk}
        return found + (_busy_members(council, others, held_on) if others else [])

    def get_invitations_url(self):
        return reverse("councils:invitation-list", args=[self.pk])


def warn_of(collisions, despite):
    """Raises Refused with what collides, unless the person has seen it and goes on `despite` it."""
    if collisions and not despite:
        raise Refused(
            "В это время: " + "; ".join(collisions) + ". Смените время или отметьте, что назначаете всё равно."
        )


def _moment(how):
    given = {"held_on": how["held_on"], "starts_at": how.get("starts_at", datetime.time(10, 0))}
    return given | {"duration": how.get("duration", DURATION)}


def _check_day(held_on):
    if held_on < timezone.localdate():
        raise Refused("Дата заседания уже прошла. Запланируйте его на сегодня или позже.")


def _lock_hour(council, held_on, starts_at, besides=None):
    """Two plans at once do not take one hour of a council."""
    Council.objects.select_for_update().get(pk=council.pk)
    taken = council.meetings.filter(held_on=held_on, starts_at=starts_at).exclude(state="cancelled")
    if taken.exclude(pk=besides).exists():
        raise Refused(f"На {held_on:%d.%m.%Y}, {starts_at:%H:%M} заседание этого совета уже запланировано.")


def _busy_members(council, others, day) -> list[str]:
    here = set(council.memberships.valid_on(day).exclude(user=None).values_list("user", flat=True))
    rows = [row for other in others.values() for row in other.memberships.valid_on(day).filter(user__in=here)]
    return [f"{row} заседает и в другом совете: {others[row.council_id]}" for row in rows]
