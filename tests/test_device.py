"""What a device's values go through before they are states."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.wattbus.device import Device, merged
from custom_components.wattbus.families.descriptions import (
    BinarySensorDescription,
    Description,
    SensorDescription,
)
from custom_components.wattbus.families.sink import DeviceKey, Facts, Value

KEY = DeviceKey("source", "meter")

DESCRIPTIONS: dict[str, tuple[Description, ...]] = {
    "power": (SensorDescription(key="power", resolution=0.1),),
    "current": (
        # Two entities of one value: the finer one decides.
        SensorDescription(key="current", resolution=1),
        SensorDescription(key="current", resolution=0.01),
    ),
    "signal": (SensorDescription(key="signal", resolution=1),),
    "rough": (SensorDescription(key="rough", resolution=10),),
    "energy": (SensorDescription(key="energy", resolution=0.1, most_per_hour=9000),),
    "raw": (SensorDescription(key="raw"),),
    "on": (BinarySensorDescription(key="on"),),
}


@pytest.fixture
def device() -> Device:
    """Give a device of which nothing is known."""
    return Device(KEY, lambda _, name: DESCRIPTIONS.get(name, ()))


def shape(device: Device, name: str, value: Value) -> Value:
    """Report a value, and give what is shown for it."""
    device.update({name: value}, 0)
    return device.values.get(name)


# --- rounding -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("power", 0.1 + 0.2, "0.3"),
        ("power", 6730.1, "6730.1"),
        ("power", 6730.149999, "6730.1"),
        ("power", -0.04, "0.0"),
        ("power", -0.0, "0.0"),
        ("power", 230, "230.0"),
        ("current", 1.005, "1.0"),
        ("current", 1.016, "1.02"),
        ("signal", -67.4, "-67"),
        ("signal", -0.4, "0"),
        ("signal", 5, "5"),
        ("rough", 1234.5, "1230"),
        ("raw", 0.1 + 0.2, "0.30000000000000004"),
        ("raw", 7, "7"),
        ("unheard_of", 7.25, "7.25"),
        ("on", True, "True"),
    ],
)
def test_a_number_is_rounded_to_what_is_worth_a_state(
    device: Device, name: str, value: Value, shown: str
) -> None:
    assert str(shape(device, name, value)) == shown


def test_noise_below_the_resolution_is_no_change(device: Device) -> None:
    assert device.update({"power": 100.0}, 0) == ["power"]
    assert device.update({"power": 100.04}, 1) == []
    assert device.update({"power": 99.96}, 2) == []
    assert device.update({"power": 100}, 3) == []
    assert device.update({"power": 100.06}, 4) == ["power"]


def test_only_what_changed_is_told(device: Device) -> None:
    first = {"power": 1.0, "current": 2.0, "on": True}
    assert device.update(first, 0) == ["power", "current", "on"]
    assert device.update(first, 1) == []
    assert device.update({**first, "on": False}, 2) == ["on"]
    assert device.update({"power": 3.0}, 3) == ["power"]
    assert device.values == {"power": 3.0, "current": 2.0, "on": False}


# --- what is no value ---------------------------------------------------------------

UNFIT = [float("nan"), float("inf"), float("-inf"), 1e300, 10**400, -(10**400)]


@pytest.mark.parametrize("name", ["power", "signal", "energy", "raw", "unheard_of"])
@pytest.mark.parametrize("value", UNFIT)
def test_what_no_state_can_show_is_not_known(
    device: Device, name: str, value: float
) -> None:
    assert device.update({name: value}, 0) == []
    assert device.values == {}, "and brings no entity"
    device.update({name: 5.0}, 1)
    assert device.update({name: value}, 2) == [name]
    assert device.values[name] is None


def test_null_before_the_first_value_brings_nothing(device: Device) -> None:
    assert device.update({"power": None, "text": None}, 0) == []
    assert device.values == {}


def test_null_later_is_unknown_and_may_pass(device: Device) -> None:
    device.update({"power": 1.0}, 0)
    assert device.update({"power": None}, 1) == ["power"]
    assert device.values == {"power": None}
    assert device.update({"power": None}, 2) == []
    assert device.update({"power": 1.0}, 3) == ["power"]


def test_a_text_is_cut_to_what_a_state_can_hold(device: Device) -> None:
    assert shape(device, "raw", "x" * 255) == "x" * 255
    cut = shape(device, "raw", "x" * 10_000)
    assert cut == "x" * 254 + "…"
    assert device.update({"raw": "x" * 9_999}, 1) == []


def test_a_text_that_is_no_state_may_be_longer(device: Device) -> None:
    """Release notes, say."""
    assert shape(device, "notes", "x" * 10_000) == "x" * 10_000


def test_times_and_texts_are_left_alone(device: Device) -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    assert shape(device, "time", moment) is moment
    assert shape(device, "text", "") == ""


# --- lifetime counters --------------------------------------------------------------


def test_an_energy_does_not_step_back(device: Device) -> None:
    device.update({"energy": 1000.0}, 0)
    assert device.update({"energy": 0.0}, 1) == []
    assert device.update({"energy": 999.9}, 2) == []
    assert device.update({"energy": 1000.04}, 3) == []
    assert device.update({"energy": 1000.2}, 4) == ["energy"]


def test_an_energy_is_guarded_from_the_value_before_a_restart(device: Device) -> None:
    """A meter that starts with zero would count its whole life again."""
    device.restore_counter("energy", 1000.0, 0)
    assert device.values == {}, "the device itself has said nothing yet"
    assert shape(device, "energy", 0.0) == 1000.0
    assert device.update({"energy": 1000.3}, 60) == ["energy"]


def test_what_came_before_the_value_from_before_a_restart_is_weighed_against_it(
    device: Device,
) -> None:
    """So is an entity that was deleted and comes back with a glitch."""
    device.update({"energy": 0.0}, 10)
    device.restore_counter("energy", 1000.0, 0)
    assert device.values == {"energy": 1000.0}
    device.update({"power": 1.0}, 10)
    device.restore_counter("energy", 1001.0, 20)
    assert device.values == {"energy": 1001.0, "power": 1.0}


def test_a_count_is_known_while_nothing_is_shown(device: Device) -> None:
    """As after a start, or when the device says null: it is kept for the next start."""
    assert device.count("energy") is None
    device.restore_counter("energy", 1000.0, 5)
    device.update({"energy": 1000.1}, 10)
    device.update({"energy": None}, 20)
    count = device.count("energy")
    assert count
    assert (count.value, count.moment) == (1000.1, 10)
    assert device.count("power") is None


def test_an_energy_that_was_unknown_for_a_while_is_guarded_still(
    device: Device,
) -> None:
    device.update({"energy": 1000.0}, 0)
    device.update({"energy": None}, 1)
    assert device.values == {"energy": None}
    device.update({"energy": 0.0}, 2)
    assert device.values == {"energy": 1000.0}


@pytest.mark.parametrize("value", ["1001", [1001], -5.0])
def test_what_is_no_count_changes_no_energy(device: Device, value: Value) -> None:
    assert shape(device, "energy", value) is None, "and brings no entity"
    assert device.update({"energy": 1000.0}, 0) == ["energy"]
    assert shape(device, "energy", value) == (1000.0 if value == -5.0 else None)
    assert shape(device, "energy", 0.0) == 1000.0


def test_a_leap_that_lasts_is_believed_in_the_time_it_takes(device: Device) -> None:
    """Many kWh told at once, by what tells at the end only: equal values count, too."""
    device.update({"energy": 1000.0}, 0)
    for moment in range(1, 400):
        device.update({"energy": 1500.0}, moment)
        expected = 1000.0 if moment < 140 else 1500.0  # 9 kW, and a minute
        assert device.values == {"energy": expected}


def test_a_replaced_meter_is_believed_and_noted_once(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    device.facts = Facts(name="House")
    device.update({"energy": 1000.0}, 0)
    for moment in range(10, 600, 10):
        device.update({"energy": moment / 100}, moment)
    assert device.values == {"energy": 5.9}
    assert [record.message for record in caplog.records] == [
        "energy of House goes on at 1.3 instead of 1000.0: taken for another meter"
    ]


def test_a_count_that_was_set_back_on_purpose_begins_again(device: Device) -> None:
    device.update({"energy": 1000.0, "power": 1.0}, 0)
    device.update({"energy": 0.0}, 1)
    assert device.values["energy"] == 1000.0
    device.begins_again("energy")
    device.begins_again("power")
    device.update({"energy": 0.0, "power": 1.0}, 2)
    assert device.values == {"energy": 0.0, "power": 1.0}
    assert device.update({"energy": 0.1}, 3) == ["energy"]


def test_what_is_no_counter_is_not_restored(device: Device) -> None:
    device.restore_counter("power", 1000.0, 0)
    assert shape(device, "power", 1.0) == 1.0


def test_a_value_that_is_left_out_takes_none_along(device: Device) -> None:
    """What stands before the others: an equal one, an equally shown one, no value."""
    device.update({"power": 100.0, "current": 1.0}, 0)
    values = {"power": 100.0, "current": 1.001, "signal": None, "raw": float("inf")}
    assert device.update({**values, "rough": 20}, 1) == ["rough"]


def test_a_count_set_back_may_have_been_doubted_all_the_time(device: Device) -> None:
    device.update({"energy": 1e9}, 0)  # no first value of any device
    device.begins_again("energy")
    assert shape(device, "energy", 0.5) == 0.5


# --- listeners ----------------------------------------------------------------------


def test_listeners_are_those_of_what_changed(device: Device) -> None:
    def power() -> None: ...
    def current() -> None: ...

    unlisten = device.listen("power", power)
    device.listen("current", current)
    assert device.listeners({"power", "nothing"}) == {power}
    assert device.listeners() == {power, current}
    unlisten()
    assert device.listeners({"power"}) == set()
    assert device.listeners() == {current}


def test_who_shows_two_values_is_told_once(device: Device) -> None:
    def both() -> None: ...

    device.listen("power", both)
    device.listen("current", both)
    assert device.listeners({"power", "current"}) == {both}


def test_an_event_is_for_who_listens_to_it(device: Device) -> None:
    heard: list[tuple[str, Any]] = []
    unlisten = device.listen_to_event("card", lambda *event: heard.append(event))
    device.listen_to_event("door", lambda *event: pytest.fail(str(event)))
    device.happened("card", "shown", {"id": "04"})
    assert heard == [("shown", {"id": "04"})]
    unlisten()
    device.happened("card", "shown", {"id": "05"})
    device.happened("nobody's", "shown", {})
    assert len(heard) == 1


# --- facts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({}, {"name": "Meter"}, {"name": "Meter"}),
        ({"name": "Meter"}, {"name": "Meter"}, {}),
        ({"name": "Meter"}, {"name": None, "model": "X"}, {"model": "X"}),
        ({"name": "Meter"}, {"name": "House"}, {"name": "House"}),
    ],
)
def test_facts_add_up(
    old: dict[str, Any], new: dict[str, Any], changes: dict[str, str]
) -> None:
    assert merged(Facts(**old), Facts(**new)) == changes
