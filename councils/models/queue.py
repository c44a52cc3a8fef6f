"""Очередь и порядок повестки: what the secretary does with a question before the meeting."""

from django.db import transaction
from django.utils import timezone

from councils import wording
from councils.models.questions import OF_TERM
from councils.words import Question
from sopr.errors import Refused


class InQueue:
    """The part of an AgendaItem that waits for a meeting."""

    @property
    def heard_as(self):
        """The question of the agenda in which this one is heard: itself, or the one it is merged into."""
        return self.merged_into if self.merged_into_id else self

    def put_off(self, *, by, until, reason):
        """Leave it in the queue until the day `until`, for a `reason` that the curator reads."""
        if not reason.strip():
            raise Refused("Напишите куратору, почему вопрос откладывается.")
        if until <= timezone.localdate():
            raise Refused("Укажите день позже сегодняшнего.")
        with transaction.atomic():
            if self._locked().state != self.State.QUEUED:
                raise Refused("Отложить до дня можно вопрос, который ждёт в очереди.")
            self.not_before, self.put_off_because = until, reason.strip()
            self.save(update_fields=["not_before", "put_off_because"])
            self.case.log("item_put_off", by=by, item=self.pk, until=until.isoformat())

    def prepare(self, *, by, draft, version=None):
        """Write the decision that will be voted on by correspondence, before the ballots are sent."""
        with transaction.atomic():
            meeting = self.meeting.locked() if self.meeting_id else None
            row = self._locked()
            if meeting is None or not meeting.is_absentee or meeting.state != meeting.State.PLANNED:
                raise Refused("Проект решения пишут до рассылки бюллетеней.")
            if version is not None and version != row.version:
                raise Refused("Проект уже изменён в другом окне. Скопируйте свой текст и обновите страницу.")
            self.draft, self.version = draft.strip(), row.version
            self.save(update_fields=["draft"])

    def move(self, *, by, way):
        """One place `up` or `down` on the agenda of a meeting that has not begun; at the end nothing moves."""
        with transaction.atomic():
            meeting = self.meeting.locked() if self.meeting_id else None
            if meeting is None or meeting.state != meeting.State.PLANNED:
                raise Refused("Порядок вопросов меняют, пока заседание не открыто.")
            order = list(meeting.agenda_items.select_for_update().order_by("position", "pk"))
            place = next((n for n, item in enumerate(order) if item.pk == self.pk), None)
            if place is None:
                raise Refused("Вопроса уже нет в этой повестке.")
            target = place + (-1 if way == "up" else 1)
            if 0 <= target < len(order):
                order.insert(target, order.pop(place))
            for position, item in enumerate(order, 1):
                if item.position != position:
                    item.position = position
                    item.save(update_fields=["position"])

    def may_merge_into(self):
        """Other questions about the family, before the same council, that this one may be heard with."""
        found = type(self).objects.filter(case__family=self.case.family_id, council=self.council_id).waiting()
        found = found.exclude(pk=self.pk).exclude(meeting__state="running")
        return found if self.by_system else found.filter(by_system=False)

    def merge_into(self, other, *, by):
        """Hear this question together with `other`, as one item of the agenda with one decision.

        A question of the system goes into a person's, never the other way. Raises Refused for another family or
        council, and for what is decided or before a running meeting.
        """
        if self.case.family_id != other.case.family_id:
            raise Refused("Объединить можно только вопросы об одной семье.")
        if self.council_id != other.council_id:
            raise Refused("Вопросы вынесены на разные советы.")
        if other.by_system and not self.by_system:
            raise Refused("Вопрос человека главный: присоедините вопрос системы к нему.")
        with transaction.atomic():
            meetings = {item.meeting_id: item.meeting for item in (self, other) if item.meeting_id}
            rows = {pk: meetings[pk].locked() for pk in sorted(meetings)}
            if any(row.state != row.State.PLANNED for row in rows.values()):
                raise Refused("Заседание уже идёт: объединить вопросы нельзя.")
            locked = {item.pk: item._locked() for item in sorted((self, other), key=lambda item: item.pk)}
            standing = (self.State.QUEUED, self.State.SCHEDULED)
            if self.pk == other.pk or any(item.state not in standing for item in locked.values()):
                raise Refused("Объединить можно два вопроса, которые ещё не решены.")
            own = rows.get(self.meeting_id)
            for each in [*self.merged.all(), self]:
                each.state, each.merged_into, each.meeting, each.position = self.State.MERGED, other, None, 0
                each.save(update_fields=["state", "merged_into", "meeting", "position"])
            if own is not None:
                own.close_gaps()
            self.also = ""
            self.save(update_fields=["also"])
            other.tell_also()
            self.case.log("item_merged", by=by, item=self.pk, into=other.pk)

    def split(self, *, by):
        """Take a merged question apart again: it waits in the queue for itself."""
        with transaction.atomic():
            row = self._locked()
            if row.state != self.State.MERGED:
                raise Refused("Этот вопрос ни с каким не объединён.")
            other = row.merged_into
            if other.state not in (self.State.QUEUED, self.State.SCHEDULED):
                raise Refused("Вопрос уже решён вместе с другим: разъединить их нельзя.")
            if other.meeting_id and other.meeting.locked().state != "planned":
                raise Refused("Заседание уже идёт: разъединить вопросы нельзя.")
            self._stand_alone()
            other.tell_also()
            self.case.log("item_split", by=by, item=self.pk)

    def tell_also(self):
        """Keep the wording of what is merged into this question beside its own, for lines of agendas."""
        merged = self.merged.select_related("case__family", "to_organisation")
        abouts = [wording.about(item) for item in merged]
        self.also = "; ".join(f"{text[:1].lower()}{text[1:]}" for text in abouts)
        self.save(update_fields=["also"])

    def release_merged(self, *, by=None, remark=""):
        """The question leaves the agenda undecided: what people had put with it goes back to them with the `remark`,
        what the system had put waits again."""
        for other in self.merged.select_related("case__family"):
            other._stand_alone()
            if not other.by_system and remark:
                other.return_with_remark(by=by, remark=remark)
        if self.also:
            self.also = ""
            self.save(update_fields=["also"])

    def decide_merged(self, decision, *, by):
        """What was heard together is decided together: each question gets its decision and its verb is done.

        Two answers to one term of one case are one: the level is not prolonged beside being changed.
        """
        for other in self.merged.select_related("case__family", "case__organisation", "case__curator"):
            other.case.refresh_from_db()
            if other.case_id == self.case_id and other.question in OF_TERM and self.question in OF_TERM:
                continue
            revisions = list(other.revisions.all())
            own = self.decisions().create(
                item=other, question=Question.REFUSE if decision.verdict == "refused" else other.question,
                verdict=decision.verdict, text=decision.text, level=other._level_decided(decision.verdict, ""),
                curator=other._curator_decided(decision.verdict, None), decided_on=decision.decided_on,
                votes_for=decision.votes_for, votes_against=decision.votes_against, abstained=decision.abstained,
                present=decision.present, members=decision.members, roll_call=decision.roll_call,
                chaired_by=decision.chaired_by, by_casting_vote=decision.by_casting_vote, by=by,
            )  # fmt: skip
            own.revisions.set(revisions)
            own.perform(by=by)

    def _stand_alone(self):
        self.state, self.merged_into = self.State.QUEUED, None
        self.save(update_fields=["state", "merged_into"])
