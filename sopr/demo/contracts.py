"""A substitute family's contract signed anew today: its copy is still owed to guardianship, three working days."""

from cases.models import Contract
from cases.words import Stage


def copy_is_owed(scene):
    """The last act of the history, on a case of the demo centre, the demo curator's own if there is one."""
    demo, centre = scene.region.users["curator"], scene.region.places[0].centres[0]
    contracts = Contract.objects.filter(
        case__organisation=centre, case__stage=Stage.ACTIVE, copy_due_on__isnull=False, terminated_on=None
    ).select_related("case__family", "case__curator", "party", "revision")
    found = contracts.filter(case__curator=demo).order_by("-signed_on", "-pk").first()
    former = found or contracts.order_by("-signed_on", "-pk").first()
    if former is None:
        return
    case = former.case
    if case.curator != demo:
        case.assign_curator(demo, by=scene.region.heads[centre.pk])
    former.terminate(by=demo, day=scene.day, reason=Contract.Termination.REPLACED)
    Contract.sign(case, by=demo, signed_on=scene.day, until=max(former.until, scene.day), party=former.party)
