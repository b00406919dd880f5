"""MQTT: one small client interface, over Home Assistant's connection or one of our own."""

from typing import TYPE_CHECKING

from .client import Message, MqttClient
from .pool import acquire_broker
from .settings import BrokerSettings

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

__all__ = ["BrokerSettings", "Message", "MqttClient", "acquire"]


async def acquire(hass: HomeAssistant, settings: BrokerSettings | None) -> MqttClient:
    """Give a connected client for the broker; None means Home Assistant's own.

    Whoever acquires a client releases it. Raises ConnectError.
    """
    if settings is not None:
        return await acquire_broker(hass, settings)
    # Imports Home Assistant's mqtt integration, which many do not have.
    from .homeassistant import acquire_homeassistant  # noqa: PLC0415

    return await acquire_homeassistant(hass)
