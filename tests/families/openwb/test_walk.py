"""The way of a message to its state, and of a click."""

import aiomqtt
import pytest

from ...harness.walk import Walk
from .conftest import POINT, House

pytestmark = pytest.mark.walk


async def test_up(house: House, device: aiomqtt.Client) -> None:
    with Walk("openWB, up"):
        await device.publish("openWB/chargepoint/3/get/power", "4711")
        await house.shows(POINT, "power", "4711")


async def test_there_and_back(house: House) -> None:
    with Walk("openWB, there and back"):
        await house.act(POINT, "select", "charge_mode", "pv_charging")
        await house.shows(POINT, "charge_mode", "pv_charging", "select")
