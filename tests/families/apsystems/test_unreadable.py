"""What an ECU does not tell takes nothing along that it does tell."""

from datetime import timedelta
import logging

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.apsystems.const import INVERTER
from custom_components.wattbus.families.sink import CONNECTED, DeviceKey
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant

from ...helpers import make_entry, set_up
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import CYCLE, Advance, patiently, tcp_data
from .test_tcp import inverters, value
from .test_web import RESTART, with_page

HOUR = timedelta(hours=1)

unreadable = pytest.mark.parametrize("quirk", [Quirk.EMPTY, Quirk.CUT])


@unreadable
async def test_inverters_that_cannot_be_read(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
    quirk: Quirk,
) -> None:
    """0001 is answered while 0002 is not, for hours (ecur #13, ecu_reader #24, #119).

    Power, energies and the connection of the ECU go on; the inverters grow old.
    """
    device = inverters(entry)[0]
    before = float(value(hass, entry, "energy_today"))
    ecu.misbehave(quirk, command="0002", times=None)
    await advance(3 * CYCLE)
    assert int(value(hass, entry, "power", device)) > 0
    await advance(HOUR)
    assert value(hass, entry, CONNECTED, platform="binary_sensor") == "on"
    assert int(value(hass, entry, "power")) == ecu.ecu.report().power
    assert float(value(hass, entry, "energy_today")) > before
    assert int(value(hass, entry, "inverters_online")) == 3
    assert value(hass, entry, "power", device) == STATE_UNKNOWN
    assert value(hass, entry, "online", device, "binary_sensor") == "off"
    told = [r for r in caplog.records if "does not tell of its inverters" in r.message]
    assert [record.levelno for record in told] == [logging.WARNING]
    ecu.behave()
    await advance(2 * CYCLE)
    assert int(value(hass, entry, "power", device)) > 0


async def test_figures_that_stand_still(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """If those of the ECU do, too, there is nothing new."""
    ecu.pin(ecu.ecu.report())
    ecu.misbehave(Quirk.EMPTY, command="0002", times=None)
    await advance(HOUR)
    assert value(hass, entry, "power") == STATE_UNKNOWN
    assert value(hass, entry, "inverters_online") == STATE_UNKNOWN


async def test_inverters_that_cannot_be_read_at_the_start(
    hass: HomeAssistant, ecu: EcuSimulator, advance: Advance
) -> None:
    """The ECU is set up with what it tells."""
    ecu.misbehave(Quirk.EMPTY, command="0002", times=None)
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    await advance(CYCLE)
    assert entry.state is ConfigEntryState.LOADED
    assert int(value(hass, entry, "power")) > 0
    ecu.behave()
    await advance(CYCLE)
    assert len(inverters(entry)) == 3


@pytest.mark.parametrize(
    "options",
    [
        {
            "kinds": ("letter", "ds3-terse", "unknown", "unpaired", "qs1"),
            "inverters": 5,
        },
        {"kinds": ("ds3-05", "qt2-05", "letter"), "inverters": 5},
    ],
)
async def test_entries_of_unknown_kinds(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Each shows whether it is online, and the others all they have, also at dusk.

    "Unsupported inverter type" of other readers: ecur #74, #85, #110.
    """
    for _ in range(20):
        await advance(CYCLE * 6, CYCLE * 3)
        for inverter in ecu.ecu.inverters:
            device = DeviceKey(INVERTER, inverter.inverter_id)
            online = value(hass, entry, "online", device, "binary_sensor")
            assert online == ("on" if inverter.online else "off")
            if inverter.online and inverter.kind.code in ("01", "03", "05"):
                assert int(value(hass, entry, "power", device)) == inverter.power


async def test_a_firmware_that_is_no_text(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Bytes that are no text cost that text."""
    before = value(hass, entry, "firmware")
    who = ecu.ecu.who
    object.__setattr__(who, "firmware", "ECU\x00\x01")
    await advance(CYCLE)
    assert value(hass, entry, "firmware") == before
    assert int(value(hass, entry, "power")) == ecu.ecu.report().power


# --- 0026 -----------------------------------------------------------------------------


def asked(ecu: EcuSimulator) -> int:
    """Give how often it was asked which inverters are switched on."""
    return sum(request.command == "0026" for request in ecu.requests)


@with_page
async def test_switch_states_that_are_not_answered(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """After three times, it is not asked any more.

    Whether a firmware knows 0026 is not told (ecu_reader #137); each question without an
    answer costs the poll its time.
    """
    ecu.misbehave(Quirk.EMPTY, command="0026", times=None)
    before = asked(ecu)
    await advance(6 * HOUR)
    assert asked(ecu) - before == 3
    assert not entry.runtime_data.driver.diagnostics()["asks_for_switches"]
    assert int(value(hass, entry, "power")) > 0


@with_page
async def test_an_ecu_that_hangs_after_it_was_asked(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    advance: Advance,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """0026 may take its server down (ecu_reader #137): then never again."""
    ecu.misbehave(Quirk.CRASH, command="0026", times=None)
    options = {**RESTART, "web_port": ecu.http_port}
    entry = make_entry(hass, tcp_data(ecu), options, unique_id=ecu.ecu_id)
    await patiently(freezer, set_up(hass, entry))
    await patiently(freezer, advance(6 * CYCLE))
    assert asked(ecu) == 1
    assert value(hass, entry, "power") == STATE_UNAVAILABLE
    assert "it is not asked that again" in caplog.text
    ecu.restart(0)
    await hass.config_entries.async_reload(entry.entry_id)
    await advance(2 * HOUR)
    assert asked(ecu) == 1
    assert int(value(hass, entry, "power")) > 0
    device = inverters(entry)[0]
    assert int(value(hass, entry, "max_power", device, "number")) == 0


@with_page
async def test_an_ecu_that_was_away_later(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """One that goes on after the first time has nothing against being asked.

    ECUs are away for other reasons, too (ecur #67, #96; ecu_reader #119).
    """
    await advance(CYCLE)
    before = asked(ecu)
    await ecu.close_port()
    await advance(6 * CYCLE)
    await ecu.open_port()
    await advance(2 * HOUR)
    assert asked(ecu) > before
