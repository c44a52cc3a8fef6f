"""Social contracts of the demo region: going on, fulfilled with and without a better position, terminated."""

from families.models import InformingEvent, SocialContract
from sopr.calendar import add_months
from sopr.demo import phrases
from sopr.demo.timeline import DAY

Direction = SocialContract.Direction
KINDS = (
    ((Direction.WORK,), 0, "Встать на учёт в центр занятости, искать работу, отчитываться раз в месяц."),
    ((Direction.WORK, Direction.TRAINING), 30_000, "Пройти обучение на повара и устроиться на работу."),
    ((Direction.BUSINESS,), 350_000, "Зарегистрироваться самозанятой, купить оборудование для пошива."),
    ((Direction.FARM,), 200_000, "Купить корову и инвентарь, оформить самозанятость."),
    ((Direction.HARDSHIP,), 90_000, "Купить дрова и одежду детям, оформить документы, закрыть долг за свет."),
)
RESULTS = {
    True: "Доход семьи вырос, трудная ситуация преодолена.",
    False: "Доход не изменился: работа была временной.",
    None: "О результате судить рано.",
}


def conclude(life, *, months_ago=0):
    """A contract of the family from the day of the story, or from some months before it."""
    directions, amount, plan = life.rng.choice(KINDS)
    signed_on = add_months(life.scene.day, -months_ago)
    return SocialContract.conclude(
        life.family, by=life.curator, signed_on=signed_on, until=add_months(signed_on, 6 if months_ago else 9),
        directions=directions, amount=amount or None, plan=plan,
        number=f"{life.rng.randrange(10, 900)}-СК",
    )  # fmt: skip


def known_for_long(life):
    """A family that manages by itself: a first contract did well, the next one went each way in its turn."""
    end(conclude(life, months_ago=20), life, improved=True)
    improved, broken = next(life.scene.fates)
    contract = conclude(life, months_ago=8)
    if improved is not None:
        end(contract, life, improved=improved, broken=broken)


def end(contract, life, *, improved, broken=False):
    """What became of it; now and then it is terminated before its term."""
    early = contract.until > life.scene.day
    contract.end(
        by=life.curator, day=life.scene.day, improved=improved, result=RESULTS[improved],
        ending="terminated" if broken else "completed",
        reason="семья не отчитывалась о выполнении" if broken else "цель достигнута раньше срока" if early else "",
    )  # fmt: skip


def end_going_on(life, *, improved):
    """The family's contract that goes on, if there is one, ends with support."""
    contract = life.family.social_contracts.going_on().first()
    if contract is not None and contract.signed_on < life.scene.day - 30 * DAY:
        end(contract, life, improved=improved)


def inform(life):
    """The family is told of what there is."""
    InformingEvent.record(
        by=life.curator, informed_on=life.scene.day, topic=life.rng.choice(phrases.INFORMING), family=life.family
    )
