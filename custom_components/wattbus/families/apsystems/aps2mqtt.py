"""An ECU that is heard of through aps2mqtt, which asks it in our place."""

from collections.abc import Callable, Iterable
from typing import Any, Final, override

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ...protocols import aps2mqtt
from ...protocols.aps2mqtt import EcuState, InverterState, SingleValue, Status
from ...protocols.ecu import ecu_model, inverter_model
from ...transports.mqtt import Message
from ..driver import Context, Handler, MqttDriver
from ..sink import MAIN_DEVICE, DeviceKey, Facts, Value
from .const import CONF_ECU_ID, CONF_PREFIX, INVERTER
from .glitches import LifetimeEnergy, TodayEnergy
from .reading import describe_inverter

# What aps2mqtt calls otherwise.
_ECU_KEYS: Final = {
    "current_power": "power",
    "today_energy": "energy_today",
    "lifetime_energy": "lifetime_energy",
}
_MEASURED: Final = ("power", "temperature", "frequency", "voltage", "signal")
_MOST_INVERTERS: Final = 400


class EcuMqtt(MqttDriver):
    """The driver of an ECU that aps2mqtt publishes."""

    def __init__(self, context: Context) -> None:
        """Prepare to read the topics of one ECU."""
        super().__init__(context)
        self._ecu_id: str = self.data[CONF_ECU_ID]
        self._prefix: str = self.data.get(CONF_PREFIX) or ""
        self._up = False
        # Old versions may have no status; then the broker's connection is all there is.
        self._bridge = True
        self._lifetime: LifetimeEnergy | None = None
        self._today: TodayEnergy | None = None
        self._shown: dict[str, set[str]] = {}

    @override
    def subscriptions(self) -> Iterable[tuple[str, Handler]]:
        base = f"{self._prefix}/aps" if self._prefix else "aps"
        return (
            (f"{base}/status", self._received),
            (f"{base}/{self._ecu_id}/#", self._received),
        )

    @override
    async def start(self) -> None:
        self._lifetime = LifetimeEnergy(self.sink)
        self._today = TodayEnergy(self.sink)
        await super().start()

    @override
    def linked(self, up: bool) -> None:
        self._up = up
        self._bridge = True
        self.sink.connected(up)

    @override
    def is_event(self, topic: str) -> bool:
        # What equal messages mean depends on others between them: before version 2 an
        # inverter's values are unknown from `online`; and zeros are counted.
        return not topic.endswith("/status")

    @callback
    def _received(self, message: Message) -> None:
        match aps2mqtt.decode(message.topic, message.payload, self._prefix):
            case Status(online=online):
                self._status(online)
            case EcuState() as state:
                self._describe()
                self._ecu(
                    {ours: getattr(state, theirs) for theirs, ours in _ECU_KEYS.items()}
                )
            case InverterState() as state:
                self._inverter(state.inverter_id, state.online, _values(state))
            case SingleValue() as single:
                self._single(single)

    def _status(self, online: bool) -> None:
        """Follow the last will: without aps2mqtt nothing is known of the ECU."""
        if self._bridge == online:
            return
        self._bridge = online
        self.sink.connected(self._up and online)
        if self._up and online:
            for inverter_id in self._shown:
                self.sink.seen(DeviceKey(INVERTER, inverter_id))

    def _describe(self) -> None:
        self.sink.describe(
            MAIN_DEVICE,
            Facts(model=ecu_model(self._ecu_id), serial_number=self._ecu_id),
        )

    def _ecu(self, values: dict[str, Value]) -> None:
        assert self._lifetime is not None
        assert self._today is not None
        total, today = values.get("lifetime_energy"), values.get("energy_today")
        if isinstance(total, int | float) and self._lifetime.accept(total) is None:
            del values["lifetime_energy"]
        if isinstance(today, int | float):
            values["energy_today"] = self._today.accept(today, dt_util.now().date())
        self.sink.report(MAIN_DEVICE, values)
        self.seen(MAIN_DEVICE)

    def _inverter(
        self, inverter_id: str, online: bool, values: dict[str, Value]
    ) -> None:
        shown = self._shown.get(inverter_id)
        if shown is None:
            if len(self._shown) >= _MOST_INVERTERS:
                return
            shown = self._shown[inverter_id] = set()
            describe_inverter(self.sink, inverter_id, inverter_model(inverter_id))
        device = DeviceKey(INVERTER, inverter_id)
        gone = {} if online else dict.fromkeys(shown)
        shown.update(values)
        self.sink.report(device, {"online": online, **gone, **values})
        self.seen(device)

    def _single(self, single: SingleValue) -> None:
        """Read a topic from before version 2, which has one value."""
        if single.inverter_id is None:
            self._describe()
            self._ecu({_ECU_KEYS[single.key]: single.value})
        elif single.panel is not None:
            key = f"channel_{single.panel}_{single.key}"
            self._inverter(single.inverter_id, True, {key: single.value})
        elif single.key == "online":
            self._inverter(single.inverter_id, bool(single.value), {})
        else:
            self._inverter(single.inverter_id, True, {single.key: single.value})

    @override
    def forget(self, device: DeviceKey) -> None:
        self._shown.pop(device.id, None)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {**super().diagnostics(), "aps2mqtt_online": self._bridge}


def _values(state: InverterState) -> dict[str, Value]:
    """Give what an inverter told, by the keys of the entities."""
    values: dict[str, Value] = {}
    if state.online:
        values = {key: getattr(state, key) for key in _MEASURED}
    number: Callable[[int], str] = "channel_{}".format
    for panel, power in enumerate(state.panel_powers, 1):
        values[f"{number(panel)}_power"] = power
    for panel, voltage in enumerate(state.panel_voltages, 1):
        values[f"{number(panel)}_voltage"] = voltage
    return values
