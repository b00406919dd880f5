"""The gateway's settings as controls: each made of its row in the protocol's table.

A setting that the charger's configuration does not tell has none.
"""

from typing import Any, Final, Protocol

from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import EntityCategory

from ...protocols.openevse import MAX_TEXT, SettingRule, seen_as
from ..descriptions import (
    Change,
    Description,
    NumberDescription,
    SelectDescription,
    SwitchDescription,
    TextDescription,
)
from ..sink import DeviceKey, Value
from .commands import Commands
from .values import GATEWAY_SETTINGS

# The others are for few.
_ENABLED: Final = ("current_shaper_max_pwr", "divert_type", "led_brightness")
_CLASSES: Final = {
    "A": NumberDeviceClass.CURRENT,
    "W": NumberDeviceClass.POWER,
    "s": NumberDeviceClass.DURATION,
    # Not those in °C: of the class, Home Assistant would make fractions from °F.
}
# More steps than that are no slider.
_SLIDER: Final = 255


class _Driver(Protocol):
    """Any of this family's."""

    charger: Commands


def _set(name: str) -> Change[Any]:
    async def ask(driver: _Driver, _: DeviceKey, value: Value) -> None:
        await driver.charger.set_setting(name, value)

    return ask


def _control(name: str, rule: SettingRule) -> Description:
    """Describe the control of a setting."""
    common: dict[str, Any] = {
        "key": name,
        "translation_key": f"openevse_{name}" if rule.options else seen_as(name),
        "entity_category": EntityCategory.CONFIG,
        "entity_registry_enabled_default": name in _ENABLED,
        "expert": rule.expert,
    }
    if rule.kind is bool:
        return SwitchDescription(turn=_set(name), **common)
    if rule.options:
        return SelectDescription(
            options=list(rule.options),
            select=_set(name),
            **common,
        )
    if rule.kind is str:
        return TextDescription(native_max=MAX_TEXT, set=_set(name), **common)
    steps = (rule.maximum - rule.minimum) / rule.step
    return NumberDescription(
        device_class=_CLASSES.get(rule.unit or ""),
        native_unit_of_measurement=rule.unit,
        native_min_value=rule.minimum,
        native_max_value=rule.maximum,
        native_step=rule.step,
        mode=NumberMode.AUTO if steps <= _SLIDER else NumberMode.BOX,
        set=_set(name),
        **common,
    )


SETTINGS_CONTROLS: Final[tuple[Description, ...]] = tuple(
    _control(name, rule) for name, rule in GATEWAY_SETTINGS.items()
)
