"""An ECU that is heard of through aps2mqtt, which asks it in our place.

While the ECU does not answer, aps2mqtt stays `online` and says nothing (main.py of
2.0.2: it tries again each minute). At night it is silent by design (STOP_AT_NIGHT), and
its last report has no inverter online then.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, override

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ...protocols import Unread, aps2mqtt
from ...protocols.aps2mqtt import EcuState, InverterState, SingleValue, Status
from ...protocols.ecu import ecu_model, inverter_model
from ...transports.mqtt import Message
from ..driver import Context, Handler, MqttDriver
from ..sink import MAIN_DEVICE, DeviceKey, Facts, Value
from .const import CONF_ECU_ID, CONF_PREFIX, INVERTER, KEPT_FOR
from .energies import LifetimeEnergy, TodayEnergy
from .state import describe_inverter

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

    _lifetime: LifetimeEnergy
    _today: TodayEnergy

    def __init__(self, context: Context) -> None:
        """Prepare to read the topics of one ECU."""
        super().__init__(context)
        self._ecu_id: str = self.data[CONF_ECU_ID]
        self._prefix: str = self.data.get(CONF_PREFIX) or ""
        self._up = False
        # Old versions may have no status; then the broker's connection is all there is.
        self._bridge = True
        self._shown: dict[str, set[str]] = {}
        self._online: set[str] = set()
        """The inverters that are, by the last report."""
        self._reports = 0
        self._told = False
        self._old = False
        """Whether the last report is too long ago."""
        self._unaged: CALLBACK_TYPE | None = None

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
        # What the broker has kept is shown for so long, too: its age is not known.
        self._wait()
        await super().start()

    @override
    async def stop(self) -> None:
        self._calm()
        await super().stop()

    @override
    def linked(self, up: bool) -> None:
        self._up = up
        self._bridge = True
        self._tell()

    def _tell(self) -> None:
        """Say whether what is shown is what the ECU is known to do."""
        self.sink.connected(self._up and self._bridge and not self._old)

    @override
    def is_event(self, topic: str) -> bool:
        # What equal messages mean depends on others between them: before version 2 an
        # inverter's values are unknown from `online`; and zeros are counted.
        return not topic.endswith("/status")

    @callback
    def _received(self, message: Message) -> None:
        told = aps2mqtt.decode(message.topic, message.payload, self._prefix)
        if isinstance(told, EcuState | InverterState | SingleValue):
            if not message.retain:
                self._heard(told)
            elif self._unaged is None and not self._old:
                self._wait()
            self._told = True
            self._read(told)
        elif isinstance(told, Status):
            self._status(told.online)

    def _read(self, told: EcuState | InverterState | SingleValue) -> None:
        """Report what was told. Raises Unread when a part of it cannot be read."""
        match told:
            case EcuState():
                self._ecu(
                    {ours: getattr(told, theirs) for theirs, ours in _ECU_KEYS.items()}
                )
            case InverterState():
                self._inverter(told.inverter_id, told.online, _values(told))
            case SingleValue():
                self._single(told)
                return
        if told.unread:
            raise Unread(told.unread[0])

    # --- age --------------------------------------------------------------------------

    def _heard(self, told: EcuState | InverterState | SingleValue) -> None:
        """Take a live message as news, and go on if there was none for long."""
        # A report begins with the ECU's power: who is not in it is not online.
        if isinstance(told, EcuState) or (
            isinstance(told, SingleValue) and told.key == "current_power"
        ):
            self._online.clear()
            self._reports += 1
        self._wait()
        if self._old:
            self._old = False
            self._tell()

    def _wait(self) -> None:
        """Look again when what is told now has become old."""
        self._calm()
        self._unaged = async_call_later(self.hass, KEPT_FOR, self._ages)

    def _calm(self) -> None:
        if self._unaged is not None:
            self._unaged()
            self._unaged = None

    @callback
    def _ages(self, _: datetime) -> None:
        """Let old values go, unless all inverters are asleep: then nothing changes."""
        self._unaged = None
        if self._online or (self._told and not self._shown):
            self._old = True
            self._tell()

    def _status(self, online: bool) -> None:
        """Follow the last will: without aps2mqtt nothing is known of the ECU."""
        if self._bridge == online:
            return
        self._bridge = online
        self._tell()
        if self._up and online and not self._old:
            for inverter_id in self._shown:
                self.sink.seen(DeviceKey(INVERTER, inverter_id))

    def _ecu(self, values: dict[str, Value]) -> None:
        facts = Facts(model=ecu_model(self._ecu_id), serial_number=self._ecu_id)
        self.sink.describe(MAIN_DEVICE, facts)
        total, today = values.get("lifetime_energy"), values.get("energy_today")
        if isinstance(total, int | float) and self._lifetime.accept(total) is None:
            del values["lifetime_energy"]
        if isinstance(today, int | float):
            # Until a whole report was heard, some of the inverters are not known.
            inverters = len(self._shown) if self._reports > 1 else 0
            values["energy_today"] = self._today.accept(
                today, dt_util.now().date(), inverters
            )
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
        (self._online.add if online else self._online.discard)(inverter_id)
        gone = {} if online else dict.fromkeys(shown)
        shown.update(values)
        self.sink.report(device, {"online": online, **gone, **values})
        self.seen(device)

    def _single(self, single: SingleValue) -> None:
        """Read a topic from before version 2, which has one value."""
        channel = f"channel_{single.panel}_" if single.panel else ""
        values: dict[str, Value] = {f"{channel}{single.key}": single.value}
        if single.inverter_id is None:
            self._ecu({_ECU_KEYS[single.key]: single.value})
        elif single.key == "online":
            self._inverter(single.inverter_id, bool(single.value), {})
        else:
            self._inverter(single.inverter_id, True, values)

    @override
    def forget(self, device: DeviceKey) -> None:
        self._shown.pop(device.id, None)
        self._online.discard(device.id)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            **super().diagnostics(),
            "aps2mqtt_online": self._bridge,
            "old": self._old,
        }


def _values(state: InverterState) -> dict[str, Value]:
    """Give what an inverter told, by the keys of the entities."""
    values: dict[str, Value] = {}
    if state.online:
        values = {key: getattr(state, key) for key in _MEASURED}
    for panel, power in enumerate(state.panel_powers, 1):
        values[f"channel_{panel}_power"] = power
    for panel, voltage in enumerate(state.panel_voltages, 1):
        values[f"channel_{panel}_voltage"] = voltage
    return values
