"""A session at a charge point of the simulated openWB: `set/log`.

The rules of openWB/core, control/chargelog/chargelog.py and chargepoint/chargepoint_data.py
(2.1.7 to master):

- All of it is one topic, told anew whenever something in it changes.
- It begins when a car is plugged in, and is reset when the car leaves. A part of it begins
  anew when the charge mode changes to one that is to charge, if the last part has charged
  anything; what is counted since the plug stays.
- From 2.1.9 on `time_charged` is a number of seconds with a fraction, and grows only when
  charging pauses; `timestamp_start_charging` is null in pauses, `end` their beginning. Up
  to 2.1.8 it is a text, `1:44`, and goes on from the first start of the part.
- `chargemode_log_entry` is `_` until it charges. From 2.1.9 on `soc_at_start` is null
  unless the charge level was read after the car was plugged in.
- An entry of the charge log is written with the end of each part that has charged.

In openWB energy by source and costs are added up every 5 minutes, here in each cycle, and
less than 100 Wh in such a time have no source, here they have one.
"""

from datetime import datetime, tzinfo
from typing import Any

from .openwb_store import Store
from .openwb_versions import Features

SOURCES = ("bat", "cp", "grid", "pv")


class Session:
    """Counts what a car charges, where it comes from and what it costs."""

    def __init__(
        self, number: int, store: Store, features: Features, zone: tzinfo
    ) -> None:
        """Begin with the topic's value."""
        self._prefix = f"chargepoint/{number}/"
        self._number = number
        self._store = store
        self._features = features
        self._zone = zone
        self._mode: str | None = None
        self._plugged: float | None = None
        # Parts of the session in another charge mode, for the charge log.
        self.closed: list[dict[str, Any]] = []

    @property
    def log(self) -> dict[str, Any]:
        """The topic's value."""
        value: dict[str, Any] = self._store.get(f"{self._prefix}set/log", {})
        return value

    def _nothing(self) -> dict[str, Any]:
        """Return what begins anew with a session, and with another charge mode."""
        return {
            "chargemode_log_entry": "_",
            "charged_energy_by_source": dict.fromkeys(SOURCES, 0),
            "costs": 0,
            "end": None,
            "imported_since_mode_switch": 0,
            "range_charged": 0,
            "time_charged": 0 if self._features.seconds_charged else "00:00",
            "timestamp_start_charging": None,
            "timestamp_mode_switch": None,
            "ev": -1,
            "rfid": None,
            "serial_number": None,
            "soc_at_start": None,
            "range_at_start": None,
        }

    def _change(self, changes: dict[str, Any]) -> None:
        self._store.set(f"{self._prefix}set/log", self.log | changes)

    def _meter(self) -> float:
        return float(self._store.get(f"{self._prefix}get/imported", 0))

    def _vehicle(self, key: str) -> Any:
        number = self._store.get(f"{self._prefix}config")["ev"]
        return self._store.get(f"vehicle/{number}/{key}")

    def begin(self, moment: float) -> None:
        """Note the meter when the car is plugged in."""
        self._mode, self._plugged = None, moment
        self._change(
            self._nothing()
            | {
                "imported_at_plugtime": self._meter(),
                "imported_at_mode_switch": self._meter(),
                "imported_since_plugged": 0,
                "timestamp_mode_switch": moment,
            }
        )

    def switch_mode(self, mode: str, moment: float, *, charges: bool) -> None:
        """Close a part of the session when the charge mode changes."""
        if mode == self._mode:
            return
        if self._mode and charges and self.log["imported_since_mode_switch"]:
            self._close(moment)
            self._change(
                self._nothing()
                | {
                    "imported_at_mode_switch": self._meter(),
                    "timestamp_mode_switch": moment,
                }
            )
        self._mode = mode

    def pause(self, moment: float) -> None:
        """Note that it does not charge."""
        begun = self.log.get("timestamp_start_charging")
        if begun is not None and self._features.seconds_charged:
            self._change(
                {
                    "time_charged": self.log["time_charged"] + moment - begun,
                    "timestamp_start_charging": None,
                    "end": moment,
                }
            )

    def count(
        self,
        energy: float,
        seconds: float,
        shares: dict[str, float],
        prices: dict[str, float],
        moment: float,
    ) -> None:
        """Count an energy [Wh] by source, with its cost [€] at the prices [€/Wh]."""
        if self.log["timestamp_start_charging"] is None:
            self._start(round(moment - seconds, 2))
        log = self.log
        before = log["charged_energy_by_source"]
        sources = {
            key: round(before[key] + energy * shares.get(key, 0), 2) for key in SOURCES
        }
        cost = sum(energy * shares.get(key, 0) * prices.get(key, 0) for key in SOURCES)
        since = round(log["imported_since_mode_switch"] + energy, 2)
        self._change(
            {
                "charged_energy_by_source": sources,
                "costs": round(log["costs"] + cost, 5),
                "imported_since_plugged": round(
                    log["imported_since_plugged"] + energy, 2
                ),
                "imported_since_mode_switch": since,
                "range_charged": self._range(since),
            }
        )
        if not self._features.seconds_charged:
            text = _hours(moment - log["timestamp_start_charging"])
            self._change({"time_charged": text})

    def _start(self, moment: float) -> None:
        """Note when it began to charge, and how full the car was."""
        stamp = self._vehicle("get/soc_timestamp")
        late = self._features.seconds_charged and (stamp or 0) <= (self._plugged or 0)
        log, soc = self.log, self._vehicle("get/soc")
        self._change(
            {
                "timestamp_start_charging": moment,
                "chargemode_log_entry": self._mode or "_",
                "ev": self._store.get(f"{self._prefix}config")["ev"],
                "rfid": self._store.get(f"{self._prefix}set/rfid"),
                "soc_at_start": log.get("soc_at_start") or (None if late else soc),
                "range_at_start": log.get("range_at_start")
                or self._vehicle("get/range"),
            }
        )

    def _range(self, energy: float) -> float:
        """Return how far the car can go with an energy [Wh]: km."""
        car: dict[str, float] = self._store.get(
            f"vehicle/template/ev_template/{self._vehicle('ev_template') or 0}"
        )
        return round(energy / car["average_consump"] * 100, 2)

    def end(self, moment: float) -> None:
        """Close the session: its values go to the charge log and begin anew."""
        self.pause(moment)
        self._close(moment)
        self._mode = self._plugged = None
        zero = ("imported_at_plugtime", "imported_at_mode_switch")
        self._change(
            self._nothing() | dict.fromkeys((*zero, "imported_since_plugged"), 0)
        )

    def _date(self, moment: float | None) -> str | None:
        if moment is None:
            return None
        return datetime.fromtimestamp(moment, self._zone).strftime("%m/%d/%Y, %H:%M:%S")

    def _close(self, moment: float) -> None:
        """Write an entry as the charge log has it, if anything was charged."""
        log = self.log
        charged = log["imported_since_mode_switch"]
        if not charged:
            return
        seconds, begun = log["time_charged"], log["timestamp_start_charging"]
        if not self._features.seconds_charged:
            seconds = moment - (begun or moment)
        elif begun is not None:
            seconds += moment - begun
        sources = log["charged_energy_by_source"]
        began = "timestamp_mode_switch"
        if not self._features.seconds_charged:
            began = "timestamp_start_charging"
        self.closed.append(
            {
                "chargepoint": {
                    "id": self._number,
                    "name": self._store.get(f"{self._prefix}config")["name"],
                    "serial_number": self._store.get(
                        f"{self._prefix}get/serial_number"
                    ),
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
                    "begin": self._date(log[began]),
                    "end": self._date(moment),
                    "time_charged": _hours(seconds),
                },
                "data": {
                    "range_charged": log["range_charged"],
                    "imported_since_mode_switch": charged,
                    "imported_since_plugged": log["imported_since_plugged"],
                    "power": round(charged / max(seconds, 1) * 3600, 2),
                    "costs": round(log["costs"], 2),
                    "power_source": {
                        key: round(value / charged, 4) for key, value in sources.items()
                    },
                },
            }
        )


def _hours(seconds: float) -> str:
    return f"{int(seconds / 3600)}:{int(seconds % 3600 / 60):02}"
