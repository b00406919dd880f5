"""The simulated openWB's charging: modes, limits, sessions, what clients feed."""

import json
from typing import Any

import pytest

from .openwb_driver import Driver
from .openwb_model import OpenWb
from .openwb_versions import Version
from .test_openwb import OLD, OLD_TEMPLATE, edit, openwb, select, send


def test_charge_log() -> None:
    model = openwb()
    model.unplug(3)
    model.plug(3)
    edit(model, select("instant_charging"))
    for _ in range(60):
        model.step(60)
    model.unplug(3)
    data = {"year": 2025, "month": "12", "filter": {"chargepoint": {"id": [3]}}}
    order = {"command": "getChargeLog", "data": data}
    answer = dict(send(model, "command/wattbus/todo", order))
    entries = json.loads(answer["log/wattbus/data"])["entries"]
    assert [entry["vehicle"]["name"] for entry in entries] == ["", "Tesla3"]
    assert entries[1]["vehicle"]["chargemode"] == "instant_charging"
    assert entries[1]["time"]["time_charged"] == "0:59"  # a start is rounded
    assert sum(entries[1]["data"]["power_source"].values()) == pytest.approx(
        1, abs=0.01
    )
    empty = {"command": "getChargeLog", "data": data | {"month": 1}}
    answer = dict(send(model, "command/wattbus/todo", empty))
    assert json.loads(answer["log/wattbus/data"])["entries"] == []


@pytest.mark.parametrize(
    ("mode", "amps"), [("instant_charging", 16), ("stop", 0), ("eco_charging", 0)]
)
def test_mode_decides_the_current(mode: str, amps: float) -> None:
    model = openwb()
    edit(model, select(mode))
    # Nothing but the echo until the next control cycle.
    assert model.store.get("chargepoint/3/get/power") == 3460.0
    model.step(10)
    assert model.store.get("chargepoint/3/set/current") == amps
    assert (model.store.get("chargepoint/3/get/power") > 0) is (amps > 0)
    config = model.store.get("chargepoint/3/get/connected_vehicle/config")
    assert config["chargemode"] == mode


@pytest.mark.parametrize(("max_price", "amps"), [(0.0001, 0), (0.0003, 6)])
def test_eco_charges_when_electricity_is_cheap(max_price: float, amps: float) -> None:
    """Above its highest price it takes surplus; at 9 there is too little."""
    model = openwb()
    edit(model, select("eco_charging"))
    edit(
        model,
        lambda template: template["chargemode"]["eco_charging"].update(
            max_price=max_price
        ),
    )
    model.step(10)
    assert model.store.get("chargepoint/3/set/current") == amps


def test_pv_follows_the_sun() -> None:
    """The current grows with the surplus, and so do the phases."""
    model = openwb()
    seen = set()
    for _ in range(30):
        model.step(600)
        power = model.store.get("chargepoint/3/get/power")
        seen.add((power > 0, model.store.get("chargepoint/3/get/phases_in_use")))
        assert model.store.get("counter/0/get/power") < 100
    assert (True, 3) in seen


def test_old_template_decides_the_current() -> None:
    model = openwb(OLD)
    for key, value in (
        ("selected", "instant_charging"),
        ("instant_charging/current", 10),
    ):
        send(model, f"{OLD_TEMPLATE}/chargemode/{key}", value)
    model.step(10)
    assert model.store.get("chargepoint/3/get/currents") == [10, 10, 10]
    send(model, f"{OLD_TEMPLATE}/chargemode/selected", "standby")
    model.step(10)
    assert model.store.get("chargepoint/3/get/currents") == [0, 0, 0]


def test_lock_and_limits() -> None:
    model = openwb()
    edit(model, select("instant_charging"))
    edit(
        model,
        lambda template: template["chargemode"]["instant_charging"]["limit"].update(
            selected="soc", soc=40
        ),
    )
    model.step(10)
    assert "Ladeziel" in model.store.get("chargepoint/3/get/state_str")
    send(model, "vehicle/1/get/soc", 30)
    model.step(10)
    assert model.store.get("chargepoint/3/get/charge_state") is True
    send(model, "chargepoint/3/set/manual_lock", True)
    model.step(10)
    assert "gesperrt" in model.store.get("chargepoint/3/get/state_str")


def test_a_day_has_sources_and_cost() -> None:
    """What is counted adds up, and the same day is the same twice."""

    def day() -> OpenWb:
        model = openwb()
        driver = Driver(model)
        for _ in range(24 * 12):
            driver.step()
            model.step(300)
        return model

    model = day()
    log = model.commands.charge_log
    assert len(log) >= 3
    assert all(entry["data"]["costs"] > 0 for entry in log)
    assert any(entry["data"]["power_source"]["pv"] > 0.3 for entry in log)
    assert day().store.values == model.store.values


def test_session() -> None:
    model = openwb()
    model.unplug(3)
    assert model.store.get("chargepoint/3/set/log")["imported_since_plugged"] == 0
    model.plug(3)
    for _ in range(6):
        model.step(600)
    log = model.store.get("chargepoint/3/set/log")
    assert log["time_charged"] == 0
    assert log["chargemode_log_entry"] == "pv_charging"
    assert sum(log["charged_energy_by_source"].values()) == pytest.approx(
        log["imported_since_plugged"], abs=1
    )


def test_charge_points_come_and_go() -> None:
    model = openwb()
    model.add_charge_point(7, "Garage")
    config = model.store.get("chargepoint/7/config")
    assert (config["id"], config["name"]) == (7, "Garage")
    model.plug(7)
    model.step(10)
    assert model.store.get("chargepoint/7/get/charge_state") is True
    model.remove(r"chargepoint/(3|4)/.*")
    model.step(10)
    assert list(model.points) == [7]


# --- feeds


def test_fed_values_are_taken_with_the_next_cycle() -> None:
    model = openwb()
    send(model, "mqtt/counter/0/get/power", -1234.0)
    send(model, "mqtt/counter/0/get/currents", [1.0, -2.0, 3.0])
    send(model, "mqtt/counter/0/get/imported", 5_000_000)
    send(model, "mqtt/counter/0/get/exported", 900_000)
    send(model, "mqtt/pv/1/get/power", -4000)
    send(model, "mqtt/bat/2/get/power", 500)
    send(model, "mqtt/bat/2/get/soc", 61)
    send(model, "mqtt/vehicle/1/get/soc", 33)
    assert model.store.get("mqtt/counter/0/get/power") == -1234.0
    assert model.store.get("counter/0/get/power") == -310.0
    model.step(10)
    assert model.store.get("counter/0/get/power") == -1234.0
    assert model.store.get("counter/0/get/currents") == [1.0, -2.0, 3.0]
    assert model.store.get("pv/get/power") == -4000
    assert model.store.get("bat/get/soc") == 61
    assert model.store.get("vehicle/1/get/soc") == pytest.approx(33, abs=0.1)


def test_an_energy_counts_from_the_second_cycle_on() -> None:
    """As long as it rises, and no faster than twice the largest power (24 kW)."""
    model = openwb()
    send(model, "mqtt/counter/0/get/power", 3000)
    send(model, "mqtt/counter/0/get/exported", 900_000)
    shown = []
    for energy in (5_000_000, 5_000_100, 5_000_300, 5_000_300, 5_000_200, 4e15):
        send(model, "mqtt/counter/0/get/imported", energy)
        model.step(10)
        shown.append(model.store.get("counter/0/get/imported"))
    assert shown == [None, 5_000_100, None, 5_000_300, None, None]


def test_the_first_energy_is_a_warning() -> None:
    model = openwb()
    send(model, "mqtt/pv/1/get/power", -3000)
    send(model, "mqtt/pv/1/get/exported", 5_000_000)
    before = model.store.get("pv/1/get/exported")
    model.step(10)
    assert model.store.get("pv/1/get/fault_state") == 1
    assert model.store.get("pv/1/get/exported") == before
    model.step(10)
    assert model.store.get("pv/1/get/fault_state") == 0
    assert model.store.get("pv/1/get/exported") == 5_000_000


@pytest.mark.parametrize(
    ("device", "fed", "fault"),
    [
        ("counter/0", {"power": 48_001}, 2),
        ("counter/0", {"power": -48_000}, 0),
        ("counter/0", {"imported": 5}, 2),
        ("bat/2", {"power": 10_001, "soc": 5}, 2),
        ("bat/2", {"soc": 5}, 2),
        ("pv/1", {"power": -20_001}, 2),
    ],
)
def test_what_is_fed_is_looked_at(device: str, fed: dict[str, Any], fault: int) -> None:
    model = openwb()
    model.step(10)
    before = model.store.get(f"{device}/get/fault_state")
    for name, value in fed.items():
        send(model, f"mqtt/{device}/get/{name}", value)
    model.step(10)
    assert before == 0
    assert model.store.get(f"{device}/get/fault_state") == fault


def test_older_versions_take_what_they_are_fed() -> None:
    model = openwb(Version.V2_1_9)
    send(model, "mqtt/bat/2/get/power", 90_000)
    send(model, "mqtt/bat/2/get/soc", 50)
    send(model, "mqtt/bat/2/get/imported", 0)
    send(model, "mqtt/bat/2/get/exported", 100)
    model.step(10)
    assert model.store.get("bat/2/get/power") == 90_000
    assert model.store.get("bat/2/get/imported", "none") == 0
    assert model.store.get("bat/2/get/exported") == 100


def test_extras_follow() -> None:
    model = openwb(extras=True)
    send(model, "io/states/0/set/digital_output", {"DO1": True, "DO2": False})
    send(model, "system/io/0/set/manual/digital_output/DO2", True)
    send(model, "LegacySmartHome/config/set/Devices/1/mode", b"1")
    model.step(10)
    outputs = model.store.get("io/states/0/get/digital_output")
    assert outputs == {"DO1": True, "DO2": True}
    assert model.store.get("LegacySmartHome/Devices/1/mode") == "1"


# --- the battery


@pytest.mark.parametrize(
    ("mode", "limit"),
    [("manual_disable", None), ("manual_limit", 0), ("manual_charge", 3000)],
)
def test_battery_control(mode: str, limit: float | None) -> None:
    model = openwb()
    send(model, "bat/config/bat_control_activated", True)
    send(model, "bat/config/power_limit_condition", "manual")
    send(model, "bat/config/manual_mode", mode)
    model.step(10)
    assert model.store.get("bat/2/set/power_limit") == limit
    if limit:
        assert model.store.get("bat/2/get/power") == limit


# --- the session, and what is told of plans


@pytest.mark.parametrize(
    ("version", "charging", "paused"),
    [
        (Version.V2_2_2, 0, pytest.approx(661, abs=0.1)),
        (Version.V2_1_8, "0:10", "0:10"),
    ],
)
def test_how_long_it_has_charged(version: Version, charging: Any, paused: Any) -> None:
    """From 2.1.9 on in seconds, and not before it pauses."""
    model = openwb(version)
    model.unplug(3)
    model.plug(3)
    edit(model, select("instant_charging"))
    model.step(601)
    assert model.store.get("chargepoint/3/set/log")["time_charged"] == charging
    edit(model, select("stop"))
    model.step(60)
    log = model.store.get("chargepoint/3/set/log")
    assert log["time_charged"] == paused
    assert log["chargemode_log_entry"] == "instant_charging"


def test_a_time_plan_does_not_change_the_mode() -> None:
    model = openwb()
    edit(model, lambda template: template["time_charging"].update(active=True))
    edit(
        model,
        lambda template: template["time_charging"]["plans"][0].update(
            active=True, time=["00:00", "23:59"], current=11
        ),
    )
    model.step(10)
    config = model.store.get("chargepoint/3/get/connected_vehicle/config")
    assert model.store.get("chargepoint/3/set/current") == 11
    assert config["time_charging_in_use"] is True
    assert config["chargemode"] == "pv_charging"
    assert config["current_plan"] is None
    edit(
        model,
        lambda template: template["time_charging"]["plans"][0].update(
            limit={"selected": "soc", "soc": 10, "amount": 1000}
        ),
    )
    model.step(10)
    config = model.store.get("chargepoint/3/get/connected_vehicle/config")
    assert config["time_charging_in_use"] is False


def test_eco_has_the_energy_limit_of_the_instant_mode() -> None:
    model = openwb()
    edit(model, select("eco_charging"))
    model.step(600)

    def limit(template: dict[str, Any]) -> None:
        modes = template["chargemode"]
        modes["eco_charging"]["limit"] |= {"selected": "amount", "amount": 1_000_000}
        modes["eco_charging"]["max_price"] = 99
        modes["instant_charging"]["limit"]["amount"] = 1000

    edit(model, limit)
    model.step(10)
    assert "Energiemenge" in model.store.get("chargepoint/3/get/state_str")
