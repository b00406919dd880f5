"""Live control: what can be set for a group of devices."""

from typing import Final

from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import UnitOfPower

from ..descriptions import (
    Description,
    NumberDescription,
    SelectDescription,
    SwitchDescription,
)
from .const import GROUP, LIVE, LIVE_POLICY, LIVE_POWER, POLICIES

# W; what the largest sites have, so that a slip of the keyboard is noticed.
_MOST_POWER: Final = 1_000_000


CONTROLS: Final[tuple[Description, ...]] = (
    SelectDescription(
        kind=GROUP,
        key=LIVE_POLICY,
        needs=POLICIES,
        choices=POLICIES,
        alone=False,
        select=lambda driver, device, policy: driver.live.change(
            device.id, policy=policy
        ),
    ),
    NumberDescription(
        kind=GROUP,
        key=LIVE_POWER,
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        native_min_value=-_MOST_POWER,
        native_max_value=_MOST_POWER,
        native_step=1,
        mode=NumberMode.BOX,
        alone=False,
        set=lambda driver, device, power: driver.live.change(device.id, power=power),
    ),
    # An EMS that does not answer may still listen: it can be switched off in any case,
    # and does not wait for what else the EMS is asked.
    SwitchDescription(
        kind=GROUP,
        key=LIVE,
        always_available=True,
        alone=False,
        turn=lambda driver, device, on: driver.live.turn(device.id, on),
    ),
)
