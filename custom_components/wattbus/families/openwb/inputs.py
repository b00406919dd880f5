"""What openWB's MQTT devices are told: the values of a phase at a time, sent together."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
import math
import time
from typing import Any, Final

from ...errors import CommandError
from ...protocols import openwb
from ...protocols.openwb import PHASES, Kind
from ...protocols.openwb.rules import MAX_TEXT
from ...protocols.publication import Publication
from .const import CONF_FED, FAULT
from .told import Told

# Seconds after which the value of a phase is too old to be sent with another's.
_FRESH: Final = 60.0


class Inputs:
    """Tells an openWB what its MQTT devices measure."""

    def __init__(
        self,
        told: Told,
        send: Callable[[Publication], Awaitable[None]],
        root: str,
        options: Mapping[str, Any],
    ) -> None:
        """Publish with `send`, below a root topic."""
        self._told = told
        self._send = send
        self._root = root
        self._options = options
        self._phases: dict[tuple[str, str], tuple[float, float]] = {}

    async def tell_soc(self, soc: float, moment: datetime) -> None:
        """Tell how full a vehicle was [%], and when.

        Without its time it counts as of now, also when openWB reads it again hours
        later, and takes the place of what openWB has counted since (CarState in
        modules/common/component_state.py). The time comes last: a new value with the
        old time is passed over until then, an old value with a new one would be taken.
        """
        await self.tell(Kind.VEHICLE, "soc", soc)
        if openwb.takes(Kind.VEHICLE, "soc_timestamp", self._told.version):
            stamp = round(moment.timestamp(), 3)
            await self.tell(Kind.VEHICLE, "soc_timestamp", stamp)

    async def tell_phase(self, name: str, phase: str, value: float) -> None:
        """Tell the grid's value on one phase, once those of all three are known."""
        self._phases[name, phase] = (value, time.monotonic())
        values = [self._fresh(name, one) for one in PHASES]
        if name == "currents":
            values = [
                self._directed(current, phase)
                for current, phase in zip(values, PHASES, strict=True)
            ]
        known = [one for one in values if one is not None]
        if len(known) == len(PHASES):
            await self.tell(Kind.COUNTER, name, known)

    def _fresh(self, name: str, phase: str) -> float | None:
        value, moment = self._phases.get((name, phase), (0.0, -math.inf))
        return value if time.monotonic() - moment < _FRESH else None

    def _directed(self, current: float | None, phase: str) -> float | None:
        """Give a current the direction of its power, where that is fed: most have none."""
        power = self._fresh("powers", phase)
        if current is None or power is None:
            return current
        return math.copysign(abs(current), power) if current else 0.0

    async def tell(self, kind: Kind, name: str, value: float | list[float]) -> None:
        """Tell a value, or those of three phases. Raises CommandError or ProtocolError."""
        version = self._told.version
        if version is None or not openwb.takes(kind, name, version):
            raise CommandError("openwb_without", field=name)
        await self._send(
            openwb.feed(self._root, kind, self._number(kind), name, value, version)
        )

    def fault(self, kind: Kind) -> CommandError | None:
        """Say why openWB does not use what a device of it is told.

        From 2.2.0 on it passes over a power of more than twice the largest one that the
        device has in its settings (modules/common/utils/peak_filter.py), and in all
        versions what lacks a part: a battery's power or charge level, say.
        """
        try:
            number = self._number(kind)
        except CommandError:  # which is said when it is told
            return None
        if self._told.value(kind, "fault_state", number) != FAULT:
            return None
        words = self._told.value(kind, "fault_str", number)
        return CommandError("openwb_faulty_input", reason=str(words or "")[:MAX_TEXT])

    def _number(self, kind: Kind) -> int:
        """Give the number of the MQTT device that is fed."""
        chosen = str(self._options.get(f"{CONF_FED}{kind.value}") or "").strip()
        devices = self._told.mqtt_devices(kind)
        if not devices:
            raise CommandError("openwb_no_input")
        if not chosen:
            return devices[0]
        for one in devices:
            if str(one) == chosen:
                return one
        field = f"{CONF_FED}{kind.value}"
        raise CommandError("openwb_no_such_input", field=field, number=chosen)
