"""Slots as planners write them: understood, or refused with their place in the list.

EMHASS (retrieve_hass.py, get_attr_data_dict; docs/publish_data.md) writes
`{"date": …, "<entity id without sensor.>": "<text>"}`; `publish_prefix` goes in front of
the id (emhass #572), and `custom_batt_forecast_id` makes it any name at all.
"""

from datetime import timedelta
from typing import Any

import pytest
import voluptuous as vol

from custom_components.wattbus.families.sofar.settings import Settings
from custom_components.wattbus.families.sofar.slots import MOST_SLOTS, SLOTS, steps
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util

from ...simulators.sofar import SofarSimulator
from .conftest import HOUR, MINUTE, Act, iso, soon

ALL = {"device_type": "battery", "policy": "charge"}
SETTINGS = Settings({"serial": "S", "command_topic": "c", "feedback_topic": "f"}, {})


def good(count: int, **more: Any) -> list[dict[str, Any]]:
    """Give slots of five minutes, from in an hour."""
    start = soon(HOUR)
    return [
        {"start": iso(start + place * 300), "duration": 300, "power": 1000} | more
        for place in range(count)
    ]


def refused(slots: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Give the error of a list, and what it says."""
    with pytest.raises(HomeAssistantError) as raised:
        steps(slots, ALL, SETTINGS)
    return raised.value.translation_key, raised.value.translation_placeholders


@pytest.mark.parametrize(
    "name",
    [
        "p_batt_forecast",
        "p_deferrable0",
        "p_deferrable12",
        "p_hybrid_inverter",
        "p_pv_forecast",
        "p_pv_curtailment",
        "p_batt_forecast_battery1",
        "mpc_p_batt_forecast",
        "dh_p_deferrable0",
        "P_deferrable0_forecast",
        "emhass_batt_power",
        "dhw_heat_pump_plan",
        "value",
    ],
)
def test_power_by_a_planners_name(hass: HomeAssistant, name: str) -> None:
    """A name that was not known lost the power, and all slots charged."""
    start = soon(HOUR)
    found = steps(
        [
            {"date": iso(start), name: "-1500.25"},
            {"date": iso(start + HOUR), name: "0.0"},
        ],
        ALL,
        SETTINGS,
    )
    assert [item.order.power for item in found] == [-1500.25, 0]
    assert [item.order.end for item in found] == [start + HOUR, start + 2 * HOUR]


def test_a_prefix_beside_other_fields(hass: HomeAssistant) -> None:
    """With more than a date and a value, the name alone says what it is (emhass #572)."""
    slot = {"start": iso(soon(HOUR)), "duration": 60, "mpc_p_batt_forecast": "-5"}
    (found,) = steps([slot], ALL, SETTINGS)
    assert found.order.power == -5


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("soon", "Slot 3 cannot be read"),
        (None, "Slot 3 cannot be read"),
        ({"power": 5}, "Slot 3 has no Start"),
        ({"start": "x"}, "Slot 3: x cannot be read as Start"),
        ({"start": None}, "Slot 3: None cannot be read as Start"),
        ({"soc": 5}, "Slot 3 has soc, which is not understood"),
        ({"tag": "mine"}, "Slot 3 has tag, which is not understood"),
        ({"p_deferrable0": 5}, "Slot 3 has two values for Power"),
        ({"date": "2026-01-01"}, "Slot 3 has two values for Start"),
        ({"end": "2099-01-01"}, "Slot 3 has an end and a duration"),
        ({"power": "lots"}, "Slot 3: lots cannot be read as Power"),
        ({"power": "nan"}, "Slot 3: nan cannot be read as Power"),
        ({"power": float("nan")}, "Slot 3: nan cannot be read as Power"),
        ({"power": True}, "Slot 3: True cannot be read as Power"),
        ({"power": None}, "Slot 3: None cannot be read as Power"),
        ({"power": [5]}, r"Slot 3: \[5\] cannot be read as Power"),
        ({"power": 10**400}, "Slot 3: 1000.* cannot be read as Power"),
        ({"power": "1.000"}, "Slot 3: Power is 1.000, which may be a thousand times"),
        ({"site_import": "2,500"}, "Slot 3: Site import limit is 2,500, which may be"),
        ({"duration": 0}, "Slot 3 ends before it starts"),
        ({"duration": -5}, "Slot 3: -5 cannot be read as Duration"),
        ({"duration": 301}, "Slots 3 and 4 are for the same devices"),
        ({"policy": ""}, "Slot 3 has no Policy"),
        ({"device_type": "accu"}, "Slot 3: accu is none of the device types"),
        ({"node_id": None}, "Slot 3: None cannot be read as Node"),
    ],
)
async def test_one_wrong_slot(
    simulator: SofarSimulator, act: Act, wrong: Any, reason: str
) -> None:
    """It is named, and nothing is sent."""
    slots: list[Any] = good(5)
    if isinstance(wrong, dict):
        slots[2] |= wrong
        if "power" in wrong and len(wrong) == 1 and wrong["power"] == 5:
            del slots[2]["start"]
    else:
        slots[2] = wrong
    with pytest.raises(HomeAssistantError, match=reason):
        await act("set_schedules", schedules=slots, **ALL)
    assert not simulator.requests_of("set_schedules")


@pytest.mark.parametrize(
    "slot",
    [
        {"soc_batt_forecast": "50.0"},
        {"unit_load_cost": "0.3"},
        {"unit_prod_price": "0.1"},
        {"mpc_temp_predicted0": "20"},
        {"p_deferrable0_state": "1"},
    ],
)
async def test_what_emhass_publishes_and_is_no_power(
    hass: HomeAssistant, slot: dict[str, str]
) -> None:
    assert refused([{"date": iso(soon(HOUR)), **slot}]) == (
        "slot_key_unknown",
        {"slot": "1", "name": next(iter(slot))},
    )


async def test_commands_are_no_powers(hass: HomeAssistant) -> None:
    """`publish_deferrable_load_states`: a list of `{date, value}` of on and off."""
    assert refused([{"date": iso(soon(HOUR)), "value": "on"}]) == (
        "slot_value",
        {"slot": "1", "field": "power", "value": "on"},
    )


def test_ends_where_the_next_one_for_the_same_devices_begins(
    hass: HomeAssistant,
) -> None:
    """Also in a list that has two plans in turn, or is not in order."""
    start = soon(HOUR)
    slots = [
        {"start": iso(start + place * 300), "device_type": group}
        for place in (1, 0, 2)
        for group in ("battery", "ev")
    ]
    found = steps(slots, {"policy": "charge"}, SETTINGS)
    assert [(item.order.start - start, item.order.end - start) for item in found] == [
        span for span in ((300, 600), (0, 300), (600, 900)) for _ in range(2)
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"node_id": "A"}, {}),
        ({}, {"node_id": "A"}),
        ({"node_id": "A"}, {"node_id": "A"}),
    ],
)
def test_overlap_within_a_list(
    hass: HomeAssistant, one: dict[str, str], other: dict[str, str]
) -> None:
    """A device and its type are the same devices; the vendor's page says so."""
    start = soon(HOUR)
    slots = [
        {"start": iso(start), "duration": 3600} | one,
        {"start": iso(start), "duration": 60, "device_type": "ev"},
        {"start": iso(start + 1800), "duration": 60} | other,
        {"start": iso(start + 3600), "duration": 60} | other,
    ]
    assert refused(slots) == ("slots_overlap", {"slot": "1", "other": "3"})


def test_two_devices_of_a_type_are_independent(hass: HomeAssistant) -> None:
    slots = [slot | {"node_id": name} for name in "AB" for slot in good(2)]
    assert len(steps(slots, ALL, SETTINGS)) == 4


def test_negative_powers(hass: HomeAssistant) -> None:
    slots = [
        slot | {"power": power} for slot, power in zip(good(3), (5, -5, 0), strict=True)
    ]
    found = steps(slots, ALL | {"policy_negative": "discharge"}, SETTINGS)
    assert [(item.order.policy, item.order.power) for item in found] == [
        ("charge", 5),
        ("discharge", 5),
        ("charge", 0),
    ]


async def test_as_many_slots_as_there_may_be(hass: HomeAssistant) -> None:
    """Two days of five minutes are 576."""
    assert MOST_SLOTS >= 576
    assert len(steps(SLOTS(good(576)), ALL, SETTINGS)) == 576


@pytest.mark.parametrize("count", [0, MOST_SLOTS + 1])
async def test_too_few_or_too_many(act: Act, count: int) -> None:
    with pytest.raises(vol.Invalid):
        await act("set_schedules", schedules=good(count), **ALL)


@pytest.mark.parametrize(
    ("power", "reason"),
    [
        ("1.000", "1.000 can be read in two ways"),
        ("lots", "lots is not a number"),
        ("nan", "nan is not a number"),
        (True, "Power has to be a number"),
        (None, "Power has to be a number"),
        (2e8, "Power: 200000000.0 W is more than a site has"),
    ],
)
async def test_power_of_an_action(
    simulator: SofarSimulator, act: Act, power: Any, reason: str
) -> None:
    """A power that cannot be read is refused in the other fields, too."""
    more = {"duration": timedelta(minutes=5), "device_type": "battery"}
    with pytest.raises(ServiceValidationError, match=reason):
        await act("set_schedule", policy="charge", power=power, **more)
    assert not simulator.requests_of("set_schedule")


def test_elapsed_time(hass: HomeAssistant) -> None:
    """An hour is an hour, on the night when the clock is put back, too."""
    dt_util.set_default_time_zone(dt_util.get_time_zone("Europe/Brussels"))  # type: ignore[arg-type]  # it exists
    slots = [
        {"start": f"2026-10-25T{clock}"}
        for clock in ("01:00+02:00", "02:00+02:00", "02:00+01:00", "03:00+01:00")
    ]
    found = steps(slots, ALL, SETTINGS)
    assert {item.order.end - item.order.start for item in found} == {HOUR}
    (one,) = steps([{"start": "2026-10-25T01:00", "duration": 4 * HOUR}], ALL, SETTINGS)
    assert one.order.end - one.order.start == 4 * HOUR
    assert one.order.start % MINUTE == 0
