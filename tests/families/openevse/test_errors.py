"""What people read who want an OpenEVSE to do what cannot be: in their language."""

from functools import partial
import json
from typing import Any, Final

import pytest

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.openevse import state as state_module
from custom_components.wattbus.families.openevse.const import SEEN_AS
from custom_components.wattbus.families.openevse.controls import CONTROLS
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.texts import label, reason
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_load_integrations

from ...harness.broker import Broker
from ...helpers import ask, entity_id, fixture, until, use
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_gateway import Gateway
from ...simulators.openevse_simulator import OpenEvseSimulator
from ...texts import ENGLISH, at
from .test_http import SELDOM, running as running_http
from .test_mqtt import running

# What is asked, and what people read of it in English and in German.
CASES: Final = json.loads(fixture("openevse/errors.json"))


each_language = pytest.mark.parametrize("language", ["en", "de"])


async def _speak(hass: HomeAssistant, language: str) -> None:
    """Have Home Assistant speak a language."""
    hass.config.language = language
    await async_load_integrations(hass, {DOMAIN})


@each_language
async def test_actions_that_cannot_be(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator, language: str
) -> None:
    """Nothing is sent of them, and what is wrong is called what the user calls it."""
    entry = await running(hass, broker, poll=3600, expert=True)
    await _speak(hass, language)
    await entry.runtime_data.driver.controller.poll()
    received = simulator.gateway.controller.received
    for case in CASES["actions"]:
        with pytest.raises(ServiceValidationError) as error:
            await ask(hass, entry, case["action"], **case["data"])
        assert reason(hass, "openevse", error.value) == case[language], case
    assert simulator.gateway.controller.received == received
    assert simulator.gateway.claims.all() == []


@each_language
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_control_that_is_given_what_cannot_be(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator, language: str
) -> None:
    """Home Assistant checks range and choice of a control, but not its steps."""
    entry = await running(hass, broker, poll=3600, expert=True)
    await _speak(hass, language)
    version = simulator.gateway.config.version
    key = "current_shaper_max_pwr"
    with pytest.raises(ServiceValidationError) as error:
        await use(hass, entry, "number.set_value", key, value=5000.5)
    assert reason(hass, "openevse", error.value) == CASES["settings"][-1][language]
    hub = entry.runtime_data
    for case in CASES["settings"]:
        change = partial(hub.driver.commands.set, case["setting"], case["value"])
        with pytest.raises(ServiceValidationError) as error:
            await hub.command(change)
        assert reason(hass, "openevse", error.value) == case[language]
    assert simulator.gateway.config.version == version


UNCONFIRMED: Final[list[tuple[str, str, dict[str, Any], str]]] = [
    ("number.set_value", "ammeter_scale", {"value": 210}, "Ammeter scale"),
    ("select.select_option", "divert_type", {"option": "solar"}, "Surplus source"),
    ("switch.turn_off", "enabled", {}, "Manual override"),
    ("number.set_value", "energy_limit", {"value": 5}, "Energy limit"),
    ("switch.turn_on", "shaper_active", {}, "Current shaper"),
]


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
@pytest.mark.parametrize(("action", "key", "data", "name"), UNCONFIRMED)
async def test_what_is_not_confirmed_has_its_name(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    key: str,
    data: dict[str, Any],
    name: str,
) -> None:
    """A gateway that drops what it is told, without a word."""
    entry = await running(hass, broker, poll=3600, expert=True)
    monkeypatch.setattr(state_module, "CONFIRM_TIMEOUT", 0.2)
    for command in ("set_config", "override", "set_limit", "set_shaper"):
        monkeypatch.setattr(Gateway, command, lambda *_: None)
    await until(
        lambda: entity_id(hass, entry, MAIN_DEVICE, key, action.partition(".")[0])
    )
    with pytest.raises(HomeAssistantError) as error:
        await use(hass, entry, action, key, **data)
    said = f"The device did not confirm the change in time: {name}."
    assert reason(hass, "openevse", error.value) == said


@each_language
@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
async def test_what_is_not_offered_has_its_name(
    hass: HomeAssistant, served: OpenEvseSimulator, language: str
) -> None:
    """What has no entity is called what its action is."""
    entry = await running_http(hass, served, poll=SELDOM)
    await _speak(hass, language)
    for case in CASES["not_offered"]:
        with pytest.raises(HomeAssistantError) as error:
            await ask(hass, entry, case["action"], **case["data"])
        assert reason(hass, "openevse", error.value) == case[language]
    hub = entry.runtime_data
    with pytest.raises(HomeAssistantError) as error:
        await hub.command(partial(hub.driver.feed, "live_power", 1))
    name = {"en": "Live power feed", "de": "Gesendete Momentanleistung"}[language]
    assert name in reason(hass, "openevse", error.value)


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("time_limit", 5000, "Time limit has to be 0 to 3825."),
        ("energy_limit", 300, "Energy limit has to be 0 to 255."),
    ],
)
async def test_limits_beyond_what_the_controller_counts(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    key: str,
    value: int,
    said: str,
) -> None:
    """`$S3` and `$SH` take a byte: 255 quarters of an hour, 255 kWh."""
    entry = await running(hass, broker, poll=1)
    kind = key.removesuffix("_limit")
    asked = value * (1000 if kind == "energy" else 1)
    with pytest.raises(ServiceValidationError) as error:
        await ask(hass, entry, "set_limit", type=kind, value=asked)
    assert reason(hass, "openevse", error.value) == said


async def test_numbers_written_as_texts(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """As templates of automations give them."""
    entry = await running(hass, broker, poll=3600)
    answer = await ask(hass, entry, "set_override", charge_current="16")
    assert answer["charge_current"] == 16
    assert await ask(hass, entry, "set_limit", type="time", value="30.0") == {
        "type": "time",
        "value": 30,
    }


async def test_every_control_has_its_name_in_errors(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    await running(hass, broker, poll=3600)
    for item in CONTROLS:
        key = item.translation_key or item.key
        name = at(ENGLISH, "entity", str(item.platform), key).get("name")
        assert label(hass, "openevse", item.key.lower()) == name
    for field in (*SEEN_AS.values(), "gateway_firmware", "total_energy"):
        assert label(hass, "openevse", field)[:1].isupper()
