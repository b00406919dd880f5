"""A session at a charge point of the simulated openWB: `set/log`."""

from datetime import datetime, tzinfo
from typing import Any

from .openwb_store import Store

SOURCES = ("bat", "cp", "grid", "pv")


def _nothing() -> dict[str, Any]:
    """Return what begins anew with a session, and with another charge mode."""
    return {
        "charged_energy_by_source": dict.fromkeys(SOURCES, 0),
        "costs": 0,
        "imported_since_mode_switch": 0,
        "range_charged": 0,
        "time_charged": "0:00",
        "timestamp_start_charging": None,
    }


class Session:
    """Counts what a car charges, where it comes from and what it costs."""

    def __init__(self, number: int, store: Store, zone: tzinfo) -> None:
        """Begin with the topic's value."""
        self._prefix = f"chargepoint/{number}/"
        self._number = number
        self._store = store
        self._zone = zone
        hours, minutes = self.log["time_charged"].split(":")
        self._seconds = int(hours) * 3600.0 + int(minutes) * 60
        self._mode: str | None = None
        # Parts of the session in another charge mode, for the charge log.
        self.closed: list[dict[str, Any]] = []

    @property
    def log(self) -> dict[str, Any]:
        """The topic's value."""
        value: dict[str, Any] = self._store.get(f"{self._prefix}set/log", {})
        return value

    def _change(self, changes: dict[str, Any]) -> None:
        self._store.set(f"{self._prefix}set/log", self.log | changes)

    def _meter(self) -> float:
        return float(self._store.get(f"{self._prefix}get/imported", 0))

    def _vehicle(self, key: str) -> Any:
        number = self._store.get(f"{self._prefix}config")["ev"]
        return self._store.get(f"vehicle/{number}/{key}")

    def begin(self, moment: float) -> None:
        """Note the meter when the car is plugged in."""
        self._seconds, self._mode = 0, None
        self._change(
            _nothing()
            | {
                "imported_at_plugtime": self._meter(),
                "imported_at_mode_switch": self._meter(),
                "imported_since_plugged": 0,
                "timestamp_mode_switch": moment,
            }
        )

    def switch_mode(self, mode: str, moment: float) -> None:
        """Close a part of the session when the charge mode changes."""
        if mode == self._mode:
            return
        if self._mode is not None:
            self._close(moment)
            self._seconds = 0
            self._change(
                _nothing()
                | {
                    "imported_at_mode_switch": self._meter(),
                    "timestamp_mode_switch": moment,
                }
            )
        self._mode = mode
        self._change({"chargemode_log_entry": mode})

    def count(
        self,
        energy: float,
        seconds: float,
        shares: dict[str, float],
        prices: dict[str, float],
        moment: float,
    ) -> None:
        """Count an energy [Wh] by source, with its cost [€] at the prices [€/Wh]."""
        log = self.log
        if log["timestamp_start_charging"] is None:
            self._change(
                {
                    "timestamp_start_charging": round(moment - seconds, 2),
                    "ev": self._store.get(f"{self._prefix}config")["ev"],
                    "rfid": self._store.get(f"{self._prefix}set/rfid"),
                    "serial_number": self._store.get(
                        f"{self._prefix}get/serial_number"
                    ),
                    "soc_at_start": self._vehicle("get/soc"),
                    "range_at_start": self._vehicle("get/range"),
                }
            )
        self._seconds += seconds
        minutes = int(self._seconds / 60)
        before = log["charged_energy_by_source"]
        sources = {
            key: round(before[key] + energy * shares.get(key, 0), 2) for key in SOURCES
        }
        cost = sum(energy * shares.get(key, 0) * prices.get(key, 0) for key in SOURCES)
        since = round(log["imported_since_mode_switch"] + energy, 2)
        car = self._store.get(
            f"vehicle/template/ev_template/{self._vehicle('ev_template') or 0}"
        )
        self._change(
            {
                "charged_energy_by_source": sources,
                "costs": round(log["costs"] + cost, 5),
                "imported_since_plugged": round(
                    log["imported_since_plugged"] + energy, 2
                ),
                "imported_since_mode_switch": since,
                "range_charged": round(since / car["average_consump"] * 100, 2),
                "time_charged": f"{minutes // 60}:{minutes % 60:02}",
            }
        )

    def end(self, moment: float) -> None:
        """Close the session: its values go to the charge log and begin anew."""
        self._close(moment)
        self._seconds, self._mode = 0, None
        self._change(
            _nothing()
            | {
                "chargemode_log_entry": "_",
                "imported_at_plugtime": 0,
                "imported_at_mode_switch": 0,
                "imported_since_plugged": 0,
                "timestamp_mode_switch": None,
                "ev": -1,
                "soc_at_start": None,
                "range_at_start": None,
            }
        )

    def _date(self, moment: float | None) -> str:
        if moment is None:
            return ""
        return datetime.fromtimestamp(moment, self._zone).strftime("%m/%d/%Y, %H:%M:%S")

    def _close(self, moment: float) -> None:
        """Write an entry as the charge log has it, if anything was charged."""
        log = self.log
        charged = log["imported_since_mode_switch"]
        if not charged or log["timestamp_start_charging"] is None:
            return
        sources = log["charged_energy_by_source"]
        self.closed.append(
            {
                "chargepoint": {
                    "id": self._number,
                    "name": self._store.get(f"{self._prefix}config")["name"],
                    "serial_number": log["serial_number"],
                    "imported_at_start": log["imported_at_mode_switch"],
                    "imported_at_end": self._meter(),
                },
                "vehicle": {
                    "id": log["ev"],
                    "name": self._store.get(f"vehicle/{log['ev']}/name", ""),
                    "chargemode": log["chargemode_log_entry"],
                    "prio": log["prio"],
                    "rfid": log["rfid"],
                    "soc_at_start": log["soc_at_start"],
                    "soc_at_end": self._vehicle("get/soc"),
                    "range_at_start": log["range_at_start"],
                    "range_at_end": self._vehicle("get/range"),
                },
                "time": {
                    "begin": self._date(log["timestamp_start_charging"]),
                    "end": self._date(moment),
                    "time_charged": log["time_charged"],
                },
                "data": {
                    "range_charged": log["range_charged"],
                    "imported_since_mode_switch": charged,
                    "imported_since_plugged": log["imported_since_plugged"],
                    "power": round(charged / max(self._seconds, 1) * 3600, 2),
                    "costs": round(log["costs"], 2),
                    "power_source": {
                        key: round(value / charged, 4) for key, value in sources.items()
                    },
                },
            }
        )
