"""What the practices of the region add to the demo: only those whose module its profile switches on."""

from sopr import profile
from sopr.demo.dispatch import single_window
from sopr.demo.newborn import newborn_paths
from sopr.demo.rental import rental_point
from sopr.demo.services import services
from sopr.demo.tatarstan import rights_of_families


def practices(scene):
    """The last acts of the history, when no life goes on with these cases."""
    has = profile.current().has
    if has("dispatch"):
        single_window(scene)
    if has("rental"):
        rental_point(scene)
    if has("newborn"):
        newborn_paths(scene)
    if has("services"):
        services(scene)
    if has("legal_navigator"):
        rights_of_families(scene)
