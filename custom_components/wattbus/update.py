"""Updates of a device's firmware."""

from typing import Any, override

from homeassistant.components.update import UpdateEntity, UpdateEntityFeature
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import UpdateDescription

# Each device is updated by itself.
PARALLEL_UPDATES = 0


class WattbusUpdate(WattbusEntity[UpdateDescription], UpdateEntity):
    """A firmware, and the newest one that there is for it."""

    entity_description: UpdateDescription
    _attr_supported_features = (
        UpdateEntityFeature.INSTALL
        | UpdateEntityFeature.PROGRESS
        | UpdateEntityFeature.RELEASE_NOTES
    )

    @property
    @override
    def installed_version(self) -> str | None:
        return self.told_as(str)

    @property
    @override
    def latest_version(self) -> str | None:
        return self.told_as(str, self.description.latest)

    @property
    @override
    def release_url(self) -> str | None:
        return self.told_as(str, self.description.page)

    @property
    @override
    def in_progress(self) -> bool:
        return self.update_percentage is not None

    @property
    @override
    def update_percentage(self) -> int | float | None:
        value = self.device.values.get(self.description.progress)
        return value if isinstance(value, int | float) else None

    @override
    def version_is_newer(self, latest_version: str, installed_version: str) -> bool:
        return self.description.newer(latest_version, installed_version)

    @override
    async def async_release_notes(self) -> str | None:
        return self.told_as(str, self.description.notes)

    @override
    async def async_install(
        self, version: str | None, backup: bool, **kwargs: Any
    ) -> None:
        await self.command(self.description.install)


async_setup_entry = set_up_of(Platform.UPDATE, WattbusUpdate)
