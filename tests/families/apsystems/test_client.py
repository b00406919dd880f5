"""The questions to an ECU that answers badly, slowly, or that it has nothing."""

from datetime import date
import time

import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.families.apsystems.client import EcuClient
from custom_components.wattbus.protocols.ecu import Period
from custom_components.wattbus.transports.tcp import Limits
from homeassistant.core import HomeAssistant

from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_simulator import EcuSimulator

pytestmark = pytest.mark.usefixtures("ticking")

DAY = date(2019, 1, 1)


@pytest.fixture
def client(hass: HomeAssistant, ecu: EcuSimulator) -> EcuClient:
    """Ask the ECU, with less patience than with a real one."""
    made = EcuClient(hass, ecu.host, ecu.port)
    made._tcp._limits = Limits(connect=0.5, silence=0.5, whole=0.8)
    return made


@pytest.mark.parametrize(
    ("quirk", "reason"),
    [
        (Quirk.HANG, Reason.TIMEOUT),
        (Quirk.SLOW, Reason.TIMEOUT),
        (Quirk.EMPTY, Reason.CONNECTION_LOST),
        (Quirk.RESET, Reason.CONNECTION_LOST),
        (Quirk.CUT, Reason.CONNECTION_LOST),
        (Quirk.WRONG_ID, Reason.BAD_ANSWER),
    ],
)
async def test_bad_answers(
    ecu: EcuSimulator, client: EcuClient, quirk: Quirk, reason: Reason
) -> None:
    """An error that says why, in time; the next question is answered."""
    await client.info()
    ecu.misbehave(quirk, command="0002")
    start = time.monotonic()
    with pytest.raises(ConnectError) as caught:
        await client.inverters()
    assert caught.value.reason is reason
    assert time.monotonic() - start < 2
    assert await client.inverters()


async def test_asked_again(ecu: EcuSimulator, client: EcuClient) -> None:
    """Three times in all, but not for what not all firmware answers."""
    client.patient = True
    ecu.misbehave(Quirk.EMPTY, times=2)
    await client.info()
    assert [request.command for request in ecu.requests] == ["0001"] * 3
    ecu.misbehave(Quirk.EMPTY)
    with pytest.raises(ConnectError):
        await client.signal()
    assert len(ecu.requests) == 4


async def test_the_id_is_asked_for_first(ecu: EcuSimulator, client: EcuClient) -> None:
    """Every other question names it."""
    await client.signal()
    assert [request.command for request in ecu.requests] == ["0001", "0030"]
    assert client.ecu_id == ecu.ecu_id


async def test_nothing_known(ecu: EcuSimulator, client: EcuClient) -> None:
    """No data is an answer, and none that is asked for again."""
    client.patient = True
    await client.info()
    ecu.misbehave(Quirk.NO_DATA_WITH_END, times=None)
    assert await client.inverters() is None
    assert await client.signal() == {}
    assert await client.power_history(DAY) == ()
    assert await client.energy_history(Period.WEEK) == ()
    assert await client.alarms(DAY) == []
    assert await client.max_power() == {}
    assert await client.switch_states() == {}
    assert len(ecu.requests) == 8
