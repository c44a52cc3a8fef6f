"""Rights and benefits of a family in plain words: what it may ask for, where, with which papers, by which norm."""

from cases.benefits import navigate
from cases.models import BenefitNote
from families.documents import organisation_context
from sopr.documents.names import Name
from sopr.documents.registry import Document, register

State = BenefitNote.State
# What the family reads beside a measure; nothing where there is nothing to say.
SAID = {
    State.APPLIED: "заявление подано",
    State.RECEIVES: "Вы получаете",
    State.REFUSED: "отказано",
    State.STOPPED: "выплата закончилась",
}
LEFT_OUT = (State.NOT_NEEDED,)


def benefits_context(family, *, user, day) -> dict:
    """Family → context of documents/benefits.html: measures in force on `day`, without those it does not need.

    Why a measure is there is not printed: the family knows itself, and a sheet may be seen by others.
    """
    _facts, matches = navigate(family, user, day)
    shown = [match for match in matches if match.note is None or match.note.state not in LEFT_OUT]
    return {
        "organisation": organisation_context(user.organisation),
        "status": "",
        "family_gen": family.surname_in("gen"),
        "day": day,
        "measures": [
            {
                "title": match.version.title,
                "gives": match.version.gives,
                "terms": match.version.terms,
                "papers": match.version.papers,
                "apply_at": match.version.apply_at,
                "phone": match.version.phone,
                "norm": match.version.norm,
                "confirmed": match.version.confirmed,
                "receives": bool(match.note and match.note.state == State.RECEIVES),
                "state": _said(match.note),
            }
            for match in shown
        ],
        "unconfirmed": any(not match.version.confirmed for match in shown),
        "helper": {"full": Name(user).full, "sign": Name(user).sign, "post": user.post, "phone": user.phone},
    }


def _said(note) -> str:
    if note is None or note.state not in SAID:
        return ""
    tail = f": {note.result}" if note.result else ""
    return f"{SAID[State(note.state)]} ({note.happened_on:%d.%m.%Y}){tail}"


BENEFITS = register(
    Document(
        code="benefits",
        title="Права и льготы семьи",
        template="documents/benefits.html",
        context=benefits_context,
        file_name=lambda family: f"prava-i-lgoty-{family.pk}",
    )
)
