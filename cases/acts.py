"""What may be done with a case now. Each function says in Russian why not, or returns an empty string.

The same answer disables a button, refuses a page and stops a verb, so the three cannot disagree.
"""

from cases import lacks
from cases.words import FLOW, SUPPORTED_STAGES, Stage

FINISHED = (Stage.REFUSED, Stage.AFTERCARE, Stage.CLOSED)
NOT_SUPPORTED_YET = "Семья ещё не принята на сопровождение: сначала решение совета."
FINISHED_CASE = "Сопровождение по этому случаю завершено."


def why_not_assess(case) -> str:
    """Why no assessment may be recorded."""
    return "Случай завершён: новая диагностика к нему не записывается." if case.stage in FINISHED else ""


def why_not_draft(case) -> str:
    """Why no programme may be drafted or amended."""
    if case.stage in FINISHED:
        return FINISHED_CASE
    if case.stage == Stage.COUNCIL:
        return "Случай на совете. Дождитесь решения или попросите секретаря вернуть вопрос."
    if case.stage == Stage.SUSPENDED:
        return "Сопровождение приостановлено. Сначала руководитель возобновляет его."
    return ""


def why_not_start_programme(case) -> str:
    """Why no first revision may be begun: as for any draft, and the assessment comes first."""
    reason = why_not_draft(case)
    if not reason and not case.assessments.exists():
        return "Сначала проведите диагностику: цели ИПСС отвечают на трудности, которые она показала."
    return reason


def why_not_contract(case) -> str:
    """Why no contract may be signed."""
    if case.stage in FINISHED:
        return FINISHED_CASE
    if case.stage == Stage.SUSPENDED:
        return "Сопровождение приостановлено. Сначала возобновите его."
    if case.stage != Stage.ACTIVE:
        return "Договор заключается после решения совета о сопровождении."
    if not lacks.contracts_to_sign(case):
        return "По этому случаю уже действует договор. Сначала запишите его расторжение."
    if not case.programmes.filter(revisions__state="approved").exists():
        return "Нет утверждённой ИПСС: к договору прилагается утверждённая редакция."
    return ""


def why_not_certify(case) -> str:
    """Why no «семейный сертификат» may be issued; one in force whose programme was amended is replaced."""
    if case.stage in FINISHED:
        return FINISHED_CASE
    if case.stage == Stage.SUSPENDED:
        return "Сопровождение приостановлено. Сначала возобновите его."
    if case.stage != Stage.ACTIVE:
        return NOT_SUPPORTED_YET
    if not case.programmes.filter(revisions__state="approved").exists():
        return "Нет утверждённой ИПСС: сертификат — это программа в руках семьи."
    if not case.contracts.filter(terminated_on=None).exists():
        return "Нет действующего договора: сертификат выдаётся к договору."
    current = case.certificates.in_force().select_related("revision").first()
    if current is not None and not current.is_outdated:
        return f"Сертификат № {current.full_number} действует. Испорченный или ошибочный сначала отзовите."
    return ""


def why_not_award(case) -> str:
    """Why no points of the bonus programme may be given."""
    if case.stage in FINISHED:
        return FINISHED_CASE
    if case.stage == Stage.SUSPENDED:
        return "Сопровождение приостановлено. Баллы начисляются, пока оно идёт."
    return "" if case.stage == Stage.ACTIVE else NOT_SUPPORTED_YET


def why_not_spend(case) -> str:
    """Why points may neither be spent nor taken back: in aftercare they still may."""
    if case.stage in (*SUPPORTED_STAGES, Stage.AFTERCARE):
        return ""
    return FINISHED_CASE if case.stage in FINISHED else NOT_SUPPORTED_YET


def why_not_copy(contract) -> str:
    """Why no copy of the contract goes to guardianship."""
    if contract.copy_due_on is None:
        return "Копию в опеку передают по договору с замещающей семьёй. Эта семья к ним не отнесена."
    return "" if contract.copy_waits else "Передача копии этого договора уже записана."


def why_not_contact(case) -> str:
    """Why no contact may be written down."""
    if case.stage in (Stage.CLOSED, Stage.REFUSED):
        return "Случай завершён: контакты к нему не записываются."
    return ""


def why_not_review(case) -> str:
    """Why no review may be held."""
    if case.stage in SUPPORTED_STAGES:
        return ""
    return FINISHED_CASE if case.stage in FINISHED else "Мониторинг проводится, пока семья на сопровождении."


def why_not_prepare_closure(case) -> str:
    """Why no conclusion on removal may be prepared."""
    if case.stage in SUPPORTED_STAGES:
        return ""
    return FINISHED_CASE if case.stage in FINISHED else "Заключение о снятии готовится, пока семья на сопровождении."


def why_not_suspend(case) -> str:
    """Why support cannot be suspended."""
    if case.stage == Stage.SUSPENDED:
        return "Сопровождение уже приостановлено."
    return "" if case.stage == Stage.ACTIVE else "Приостановить можно сопровождение, которое идёт."


def why_not_resume(case) -> str:
    """Why support cannot be resumed."""
    return "" if case.stage == Stage.SUSPENDED else "Сопровождение не приостановлено."


def why_not_withdraw(case) -> str:
    """Why the family's own refusal cannot be written down."""
    if case.stage == Stage.AFTERCARE:
        return "Семья уже снята с сопровождения: идёт постсопровождение."
    return "" if Stage.CLOSED in FLOW[case.stage] else FINISHED_CASE


def why_not_transfer(case) -> str:
    """Why the case cannot go to another organisation now."""
    if case.stage in FINISHED:
        return FINISHED_CASE
    if case.stage == Stage.COUNCIL:
        return "Случай на совете. Дождитесь решения или попросите секретаря вернуть вопрос."
    if case.stage == Stage.SUSPENDED:
        return "Сопровождение приостановлено. Сначала возобновите его."
    return ""


def why_not_assign(case) -> str:
    """Why the curator cannot be changed."""
    return "Случай завершён: менять куратора поздно." if case.stage in (Stage.CLOSED, Stage.REFUSED) else ""


def why_not_route(case) -> str:
    """Why no individual route of a minor may be drawn up."""
    if case.stage in SUPPORTED_STAGES:
        return ""
    return FINISHED_CASE if case.stage in FINISHED else NOT_SUPPORTED_YET


def why_not_consult(case) -> str:
    """Why no consultation of the parents may be written down."""
    return (
        "Случай завершён: консультации к нему не записываются." if case.stage in (Stage.CLOSED, Stage.REFUSED) else ""
    )


def why_not_invite_to_survey(case) -> str:
    """Why the family cannot be asked how it was helped."""
    return "" if case.accepted_on else "Анкета предлагается семье, которую приняли на сопровождение."


def why_not_change_cover(case) -> str:
    """Why whom the case covers cannot be changed."""
    return FINISHED_CASE if case.stage in FINISHED else ""


def why_not_return(case) -> str:
    """Why the family cannot come back to support by a new case linked to this one."""
    if case.stage not in (Stage.AFTERCARE, Stage.CLOSED):
        return "Случай не завершён: возвращать семью не из чего."
    if case.transfers.exists():
        return "Семья передана в другую организацию: сопровождение продолжает она."
    if case.family.cases.filter(organisation=case.organisation_id).open().exists():
        return "У семьи уже есть открытый случай в Вашей организации."
    return ""


def why_not_finish_aftercare(case) -> str:
    """Why aftercare cannot be finished."""
    if case.stage != Stage.AFTERCARE:
        return "Случай не на этапе постсопровождения."
    if case.aftercare_checks.filter(done_on=None).exists():
        return "Постсопровождение завершается, когда записаны все запланированные проверки."
    return ""
