"""The probe, which looks at a device before there is an entry."""

import pytest

from custom_components.wattbus import probe
from custom_components.wattbus.families.sink import MAIN_DEVICE, Facts

pytestmark = pytest.mark.usefixtures("impatient_flow")


async def test_the_probe_remembers_what_it_is_told() -> None:
    """The probe's sink answers a driver as the hub would."""
    look = probe._Look()  # no driver does all of this yet
    look.describe(MAIN_DEVICE, Facts(model="X"))
    look.describe(MAIN_DEVICE, Facts(sw_version="1"))
    look.remember("key", [1])
    look.seen(MAIN_DEVICE)
    look.connected(True)
    look.refused()
    assert look.recall("key") == [1]
    assert look.found.facts == Facts(model="X", sw_version="1")
