"""The table of logins that ends the seeding: one for each role, and what it is good for."""

from sopr.accounts.models import User
from sopr.demo.region import PASSWORD

SHOWN = {
    "curator": "свои семьи, что просрочено, очередь на совет",
    "head": "новые сигналы, нагрузка кураторов, отчёт организации",
    "secretary": "идущее заседание, очередь вопросов, протоколы",
    "member": "материалы заседаний своего совета",
    "chair": "протоколы, которые ждут подписи председателя",
    "executor": "мероприятия своей поликлиники",
    "ministry": "регион за квартал, сводные отчёты",
    "officer": "журнал обращений к персональным данным",
    "administrator": "учётные записи, загрузка реестра",
}


def table() -> str:
    """Role, login, password, what one will see; as lines of equal columns."""
    users = User.objects.in_bulk(SHOWN, field_name="username")
    rows = [("Роль", "Логин", "Пароль", "Что увидит")]
    rows += [(users[login].get_role_display(), login, PASSWORD, text) for login, text in SHOWN.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    )
