"""Home Assistant's own MQTT integration discovers what is published for aps2mqtt."""

from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.protocols.aps2mqtt import (
    EcuState,
    InverterState,
    discover_ecu,
    discover_inverter,
    ecu_state,
    inverter_state,
    status,
)
from custom_components.wattbus.protocols.publication import Publication
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ...helpers import until

pytestmark = pytest.mark.usefixtures("ticking")

ECU = "216000123456"
DS3 = "703000112233"


async def publish(client: aiomqtt.Client, *publications: Publication) -> None:
    """Send messages as the driver would."""
    for publication in publications:
        await client.publish(
            publication.topic, publication.payload, retain=publication.retain
        )


async def test_in_home_assistant(
    hass: HomeAssistant,
    mqtt_integration: MockConfigEntry,
    device: aiomqtt.Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Every value arrives, with what the Energy dashboard needs."""
    hass.config_entries.async_update_entry(
        mqtt_integration, options={"discovery": True}
    )
    await hass.config_entries.async_reload(mqtt_integration.entry_id)
    entities = er.async_get(hass)

    def shown(object_id: str, platform: str = "sensor") -> str | None:
        entity_id = entities.async_get_entity_id(platform, "mqtt", f"aps_{object_id}")
        state = hass.states.get(entity_id) if entity_id else None
        return state.state if state else None

    def device_of(object_id: str) -> Any:
        entity_id = entities.async_get_entity_id("sensor", "mqtt", f"aps_{object_id}")
        entity = entities.async_get(entity_id or "")
        found = dr.async_get(hass).async_get((entity and entity.device_id) or "")
        assert found
        return found

    await publish(
        device,
        *discover_ecu(ECU, "home"),
        *discover_inverter(ECU, DS3, "home", panel_powers=2, panel_voltages=2),
        status(online=True, prefix="home"),
    )
    await until(lambda: shown(f"{DS3}_panel_2_voltage"))
    state = InverterState.measured(
        ECU,
        DS3,
        signal=80,
        temperature=-4,
        frequency=49.9,
        panel_powers=(16, 1),
        panel_voltages=(239, 240),
    )
    await publish(
        device,
        ecu_state(EcuState(ECU, 1349, 1.39, 15144.9), "home", retain=True),
        inverter_state(state, "home", retain=True),
    )
    expected = {
        f"{ECU}_power": "1349",
        f"{ECU}_today_energy": "1.39",
        f"{ECU}_lifetime_energy": "15144.9",
        f"{DS3}_signal": "80",
        f"{DS3}_temperature": "-4",
        f"{DS3}_frequency": "49.9",
        f"{DS3}_power": "17",
        f"{DS3}_voltage": "239.5",
        f"{DS3}_panel_1_power": "16",
        f"{DS3}_panel_2_power": "1",
        f"{DS3}_panel_1_voltage": "239",
        f"{DS3}_panel_2_voltage": "240",
    }
    await until(lambda: {key: shown(key) for key in expected} == expected)
    assert shown(f"{DS3}_online", "binary_sensor") == "on"

    # It is what the Energy dashboard takes.
    energy = entities.async_get_entity_id("sensor", "mqtt", f"aps_{ECU}_today_energy")
    assert energy
    found = hass.states.get(energy)
    assert found
    assert found.attributes["state_class"] == "total_increasing"
    assert found.attributes["device_class"] == "energy"

    assert device_of(f"{DS3}_power").via_device_id == device_of(f"{ECU}_power").id

    # In the evening: no value of the day stays on show.
    await publish(device, inverter_state(InverterState(ECU, DS3, online=False), "home"))
    dark = {f"{DS3}_power": "unknown", f"{DS3}_panel_1_power": "unknown"}
    await until(lambda: {key: shown(key) for key in dark} == dark)
    assert shown(f"{DS3}_online", "binary_sensor") == "off"

    await publish(device, status(online=False, prefix="home"))
    await until(lambda: shown(f"{ECU}_power") == "unavailable")
    assert "WARNING" not in {
        r.levelname for r in caplog.records if "components.mqtt" in r.name
    }
    assert "Template variable" not in caplog.text
