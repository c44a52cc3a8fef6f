"""What can be wrong with a family's case, for the page «Качество данных» (families/quality)."""

from django.db.models import Exists, OuterRef, Q

from cases.families_list import going_on
from cases.models import Case
from cases.words import SUPPORTED_STAGES
from families.models import Consent, RegisterEntry
from families.quality.catalogue import Problem, there
from families.quality.watch import Watched


def _sop_without_case(scope):
    kept = RegisterEntry.objects.filter(kind=RegisterEntry.Kind.SOP, removed_on=None, family=OuterRef("pk"))
    return Q(Exists(kept)) & ~Exists(going_on(scope.organisation_id).filter(family=OuterRef("pk")))


def _without_consent(scope):
    """Present members of supported families for whom the organisation holds no consent in force (152-ФЗ, ст. 9)."""
    valid = Consent.objects.filter(operator=scope.organisation_id, subject=OuterRef("person"), withdrawn_on=None)
    valid = valid.filter(Q(until=None) | Q(until__gte=scope.today))
    supported = Case.objects.filter(
        family=OuterRef("family"), organisation=scope.organisation_id, stage__in=SUPPORTED_STAGES
    )
    return there(scope) & Exists(supported) & ~Exists(valid)


PROBLEMS = (
    Problem("sop_without_case", "на учёте СОП, а случая нет", "cases:case-open", where=_sop_without_case),
    Problem("without_consent", "идёт сопровождение, а согласия нет", "families:consent-new", who=_without_consent),
)
WATCHED = Watched("cases_case")
