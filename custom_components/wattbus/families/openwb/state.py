"""One openWB: what it has told, put together, and reported as devices and their values."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ...errors import Issue
from ...protocols.openwb import (
    CHARGE_POINT_REBOOT,
    RANKED,
    SETTINGS,
    Generation,
    Kind,
    State,
    Value,
    field_of,
    fields,
    ranks,
)
from ..sink import MAIN_DEVICE, DeviceKey, Sink
from .const import (
    CAN_REBOOT,
    CAN_REFRESH_SOC,
    CAN_SET_SOC,
    CHARGE_TEMPLATES,
    RANK,
    RANKS,
    VEHICLES,
)
from .devices import Devices, text
from .prices import tariff
from .templates import Templates
from .told import Told
from .units import VARYING, allowed, shown
from .vehicles import believed, levels, vehicle_of

# Battery control, which only matters where a battery takes limits.
_BATTERY_CONTROL: Final = frozenset(
    name
    for (kind, name), rows in SETTINGS.items()
    if kind is Kind.SYSTEM and rows[0].topic.startswith("bat/config/")
)
_GATED: Final = frozenset(
    name
    for (kind, name), rows in SETTINGS.items()
    if kind is Kind.SYSTEM and any(row.since or row.until for row in rows)
)

# What a device has chosen by number: the key, of what kind it is, and the key of all.
_NAMED: Final = {
    Kind.CHARGE_POINT: ("vehicle", Kind.VEHICLE, VEHICLES),
    Kind.VEHICLE: ("charge_template", Kind.CHARGE_TEMPLATE, CHARGE_TEMPLATES),
}

# The type of charge point that is an openWB of its own, which openWB can tell to restart.
_RESTARTABLE: Final = "external_openwb"


def _key(kind: Kind, number: int | None) -> DeviceKey:
    return DeviceKey(kind, str(number))


class OpenWb:
    """Collects the topics, and reports what they make of the devices."""

    def __init__(self, sink: Sink) -> None:
        """Report to a sink."""
        self._sink = sink
        self.told = Told()
        self.templates = Templates(self.told)
        self.devices = Devices(sink)
        # Once for each list, not for each of those who are in it.
        self._ranks: dict[tuple[Kind, int | None], int] = {}
        self._handlers: dict[Kind, Callable[[State], None]] = {
            Kind.SYSTEM: self._system,
            Kind.CHARGE_POINT: self._charge_point,
            Kind.VEHICLE: self._vehicle,
            Kind.CHARGE_TEMPLATE: self._template,
            Kind.COMPONENT: self._component,
            Kind.HARDWARE: lambda _: None,
            Kind.BATTERY: self._part,
            Kind.CONSUMER: self._part,
            Kind.COUNTER: self._part,
            Kind.INVERTER: self._part,
            Kind.IO: self._part,
            Kind.SMART_HOME: self._part,
        }

    def take(self, state: State) -> None:
        """Take what a topic said, and report what it changes."""
        if (handler := self._handlers.get(state.kind)) is None:
            return
        if state.kind is Kind.SYSTEM:
            self.templates.look_for_update(state.values)
        if self.told.keep(state):
            self.devices.look_for_deletion(state)
            handler(state)

    def names(self, kind: Kind) -> dict[int, str]:
        """Give the names of all vehicles or templates; each name is there once."""
        found: dict[int, str] = {}
        if kind is Kind.CHARGE_TEMPLATE:
            names = {n: one.get("name") for n, one in self.templates.lasting.items()}
        else:
            names = {
                n: self.told.value(kind, "name", n) for n in self.told.numbers(kind)
            }
        for number, name in sorted(names.items()):
            if isinstance(name, str) and name:
                twice = name in found.values()
                found[number] = f"{name} ({number})" if twice else name
        return found

    def _part(self, state: State) -> None:
        """Report what needs no more than its own topic."""
        self._report_part(state, state.values)

    def _report_part(self, state: State, values: Mapping[str, Value]) -> None:
        device = DeviceKey(state.kind, str(state.id))
        self.devices.describe(device, values)
        if "name" in values:
            self._report_ranks([(state.kind, state.id)])
        self.devices.report(device, shown(state.kind, values))

    def _component(self, state: State) -> None:
        kind, name = state.values.get("component"), state.values.get("name")
        if isinstance(kind, Kind):
            self.devices.describe(_key(kind, state.id), {"name": name})

    # --- openWB itself --------------------------------------------------------------

    def _system(self, state: State) -> None:
        values = state.values
        for place in values.get("hierarchy") or ():  # type: ignore[union-attr]  # that is what its reader gives
            via = _key(*place.parent) if place.parent else MAIN_DEVICE  # type: ignore[union-attr]  # the same
            self.devices.place(_key(place.kind, place.id), via)  # type: ignore[union-attr]  # the same
        if "priorities" in values:
            priorities = values["priorities"]
            self._ranks = ranks(priorities) if isinstance(priorities, tuple) else {}
            self._report_ranks(list(self.told.values))
        self.devices.describe(MAIN_DEVICE, values)
        if "version" in values:
            self.devices.report(MAIN_DEVICE, {CAN_REBOOT: True})
            self._again()
        if "bat_power_limit_controllable" in values:
            self._report_system(_BATTERY_CONTROL)
        if "temporary_charge_templates_active" in values:
            self._warn_of_sharing()
        if "prices" in values or "time" in values:
            self._report_tariff()
        self._report_system(values)

    def _report_system(self, names: Iterable[str]) -> None:
        """Report values of openWB itself, if this version and installation have them."""
        told = self.told.values.get((Kind.SYSTEM, None), {})
        controllable = told.get("bat_power_limit_controllable") is True
        values = {
            name: told[name]
            for name in names
            if name in told
            and (name not in _BATTERY_CONTROL or controllable)
            and (name not in _GATED or self._has(name))
        }
        reported = shown(Kind.SYSTEM, values)
        for name in VARYING[Kind.SYSTEM] & values.keys():
            setting = self.told.setting(Kind.SYSTEM, name)
            reported |= allowed(Kind.SYSTEM, name, setting)
        self.devices.report(MAIN_DEVICE, reported)

    def _has(self, name: str) -> bool:
        """Whether this version has a setting; not before it has told its version."""
        version = self.told.value(Kind.SYSTEM, "version")
        return version is not None and self.told.setting(Kind.SYSTEM, name) is not None

    def _report_tariff(self) -> None:
        """Report the tariff; it is empty once openWB has no prices any more."""
        told = self.told.values[Kind.SYSTEM, None]
        if "prices" in told and isinstance(now := told.get("time"), datetime):
            prices = told["prices"]
            known = prices if isinstance(prices, Mapping) else {}
            self.devices.report(MAIN_DEVICE, tariff(known, now))

    def _report_ranks(self, parts: Iterable[tuple[Kind, int | None]]) -> None:
        """Report which vehicles and consumers are charged first, second …, from 2.3."""
        priorities = self.told.value(Kind.SYSTEM, "priorities")
        if not isinstance(priorities, tuple):
            return
        for kind, number in parts:
            if kind in RANKED:
                rank = self._ranks.get((kind, number))
                self.devices.report(
                    _key(kind, number), {RANK: rank, RANKS: len(priorities)}
                )

    def _again(self) -> None:
        """Report anew what depends on the version or the generation."""
        self._report_system(_GATED)
        for point in self.told.numbers(Kind.CHARGE_POINT):
            self._report_template(point)
            self._report_reboot(point)
        for vehicle in self.told.numbers(Kind.VEHICLE):
            self._report_abilities(vehicle)

    # --- charge points and their templates --------------------------------------------

    def _charge_point(self, state: State) -> None:
        point = state.id
        assert point is not None
        values = dict(state.values)
        if "charge_template" in values:
            before = self.templates.generation
            self.templates.keep((state.kind, point), values.pop("charge_template"))
            if before is not self.templates.generation:
                self._again()
            else:
                self._report_template(point)
            self._warn_of_sharing()
        self._report_part(state, believed(self.told, state.kind, point, values))
        if "connected_vehicle_id" in values:
            self._report_levels(state.kind, point)
        if "vehicle" in values or "connected_charge_template" in values:
            self._report_named(Kind.CHARGE_POINT, point)
            self._report_template(point)
        if "type" in values:
            self._report_reboot(point)

    def _report_reboot(self, point: int) -> None:
        """Report that a charge point can be restarted, where openWB can do that."""
        able = self.told.value(Kind.CHARGE_POINT, "type", point) == _RESTARTABLE
        version = self.told.version
        if able and version is not None and version >= CHARGE_POINT_REBOOT:
            self.devices.report(_key(Kind.CHARGE_POINT, point), {CAN_REBOOT: True})

    def _report_template(self, point: int) -> None:
        """Report what a charge point's template says, as far as its version has it."""
        now, version = self.templates.generation, self.told.version
        template = self.templates.at((Kind.CHARGE_POINT, point))
        if now is None or template is None:
            return
        reported = shown(Kind.CHARGE_POINT, fields(template, now, version))
        for name in VARYING[Kind.CHARGE_POINT]:
            row = field_of(name, now, version)
            reported |= allowed(Kind.CHARGE_POINT, name, row)
        self.devices.report(_key(Kind.CHARGE_POINT, point), reported)

    def _report_named(self, kind: Kind, number: int) -> None:
        """Report the name of what a device has chosen by number, and all names."""
        key, of, choices = _NAMED[kind]
        if names := self.names(of):
            chosen = self.told.value(kind, key, number)
            name = names.get(chosen) if isinstance(chosen, int) else None
            self.devices.report(
                _key(kind, number), {choices: list(names.values()), key: name}
            )

    def _template(self, state: State) -> None:
        """Take a template, or one of the plans that have topics up to 2.1.7."""
        assert state.id is not None
        if "plan" in state.values:
            self.templates.keep_plan(state.id, state.values)
            return
        self.templates.keep((state.kind, state.id), state.values["charge_template"])
        for vehicle in self.told.numbers(Kind.VEHICLE):
            self._report_named(Kind.VEHICLE, vehicle)
        if self.templates.generation is Generation.FIELDS:
            for point in self.told.numbers(Kind.CHARGE_POINT):
                if self.templates.number_at(point) == state.id:
                    self._report_template(point)

    def _warn_of_sharing(self) -> None:
        """Tell the user when a change at one charge point is one at another, too."""
        points = self.templates.sharing()
        names = [
            text(self.told.value(Kind.CHARGE_POINT, "name", point)) or str(point)
            for point in points
        ]
        self._sink.issue(
            Issue.SHARED_TEMPLATE,
            present=self.templates.last and bool(points),
            points=", ".join(names),
        )

    # --- vehicles -------------------------------------------------------------------

    def _vehicle(self, state: State) -> None:
        vehicle = state.id
        assert vehicle is not None
        values = dict(state.values)
        values.pop("charge_template", None)
        if "manual_soc" in values:
            values["manual_soc"] = self._kept(vehicle, values["manual_soc"])
        self._report_part(state, believed(self.told, state.kind, vehicle, values))
        points = self.told.numbers(Kind.CHARGE_POINT)
        if "charge_template" in state.values:
            self._report_named(Kind.VEHICLE, vehicle)
            for point in points:
                self._report_template(point)
        if "name" in values:
            for point in points:
                self._report_named(Kind.CHARGE_POINT, point)
        if "soc_module" in values:
            self._report_abilities(vehicle)
        if "soc_module" in values or "fault_state" in values:
            self._report_levels(Kind.VEHICLE, vehicle)
            for point in points:
                if vehicle_of(self.told, Kind.CHARGE_POINT, point) == vehicle:
                    self._report_levels(Kind.CHARGE_POINT, point)

    def _kept(self, vehicle: int, level: Value) -> Value:
        """Give the charge level [%] that was set by hand last, also before a restart.

        openWB takes it over with its next control cycle, and empties it.
        """
        key = f"manual_soc_{vehicle}"
        if level is not None:
            self._sink.remember(key, level)
            return level
        before: Any = self._sink.recall(key)
        return before if isinstance(before, int | float) else None

    def _report_abilities(self, vehicle: int) -> None:
        """Report what follows from how a vehicle's charge level is read."""
        module = self.told.value(Kind.VEHICLE, "soc_module", vehicle)
        manual = module == "manual"
        settable = self.told.setting(Kind.VEHICLE, "manual_soc") is not None
        if manual and settable:
            self.devices.report(_key(Kind.VEHICLE, vehicle), {CAN_SET_SOC: True})
        if module is not None and not manual:
            self.devices.report(_key(Kind.VEHICLE, vehicle), {CAN_REFRESH_SOC: True})

    def _report_levels(self, kind: Kind, number: int) -> None:
        """Report charge level and range anew: it shows now whether somebody reads them."""
        self.devices.report(
            _key(kind, number), shown(kind, levels(self.told, kind, number))
        )
