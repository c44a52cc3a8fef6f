"""Municipalities, organisations, specialists."""

from sopr.accounts.models import Municipality, Organisation, StaffRecord, User
from sopr.exchange.save.merge import by_code, column, ids, merge


def save_municipalities(batch):
    wanted = {row["Код"]: {"code": row["Код"], "name": row["Наименование"]} for _n, row in batch}
    merge(Municipality, by_code(Municipality, "code", wanted), wanted)


def save_organisations(batch):
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    wanted = {
        row["Код"]: {
            "code": row["Код"],
            "name": row["Наименование"],
            "kind": row["Вид"],
            "municipality_id": municipalities.get(row.get("Код МО")),
        }
        for _n, row in batch
    }
    merge(Organisation, by_code(Organisation, "code", wanted), wanted)


def save_specialists(batch):
    """Accounts without a password (the administrator gives one) and the periods of work."""
    organisations = ids(Organisation, "code", column(batch, "Код организации"))
    latest = {}
    for _n, row in sorted(batch, key=lambda pair: pair[1]["С"]):
        latest[row["Логин"]] = {
            "username": row["Логин"],
            "last_name": row["Фамилия"],
            "first_name": row["Имя"],
            "patronymic": row.get("Отчество", ""),
            "organisation_id": organisations[row["Код организации"]],
            "role": row["Роль"],
        }
    known = by_code(User, "username", latest)
    for login, values in latest.items():
        if login not in known:
            values["password"] = "!"  # noqa: S105 — Django's mark of an unusable password
    users = merge(User, known, {login: v for login, v in latest.items() if login not in known})
    existing = {
        (record.user_id, record.organisation_id, record.role, record.since): record
        for record in StaffRecord.objects.filter(user__in=[users[login].pk for login in latest])
    }
    wanted = {}
    for _n, row in batch:
        values = {
            "user_id": users[row["Логин"]].pk,
            "organisation_id": organisations[row["Код организации"]],
            "role": row["Роль"],
            "since": row["С"],
            "until": row.get("По"),
        }
        wanted[(values["user_id"], values["organisation_id"], values["role"], values["since"])] = values
    merge(StaffRecord, existing, wanted)
