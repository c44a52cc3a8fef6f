"""Who may do what: roles, permissions and grants on one screen (domain.md §5). Deny by default.

Which rows a user sees is a separate question, answered by `visible_to` on each queryset.
"""

from enum import StrEnum

from django.db.models import TextChoices


class Role(TextChoices):
    CURATOR = "curator", "Куратор"
    HEAD = "head", "Руководитель службы"
    SECRETARY = "secretary", "Секретарь совета"
    MEMBER = "member", "Член совета"
    EXECUTOR = "executor", "Исполнитель"
    MINISTRY = "ministry", "Министерство"
    DATA_OFFICER = "data_officer", "Ответственный за персональные данные"
    ADMINISTRATOR = "administrator", "Администратор"


class Perm(StrEnum):
    """One word for each act; a page names exactly one of them."""

    ACCOUNT_OWN = "account.own"
    ACCOUNT_MANAGE = "account.manage"
    HOME = "home.view"

    FAMILY_VIEW = "family.view"
    FAMILY_EDIT = "family.edit"
    FAMILY_MERGE = "family.merge"
    DISTRICT_VIEW = "district.view"
    DISTRICT_EDIT = "district.edit"
    MATCH_ASK = "match.ask"
    MATCH_ANSWER = "match.answer"
    REFERRAL_VIEW = "referral.view"
    REFERRAL_ADD = "referral.add"
    REFERRAL_ASSIGN = "referral.assign"
    REFERRAL_WORK = "referral.work"
    INFORMANT_VIEW = "informant.view"
    HIDDEN_ADDRESS_VIEW = "hidden_address.view"
    HEALTH_VIEW = "health.view"

    CASE_VIEW = "case.view"
    CASE_WORK = "case.work"
    CASE_ASSIGN = "case.assign"
    CASE_SUSPEND = "case.suspend"
    CASE_PROPOSE = "case.propose"
    SURVEY_ENTER = "survey.enter"
    SURVEY_VIEW = "survey.view"
    ACTIVITY_VIEW = "activity.view"
    ACTIVITY_REPORT = "activity.report"
    ATTENDANCE_MARK = "attendance.mark"

    COUNCIL_VIEW = "council.view"
    MEETING_RUN = "meeting.run"
    PACK_VIEW = "pack.view"
    BALLOT_CAST = "ballot.cast"
    MINUTES_CONFIRM = "minutes.confirm"
    ASSIGNMENT_VIEW = "assignment.view"
    CALENDAR_VIEW = "calendar.view"
    OPINION_GIVE = "opinion.give"
    OPINION_VIEW = "opinion.view"
    ASSIGNMENT_REPORT = "assignment.report"

    REPORT_VIEW = "report.view"
    REPORT_BUILD = "report.build"
    REPORT_SIGN = "report.sign"
    REPORT_REVIEW = "report.review"
    FACT_DECLARE = "fact.declare"
    PLAN_SET = "plan.set"
    FORM_MAKE = "form.make"
    SELECTION_MAKE = "selection.make"

    DICTIONARY_VIEW = "dictionary.view"
    DICTIONARY_EDIT = "dictionary.edit"

    AUDIT_VIEW = "audit.view"
    REGISTER_IMPORT = "register.import"
    REGISTER_EXPORT = "register.export"


EVERYONE = {Perm.ACCOUNT_OWN, Perm.HOME}

# Whoever may sit in a council reads its papers, votes by correspondence and signs the minutes of meetings he presided
# at; the rows say which.
_SITTING = {Perm.PACK_VIEW, Perm.BALLOT_CAST, Perm.MINUTES_CONFIRM}
_ASSIGNED = {Perm.ASSIGNMENT_VIEW, Perm.ASSIGNMENT_REPORT}

_CASEWORK = {
    Perm.FAMILY_VIEW,
    Perm.FAMILY_EDIT,
    Perm.DISTRICT_VIEW,
    Perm.DISTRICT_EDIT,
    Perm.MATCH_ASK,
    Perm.REFERRAL_VIEW,
    Perm.REFERRAL_ADD,
    Perm.REFERRAL_WORK,
    Perm.INFORMANT_VIEW,
    Perm.HIDDEN_ADDRESS_VIEW,
    Perm.HEALTH_VIEW,
    Perm.CASE_VIEW,
    Perm.CASE_WORK,
    Perm.CASE_PROPOSE,
    Perm.SURVEY_ENTER,
    Perm.ACTIVITY_VIEW,
    Perm.ATTENDANCE_MARK,
    Perm.DICTIONARY_VIEW,
} | _ASSIGNED

GRANTS: dict[str, frozenset[Perm]] = {
    Role.CURATOR: frozenset(EVERYONE | _CASEWORK | _SITTING),
    Role.HEAD: frozenset(
        EVERYONE
        | _CASEWORK
        | _SITTING
        | {
            Perm.FAMILY_MERGE,
            Perm.MATCH_ANSWER,
            Perm.REGISTER_EXPORT,
            Perm.REFERRAL_ASSIGN,
            Perm.CASE_ASSIGN,
            Perm.CASE_SUSPEND,
            Perm.SURVEY_VIEW,
            Perm.DICTIONARY_EDIT,
            Perm.COUNCIL_VIEW,
            Perm.CALENDAR_VIEW,
            Perm.OPINION_GIVE,
            Perm.OPINION_VIEW,
            Perm.REPORT_VIEW,
            Perm.REPORT_BUILD,
            Perm.REPORT_SIGN,
            Perm.FACT_DECLARE,
        }
    ),
    Role.SECRETARY: frozenset(
        EVERYONE
        | _SITTING
        | _ASSIGNED
        | {
            Perm.COUNCIL_VIEW,
            Perm.CALENDAR_VIEW,
            Perm.MEETING_RUN,
            Perm.OPINION_VIEW,
        }
    ),
    Role.MEMBER: frozenset(EVERYONE | _SITTING | {Perm.CALENDAR_VIEW, Perm.OPINION_GIVE, Perm.OPINION_VIEW}),
    Role.EXECUTOR: frozenset(
        EVERYONE
        | _SITTING
        | _ASSIGNED
        | {
            Perm.ACTIVITY_VIEW,
            Perm.ACTIVITY_REPORT,
            Perm.ATTENDANCE_MARK,
            Perm.OPINION_GIVE,
            Perm.OPINION_VIEW,
        }
    ),
    Role.MINISTRY: frozenset(
        EVERYONE
        | _SITTING
        | {
            Perm.REPORT_VIEW,
            Perm.REPORT_BUILD,
            Perm.REPORT_REVIEW,
            Perm.FACT_DECLARE,
            Perm.PLAN_SET,
            Perm.FORM_MAKE,
            Perm.SELECTION_MAKE,
            Perm.COUNCIL_VIEW,
            Perm.CALENDAR_VIEW,
            Perm.ASSIGNMENT_VIEW,
        }
    ),
    Role.DATA_OFFICER: frozenset(EVERYONE | {Perm.AUDIT_VIEW}),
    Role.ADMINISTRATOR: frozenset(
        EVERYONE
        | {
            Perm.ACCOUNT_MANAGE,
            Perm.REGISTER_IMPORT,
            Perm.DICTIONARY_VIEW,
            Perm.DICTIONARY_EDIT,
        }
    ),
}


def may(user, perm: Perm) -> bool:
    """Whether the user's role grants `perm`; anonymous, inactive and role-less users may nothing."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False
    return perm in GRANTS.get(user.role, frozenset())
