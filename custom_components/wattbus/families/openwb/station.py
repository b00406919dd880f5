"""One openWB: what it has told, put together, and told on as devices and their values."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ...errors import Issue
from ...protocols.openwb import (
    CHARGE_POINT_REBOOT,
    FIELDS,
    RANKED,
    SETTINGS,
    Generation,
    Kind,
    State,
    Value as Told,
    field_of,
    fields,
    ranks,
)
from ..sink import MAIN_DEVICE, DeviceKey, Facts, Sink, Value
from .const import (
    CAN_REBOOT,
    CAN_REFRESH_SOC,
    CAN_SET_SOC,
    CHARGE_TEMPLATES,
    RANK,
    RANKS,
    VEHICLES,
)
from .facts import device_facts, system_facts, text
from .known import Known
from .levels import believed, kept, levels, vehicle_of
from .prices import tariff
from .units import VARYING, allowed, shown

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

# The kinds that a component may be; its number is one of all of them.
_MEASURING: Final = frozenset({Kind.COUNTER, Kind.INVERTER, Kind.BATTERY})
_DEVICES: Final = _MEASURING | {
    *(Kind.CHARGE_POINT, Kind.VEHICLE, Kind.CONSUMER, Kind.IO, Kind.SMART_HOME)
}

# The type of charge point that is an openWB of its own, which openWB can tell to restart.
_RESTARTABLE: Final = "external_openwb"

type Note = Callable[[DeviceKey], None]


class Station(Known):
    """Collects the topics, and reports what they make of the devices."""

    def __init__(self, sink: Sink, seen: Note, left: Note) -> None:
        """Report to a sink; `seen` and `left` note which devices this openWB has."""
        super().__init__()
        self.sink = sink
        self._seen = seen
        self._left = left
        # Once for each list, not for each of those who are in it.
        self._ranks: dict[tuple[Kind, int | None], int] = {}
        self._gone: set[DeviceKey] = set()
        self._named: set[DeviceKey] = set()
        self._held: dict[DeviceKey, dict[str, Value]] = {}
        self._settled = False
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

    # --- what is told ---------------------------------------------------------------

    def take(self, state: State) -> None:
        """Take what a topic said, and report what it changes."""
        if (handler := self._handlers.get(state.kind)) and self.keep(state):
            self._note(state)
            handler(state)

    def _note(self, state: State) -> None:
        """Note what was deleted at openWB, by the topic with its name, or came back.

        Its other topics are deleted, too, before or after that.
        """
        kinds = _MEASURING if state.kind is Kind.COMPONENT else {state.kind} & _DEVICES
        devices = {DeviceKey(kind, str(state.id)) for kind in kinds}
        if not state.deleted:
            self._gone -= devices
        elif "name" in state.values:
            self._gone |= devices
            for device in devices:
                self._left(device)

    def report(self, device: DeviceKey, values: Mapping[str, Value]) -> None:
        """Report values of a device, which is one of this openWB.

        Of what the broker has kept, the values of a device wait for its name: entity
        ids are made of it, and never change.
        """
        if device == MAIN_DEVICE:
            self.sink.report(device, values)
        elif self._settled or device in self._named:
            self.sink.report(device, values)
            if device not in self._gone:
                self._seen(device)
        else:
            self._held.setdefault(device, {}).update(values)

    def settle(self) -> None:
        """Report what has got no name: all that was kept has come."""
        self._settled = True
        for device in list(self._held):
            self.report(device, self._held.pop(device))

    def _name(self, device: DeviceKey) -> None:
        self._named.add(device)
        if device in self._held:
            self.report(device, self._held.pop(device))

    def _part(self, state: State) -> None:
        """Report what needs no more than its own topic."""
        device = DeviceKey(state.kind, str(state.id))
        self._describe(device, state.values)
        if "name" in state.values:
            self._report_ranks([(state.kind, state.id)])
        self.report(device, shown(state.kind, state.values))

    def _describe(self, device: DeviceKey, values: Mapping[str, Told]) -> None:
        if facts := device_facts(values):
            self.sink.describe(device, facts)
            if facts.name:
                self._name(device)

    def _component(self, state: State) -> None:
        kind, name = state.values.get("component"), state.values.get("name")
        if isinstance(kind, Kind) and isinstance(name, str):
            device = DeviceKey(kind, str(state.id))
            self.sink.describe(device, Facts(name=name))
            self._name(device)

    # --- openWB itself --------------------------------------------------------------

    def _system(self, state: State) -> None:
        values = state.values
        if (places := values.get("hierarchy")) is not None:
            self._arrange(places)  # type: ignore[arg-type]  # that is what its reader gives
        if "priorities" in values:
            told = values["priorities"]
            self._ranks = ranks(told) if isinstance(told, tuple) else {}
            self._report_ranks(list(self.told))
        if facts := system_facts(values):
            self.sink.describe(MAIN_DEVICE, facts)
        if "version" in values:
            self.report(MAIN_DEVICE, {CAN_REBOOT: True})
            self._again()
        if "bat_power_limit_controllable" in values:
            self._report_system(_BATTERY_CONTROL)
        if "temporary_charge_templates_active" in values:
            self._warn_of_sharing()
        if "prices" in values or "time" in values:
            self._report_tariff()
        self._report_system(values)

    def _report_system(self, names: Any) -> None:
        """Report values of openWB itself, if this version and installation have them."""
        told = self.told.get((Kind.SYSTEM, None), {})
        controllable = told.get("bat_power_limit_controllable") is True
        values = {
            name: told[name]
            for name in names
            if name in told
            and (name not in _BATTERY_CONTROL or controllable)
            and (name not in _GATED or self._has(name))
        }
        reported = shown(Kind.SYSTEM, values)
        for name in values:
            if (Kind.SYSTEM, name) in VARYING:
                setting = self.setting(Kind.SYSTEM, name)
                reported |= allowed(Kind.SYSTEM, name, setting)
        self.report(MAIN_DEVICE, reported)

    def _has(self, name: str) -> bool:
        """Whether this version has a setting; not before it has told its version."""
        version = self.value(Kind.SYSTEM, "version")
        return version is not None and self.setting(Kind.SYSTEM, name) is not None

    def _report_tariff(self) -> None:
        """Report the tariff; it is empty once openWB has no prices any more."""
        if "prices" not in self.told.get((Kind.SYSTEM, None), {}):
            return
        prices = self.value(Kind.SYSTEM, "prices")
        now = self.value(Kind.SYSTEM, "time")
        if isinstance(now, datetime):
            known = prices if isinstance(prices, Mapping) else {}
            self.report(MAIN_DEVICE, tariff(known, now))

    def _arrange(self, places: tuple[Any, ...]) -> None:
        """Hang each device below the one that the hierarchy has it below."""
        for place in places:
            parent = place.parent
            via = DeviceKey(parent[0], str(parent[1])) if parent else MAIN_DEVICE
            device = DeviceKey(place.kind, str(place.id))
            self.sink.describe(device, Facts(via=via))
            self._seen(device)

    def _report_ranks(self, parts: Iterable[tuple[Kind, int | None]]) -> None:
        """Report which vehicles and consumers are charged first, second …, from 2.3."""
        told = self.value(Kind.SYSTEM, "priorities")
        if not isinstance(told, tuple):
            return
        for kind, number in parts:
            if kind in RANKED:
                device = DeviceKey(kind, str(number))
                rank = self._ranks.get((kind, number))
                self.report(device, {RANK: rank, RANKS: len(told)})

    # --- charge points and their templates --------------------------------------------

    def _charge_point(self, state: State) -> None:
        assert state.id is not None
        values = dict(state.values)
        if "charge_template" in values:
            known = bool(self.own)
            self.keep_template((state.kind, state.id), values.pop("charge_template"))
            if known != bool(self.own):
                self._again()
            else:
                self._report_template(state.id)
            self._warn_of_sharing()
        self._part(
            State(state.kind, state.id, believed(self, state.kind, state.id, values))
        )
        if "connected_vehicle_id" in values:
            self._report_levels(state.kind, state.id)
        if "vehicle" in values or "connected_charge_template" in values:
            self._report_vehicle(state.id)
            self._report_template(state.id)
        if "type" in values:
            self._report_reboot(state.id)

    def _again(self) -> None:
        """Report anew what depends on the version or the generation."""
        self._report_system(_GATED)
        for point in self.numbers(Kind.CHARGE_POINT):
            self._report_template(point)
            self._report_reboot(point)
        for vehicle in self.numbers(Kind.VEHICLE):
            if module := self.value(Kind.VEHICLE, "soc_module", vehicle):
                self._soc_module(vehicle, module)

    def _report_reboot(self, point: int) -> None:
        """Report that a charge point can be restarted, where openWB can do that."""
        able = self.value(Kind.CHARGE_POINT, "type", point) == _RESTARTABLE
        if able and self.version is not None and self.version >= CHARGE_POINT_REBOOT:
            self.report(DeviceKey(Kind.CHARGE_POINT, str(point)), {CAN_REBOOT: True})

    def _report_template(self, point: int) -> None:
        """Report what a charge point's template says, as far as its version has it."""
        now = self.generation
        if now is None or (template := self.template_of(point)) is None:
            return
        reported = shown(Kind.CHARGE_POINT, fields(template, now, self.version))
        for name in FIELDS:
            row = field_of(name, now, self.version)
            reported |= allowed(Kind.CHARGE_POINT, name, row)
        self.report(DeviceKey(Kind.CHARGE_POINT, str(point)), reported)

    def _report_vehicle(self, point: int) -> None:
        """Report the name of the vehicle at a charge point, and which there are."""
        self._report_named(Kind.CHARGE_POINT, point, "vehicle", Kind.VEHICLE, VEHICLES)

    def _report_named(
        self, kind: Kind, number: int, key: str, of: Kind, choices: str
    ) -> None:
        """Report the name of what a device has chosen by number, and all names."""
        names = self.names(of)
        chosen = self.value(kind, key, number)
        if names:
            self.report(
                DeviceKey(kind, str(number)),
                {
                    choices: list(names.values()),
                    key: names.get(chosen) if isinstance(chosen, int) else None,
                },
            )

    def _template(self, state: State) -> None:
        """Take a template, or one of the plans that have topics up to 2.1.7."""
        assert state.id is not None
        if "plan" in state.values:
            self.keep_plan(state.id, state.values)
            return
        self.keep_template((state.kind, state.id), state.values["charge_template"])
        for vehicle in self.numbers(Kind.VEHICLE):
            self._report_vehicles_template(vehicle)
        if self.generation is Generation.FIELDS:
            for point in self.numbers(Kind.CHARGE_POINT):
                if self.template_number(point) == state.id:
                    self._report_template(point)

    def _warn_of_sharing(self) -> None:
        """Tell the user when a change at one charge point is one at another, too."""
        lasting = self.value(Kind.SYSTEM, "temporary_charge_templates_active") is False
        points = self.sharing()
        names = [
            text(self.value(Kind.CHARGE_POINT, "name", point)) or str(point)
            for point in points
        ]
        self.sink.issue(
            Issue.SHARED_TEMPLATE,
            present=lasting and bool(points),
            points=", ".join(names),
        )

    # --- vehicles -------------------------------------------------------------------

    def _vehicle(self, state: State) -> None:
        assert state.id is not None
        values = dict(state.values)
        values.pop("charge_template", None)
        if "manual_soc" in values:
            values["manual_soc"] = kept(self.sink, state.id, values["manual_soc"])
        self._part(
            State(state.kind, state.id, believed(self, state.kind, state.id, values))
        )
        if "charge_template" in state.values:
            self._report_vehicles_template(state.id)
            for point in self.numbers(Kind.CHARGE_POINT):
                self._report_template(point)
        if "name" in state.values:
            for point in self.numbers(Kind.CHARGE_POINT):
                self._report_vehicle(point)
        if "soc_module" in state.values:
            self._soc_module(state.id, state.values["soc_module"])

    def _soc_module(self, vehicle: int, module: Told) -> None:
        """Report what follows from how a vehicle's charge level is read."""
        able = {
            CAN_SET_SOC: module == "manual"
            and self.setting(Kind.VEHICLE, "manual_soc") is not None,
            CAN_REFRESH_SOC: module not in (None, "manual"),
        }
        self.report(
            DeviceKey(Kind.VEHICLE, str(vehicle)),
            {name: True for name, can in able.items() if can},
        )
        self._report_levels(Kind.VEHICLE, vehicle)
        for point in self.numbers(Kind.CHARGE_POINT):
            if vehicle_of(self, Kind.CHARGE_POINT, point) == vehicle:
                self._report_levels(Kind.CHARGE_POINT, point)

    def _report_levels(self, kind: Kind, number: int) -> None:
        """Report charge level and range anew: it shows now whether somebody reads them."""
        self.report(
            DeviceKey(kind, str(number)), shown(kind, levels(self, kind, number))
        )

    def _report_vehicles_template(self, vehicle: int) -> None:
        """Report the name of a vehicle's charge template, and which there are."""
        self._report_named(
            Kind.VEHICLE,
            vehicle,
            "charge_template",
            Kind.CHARGE_TEMPLATE,
            CHARGE_TEMPLATES,
        )
