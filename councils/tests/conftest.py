"""A region of three kinds of councils, and builders for what the secretary does."""

import pytest

from sopr import profile
from sopr.tests.casework import make_council


@pytest.fixture
def novgorod(settings):
    """Working groups, district commissions (plans and hearings only), juvenile commissions (families in СОП only)."""
    settings.SOPR_REGION = "novgorod"
    return {kind.code: kind for kind in profile.load("novgorod").council_kinds}


@pytest.fixture
def three_councils(world, novgorod):
    """One council of each kind in the north; the district commission walks the first of its two districts."""
    world.near = world.north.districts.create(name="Участок № 1")
    world.far = world.north.districts.create(name="Участок № 2")
    world.group = make_council(world, code="G", name="Рабочая группа", kind="working_group")
    world.district = make_council(world, code="D", name="Участковая комиссия", kind="district_commission")
    world.district.districts.add(world.near)
    world.juvenile = make_council(world, code="J", name="КДНиЗП района", kind="juvenile_commission")
    return world
