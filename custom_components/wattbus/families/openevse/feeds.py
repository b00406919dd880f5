"""What a charger wants to be told: the power at the grid, the car's state of charge..."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from homeassistant.components.sensor import SensorDeviceClass

from ...const import CONF_CONNECTION
from ...errors import CommandError
from ...protocols.openevse import FEEDS as QUANTITIES, SETTINGS, DivertType, feed_value
from ..family import GRID_INVERTED, HOUSE_LASTS, Feed
from .const import SHAPER
from .state import State

LIVE_POWER: Final = "live_power"

# Both keep a charger below a fuse.
_GRID_POWER: Final = "grid_power"
_OF_A_HOUSE: Final = frozenset((_GRID_POWER, LIVE_POWER))

# What the gateway shows with its age, and what is as it was until it is told anew.
_KEPT: Final = frozenset(
    (
        "vehicle_soc",
        "vehicle_range",
        "vehicle_time_to_full",
        "vehicle_charge_limit",
        "home_battery_soc",
    )
)

# The shaper pauses charging after 120 s without the power of the house, if it is not
# set to another time.
_STALE: Final = 120.0

_DIVERT_TYPES: Final = {_GRID_POWER: DivertType.GRID, "solar_power": DivertType.SOLAR}

_CLASSES: Final = {
    "W": SensorDeviceClass.POWER,
    "V": SensorDeviceClass.VOLTAGE,
    "%": SensorDeviceClass.BATTERY,
    "km": SensorDeviceClass.DISTANCE,
    "s": SensorDeviceClass.DURATION,
}


class _Driver(Protocol):
    """What both drivers of this family have."""

    state: State
    data: Mapping[str, Any]

    async def feed(self, name: str, value: float) -> None:
        """Tell the gateway."""


async def _send(driver: _Driver, value: float, _: datetime, *, name: str) -> None:
    await driver.feed(name, feed_value(name, value))


def _sooner(driver: _Driver, *, name: str) -> float | None:
    """Give after how many seconds this charger's shaper pauses, as far as it tells."""
    if name != LIVE_POWER or driver.state.config is None:
        return None
    return driver.state.config.current_shaper_data_maxinterval


def _ignored(driver: _Driver, *, name: str) -> CommandError | None:
    """Say by which of its settings the charger does not use a feed.

    Over MQTT it does not even subscribe to it, and never to one topic for both powers
    unless the surplus goes by the grid (subscribeTopics in mqtt.cpp and app_config.h,
    4.1.9 to 2026). Over HTTP it takes what the surplus may use later. What the charger
    does not tell is not doubted.
    """
    config, way = driver.state.config, driver.data[CONF_CONNECTION]
    if config is None:
        return None
    shaped = driver.state.values.get(SHAPER) or config.current_shaper_enabled
    if name == LIVE_POWER and shaped is False:
        return CommandError("shaper_is_off")
    as_grid = name == LIVE_POWER and config.mqtt_live_pwr == config.mqtt_grid_ie
    used_by = _DIVERT_TYPES.get(_GRID_POWER if way == "mqtt" and as_grid else name)
    if used_by is not None:
        if way == "mqtt" and config.divert_enabled is False:
            return CommandError("divert_is_off")
        if config.divert_type not in (None, used_by):
            return CommandError("divert_goes_by_other")
    source = SETTINGS["vehicle_data_src"].word(config.vehicle_data_src)
    if name.startswith("vehicle_") and source not in (None, way):
        return CommandError("vehicle_source_is_other")
    return None


FEEDS: Final[tuple[Feed, ...]] = tuple(
    Feed(
        key=name,
        unit=quantity.unit,
        device_class=_CLASSES[quantity.unit],
        refresh=_STALE,
        send=partial(_send, name=name),
        minimum=quantity.minimum,
        maximum=quantity.maximum,
        decimals=quantity.decimals,
        sooner=partial(_sooner, name=name),
        ignored=partial(_ignored, name=name),
        keeps=name in _KEPT,
        lasts=HOUSE_LASTS if name in _OF_A_HOUSE else None,
        inverted_by=GRID_INVERTED if name == _GRID_POWER else None,
    )
    for name, quantity in QUANTITIES.items()
)
