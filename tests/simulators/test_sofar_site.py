"""The simulated Sofar EMS: a site that follows schedules and live control."""

import json
from typing import Any

import pytest

from .sofar_bench import BATTERY, HOUR, MINUTE, NOON, OTHER_BATTERY, SERIAL, SITE, Bench
from .sofar_dialect import Feedback

SOLAR = f"{SERIAL}_solarInverter_0"
CAPACITY = 10_000  # Wh, of the first battery


def live(bench: Bench, **fields: Any) -> Any:
    """Send live control; return the reply, if there is one."""
    message = {"extraTags": {"nodeId": SITE}, "time": 5, "fields": fields}
    return bench.ems.answer(json.dumps(message))


def values(bench: Bench, node_id: str) -> dict[str, Any]:
    """Return the feedback of a node."""
    found = bench.state("get_feedback", device=node_id)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def bench() -> Bench:
    """Return an EMS at noon."""
    return Bench()


def test_forms_of_feedback() -> None:
    """The site alone, with all nodes by id or in a list, or one node."""
    bench = Bench()
    site = bench.state("get_feedback", device=False)
    assert site["nodeId"] == SITE
    assert site["signalActive"] is False
    assert site["childrenProducedPower_W"] > 7000
    assert "devices" not in site
    by_node = bench.state("get_feedback", device=True)
    devices = by_node.pop("devices")
    assert by_node == site
    assert devices[BATTERY]["stateOfCharge_frac"] == 0.5
    assert devices[BATTERY]["nodeType"] == "battery"
    bench = Bench(feedback=Feedback.LIST)
    in_list = bench.state("get_feedback", device=True)["devices"]
    assert {node["nodeId"] for node in in_list} == devices.keys()
    assert values(bench, BATTERY) in in_list


def test_power_balance(bench: Bench) -> None:
    """The grid gives what nobody produces."""
    for hour in range(24):
        bench.now = NOON + hour * HOUR
        site = bench.state("get_feedback", device=False)
        assert site["actualPowerTot_W"] == pytest.approx(
            site["childrenConsumedPower_W"]
            + site["childrenStoragePower_W"]
            - site["childrenProducedPower_W"],
            abs=0.5,
        )
        assert 0 <= site["childrenStorageStateOfCharge_frac"] <= 1


def test_a_battery_follows_its_schedule(bench: Bench) -> None:
    """The page's example: 5 kW for 15 minutes in 10 minutes, however seldom one looks."""
    bench.set(node_id=BATTERY)
    bench.now = NOON + 10 * MINUTE
    before = values(bench, BATTERY)
    assert before["actualPowerTot_W"] == 5000
    assert before["powerSetpoint_W"] == 5000
    assert (before["policy"], before["signalActive"]) == ("charge", True)
    bench.set(
        node_id=BATTERY,
        policy="idle",
        start_time=NOON + 25 * MINUTE,
        end_time=NOON + 2 * HOUR,
    )
    bench.now = NOON + HOUR
    after = values(bench, BATTERY)
    charged = after["stateOfCharge_frac"] - before["stateOfCharge_frac"]
    assert charged * CAPACITY == pytest.approx(5000 / 4, abs=2)
    assert (after["actualPowerTot_W"], after["policy"]) == (0, "idle")


def test_speed() -> None:
    """Batteries charge faster, while schedules keep their times."""
    bench = Bench(speed=60)
    bench.set(node_id=BATTERY, start_time=NOON)
    bench.now = NOON + MINUTE
    node = values(bench, BATTERY)
    assert (node["stateOfCharge_frac"], node["actualPowerTot_W"]) == (1, 0)
    found = bench.state("get_active_schedule", device_type="battery", node_id=BATTERY)
    assert found["end_time"] == NOON + 25 * MINUTE


def test_a_device_type_shares_its_power(bench: Bench) -> None:
    """Both batteries together do what the group is told, and no more than they can."""
    bench.set(start_time=NOON, site_import=10_000, site_export=0)
    site = bench.state("get_feedback", device=False)
    assert site["childrenStoragePower_W"] == 5000
    assert (site["importLimit_W"], site["exportLimit_W"]) == (10_000, 0)
    assert values(bench, OTHER_BATTERY)["powerSetpoint_W"] == 2500
    bench.now = NOON + HOUR
    bench.set(start_time=NOON, end_time=NOON + 2 * HOUR, power_setpoint_w=50_000)
    assert values(bench, BATTERY)["actualPowerTot_W"] == 5000


def test_full_and_empty(bench: Bench) -> None:
    """A battery stops at its ends."""
    bench.set(start_time=NOON, end_time=NOON + 4 * HOUR)
    bench.now = NOON + 3 * HOUR + 59 * MINUTE
    node = values(bench, BATTERY)
    assert (node["stateOfCharge_frac"], node["actualPowerTot_W"]) == (1, 0)
    bench.now = NOON + 4 * HOUR
    bench.set(policy="discharge", start_time=NOON, end_time=NOON + 9 * HOUR)
    assert values(bench, BATTERY)["actualPowerTot_W"] == -2500
    bench.now = NOON + 8 * HOUR
    node = values(bench, BATTERY)
    assert (node["stateOfCharge_frac"], node["actualPowerTot_W"]) == (0, 0)


def test_solar_is_limited(bench: Bench) -> None:
    """Solar: 0 kW for an hour in 30 minutes."""
    bench.state(
        "set_schedule",
        device_type="solar",
        start_time=NOON + 30 * MINUTE,
        end_time=NOON + 90 * MINUTE,
        policy="limit",
        power_setpoint_w=0,
    )
    powers = []
    for minutes in (0, 30, 89, 90):
        bench.now = NOON + minutes * MINUTE
        powers.append(values(bench, SOLAR)["actualPowerTot_W"])
    assert [power > 0 for power in powers] == [True, False, False, True]


def test_live_control_falls_back(bench: Bench) -> None:
    """A live command goes before a schedule, until its time is over."""
    bench.set(start_time=NOON, end_time=NOON + HOUR)
    assert (
        live(bench, battery_policy="discharge", battery_power_setpoint_w=3000) is None
    )
    assert values(bench, BATTERY)["actualPowerTot_W"] == -1500
    bench.now += 100
    live(bench, battery_policy="discharge", battery_power_setpoint_w=4000)
    bench.now += 119
    assert values(bench, BATTERY)["actualPowerTot_W"] == -2000
    bench.now += 1
    node = values(bench, BATTERY)
    assert (node["policy"], node["actualPowerTot_W"]) == ("charge", 2500)
    history = bench.ems.live.history
    assert [command.power for command in history] == [3000, 4000]
    assert bench.ems.live.active("battery", bench.now) is None


def test_fallback_without_a_look(bench: Bench) -> None:
    """What was charged is right, though nobody asked when the command ended."""
    bench.set(policy="idle", start_time=NOON, end_time=NOON + 2 * HOUR)
    live(bench, battery_policy="charge", battery_power_setpoint_w=6000)
    bench.now = NOON + HOUR
    charged = values(bench, BATTERY)["stateOfCharge_frac"] - 0.5
    assert charged * CAPACITY == pytest.approx(3000 * 120 / HOUR, abs=1)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Unknown component "),
        ({"boat_policy": "sail"}, "Unknown component boat_policy"),
        ({"battery_policy": "fly"}, "Invalid policy fly for device type battery"),
        ({"battery_power_setpoint_w": 5}, "Invalid policy None"),
        ({"battery_policy": "charge"}, "Policy charge needs battery_power_setpoint_w"),
        (
            {"battery_policy": "charge", "battery_power_setpoint_w": "5"},
            "Invalid battery_power_setpoint_w",
        ),
    ],
)
def test_refused_live_control(bench: Bench, fields: dict[str, Any], error: str) -> None:
    """What it cannot follow is a general_error and changes nothing."""
    data = live(bench, **fields)["data"]
    assert data["message_type"] == "general_error"
    assert data["error"].startswith(error)
    assert bench.ems.live.history == []


def test_live_names_and_acks() -> None:
    """Field names and acknowledgements are settings: they are not public."""
    bench = Bench(live_fields=("{}Policy", "{}Setpoint"), live_acks=True)
    assert live(bench, solarPolicy="limit", solarSetpoint=100, evPolicy="pause") == {
        "payload": {"fields": {"responseCode": 0, "ack": "ok"}, "target": SITE},
        "message_type": "ack",
    }
    assert values(bench, SOLAR)["actualPowerTot_W"] == 100
    assert len(bench.ems.live.history) == 2
