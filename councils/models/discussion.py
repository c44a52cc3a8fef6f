"""Обсуждение вопроса: what is typed, self-recusal, dissent, a vote without a majority, the order of what waits."""

from django.db import transaction
from django.utils import timezone

from councils.models.voting import Dissent, FailedVote, Tally
from sopr.errors import Refused


class Discussed:
    """The part of an AgendaItem that a running meeting discusses."""

    def note_down(self, *, by, heard, spoke, draft, version=None):
        """Keep what the secretary types while the question is discussed: a draft, not a decision.

        `version` is the one the text was opened on; raises Refused when another window has written since.
        """
        with transaction.atomic():
            self._lock_under_discussion()
            row = self._locked()
            typed = (heard, spoke, draft)
            if typed == (row.heard, row.spoke, row.draft):
                return
            if version is not None and version != row.version:
                raise Refused("Этот вопрос уже записан в другом окне. Сверьте оба текста и сохраните тот, что верен.")
            self.heard, self.spoke, self.draft = typed
            self.typed_by, self.typed_at = by, timezone.now()
            self.version = row.version
            self.save(update_fields=["heard", "spoke", "draft", "typed_by", "typed_at"])

    def recuse(self, membership, *, by, reason=""):
        """A member declares self-recusal: he is not present for this item (decisions.md, «Quorum base»)."""
        with transaction.atomic():
            meeting = self._lock_under_discussion()
            if not meeting.attendances.filter(membership=membership).exists():
                raise Refused("Самоотвод заявляет член совета, который входит в его состав на день заседания.")
            return self.recusals.update_or_create(membership=membership, defaults={"reason": reason})[0]

    def cancel_recusal(self, membership, *, by):
        """The self-recusal was written down by mistake."""
        with transaction.atomic():
            self._lock_under_discussion()
            self.recusals.filter(membership=membership).delete()

    def count_votes(self, meeting, voters, *, votes_for, votes_against, abstained, roll, chair_for, chair) -> Tally:
        """The votes by the council's regulation: hands counted, or a roll call; raises Refused when they do not fit."""
        council = meeting.council
        casting = chair if council.casting_vote else None
        if council.roll_call and meeting.is_absentee:
            roll = meeting.roll_of(self)
        if council.roll_call:
            if roll is None:
                raise Refused("В этом совете голосуют поимённо: отметьте голос каждого, кто участвует в вопросе.")
            return Tally.by_roll(roll, voters, chair=casting)
        return Tally.counted(
            votes_for, votes_against, abstained, present=len(voters), casting=casting is not None and chair_for
        )

    def record_no_majority(self, *, by, text, votes_for=0, votes_against=0, abstained=0, roll=None, chair_for=False):
        """«Решение не принято»: the draft was put to the vote and found no majority; the question stays open.

        It may be voted on again or postponed. Raises Refused without a quorum, and when there is a majority.
        """
        if not text.strip():
            raise Refused("Запишите проект решения, за который голосовали.")
        with transaction.atomic():
            meeting = self._lock_under_discussion()
            meeting.require_no_recess()
            row = self._locked()
            quorum, voters = meeting.quorum_for(row), meeting.voters(row)
            if not quorum.reached:
                raise Refused(quorum.reason + " Без кворума не голосуют.")
            chair = meeting.require_chair(voters)
            tally = self.count_votes(
                meeting, voters, votes_for=votes_for, votes_against=votes_against, abstained=abstained, roll=roll,
                chair_for=chair_for, chair=chair,
            )  # fmt: skip
            if tally.adopted:
                raise Refused("За решение проголосовало большинство: нажмите «Решение принято».")
            return FailedVote.objects.create(
                meeting=meeting, item=self, text=text.strip(), members=quorum.members, chaired_by=chair, by=by,
                **tally.as_columns(),
            )  # fmt: skip

    def dissent(self, membership, *, by, text):
        """A member who took part leaves a dissenting opinion, until the minutes are signed.

        An empty `text` takes it back. Raises Refused for who did not take part in the question.
        """
        if self.meeting_id is None:
            raise Refused("Вопрос не стоит в повестке заседания.")
        with transaction.atomic():
            meeting = self.meeting.lock_running("Особое мнение записывают, пока протокол не подписан.")
            if not text.strip():
                self.dissents.filter(membership=membership).delete()
                return None
            if membership.pk not in {row.membership_id for row in meeting.voters(self)}:
                raise Refused("Особое мнение оставляет член совета, который участвует в этом вопросе.")
            values = {"text": text.strip(), "by": by, "at": timezone.now()}
            return Dissent.objects.update_or_create(item=self, membership=membership, defaults=values)[0]

    def rearrange(self, *, by, way):
        """Hear the question earlier (`up`), later (`down`) or next of all (`first`): what is decided stays in place.

        Only the numbers of questions that wait change hands, so attendance at what is decided stays true.
        """
        with transaction.atomic():
            meeting = self._lock_under_discussion()
            order = list(meeting.agenda_items.select_for_update().filter(state=self.State.SCHEDULED))
            positions = [item.position for item in order]
            place = next(index for index, item in enumerate(order) if item.pk == self.pk)
            target = {"up": place - 1, "down": place + 1, "first": 0}[way]
            if not 0 <= target < len(order):
                return
            order.insert(target, order.pop(place))
            for position, item in zip(positions, order, strict=True):
                if item.position != position:  # not `save`: the texts have not changed, nobody's form is stale
                    type(self).objects.filter(pk=item.pk).update(position=position)
            self.position = positions[target]

    def ask_to_annul(self, *, by, reason):
        """Ask the council to annul its decision on this question: a question of its own in the queue."""
        if not reason.strip():
            raise Refused("Напишите совету, почему решение нужно отменить.")
        with transaction.atomic():
            if not hasattr(self, "decision"):
                raise Refused("Отменить можно только принятое решение.")
            self.decision.check_annullable()
            if type(self).objects.filter(case=self.case_id).in_the_way().exists():
                raise Refused(
                    "По этому случаю вопрос уже вынесен на совет. Дождитесь решения или попросите вернуть его."
                )
            item = type(self).objects.create(
                council=self.council, case=self.case, question="annul", annuls=self.decision, summary=reason.strip(),
                proposed_by=by,
            )  # fmt: skip
            self.case.log("proposed", by=by, item=item.pk, question="annul")
            return item
