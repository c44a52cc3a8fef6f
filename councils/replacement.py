"""A new membership beside the present one: who leaves, who comes, whose place changes."""

from councils.models import CouncilMembership

Role = CouncilMembership.Role


def compare(members, seats) -> dict:
    """{leave, come, stay}: lists of (full name, what is said of the place: was, will be).

    `members` sit now; `seats` are arguments of `Council.seat`. A person is known by the login, else by the name.
    """
    now = {_key(member.user_id, member.full_name): _place(member.role, member.organisation, member.votes)
           for member in members}  # fmt: skip
    names = {_key(member.user_id, member.full_name): member.full_name for member in members}
    then = {}
    for seat in seats:
        user = seat.get("user")
        name = user.full_name if user else " ".join(
            filter(None, [seat.get("last_name"), seat.get("first_name"), seat.get("patronymic")])
        )  # fmt: skip
        key = _key(user.pk if user else None, name)
        names[key], then[key] = name, _place(seat["role"], seat["organisation"], seat["votes"])
    return {
        "leave": [(names[key], place, "") for key, place in now.items() if key not in then],
        "come": [(names[key], "", place) for key, place in then.items() if key not in now],
        "stay": [(names[key], now[key], place) for key, place in then.items() if key in now],
        "votes": sum(seat["votes"] and seat["role"] != Role.INVITED for seat in seats),
    }


def _key(user, name):
    return user or name.lower()


def _place(role, organisation, votes) -> str:
    mute = "" if votes and role != Role.INVITED else ", без голоса"
    return f"{Role(role).label}, {organisation}{mute}"
