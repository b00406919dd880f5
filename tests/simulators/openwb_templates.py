"""Charge templates of the simulated openWB: whose they are, and what a write changes.

openWB publishes any JSON that it is given as a template (`_validate_value(msg, "json")`).
For its control it makes an object of it (`dataclass_utils.dataclass_from_dict`): what is
missing has its default, what it does not know is dropped, and a value of the wrong type is
taken as it is and breaks the control in each cycle.
"""

import copy
from typing import Any

from .openwb_retained import load
from .openwb_store import Store
from .openwb_versions import Features, Version

_PREFIX = "vehicle/template/charge_template/"


class Templates:
    """The persistent templates, and from 2.1.8 the one in use at each charge point."""

    def __init__(self, store: Store, features: Features) -> None:
        """Work on the topics of a release."""
        self._store = store
        self._features = features
        version = Version.V2_3_0 if features.surplus else Version.V2_2_2
        self._model = load(version)[f"{_PREFIX}0"]

    @property
    def temporary(self) -> bool:
        """Whether a charge point's template is its own until the car leaves."""
        if not self._features.temporary_setting:
            return self._features.whole_template
        return bool(self._store.get("general/temporary_charge_templates_active"))

    def vehicle(self, charge_point: int) -> int:
        """Return the vehicle at a charge point; one that is not known is number 0."""
        number = self._store.get(f"chargepoint/{charge_point}/config", {}).get("ev")
        return number if number in self._store.vehicles else 0

    def number(self, charge_point: int) -> int:
        """Return the number of the template that its vehicle uses."""
        vehicle = self.vehicle(charge_point)
        return int(self._store.get(f"vehicle/{vehicle}/charge_template", 0))

    def in_use(self, charge_point: int) -> dict[str, Any] | None:
        """Return the template in the form of 2.2.2, None if it is none."""
        if not self._features.whole_template:
            return self._assemble(self.number(charge_point))
        template: dict[str, Any] = self._store.get(
            f"chargepoint/{charge_point}/set/charge_template"
        )
        return _complete(template, self._model) if self.fits(template) else None

    def write(self, charge_point: int, template: Any) -> None:
        """Take a whole template for a charge point."""
        self._give(charge_point, template)
        known = isinstance(template, dict) and "id" in template
        if known and not self.temporary:
            self.write_persistent(template["id"], template)

    def write_persistent(self, number: int, template: Any) -> None:
        """Take a persistent template, and give it to all who use it."""
        self._store.set(f"{_PREFIX}{number}", template, echo=True)
        if self._features.whole_template and not self.temporary:
            for charge_point in self._store.charge_points:
                if self.number(charge_point) == number:
                    self._give(charge_point, template)

    def write_field(self, number: int, path: str, value: Any) -> None:
        """Change a field (up to 2.1.7); the whole template is published."""
        topic = f"{_PREFIX}{number}"
        template = copy.deepcopy(self._store.get(topic, {}))
        place = template
        *parents, key = path.split("/")
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = value
        self._store.set(topic, template, echo=True)

    def write_plan_active(self, topic: str, value: bool) -> None:
        """Switch a plan on or off (up to 2.1.7); the whole plan is published."""
        plan = self._store.get(topic, {}) | {"active": value}
        self._store.set(topic, plan, echo=True)

    def restore(self, charge_point: int) -> None:
        """Give a charge point what its vehicle uses: after a change of vehicle."""
        if self._features.whole_template:
            template = self._store.get(f"{_PREFIX}{self.number(charge_point)}")
            if template is not None:
                self._give(charge_point, template)

    def _give(self, charge_point: int, template: Any) -> None:
        topic = f"chargepoint/{charge_point}/set/charge_template"
        self._store.set(topic, copy.deepcopy(template), echo=True)

    def fits(self, template: Any) -> bool:
        """Return whether openWB's control can read it."""
        return _fits(template, self._model)

    def _assemble(self, number: int) -> dict[str, Any] | None:
        """Make a template of 2.1.7 one of 2.2.2, for the control."""
        topic = f"{_PREFIX}{number}"
        if not isinstance(old := self._store.get(topic), dict):
            return None
        try:
            return self._modernise(old, topic)
        except KeyError, TypeError:
            return None

    def _modernise(self, old: dict[str, Any], topic: str) -> dict[str, Any]:
        general = "general/chargemode_config/"
        template: dict[str, Any] = copy.deepcopy(self._model)
        template |= {key: old[key] for key in ("name", "prio", "load_default")}
        template["et"] = old["et"]
        template["time_charging"] = {
            "active": old["time_charging"]["active"],
            "plans": self._plans(f"{topic}/time_charging/plans/"),
        }
        modes, given = template["chargemode"], old["chargemode"]
        modes["selected"] = given["selected"]
        for mode in ("instant_charging", "pv_charging"):
            phases = self._store.get(f"{general}{mode}/phases_to_use", 3)
            modes[mode] |= given[mode] | {"phases_to_use": phases}
        most = given["pv_charging"]["max_soc"]
        selected = "soc" if most <= 100 else "none"
        modes["pv_charging"]["limit"] = {"selected": selected, "soc": most, "amount": 0}
        modes["scheduled_charging"]["plans"] = self._plans(
            f"{topic}/chargemode/scheduled_charging/plans/"
        )
        return template

    def _plans(self, prefix: str) -> list[dict[str, Any]]:
        numbers = self._store.ids(rf"{prefix}(\d+)")
        plans = [self._store.get(f"{prefix}{number}") for number in numbers]
        # The control finds a plan by the id that it has itself.
        return [{"phases_to_use": 0} | plan | {"id": plan["id"]} for plan in plans]


def _complete(value: Any, model: Any) -> Any:
    """Fill in what is missing in a template, or in one of its plans."""
    if isinstance(model, dict):
        return {
            key: _complete(value[key], part) if key in value else copy.deepcopy(part)
            for key, part in model.items()
        }
    if isinstance(model, list) and model and isinstance(model[0], dict):
        return [_complete(item, model[0]) for item in value]
    return value


def _fits(value: Any, model: Any) -> bool:
    """Compare the kinds of values with a good template."""
    if isinstance(model, dict):
        return isinstance(value, dict) and all(
            key not in value or _fits(value[key], part) for key, part in model.items()
        )
    if isinstance(model, list):
        return isinstance(value, list) and (
            not model or all(_fits(item, model[0]) for item in value)
        )
    if model is None:  # null, or a number (`min_bat_soc`)
        return value is None or isinstance(value, int)
    if isinstance(model, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(model, bool)
    if isinstance(model, int | float):
        return isinstance(value, int | float)
    return isinstance(value, type(model))
