"""What is kept, as controls: each made of its row in the protocol's table of settings.

A setting that the charger's configuration does not tell has none.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import EntityCategory

from ...protocols.openevse import MAX_TEXT, SETTINGS, SettingRule
from ..descriptions import (
    Change,
    Description,
    NumberDescription,
    SelectDescription,
    SwitchDescription,
    TextDescription,
)
from ..sink import DeviceKey
from .commands import Commands
from .const import SERVICE_LEVEL
from .shown import CONFIGURED, GATEWAY_SETTINGS

# The others are for few.
_ENABLED: Final = frozenset(
    (*CONFIGURED, "current_shaper_max_pwr", "divert_type", "led_brightness")
)
_CLASSES: Final = {
    "A": NumberDeviceClass.CURRENT,
    "W": NumberDeviceClass.POWER,
    "s": NumberDeviceClass.DURATION,
    # Not those in °C: of the class, Home Assistant would make fractions from °F.
}
# More steps than that are no slider.
_SLIDER: Final = 255


class Driver(Protocol):
    """Any of this family's."""

    commands: Commands


def to[T](change: Callable[[Commands, T], Awaitable[None]]) -> Change[T]:
    """Ask the charger for a change."""

    async def ask(driver: Driver, _: DeviceKey, value: T) -> None:
        await change(driver.commands, value)

    return ask


def keep(name: str) -> Change[Any]:
    """Have the charger keep a value."""
    return to(lambda commands, value: commands.set(name, value))


def _control(name: str, rule: SettingRule) -> Description:
    """Describe the control of a setting."""
    common: dict[str, Any] = {
        "key": name,
        "translation_key": f"openevse_{name}" if rule.options else name.lower(),
        "entity_category": EntityCategory.CONFIG,
        "entity_registry_enabled_default": name in _ENABLED,
        "expert": rule.expert,
    }
    if rule.kind is bool:
        return SwitchDescription(turn=keep(name), **common)
    if rule.options:
        return SelectDescription(
            options=list(rule.options),
            select=keep(name),
            **common,
        )
    if rule.kind is str:
        return TextDescription(native_max=MAX_TEXT, set=keep(name), **common)
    steps = (rule.maximum - rule.minimum) / rule.step
    return NumberDescription(
        device_class=_CLASSES.get(rule.unit or ""),
        native_unit_of_measurement=rule.unit,
        native_min_value=rule.minimum,
        native_max_value=rule.maximum,
        native_step=rule.step,
        mode=NumberMode.BOX if rule.expert or steps > _SLIDER else NumberMode.AUTO,
        set=keep(name),
        **common,
    )


SETTINGS_CONTROLS: Final[tuple[Description, ...]] = tuple(
    _control(name, rule) for name, rule in GATEWAY_SETTINGS.items()
)
# Without the service level, whose choices are fewer at newer gateways.
CONTROLLER_CONTROLS: Final[tuple[Description, ...]] = tuple(
    _control(key, SETTINGS[name])
    for key, name in CONFIGURED.items()
    if key != SERVICE_LEVEL
)
