"""Приглашение члена совета на заседание: what he was sent and what he has answered."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from councils.models.meeting import Meeting
from councils.models.membership import CouncilMembership
from sopr.errors import Refused
from sopr.web.models import Versioned


class Invitation(Versioned):
    """One member, one meeting. `sent_sequence` and `sent_method` are of the last letter: what he knows already."""

    class Answer(models.TextChoices):
        YES = "yes", "буду"
        NO = "no", "не буду"
        SUBSTITUTE = "substitute", "будет замещающий"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="invitations")
    membership = models.ForeignKey(CouncilMembership, models.PROTECT, related_name="invitations")
    answer = models.CharField("ответ", max_length=12, choices=Answer, blank=True)
    reason = models.CharField("причина", max_length=300, blank=True)
    substitute = models.CharField("кто замещает", max_length=120, blank=True)
    answered_at = models.DateTimeField("когда ответил", null=True, editable=False)
    sent_sequence = models.PositiveIntegerField(null=True, editable=False)
    sent_method = models.CharField(max_length=8, blank=True, editable=False)  # REQUEST, CANCEL
    sent_at = models.DateTimeField("отправлено", null=True, editable=False)

    class Meta:
        verbose_name = "приглашение"
        verbose_name_plural = "приглашения"
        constraints = [
            # also finds the invitations of a meeting
            models.UniqueConstraint(fields=["meeting", "membership"], name="one_invitation_per_member"),
            models.CheckConstraint(condition=~Q(answer="no") | ~Q(reason=""), name="refused_invitation_says_why"),
        ]

    def __str__(self):
        return f"Приглашение № {self.pk}"

    @classmethod
    def reply(cls, meeting, membership, *, by, answer, reason="", substitute=""):
        """Keep the answer of a member, given by himself or told to the secretary; until the meeting opens.

        Raises Refused for «не буду» without a reason, for a substitute without a name or where the region has none,
        and for who is no member on the meeting's day.
        """
        reason, substitute = reason.strip(), substitute.strip()
        if answer == cls.Answer.NO and not reason:
            raise Refused("Напишите, почему не сможете быть: причина войдёт в явку.")
        if answer == cls.Answer.SUBSTITUTE and not substitute:
            raise Refused("Напишите, кто Вас заместит: фамилия и инициалы.")
        if answer == cls.Answer.SUBSTITUTE and not meeting.council.substitutes:
            raise Refused("Замещать члена совета здесь нельзя: ответьте «не буду» и напишите причину.")
        with transaction.atomic():
            row = meeting.locked()
            row.open_for_answers()
            if not row.council.memberships.valid_on(row.held_on).filter(pk=membership.pk).exists():
                raise Refused("На день заседания этого человека в составе совета нет.")
            invitation = cls.objects.get_or_create(meeting=meeting, membership=membership)[0]
            invitation.answer, invitation.answered_at = answer, timezone.now()
            invitation.reason = reason if answer != cls.Answer.YES else ""
            invitation.substitute = substitute if answer == cls.Answer.SUBSTITUTE else ""
            invitation.save(update_fields=["answer", "answered_at", "reason", "substitute"])
        return invitation

    def letter_due(self, meeting, invited: bool) -> str:
        """REQUEST or CANCEL when this member does not know the meeting as it is; empty when he does."""
        wanted = "REQUEST" if invited and meeting.state != Meeting.State.CANCELLED else "CANCEL"
        if wanted == "CANCEL" and self.sent_method in ("", "CANCEL"):
            return ""  # never invited, or told already
        known = (self.sent_method, self.sent_sequence) == (wanted, meeting.sequence)
        return "" if known else wanted

    def note_sent(self, method, sequence):
        """The letter has gone out."""
        self.sent_method, self.sent_sequence, self.sent_at = method, sequence, timezone.now()
        self.save(update_fields=["sent_method", "sent_sequence", "sent_at"])
