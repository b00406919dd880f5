"""MQTT through the client that Home Assistant's own mqtt integration has."""

from typing import TYPE_CHECKING, override

from homeassistant.components import mqtt
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from ...errors import ConnectError, Reason
from .client import (
    Message,
    MessageCallback,
    MqttClient,
    StateCallback,
    Subscriptions,
    Unsubscribe,
)

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

HOST = "Home Assistant"


async def acquire_homeassistant(hass: HomeAssistant) -> HomeAssistantClient:
    """Give Home Assistant's client. Raises ConnectError when it is not set up."""
    if not await mqtt.async_wait_for_mqtt_client(hass):
        raise ConnectError(Reason.MQTT_NOT_READY, HOST)
    return HomeAssistantClient(hass)


class HomeAssistantClient(MqttClient):
    """A thin view on Home Assistant's MQTT client, which reconnects by itself."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Use the client of this Home Assistant."""
        self._hass = hass
        self._subscriptions = Subscriptions()

    @property
    @override
    def connected(self) -> bool:
        return mqtt.is_connected(self._hass)

    @property
    @override
    def auth_refused(self) -> bool:
        return False  # the mqtt integration asks for its credentials itself

    @override
    async def subscribe(
        self, topic_filter: str, listener: MessageCallback
    ) -> Unsubscribe:
        @callback  # anything else would be run in a thread
        def received(message: mqtt.ReceiveMessage) -> None:
            payload = message.payload
            assert isinstance(payload, bytes)  # because encoding is None
            listener(Message(message.topic, payload, message.retain))

        try:
            unsubscribe = await mqtt.async_subscribe(
                self._hass, topic_filter, received, encoding=None
            )
        except HomeAssistantError as err:
            raise ConnectError(Reason.MQTT_NOT_READY, HOST, str(err)) from err
        return self._subscriptions.add(unsubscribe)

    @override
    async def publish(
        self, topic: str, payload: str | bytes, qos: int = 0, *, retain: bool = False
    ) -> None:
        try:
            await mqtt.async_publish(self._hass, topic, payload, qos, retain=retain)
        except HomeAssistantError as err:
            raise ConnectError(Reason.CONNECTION_LOST, HOST, str(err)) from err

    @override
    def on_state(self, listener: StateCallback) -> Unsubscribe:
        return self._subscriptions.add(
            mqtt.async_subscribe_connection_status(
                self._hass, callback(lambda up: listener(up))
            )
        )

    @override
    async def release(self) -> None:
        """Take our subscriptions along, but keep the connection: it is not ours."""
        self._subscriptions.end()
