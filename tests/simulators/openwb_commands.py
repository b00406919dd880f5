"""Orders to the simulated openWB: `set/command/<client>/todo` (helpermodules/command.py).

They are carried out one after the other, and answered to the client that the topic names:
with a message, retained, of the type `danger` when one fails (2.1.7 to 2.2.2; there is no
answer on `command/<client>/error`), or with a log, not retained. The restart of a charge
point is passed on to that charge point's own broker and answered only if that fails: it
has no address, or nobody answers there. A month's charge log is the file named by the
year and the month as they were asked for: `20251` is not `202501`.
"""

from collections.abc import Callable
import copy
from typing import Any

from .openwb_retained import load, old_plan
from .openwb_store import Store, encode
from .openwb_templates import Templates
from .openwb_versions import Features, Version

_TEMPLATE = "vehicle/template/charge_template/"
_SCHEDULE = "chargemode/scheduled_charging"
_TIME = "time_charging"


class Commands:
    """Does what clients order, and answers them."""

    def __init__(
        self,
        store: Store,
        features: Features,
        templates: Templates,
        clock: Callable[[], float],
    ) -> None:
        """Take the model's time [unix s] as a function."""
        self._store = store
        self._features = features
        self._templates = templates
        self._clock = clock
        self._stamp = 0
        self._model = load(Version.V2_2_2)[f"{_TEMPLATE}0"]
        self.charge_log: list[dict[str, Any]] = []
        self.done: list[str] = []
        # Charge points whose own broker cannot be reached.
        self.unreachable: set[int] = set()
        self._orders: dict[str, Callable[[str, dict[str, Any]], str | None]] = {
            "addChargeTemplateSchedulePlan": lambda _, data: self._add(data, _SCHEDULE),
            "addChargeTemplateTimeChargingPlan": lambda _, data: self._add(data, _TIME),
            "removeChargeTemplateSchedulePlan": lambda _, data: self._remove(
                data, _SCHEDULE
            ),
            "removeChargeTemplateTimeChargingPlan": lambda _, data: self._remove(
                data, _TIME
            ),
            "addVehicle": lambda _, data: self._add_vehicle(),
            "getChargeLog": self._give_log,
            "systemReboot": lambda _, data: "Neustart wird ausgeführt.",
            "systemShutdown": lambda _, data: "openWB wird heruntergefahren.",
            "systemUpdate": lambda _, data: self._update(),
            "chargepointReboot": self._reboot_charge_point,
        }

    def order(self, topic: str, value: Any) -> None:
        """Do what is ordered on `command/<client>/todo`; the answer is a message."""
        client = topic.split("/")[1]
        if not isinstance(value, dict) or "command" not in value:
            self._answer(client, f"Unbekannter Befehl: '{value}'", "danger")
            return
        command, data = value["command"], value.get("data", {})
        action = self._orders.get(command)
        if action is None:
            self._answer(client, f"Unbekannter Befehl: '{command}'", "danger")
            return
        try:
            text = action(client, data)
        except (LookupError, TypeError, ValueError, OSError, StopIteration) as error:
            text = f"Es ist ein interner Fehler aufgetreten: {error}"
            self._answer(client, text, "danger")
            return
        self.done.append(command)
        if text is not None:
            self._answer(client, text, "success")

    def _answer(self, client: str, text: str, kind: str) -> None:
        # Two messages of one millisecond would be one topic.
        self._stamp = max(self._stamp + 1, int(self._clock() * 1000))
        message = {
            "source": "command",
            "type": kind,
            "message": text,
            "timestamp": self._stamp // 1000,
        }
        topic = f"command/{client}/messages/{self._stamp}"
        self._store.send(topic, encode(message))

    def _plans(self, template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        place: Any = template
        for key in kind.split("/"):
            place = place[key]
        plans: list[dict[str, Any]] = place["plans"]
        return plans

    def _add(self, data: dict[str, Any], kind: str) -> str:
        """Add a plan with default values to a template."""
        number = int(data["template"])
        plan = copy.deepcopy(self._plans(self._model, kind)[0])
        plan["active"] = False
        topic = f"{_TEMPLATE}{number}"
        if topic not in self._store.values:
            raise KeyError(f"template {number}")
        if self._features.whole_template:
            template = copy.deepcopy(self._store.get(topic))
            plans = self._plans(template, kind)
            plan["id"] = max((one["id"] for one in plans), default=-1) + 1
            plans.append(plan)
            self._templates.write_persistent(number, template)
        else:
            used = self._store.ids(rf"{_TEMPLATE}\d+/{kind}/plans/(\d+)")
            plan["id"] = max(used, default=-1) + 1
            self._store.set(
                f"{topic}/{kind}/plans/{plan['id']}", old_plan(plan), echo=True
            )
        return f"Neuer Plan mit ID '{plan['id']}' zu Profil '{number}' hinzugefügt."

    def _remove(self, data: dict[str, Any], kind: str) -> str:
        """Remove a plan from a template."""
        number, plan = int(data["template"]), int(data["plan"])
        topic = f"{_TEMPLATE}{number}"
        if self._features.whole_template:
            template = copy.deepcopy(self._store.values[topic])
            plans = self._plans(template, kind)
            plans.remove(next(one for one in plans if one["id"] == plan))
            self._templates.write_persistent(number, template)
        else:
            if f"{topic}/{kind}/plans/{plan}" not in self._store.values:
                raise KeyError(f"plan {plan}")
            self._store.remove(f"{topic}/{kind}/plans/{plan}")
        return f"Plan mit ID '{plan}' zu Profil '{number}' gelöscht."

    def _add_vehicle(self) -> str:
        number = max(self._store.vehicles) + 1
        defaults = {
            "charge_template": 0,
            "ev_template": 0,
            "name": "Standard-Fahrzeug",
            "info": {"manufacturer": None, "model": None},
            "tag_id": [],
            "get/soc": 0,
            "soc_module/config": {"type": None, "configuration": {}},
        }
        for key, value in defaults.items():
            self._store.set(f"vehicle/{number}/{key}", value)
        self._store.set("command/max_id/vehicle", number)
        return f"Neues EV mit ID '{number}' hinzugefügt."

    def _give_log(self, client: str, data: dict[str, Any]) -> None:
        """Answer with the sessions of a month, not retained."""
        file = f"{data['year']}{data['month']}"
        chosen = data.get("filter", {})
        points = chosen.get("chargepoint", {}).get("id", [])
        vehicles = chosen.get("vehicle", {}).get("id", [])
        entries = [
            entry
            for entry in self.charge_log
            # Of the month in which it was written (write_new_entry in chargelog.py).
            if file == entry["time"]["end"][6:10] + entry["time"]["end"][:2]
            and (not points or entry["chargepoint"]["id"] in points)
            and (not vehicles or entry["vehicle"]["id"] in vehicles)
        ]
        totals = {
            key: round(sum(entry["data"][key] for entry in entries), 2)
            for key in ("range_charged", "imported_since_mode_switch", "costs")
        }
        answer = encode({"entries": entries, "totals": totals})
        self._store.send(f"log/{client}/data", answer, retain=False)

    def _update(self) -> str:
        self._store.set("system/update_in_progress", True)
        return "Update wird ausgeführt."

    def _reboot_charge_point(self, _: str, data: dict[str, Any]) -> None:
        """Pass the order on to the charge point, and say nothing."""
        number = int(data["chargepoint"])
        if number not in self._store.charge_points:
            raise KeyError(f"cp{number}")
        place = self._store.get(f"chargepoint/{number}/config")["configuration"]
        if "ip_address" not in place:
            raise KeyError("ip_address")
        if number in self.unreachable:
            raise OSError("[Errno 113] No route to host")
