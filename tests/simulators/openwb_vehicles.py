"""How full the vehicles of the simulated openWB are said to be.

The rules of openWB/core, modules/update_soc.py, modules/common/configurable_vehicle.py and
modules/vehicles/{mqtt,manual} (2.1.7 to master):

- `force_soc_update` is emptied when the charge level is read, and the time of the request
  is told whether or not that works. Without a module nothing happens to it.
- A vehicle without a module loses its charge level, range and their times.
- A charge level that is set by hand is taken over, and emptied.
- What is retained of a car is read again and again, also while it charges. Without a time
  it is of now, and takes the place of what was counted since (CarState in
  component_state.py). One more than a minute older than what is known is passed over
  without a word.
- When reading fails three times in a row, openWB tells 0 %, and a range of null (up to
  2.1.9 of 0), beside the fault.

openWB reads each few minutes, as its settings say, here in each cycle.
"""

from typing import Any

from .openwb_store import Store
from .openwb_versions import Features

_LEVELS = ("soc", "range", "odometer", "soc_timestamp", "soc_request_timestamp")
_MOST_FAILURES = 3


class Vehicles:
    """Reads charge levels."""

    def __init__(
        self, store: Store, fed: dict[str, dict[str, Any]], features: Features
    ) -> None:
        """Read what is fed of `vehicle/N`."""
        self._store = store
        self._fed = fed
        self._features = features
        self.failures: dict[int, int] = {}
        """Vehicles that cannot be read, and how often that was tried."""

    def read(self, now: float) -> None:
        """Read all vehicles."""
        for number in self._store.vehicles:
            prefix = f"vehicle/{number}"
            module = self._store.get(f"{prefix}/soc_module/config", {}).get("type")
            if module is None:
                self._forget(prefix)
                continue
            if self._store.get(f"{prefix}/get/force_soc_update"):
                self._store.set(f"{prefix}/get/force_soc_update", False)
                self._store.set(f"{prefix}/get/soc_request_timestamp", now)
            if number in self.failures:
                self._fail(number, prefix)
            elif module == "manual":
                self._take_by_hand(prefix)
            elif module == "mqtt" and prefix in self._fed:
                self._take_car(prefix, self._fed[prefix], now)

    def _forget(self, prefix: str) -> None:
        for key in _LEVELS:
            if self._store.get(f"{prefix}/get/{key}") is not None:
                self._store.set(f"{prefix}/get/{key}", None)

    def _fail(self, number: int, prefix: str) -> None:
        self.failures[number] += 1
        self._store.set(f"{prefix}/get/fault_str", "Der SoC kann nicht gelesen werden.")
        self._store.set(f"{prefix}/get/fault_state", 2)
        if self.failures[number] > _MOST_FAILURES:
            self._store.set(f"{prefix}/get/soc", 0)
            reach = None if self._features.odometer_input else 0
            self._store.set(f"{prefix}/get/range", reach)

    def _take_by_hand(self, prefix: str) -> None:
        topic = f"{prefix}/soc_module/calculated_soc_state"
        state = self._store.get(topic, {})
        if state.get("manual_soc") is not None:
            self._store.set(f"{prefix}/get/soc", state["manual_soc"])
            self._store.set(topic, state | {"manual_soc": None})

    def _take_car(self, prefix: str, fed: dict[str, Any], now: float) -> None:
        stamp = fed.get("soc_timestamp") or int(now)
        known = self._store.get(f"{prefix}/get/soc_timestamp")
        if known is None or known <= stamp + 60:
            for key, value in {**fed, "soc_timestamp": stamp}.items():
                self._store.set(f"{prefix}/get/{key}", value)
