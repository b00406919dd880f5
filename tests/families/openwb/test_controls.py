"""Every control of every version, once: taken by openWB, and read back."""

from typing import Any

import pytest

from custom_components.wattbus.families.descriptions import (
    Description,
    NumberDescription,
    SelectDescription,
)
from custom_components.wattbus.families.openwb.controls import CONTROLS
from custom_components.wattbus.families.openwb.units import ROWS, allowed, sent
from custom_components.wattbus.families.sink import MAIN as MAIN_KIND, DeviceKey
from custom_components.wattbus.protocols import InputError, openwb as protocol
from custom_components.wattbus.protocols.openwb import Kind, generation
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...helpers import until
from ...protocols.openwb.samples import template
from ...simulators.openwb_versions import FEATURES, Version, place
from .conftest import CARPORT, CONSUMER, MAIN, POINT, VEHICLE, House

type Row = tuple[DeviceKey, str, str, Any, str, Any]
"""Device, platform, key, what the user sets; the set topic, and what it is sent."""

# Values that openWB has in all versions.
COMMON: list[Row] = [
    (POINT, "lock", "manual_lock", True, "chargepoint/3/set/manual_lock", True),
    (POINT, "select", "vehicle", "Standard-Fahrzeug", "chargepoint/3/config/ev", 0),
    (
        VEHICLE,
        "select",
        "charge_template",
        "Gast-Profil",
        "vehicle/1/charge_template",
        1,
    ),
    (
        VEHICLE,
        "button",
        "refresh_soc",
        None,
        "vehicle/1/get/force_soc_update",
        True,
    ),
    (MAIN, "select", "control_interval", "20", "general/control_interval", 20),
    (MAIN, "number", "price_grid", 0.35, "general/prices/grid", 0.00035),
    (MAIN, "number", "price_pv", 0.1, "general/prices/pv", 0.0001),
    (MAIN, "number", "price_bat", 0.25, "general/prices/bat", 0.00025),
    (MAIN, "button", "reboot", None, "command/wattbus/*", "systemReboot"),
    (CARPORT, "button", "reboot", None, "command/wattbus/*", "chargepointReboot"),
]

OLD_BATTERY_CONTROL: list[Row] = [
    (
        MAIN,
        "select",
        "power_limit_mode",
        "limit_stop",
        "bat/config/power_limit_mode",
        "limit_stop",
    )
]
# From 2.2.0 (openWB/core #3051).
BATTERY_CONTROL: list[Row] = [
    (
        MAIN,
        "select",
        "power_limit_mode",
        "mode_charge_pv_production",
        "bat/config/power_limit_mode",
        "mode_charge_pv_production",
    ),
    (
        MAIN,
        "switch",
        "bat_control_activated",
        True,
        "bat/config/bat_control_activated",
        True,
    ),
    (
        MAIN,
        "select",
        "power_limit_condition",
        "manual",
        "bat/config/power_limit_condition",
        "manual",
    ),
    (
        MAIN,
        "select",
        "manual_mode",
        "manual_limit",
        "bat/config/manual_mode",
        "manual_limit",
    ),
    (MAIN, "number", "bat_control_min_soc", 10, "bat/config/bat_control_min_soc", 10),
    (MAIN, "number", "bat_control_max_soc", 95, "bat/config/bat_control_max_soc", 95),
    (
        MAIN,
        "switch",
        "price_limit_activated",
        True,
        "bat/config/price_limit_activated",
        True,
    ),
    (MAIN, "number", "price_limit", 0.2, "bat/config/price_limit", 0.0002),
    (
        MAIN,
        "switch",
        "price_charge_activated",
        True,
        "bat/config/price_charge_activated",
        True,
    ),
    (MAIN, "number", "charge_limit", 0.1, "bat/config/charge_limit", 0.0001),
]

# Settings of PV mode, which are elsewhere in each version: openwb_versions.place.
PV_MODE: list[tuple[str, str, Any]] = [
    ("select", "bat_mode", "min_soc_bat_mode"),
    ("number", "min_bat_soc", 40),
    ("number", "max_bat_soc", 90),
    ("number", "bat_power_reserve", 500),
    ("switch", "bat_power_reserve_active", False),
    ("number", "bat_power_discharge", 700),
    ("switch", "bat_power_discharge_active", False),
    ("number", "feed_in_yield", 100),
    ("number", "switch_on_threshold", 1600),
    ("number", "switch_on_delay", 45),
    ("number", "switch_off_threshold", -50),
    ("number", "switch_off_delay", 90),
    ("number", "phase_switch_delay", 10),
]


def settings(version: Version) -> list[Row]:
    """Give the settings of PV mode and of batteries that a version has."""
    features = FEATURES[version]
    return [
        (MAIN, platform, key, value, place(features, key), value)
        for platform, key, value in PV_MODE
        if features.max_bat_soc or key != "max_bat_soc"
    ] + (BATTERY_CONTROL if features.battery_control else OLD_BATTERY_CONTROL)


# Fields of a charge point's template: what is set, the place in the template, its value.
_INSTANT = "chargemode/instant_charging"
FIELDS: list[tuple[str, str, Any, str, Any]] = [
    ("select", "charge_mode", "scheduled_charging", "chargemode/selected", ...),
    ("number", "instant_current", 10, "chargemode/instant_charging/current", 10),
    (
        "select",
        "instant_limit",
        "amount",
        "chargemode/instant_charging/limit/selected",
        ...,
    ),
    ("number", "instant_limit_soc", 70, "chargemode/instant_charging/limit/soc", 70),
    (
        "number",
        "instant_limit_amount",
        12.5,
        "chargemode/instant_charging/limit/amount",
        12500,
    ),
    ("select", "pv_min_current", "0", "chargemode/pv_charging/min_current", 0),
    ("number", "pv_min_soc", 30, "chargemode/pv_charging/min_soc", 30),
    ("number", "pv_min_soc_current", 12, "chargemode/pv_charging/min_soc_current", 12),
    ("number", "instant_dc_current", 90.5, f"{_INSTANT}/dc_current", 90.5),
    ("number", "pv_dc_min_current", 0, "chargemode/pv_charging/dc_min_current", 0),
    (
        "number",
        "pv_dc_min_soc_current",
        200,
        "chargemode/pv_charging/dc_min_soc_current",
        200,
    ),
    ("switch", "time_charging", True, "time_charging/active", True),
    ("switch", "load_default", True, "load_default", True),
]
# Up to 2.2.
UNTIL_2_3: list[tuple[str, str, Any, str, Any]] = [
    ("switch", "pv_feed_in_limit", True, "chargemode/pv_charging/feed_in_limit", True),
    ("switch", "priority", True, "prio", True),
]
OLD_FIELDS: list[tuple[str, str, Any, str, Any]] = [
    ("number", "pv_max_soc", 101, "chargemode/pv_charging/max_soc", 101),
    ("switch", "price_charging", True, "et/active", True),
    ("number", "price_charging_max_price", 25.5, "et/max_price", 0.000255),
]
NEW_FIELDS: list[tuple[str, str, Any, str, Any]] = [
    ("number", "eco_current", 16, "chargemode/eco_charging/current", 16),
    ("number", "eco_dc_current", 100, "chargemode/eco_charging/dc_current", 100),
    ("number", "eco_max_price", 25.5, "chargemode/eco_charging/max_price", 0.000255),
    *(
        row
        for mode in ("pv", "eco")
        for path in [f"chargemode/{mode}_charging/limit"]
        for row in (
            ("select", f"{mode}_limit", "amount", f"{path}/selected", ...),
            ("number", f"{mode}_limit_soc", 70, f"{path}/soc", 70),
            ("number", f"{mode}_limit_amount", 9, f"{path}/amount", 9000),
        )
    ),
    *(
        (
            "select",
            f"{mode}_phases",
            "1",
            f"chargemode/{mode}_charging/phases_to_use",
            1,
        )
        for mode in ("instant", "pv", "eco")
    ),
    (
        "select",
        "pv_min_soc_phases",
        "auto",
        "chargemode/pv_charging/phases_to_use_min_soc",
        0,
    ),
]
OLD: list[Row] = [
    (
        MAIN,
        "select",
        f"general_{mode}_phases",
        "3" if mode == "time" else "1",
        f"general/chargemode_config/{mode}_charging/phases_to_use",
        3 if mode == "time" else 1,
    )
    for mode in ("instant", "pv", "scheduled", "time")
] + [
    (
        MAIN,
        "select",
        "general_scheduled_pv_phases",
        "1",
        "general/chargemode_config/scheduled_charging/phases_to_use_pv",
        1,
    )
]
LATER: list[Row] = [
    (
        MAIN,
        "switch",
        "temporary_charge_templates_active",
        True,
        "general/temporary_charge_templates_active",
        True,
    )
]
_PRIOS = "counter/get/loadmanagement_prios"
_CAR0, _CAR1 = {"type": "vehicle", "id": 0}, {"type": "vehicle", "id": 1}
_ROD = {"type": "consumer", "id": 8}
NEWEST: list[Row] = [
    (
        MAIN,
        "switch",
        "feed_in_limit",
        True,
        "general/chargemode_config/surplus/feed_in_limit",
        True,
    ),
    (CONSUMER, "number", "priority_rank", 1, _PRIOS, [_ROD, _CAR0, _CAR1]),
    (VEHICLE, "number", "priority_rank", 2, _PRIOS, [_ROD, _CAR1, _CAR0]),
    (
        DeviceKey("vehicle", "0"),
        "number",
        "priority_rank",
        1,
        _PRIOS,
        [_CAR0, _ROD, _CAR1],
    ),
]
HAS = {
    Version.V2_1_7: (OLD, [*FIELDS, *UNTIL_2_3, *OLD_FIELDS]),
    Version.V2_1_8: ([], [*FIELDS, *UNTIL_2_3, *NEW_FIELDS]),
    Version.V2_1_9: (LATER, [*FIELDS, *UNTIL_2_3, *NEW_FIELDS]),
    Version.V2_2_2: (LATER, [*FIELDS, *UNTIL_2_3, *NEW_FIELDS]),
    Version.V2_3_0: ([*LATER, *NEWEST], [*FIELDS, *NEW_FIELDS]),
}


def _place(document: Any, path: str) -> Any:
    for name in path.split("/"):
        document = document[name]
    return document


def _sent(house: House, topic: str, value: Any) -> bool:
    """Whether openWB has taken a value on a set topic."""
    if topic.endswith("/*"):
        return value in house.simulator.commands
    return any(
        (write.topic, write.value) == (topic, value)
        for write in house.simulator.accepted
    )


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("version", HAS)
async def test_every_control_of_a_version(house: House, version: Version) -> None:
    """It has these and no others, and each does what it says."""
    assert _found(house.hass) == _expected(version)
    rows, fields = HAS[version]
    for platform, key, value, path, raw in fields:
        await house.act(POINT, platform, key, value)
        raw = value if raw is ... else raw
        await _shows(house, POINT, platform, key, value)
        if version is Version.V2_1_7:
            topic = f"vehicle/template/charge_template/0/{path}"
            assert _sent(house, topic, raw), key
        else:
            template = house.simulator.value("chargepoint/3/set/charge_template")
            assert _place(template, path) == raw
    for device, platform, key, value, topic, raw in (
        *COMMON,
        *settings(version),
        *rows,
    ):
        await house.act(device, platform, key, value)
        assert _sent(house, topic, raw), key
        if platform != "button":
            await _shows(house, device, platform, key, value)
    assert not house.simulator.refused
    assert not house.simulator.broken


async def _shows(
    house: House, device: DeviceKey, platform: str, key: str, value: Any
) -> None:
    """Wait until a control shows a value: states are written in a bunch."""

    def right() -> bool:
        shown = house.state(device, key, platform)
        assert shown
        match platform:
            case "number":
                return float(shown.state) == pytest.approx(value)
            case "switch":
                return shown.state == ("on" if value else "off")
            case "lock":
                return shown.state == ("locked" if value else "unlocked")
            case _:
                return bool(shown.state == value)

    await until(right)


def _expected(version: Version) -> set[tuple[DeviceKey, str, str]]:
    """Give the controls that a version has: device, platform and key."""
    rows, fields = HAS[version]
    expected = {
        (device, platform, key)
        for device, platform, key, *_ in (*COMMON, *settings(version), *rows)
    }
    for point in (POINT, CARPORT):
        expected |= {(point, platform, key) for platform, key, *_ in fields}
        expected |= {(point, "lock", "manual_lock"), (point, "select", "vehicle")}
    expected.add((DeviceKey("vehicle", "0"), "select", "charge_template"))
    return expected


def _found(hass: HomeAssistant) -> set[tuple[DeviceKey, str, str]]:
    """Give the controls that there are."""
    registry = er.async_entries_for_config_entry(er.async_get(hass), "entry")
    platforms = {item.platform for item in CONTROLS}
    found = set()
    for item in registry:
        _, kind, number, key = item.unique_id.split("|")
        if item.domain in platforms:
            found.add((DeviceKey(kind, number), item.domain, key))
    return found


@pytest.mark.parametrize(("raw", "shown"), [(0.0000811, 0.0811), (0.00028955, 0.28955)])
async def test_a_price_is_shown_as_it_is(
    house: House, raw: float, shown: float
) -> None:
    """Written back as it is shown, as a scene does, it stays what it was."""
    await house.simulator.put("general/prices/pv", raw)
    await house.shows(MAIN, "price_pv", str(shown), "number")
    await house.act(MAIN, "number", "price_pv", shown)
    written = await until(lambda: house.simulator.accepted)
    assert [write.value for write in written] == [raw]


# --- what a control offers, and what the protocol takes -----------------------------------


def _kind(description: Description) -> Kind:
    kind = description.kind
    return Kind.SYSTEM if kind == MAIN_KIND else Kind(kind)


RULED = [
    item
    for item in CONTROLS
    if isinstance(item, NumberDescription | SelectDescription)
    and (_kind(item), item.key) in ROWS
    and item.key not in ("vehicle", "charge_template")  # names are their choices
]
VERSIONS = sorted(
    {protocol.Version(2, 0, 0), protocol.Version(3, 0, 0)}
    | {
        version
        for rows in ROWS.values()
        for row in rows
        for version in (row.since, row.until)
        if version
    }
)


def _encode(kind: Kind, key: str, value: Any, version: protocol.Version) -> Any:
    """Send a value, as the control does."""
    raw = sent(kind, key, value)
    if key not in protocol.FIELDS:
        return protocol.set_value("o", kind, key, raw, number=1, version=version)
    if version < (2, 1, 8):
        return protocol.set_field("o", 1, key, raw)
    return protocol.changed(template(), {key: raw})


def _offered(
    item: NumberDescription | SelectDescription, version: protocol.Version
) -> tuple[list[Any], list[Any]] | None:
    """Give what a control offers in a version, and what is just outside."""
    kind = _kind(item)
    now = generation(has_template=False, version=version)
    assert now
    row = (
        protocol.field_of(item.key, now, version)
        if item.key in protocol.FIELDS
        else protocol.setting_of(kind, item.key, version)
    )
    if row is None:
        return None
    limits: Any = allowed(kind, item.key, row)
    if isinstance(item, SelectDescription):
        offered = limits.get(item.choices, item.options)
        near = {str(int(one) + d) for one in offered if one.isdigit() for d in (-1, 1)}
        words = {"auto", "2", "x", *near, *(item.options or ())}
        outside = words - set(offered) - ({"0"} if "auto" in offered else set())
        if not all(one.isdigit() or one == "auto" for one in offered):
            return offered, list(outside)
        # 0 is what "auto" is sent as.
        outside -= {"x"} | ({"auto"} if "0" in offered else set())
        return offered, list(outside)
    least = limits.get(item.minimum, item.native_min_value)
    most = limits.get(item.maximum, item.native_max_value)
    step = item.native_step
    assert step
    count = round((most - least) / step)
    values = [round(least + n * step, 6) for n in range(0, count, count // 200 or 1)]
    return [*values, most], [round(least - step, 6), round(most + step, 6)]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_control_offers_what_the_protocol_takes_and_nothing_else(
    version: protocol.Version,
) -> None:
    assert len(RULED) > 45
    offering = 0
    for item in RULED:
        if (values := _offered(item, version)) is None:
            continue
        offering += 1
        good, wrong = values
        for value in good:
            assert _encode(_kind(item), item.key, value, version)
        for value in wrong:
            with pytest.raises(InputError):
                _encode(_kind(item), item.key, value, version)
    assert offering > 15


def test_every_value_of_the_protocol_has_its_control() -> None:
    made = {(_kind(item), item.key) for item in CONTROLS}
    # What is asked for by a button and an action is no value to be chosen.
    others = {(Kind.CHARGE_POINT, "rfid"), (Kind.VEHICLE, "force_soc_update")}
    assert set(ROWS) - made == others
