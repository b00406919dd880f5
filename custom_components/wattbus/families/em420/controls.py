"""What can be asked of an EM420, whose export is read-only."""

from typing import Final

from homeassistant.const import EntityCategory

from ..descriptions import ButtonDescription
from .const import CAN_REFRESH

CONTROLS: Final = (
    ButtonDescription(
        key="refresh",
        needs=CAN_REFRESH,
        entity_category=EntityCategory.DIAGNOSTIC,
        press=lambda driver, _: driver.refresh(),
    ),
)
