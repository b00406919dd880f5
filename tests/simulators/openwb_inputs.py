"""What an MQTT device of the simulated openWB makes of what it is fed.

The rules of openWB/core, modules/devices/generic/mqtt/{device,counter,inverter,bat}.py of
2.1.8, 2.1.9, 2.2.2 and master, and modules/common/utils/peak_filter.py (from 2.2.0):

- In each control cycle it reads whatever the broker keeps, however old that is.
- Without a power, and a battery's charge level, the device has a fault (`fault_state` 2)
  and keeps the values that it had.
- A counter's energies count if both are there and neither is 0, else openWB adds them up
  itself. A battery's count if both are there, an inverter's if it is there; up to 2.1.8 a
  0 is none with these, too.
- From 2.2.0 on, where the device has a largest power: a power of more than twice as much
  is a fault, and the device keeps its values. An energy counts in a cycle only if it is
  no lower than in the cycle before, no higher than twice the largest power allows in a
  control interval, and not more than 50 years of it. The first after a start does not
  count, and is a warning (`fault_state` 1). What does not count is null at a counter; at
  an inverter and a battery the topic stays as it was.
- Up to 2.1.7 there is no such device: setdata.py publishes what a topic was set to.

With a fault at the counter of the grid for more than 60 s openWB charges with no more than
`max_power_errorcase` (control/counter.py); the simulated one goes on with the last values.
A device that nobody feeds has the values of the simulated day, not the fault that it has.
"""

from typing import Any

from .openwb_store import Store
from .openwb_versions import Features

_LARGEST = {"counter": "max_total_power", "pv": "max_ac_out", "bat": "max_power"}
_NEEDED = {"counter": ("power",), "pv": ("power",), "bat": ("power", "soc")}
_ENERGIES = {
    "counter": ("imported", "exported"),
    "pv": ("exported",),
    "bat": ("imported", "exported"),
}
_FIFTY_YEARS = 24 * 365 * 50
_MISSING = (
    "Fehlende MQTT-Daten: Stelle sicher, dass Du Werte an die erforderlichen Topics "
    "(beschrieben in den Komponenten-Einstellungen) veröffentlichst (Publish)."
)


class _Fault(Exception):
    """What is fed cannot be used."""


class Inputs:
    """Reads what clients feed, once in a control cycle."""

    def __init__(
        self, store: Store, fed: dict[str, dict[str, Any]], features: Features
    ) -> None:
        """Read what is fed by topic, such as `counter/0`."""
        self._store = store
        self._fed = fed
        self._features = features
        self._before: dict[tuple[str, str], float] = {}
        self.taken: dict[str, dict[str, Any]] = {}
        """By topic. An energy that is left out openWB adds up itself; None does not count."""

    def read(self) -> None:
        """Take what is fed, or have a fault."""
        for topic, values in self._fed.items():
            kind = topic.split("/")[0]
            if kind not in _LARGEST:
                continue
            if not self._features.mqtt_devices:
                self.taken[topic] = dict(values)
                continue
            state, text = 0, "Kein Fehler."
            try:
                self.taken[topic], warning = self._check(topic, kind, values)
                if warning:
                    state, text = 1, warning
            except _Fault as fault:
                state, text = 2, str(fault)
            self._store.set(f"{topic}/get/fault_str", text)
            self._store.set(f"{topic}/get/fault_state", state)

    def _without_unused(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        """Leave energies out that do not count because one is missing, or is 0."""
        names = _ENERGIES[kind]
        zero_counts = self._features.zero_energies and kind != "counter"
        told = [values.get(name) for name in names]
        if all(one is not None and (zero_counts or one) for one in told):
            return dict(values)
        return {key: value for key, value in values.items() if key not in names}

    def _check(
        self, topic: str, kind: str, values: dict[str, Any]
    ) -> tuple[dict[str, Any], str]:
        """Return what counts, and a warning."""
        if any(key not in values for key in _NEEDED[kind]):
            raise _Fault(_MISSING)
        taken = self._without_unused(kind, values)
        most = float(self._store.get(f"{topic}/config/{_LARGEST[kind]}", 0))
        if not self._features.peak_filter or most <= 0:
            return taken, ""
        if abs(power := values["power"]) > 2 * most:
            raise _Fault(
                f"Peakfilter: Die Leistung von {power / 1000}kW überschreitet die "
                f"konfigurierte max. Gesamtleistung von {most / 1000}kW um mehr als das "  # codespell:ignore als
                "Doppelte. Werte werden noch nicht berücksichtigt."
            )
        warning = ""
        for name in _ENERGIES[kind]:
            if name in taken:
                energy, key = taken[name], (topic, name)
                if key not in self._before and energy <= most * _FIFTY_YEARS:
                    warning = (
                        "PeakFilter: Vorheriger Wert None (Startup), aktueller "
                        f"Zählerwert: {energy / 1000}kWh. Warte einen Regelintervall."
                    )
                if not self._plausible(energy, self._before.get(key), most):
                    taken[name] = None
                self._before[key] = energy
        return taken, warning

    def _plausible(self, energy: float, before: float | None, most: float) -> bool:
        interval = float(self._store.get("general/control_interval", 10))
        allowed = 2 * interval / 3600 * most
        return (
            before is not None
            and energy <= most * _FIFTY_YEARS
            and 0 <= energy - before <= allowed
        )
