"""A charge point of the simulated openWB, and the car at it.

The rules of openWB/core, control/chargepoint/chargepoint.py (2.1.7 to master):

- `get/connected_vehicle/{info,config,soc}` are documents, told as a whole when something
  in them changes. `chargemode` is the one that is selected, also while a time plan charges
  (`time_charging_in_use`). `current_plan` is the number of a plan, and only in the modes
  that have plans: with a time plan in another mode it is null.
- A vehicle without a SoC module is told as 0 % and 0 km there (ConnectedSoc).
- When the car leaves, the session is closed, then `load_default` puts the standard vehicle
  there, then the template of the vehicle is put into the charge point's again (from 2.1.9
  if templates are temporary; else it never was another), and `set/rfid` is emptied.
- When charging pauses, a car is plugged in or leaves, openWB has the charge level read
  (`force_soc_update`).
- A vehicle that does not exist is number 0.

openWB writes `get/phases_in_use` and `get/currents` of what its module measures; here the
car does at once as it is told.
"""

from datetime import datetime, tzinfo
from typing import Any

from .openwb_charging import Circumstances, Decision
from .openwb_day import frequency, voltages
from .openwb_retained import soc_time
from .openwb_session import Session
from .openwb_store import Store
from .openwb_templates import Templates
from .openwb_versions import Features

_EFFICIENCY = 0.9
_UNREADABLE: dict[str, Any] = {"prio": False, "chargemode": {"selected": "stop"}}


class ChargePoint:
    """What is below `chargepoint/N`."""

    def __init__(
        self,
        number: int,
        store: Store,
        features: Features,
        templates: Templates,
        zone: tzinfo,
    ) -> None:
        """Begin with what the topics say."""
        self.number = number
        self._store = store
        self._features = features
        self._templates = templates
        self._zone = zone
        self.power = 0.0
        self._charged = False
        self.session = Session(number, store, features, zone)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value below the charge point's topic."""
        return self._store.get(f"chargepoint/{self.number}/{key}", default)

    def set(self, key: str, value: Any) -> None:
        """Publish a value below the charge point's topic."""
        self._store.set(f"chargepoint/{self.number}/{key}", value)

    @property
    def vehicle(self) -> int:
        """The number of the connected vehicle."""
        return self._templates.vehicle(self.number)

    def _car(self, key: str, default: Any = None) -> Any:
        return self._store.get(f"vehicle/{self.vehicle}/{key}", default)

    @property
    def soc(self) -> float:
        """The connected vehicle's SoC [%]."""
        return float(self._car("get/soc", 0))

    @property
    def _ev_template(self) -> dict[str, Any]:
        number = self._car("ev_template", 0)
        first = self._store.get("vehicle/template/ev_template/0", {})
        template: dict[str, Any] = self._store.get(
            f"vehicle/template/ev_template/{number}", first
        )
        return template

    @property
    def _counted(self) -> str:
        """What of the session limits go by."""
        whole = self._features.whole_template
        return "imported_since_plugged" if whole else "imported_since_mode_switch"

    def circumstances(
        self, surplus: float, price: float, threshold: float, local: datetime
    ) -> Circumstances:
        """Return what decides about this charge point now."""
        car = self._ev_template
        return Circumstances(
            plugged=bool(self.get("get/plug_state")),
            locked=bool(self.get("set/manual_lock")),
            soc=self.soc,
            capacity=car["battery_capacity"],
            charged=float(self.get("set/log", {}).get(self._counted, 0)),
            surplus=surplus,
            price=price,
            local=local,
            phases=min(self.get("config")["connected_phases"], car["max_phases"]),
            most=(car["max_current_single_phase"], car["max_current_multi_phases"]),
            charging=bool(self.get("get/charge_state")),
            threshold=threshold,
        )

    def apply(self, decision: Decision, moment: float) -> None:
        """Let the car draw what was decided; publish electrical values and texts."""
        amps, phases = decision.amps, decision.phases
        volts = voltages(moment)
        currents = [amps if phase < phases else 0 for phase in range(3)]
        powers = [round(u * i, 1) for u, i in zip(volts, currents, strict=True)]
        self.power = round(sum(powers), 1)
        self.set("get/voltages", volts)
        self.set("get/frequency", frequency(moment))
        self.set("get/currents", currents)
        self.set("get/powers", powers)
        self.set("get/power", self.power)
        self.set("get/phases_in_use", phases if amps else 0)
        self.set("get/charge_state", amps > 0)
        self.set("get/evse_current", amps)
        self.set("get/state_str", decision.text)
        self.set("set/current", amps)
        self.set("set/phases_to_use", phases)
        vehicle = self.vehicle
        self.set(
            "get/connected_vehicle/info",
            {"id": vehicle, "name": self._car("name", "")},
        )
        template = self._templates.in_use(self.number) or _UNREADABLE
        selected = template["chargemode"]["selected"]
        self.set(
            "get/connected_vehicle/config",
            {
                "charge_template": self._templates.number(self.number),
                "ev_template": self._car("ev_template", 0),
                "chargemode": selected,
                "priority": template["prio"],
                "current_plan": decision.plan
                if selected == "scheduled_charging"
                else None,
                "average_consumption": self._ev_template["average_consump"],
                "time_charging_in_use": decision.timed,
            },
        )
        if self.get("get/plug_state"):
            mode = "time_charging" if decision.timed else selected
            self.session.switch_mode(mode, moment, charges=amps > 0)

    def count(
        self,
        seconds: float,
        shares: dict[str, float],
        prices: dict[str, float],
        moment: float,
    ) -> None:
        """Count energy [Wh] and cost of the time that has passed, by source."""
        energy = self.power * seconds / 3600
        if energy:
            self._charged = True
            for key in ("imported", "daily_imported"):
                self.set(f"get/{key}", round(self.get(f"get/{key}", 0) + energy, 2))
            self.session.count(energy, seconds, shares, prices, moment)
            self._fill_car(energy, moment)
        elif self.power == 0:
            self._pause(moment)
        self.show_soc()

    def _pause(self, moment: float) -> None:
        """Note that charging pauses, and have the charge level read."""
        self.session.pause(moment)
        if self._charged:
            self._read_soc()
        self._charged = False

    def _read_soc(self) -> None:
        """Have the charge level read, where something reads it."""
        self._store.set(f"vehicle/{self.vehicle}/get/force_soc_update", True)

    def plug(self, moment: float) -> None:
        """Plug the car in: a session begins."""
        if not self.get("get/plug_state"):
            self.set("get/plug_state", True)
            self.session.begin(moment)
            self._read_soc()

    def unplug(self, moment: float) -> None:
        """Let the car leave; the session ends, and temporary changes with it."""
        if not self.get("get/plug_state"):
            return
        self.session.end(moment)
        self._read_soc()
        self.set("get/plug_state", False)
        self.set("set/rfid", None)
        template = self._templates.in_use(self.number)
        if template is not None and template["load_default"] and self.vehicle:
            self.set("config", self.get("config") | {"ev": 0})
        self._templates.restore(self.number)

    def _fill_car(self, energy: float, moment: float) -> None:
        capacity = self._ev_template["battery_capacity"]
        soc = self._car("get/soc", 0) + energy * _EFFICIENCY / capacity * 100
        self.set_soc(min(100.0, soc), moment)

    def set_soc(self, soc: float, moment: float) -> None:
        """Give the connected vehicle a SoC [%], and the range that goes with it."""
        template, prefix = self._ev_template, f"vehicle/{self.vehicle}/get"
        reach = soc / 100 * template["battery_capacity"] / template["average_consump"]
        self._store.set(f"{prefix}/soc", round(soc, 2))
        self._store.set(f"{prefix}/range", round(reach * 100, 1))
        self._store.set(f"{prefix}/soc_timestamp", int(moment))

    def show_soc(self) -> None:
        """Repeat what is known of the vehicle."""
        stamp = self._car("get/soc_timestamp")
        self.set(
            "get/connected_vehicle/soc",
            {
                "fault_str": self._car("get/fault_str", "Kein Fehler."),
                "fault_state": self._car("get/fault_state", 0),
                "range_charged": self.get("set/log")["range_charged"],
                "range_unit": "km",
                "range": self._car("get/range", 0),
                "soc": self._car("get/soc", 0),
                "timestamp": stamp and soc_time(self._features, stamp, self._zone),
            },
        )
