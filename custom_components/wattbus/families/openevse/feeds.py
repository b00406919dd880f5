"""What a charger wants to be told: the power at the grid, the car's state of charge..."""

from functools import partial
from typing import Final, Protocol

from homeassistant.components.sensor import SensorDeviceClass

from ...protocols.openevse import FEEDS as QUANTITIES, feed_value
from ..family import Feed
from .commands import Commands

LIVE_POWER: Final = "live_power"

# The shaper pauses charging after 120 s without the power of the house, if it is not
# set to another time.
_STALE: Final = 120.0

_CLASSES: Final = {
    "W": SensorDeviceClass.POWER,
    "V": SensorDeviceClass.VOLTAGE,
    "%": SensorDeviceClass.BATTERY,
    "km": SensorDeviceClass.DISTANCE,
    "s": SensorDeviceClass.DURATION,
}


class _Driver(Protocol):
    """What both drivers of this family have."""

    charger: Commands

    async def feed(self, name: str, value: float) -> None:
        """Tell the gateway."""


async def _send(driver: _Driver, value: float, *, name: str) -> None:
    await driver.feed(name, feed_value(name, value))


def _sooner(driver: _Driver, *, name: str) -> float | None:
    """Give after how many seconds this charger's shaper pauses, as far as it tells."""
    if name != LIVE_POWER or driver.charger.config is None:
        return None
    return driver.charger.config.current_shaper_data_maxinterval


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
    )
    for name, quantity in QUANTITIES.items()
)
