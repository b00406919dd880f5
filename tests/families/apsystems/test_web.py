"""The web page of the ECU-R-Pro and ECU-C: switches, limits, meter, restart."""

from dataclasses import replace
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from ...helpers import entity_id, make_entry, set_up, state, use
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_report import EcuModel
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import CYCLE, Advance, patiently, tcp_data
from .test_tcp import inverters, value

RESTART = {
    "allow_restart": True,
    "restart_ssid": "ECU-WIFI",
    "restart_password": "secret-word",
}

with_page = pytest.mark.parametrize(
    "options", [{"model": EcuModel.ECU_R_PRO}, {"model": EcuModel.ECU_C}]
)
with_meter = pytest.mark.parametrize("options", [{"model": EcuModel.ECU_C}])


def issues(hass: HomeAssistant) -> set[str]:
    """Give the keys of the user's repairs."""
    return {
        issue.translation_key or ""
        for issue in ir.async_get(hass).issues.values()
        if issue.active
    }


@with_page
async def test_switch_an_inverter(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """It is off when the ECU says so, some minutes later."""
    device = inverters(entry)[0]
    await use(hass, entry, "switch.turn_off", "switched_on", device)
    (post,) = ecu.posts
    assert post.path.endswith("/set_switch_state")
    assert post.value("ids[]") == f"{device.id}2"
    assert post.requested_with == "XMLHttpRequest"
    assert value(hass, entry, "switched_on", device, "switch") == "on"
    await advance(2 * CYCLE)
    assert value(hass, entry, "switched_on", device, "switch") == "off"
    assert value(hass, entry, "power", device) == "0"


@with_page
async def test_all_inverters(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    await use(hass, entry, "button.press", "all_off")
    assert not any(inverter.enabled for inverter in ecu.ecu.inverters)
    await advance(CYCLE)
    await use(hass, entry, "button.press", "all_on")
    assert all(inverter.enabled for inverter in ecu.ecu.inverters)


@with_page
async def test_all_inverters_are_taken_away(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Each by itself can be switched all the same."""
    ecu.misbehave(Quirk.WEB_REMOVED)
    with pytest.raises(HomeAssistantError, match="does not offer this"):
        await use(hass, entry, "button.press", "all_off")
    assert issues(hass) == {"web_gone"}
    await advance(CYCLE)
    device = inverters(entry)[0]
    await use(hass, entry, "switch.turn_off", "switched_on", device)
    assert ecu.posts[-1].path.endswith("/set_switch_state")


@with_page
async def test_maximum_power(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """20 to 500 W, or 0 for no limit; nothing is sent that the ECU would refuse."""
    device = inverters(entry)[0]
    await use(hass, entry, "number.set_value", "max_power", device, value=200)
    await advance(2 * CYCLE)
    assert value(hass, entry, "max_power", device, "number") == "200"
    with pytest.raises(HomeAssistantError, match="20 to 500 W"):
        await use(hass, entry, "number.set_value", "max_power", device, value=10)
    assert len(ecu.posts) == 1


@with_page
async def test_page_without_a_message(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    """Some firmware says nothing when it has done it."""
    ecu.misbehave(Quirk.NO_MESSAGE)
    await use(
        hass, entry, "number.set_value", "max_power", inverters(entry)[0], value=0
    )


@with_page
async def test_page_refuses(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    device = inverters(entry)[0]
    ecu.ecu.inverters.clear()
    with pytest.raises(HomeAssistantError, match="refused: Invalid parameter"):
        await use(hass, entry, "switch.turn_off", "switched_on", device)


@with_page
async def test_page_is_taken_away(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """A repair issue tells it, until it works again; all else goes on.

    Users found the page gone and back: homeassistant-apsystems_ecu_reader #122, #131.
    """
    device = inverters(entry)[0]
    ecu.misbehave(Quirk.WEB_REMOVED, command="set_switch_state", times=2)
    for _ in range(2):
        with pytest.raises(HomeAssistantError, match="does not offer this"):
            await use(hass, entry, "switch.turn_off", "switched_on", device)
        assert issues(hass) == {"web_gone"}
        await advance(CYCLE)
    await use(hass, entry, "number.set_value", "max_power", device, value=100)
    await advance(CYCLE)
    assert issues(hass) == {"web_gone"}
    assert int(value(hass, entry, "power")) > 0
    await use(hass, entry, "switch.turn_off", "switched_on", device)
    assert not issues(hass)
    await advance(2 * CYCLE)
    assert value(hass, entry, "switched_on", device, "switch") == "off"


@with_page
async def test_page_is_given_back(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """By the next firmware; nobody has to reload anything."""
    device = inverters(entry)[0]
    ecu.misbehave(Quirk.WEB_REMOVED)
    with pytest.raises(HomeAssistantError, match="does not offer this"):
        await use(hass, entry, "switch.turn_off", "switched_on", device)
    await advance(CYCLE)
    assert issues(hass) == {"web_gone"}
    ecu.ecu.who = replace(ecu.ecu.who, firmware="9.9.9")
    await advance(CYCLE)
    assert not issues(hass)
    await use(hass, entry, "switch.turn_off", "switched_on", device)


@with_page
async def test_another_page_than_was_asked_for(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    """One for a login, say, has switched nothing."""
    ecu.misbehave(Quirk.WEB_LOGIN)
    device = inverters(entry)[0]
    with pytest.raises(HomeAssistantError, match="refused: HTML"):
        await use(hass, entry, "switch.turn_off", "switched_on", device)


@with_page
async def test_the_whole_page_is_taken_away(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Polling goes on; that there was a page is remembered, so that it is told."""
    ecu.misbehave(Quirk.WEB_REMOVED, times=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await advance(CYCLE)
    assert not issues(hass)  # once may be an ECU that is busy
    await advance(2 * CYCLE)
    assert int(value(hass, entry, "power")) > 0
    assert issues(hass) == {"web_gone"}
    assert not entry.runtime_data.driver.page.offered
    ecu.behave()
    gets = len(ecu.pages.gets)
    await advance(timedelta(hours=1, minutes=10))
    assert ecu.pages.gets[gets] == "/"
    assert not issues(hass)
    assert entry.runtime_data.driver.page.offered


@with_page
async def test_without_a_page_from_the_start(
    hass: HomeAssistant, ecu: EcuSimulator
) -> None:
    """A firmware without a page has no controls, and that is no issue."""
    ecu.misbehave(Quirk.WEB_REMOVED, times=None)
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not issues(hass)
    assert not entry.runtime_data.driver.page.offered


@with_meter
async def test_meter(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Consumption is what is made, and what comes from the grid; the energies grow."""
    made = float(value(hass, entry, "production_energy"))
    await advance(timedelta(hours=2))
    powers = {
        key: float(value(hass, entry, f"{key}_power"))
        for key in ("production", "grid", "consumption")
    }
    assert powers["consumption"] == powers["production"] + powers["grid"]
    # Noon: nearly all of it is made at home.
    assert float(value(hass, entry, "production_energy")) - made > 2
    before = {
        key: float(value(hass, entry, f"{key}_energy"))
        for key in ("production", "grid_import", "grid_export", "consumption")
    }
    assert await hass.config_entries.async_reload(entry.entry_id)
    await advance(2 * CYCLE)
    for key, energy in before.items():
        # Points that were counted before the restart are not counted again.
        after = float(value(hass, entry, f"{key}_energy"))
        assert energy <= after < energy + 1, key


@with_meter
@pytest.mark.parametrize("quirk", [Quirk.NO_METER, Quirk.METER_ZERO])
async def test_meter_without_values(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    quirk: Quirk,
) -> None:
    """Zeros, and a graph that is empty, are no measurements."""
    before = value(hass, entry, "consumption_energy")
    ecu.misbehave(quirk, times=None)
    await advance(6 * CYCLE)
    assert value(hass, entry, "consumption_power") == STATE_UNKNOWN
    assert value(hass, entry, "consumption_energy") == before
    assert int(value(hass, entry, "power")) > 0


@with_meter
async def test_meter_is_taken_away(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Once is nothing that anybody sees (ecu_reader #122, #131, #135, #157).

    For longer it is told, and it is back as soon as it works again.
    """
    ecu.misbehave(Quirk.WEB_REMOVED, command="old_meter_power_graph")
    before = value(hass, entry, "grid_power")
    await advance(CYCLE)
    assert not issues(hass)
    assert value(hass, entry, "grid_power") == before
    await advance(CYCLE)
    assert value(hass, entry, "grid_power") not in (before, STATE_UNKNOWN)
    ecu.misbehave(Quirk.WEB_REMOVED, command="old_meter_power_graph", times=None)
    await advance(6 * CYCLE)
    assert issues(hass) == {"web_gone"}
    assert value(hass, entry, "grid_power") == STATE_UNKNOWN
    assert int(value(hass, entry, "power")) > 0
    ecu.behave()
    await advance(CYCLE)
    assert not issues(hass)
    assert value(hass, entry, "grid_power") != STATE_UNKNOWN


@with_meter
async def test_zero_export(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """What the ECU has accepted is shown, also after a restart; it tells nothing."""
    assert value(hass, entry, "zero_export", platform="switch") == STATE_UNKNOWN
    await use(hass, entry, "number.set_value", "export_limit", value=300)
    await use(hass, entry, "switch.turn_on", "zero_export")
    assert ecu.ecu.export_limit == 300
    await advance(CYCLE)
    await use(hass, entry, "number.set_value", "export_limit", value=600)
    assert ecu.ecu.export_limit == 600
    assert await hass.config_entries.async_reload(entry.entry_id)
    await advance(CYCLE)
    assert value(hass, entry, "zero_export", platform="switch") == "on"
    assert value(hass, entry, "export_limit", platform="number") == "600"
    await use(hass, entry, "switch.turn_off", "zero_export")
    assert ecu.ecu.export_limit is None


@with_meter
async def test_zero_export_that_is_not_known(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    """What the ECU has from elsewhere stays, until both parts of it are known."""
    ecu.ecu.export_limit = 400
    with pytest.raises(HomeAssistantError, match="Set the export limit first"):
        await use(hass, entry, "switch.turn_on", "zero_export")
    await use(hass, entry, "number.set_value", "export_limit", value=600)
    assert not ecu.posts
    assert value(hass, entry, "zero_export", platform="switch") == STATE_UNKNOWN
    await use(hass, entry, "switch.turn_off", "zero_export")
    assert ecu.ecu.export_limit is None


# --- restart ------------------------------------------------------------------------


@with_page
@pytest.mark.parametrize("entry_options", [RESTART])
async def test_restart(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    """The access point keeps its name and password."""
    await use(hass, entry, "button.press", "restart")
    assert ecu.ecu.restarts == 1
    assert ecu.ecu.access_point == ("ECU-WIFI", "secret-word")


@with_page
@pytest.mark.parametrize(
    "entry_options", [{}, {**RESTART, "restart_password": ""}], ids=["off", "open"]
)
async def test_no_restart_that_opens_the_access_point(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    assert state(hass, entry, MAIN_DEVICE, "restart", "button") is None
    with pytest.raises(HomeAssistantError, match="Allow the restart"):
        await entry.runtime_data.driver.commands.restart()


@with_page
@pytest.mark.parametrize("entry_options", [{**RESTART, "restart_after": 3}])
async def test_restart_after_failures(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """An ECU that does not answer over TCP is restarted, at most once an hour."""
    await ecu.close_port()
    await advance(2 * CYCLE)
    assert ecu.ecu.restarts == 0
    await advance(2 * CYCLE)
    assert ecu.ecu.restarts == 1
    await advance(8 * CYCLE)
    assert ecu.ecu.restarts == 1
    await advance(6 * CYCLE)
    assert ecu.ecu.restarts == 2


# --- several at once ----------------------------------------------------------------


@with_page
async def test_several_inverters_at_once(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """They go in one order: of several within a moment, an ECU loses some.

    homeassistant-apsystems_ecu_reader #60; the field of the page's form is `ids[]`.
    """
    devices = inverters(entry)
    entities = [
        entity_id(hass, entry, device, "switched_on", "switch") for device in devices
    ]
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": entities}, blocking=True
    )
    (post,) = ecu.posts
    assert sorted(post.form["ids[]"]) == sorted(f"{device.id}2" for device in devices)
    assert not ecu.pages.lost
    await advance(2 * CYCLE)
    for device in devices:
        assert value(hass, entry, "switched_on", device, "switch") == "off"


@with_page
async def test_orders_one_after_the_other(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Limits, of which the page takes one at a time, and all else keep their distance."""
    devices = inverters(entry)
    limits = [
        use(hass, entry, "number.set_value", "max_power", device, value=100 + number)
        for number, device in enumerate(devices)
    ]
    off = use(hass, entry, "switch.turn_off", "switched_on", devices[0])
    await patiently(freezer, *limits, off, use(hass, entry, "button.press", "all_on"))
    assert len(ecu.posts) == 5
    assert not ecu.pages.lost
    assert [inverter.maximum for inverter in ecu.ecu.inverters] == [100, 101, 102]


@with_page
async def test_one_of_several_is_refused(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An inverter that the ECU does not know takes the others not along."""
    devices = inverters(entry)
    del ecu.ecu.inverters[0]
    off = [
        use(hass, entry, "switch.turn_off", "switched_on", device) for device in devices
    ]
    with pytest.raises(HomeAssistantError, match="refused: Invalid parameter"):
        await patiently(freezer, *off)
    assert [inverter.enabled for inverter in ecu.ecu.inverters] == [False, False]
    assert not ecu.pages.lost


@with_page
async def test_an_order_that_is_lost(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """The ECU says that it was not followed, so that it is given again; twice at most.

    homeassistant-apsystems_ecu_reader #60: of a group, others followed each time.
    """
    one, two, _ = inverters(entry)
    await use(hass, entry, "switch.turn_off", "switched_on", one)
    first = ecu.ecu.inverter(one.id)
    assert first
    first.enabled = True  # as if it had come too soon after another order
    await advance(timedelta(minutes=30))
    assert value(hass, entry, "switched_on", one, "switch") == "off"
    assert len(ecu.posts) == 2
    await use(hass, entry, "number.set_value", "max_power", two, value=200)
    second = ecu.ecu.inverter(two.id)
    assert second
    second.maximum = 0
    await advance(timedelta(minutes=30))
    assert value(hass, entry, "max_power", two, "number") == "200"
    assert len(ecu.posts) == 4


@with_page
async def test_an_inverter_that_never_follows(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody asks for ever; the switch shows what the ECU says (ecu_reader #60, #129)."""
    device = inverters(entry)[0]
    inverter = ecu.ecu.inverter(device.id)
    assert inverter
    await use(hass, entry, "switch.turn_off", "switched_on", device)
    for _ in range(12):
        inverter.enabled = True
        await advance(CYCLE)
    assert len(ecu.posts) == 3
    assert value(hass, entry, "switched_on", device, "switch") == "on"
    assert f"Inverter {device.id} did not follow: switched on False" in caplog.text
