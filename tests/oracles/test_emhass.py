"""EMHASS' plans: what its own code publishes is what the Sofar actions understand.

EMHASS 0.18 puts a plan into an attribute of the entity that it publishes
(docs/publish_data.md of davidusb-geek/emhass); users hand the attribute over.
"""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from custom_components.wattbus.families.sofar.settings import Settings
from custom_components.wattbus.families.sofar.slots import steps
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .conftest import Oracle

pytestmark = pytest.mark.oracle

SETTINGS = Settings({"serial": "S", "command_topic": "c", "feedback_topic": "f"}, {})
ALL = {
    "device_type": "battery",
    "policy": "discharge",
    "policy_negative": "charge",
}
POWERS = [1500.004, -1500.256, 0.0, -0.0, 12.345678, -3000.0, 9999.999]
# The attribute that has the plan, by the type of what is published.
LISTS = {
    "batt": "battery_scheduled_power",
    "deferrable": "deferrables_schedule",
    "power": "forecasts",
}


def entity(**changes: Any) -> dict[str, Any]:
    """Give what is to be published."""
    return {
        "entity_id": "sensor.p_batt_forecast",
        "type": "batt",
        "start": "2026-06-15T10:00",
        "minutes": 30,
        "zone": "Europe/Berlin",
        "values": POWERS,
    } | changes


PUBLISHED = {
    "battery": entity(),
    "battery with a prefix": entity(prefix="mpc_"),
    "battery with an id of the user's": entity(entity_id="sensor.house_storage_plan"),
    "second battery": entity(entity_id="sensor.p_batt_forecast_battery1"),
    "deferrable": entity(entity_id="sensor.p_deferrable0", type="deferrable"),
    "deferrable with a prefix": entity(
        entity_id="sensor.p_deferrable1", type="deferrable", prefix="dh_"
    ),
    "solar": entity(entity_id="sensor.p_pv_forecast", type="power"),
    "curtailment": entity(entity_id="sensor.p_pv_curtailment", type="power"),
    "hybrid inverter": entity(entity_id="sensor.p_hybrid_inverter", type="power"),
    "grid": entity(entity_id="sensor.p_grid_forecast", type="power"),
    "five minutes for two days": entity(
        minutes=5, values=[float(i) for i in range(576)]
    ),
    "summer time ends": entity(start="2026-10-24T22:00", values=POWERS * 2),
    "summer time begins": entity(start="2027-03-27T22:00", values=POWERS * 2),
}


async def test_plans(hass: HomeAssistant, oracle: Oracle) -> None:
    """Each slot is an order with its power, from its time on until the next one's."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    bodies = await oracle("emhass_publish", told=list(PUBLISHED.values()))
    for (name, asked), body in zip(PUBLISHED.items(), bodies, strict=True):
        slots = body["attributes"][LISTS[asked["type"]]]
        assert len(slots) == len(asked["values"]), name
        found = [step.order for step in steps(slots, ALL, SETTINGS)]
        first = datetime.fromisoformat(f"{asked['start']}+00:00").timestamp()
        seconds = asked["minutes"] * 60
        for place, (order, power) in enumerate(
            zip(found, asked["values"], strict=True)
        ):
            assert order.start == first + place * seconds, (name, place)
            assert order.end == order.start + seconds, (name, place)
            assert order.policy == ("charge" if round(power, 2) < 0 else "discharge")
            assert order.power == pytest.approx(abs(power), abs=0.006), (name, place)
        assert all(one.end == two.start for one, two in pairwise(found))


NO_PLANS = {
    "level": entity(
        entity_id="sensor.soc_batt_forecast",
        type="SOC",
        device_class="battery",
        unit="%",
    ),
    "price": entity(
        entity_id="sensor.unit_load_cost",
        type="unit_load_cost",
        device_class="monetary",
        unit="EUR/kWh",
    ),
    "temperature": entity(
        entity_id="sensor.predicted_temp0",
        type="temperature",
        device_class="temperature",
        unit="°C",
    ),
    "labels": entity(
        entity_id="sensor.deferrable0_command",
        type="categorical",
        values=["on", "off", "variable"],
    ),
    "not a number": entity(values=[1.0, float("nan"), 2.0]),
}


async def test_what_is_no_plan_of_powers(hass: HomeAssistant, oracle: Oracle) -> None:
    """It is refused, and the slot is named: none becomes an order without a power."""
    bodies = await oracle("emhass_publish", told=list(NO_PLANS.values()))
    for name, body in zip(NO_PLANS, bodies, strict=True):
        (slots,) = (
            value for value in body["attributes"].values() if isinstance(value, list)
        )
        with pytest.raises(HomeAssistantError) as raised:
            steps(slots, ALL, SETTINGS)
        place = "2" if name == "not a number" else "1"
        assert (raised.value.translation_placeholders or {})["slot"] == place, name
