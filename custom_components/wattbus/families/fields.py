"""Form fields and helpers that the flows of several families use."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import CONF_BROKER

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

HOST: Final = TextSelector()
PORT: Final = NumberSelector(
    NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)
)
USERNAME: Final = TextSelector()
PASSWORD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
MULTILINE: Final = TextSelector(TextSelectorConfig(multiline=True))
BOOLEAN: Final = BooleanSelector()


def whole(minimum: int, maximum: int | None = None) -> Any:
    """Take a whole number within limits in an action; a fraction is not cut off."""

    def check(value: Any) -> Any:
        if isinstance(value, bool) or (
            isinstance(value, float) and not value.is_integer()
        ):
            raise vol.Invalid("expected a whole number")
        return value

    return vol.All(check, vol.Coerce(int), vol.Range(minimum, maximum))


def broker_identity(data: Mapping[str, Any]) -> str:
    """Name the broker of an entry's data."""
    if broker := data.get(CONF_BROKER):
        return f"{broker[CONF_HOST]}:{int(broker[CONF_PORT])}"
    return "homeassistant"
