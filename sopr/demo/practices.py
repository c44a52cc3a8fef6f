"""What the practices of the region add to the demo: only those whose module its profile switches on."""

from sopr import profile
from sopr.demo.rental import rental_point


def practices(scene):
    """The last acts of the history, when no life goes on with these cases."""
    if profile.current().has("rental"):
        rental_point(scene)
