"""The simulated openWB without a broker: topics, a control cycle, set topics.

The rules of openWB/core, main.py and control/{prepare,process,counter_all}.py (2.1.7 to
master), as far as clients see them:

- What was set shows at once on the topic that was set; what it does shows with the next
  control cycle, all of it, and `system/time` goes on with that. Nothing is told between.
- In a cycle the vehicles and the MQTT devices are read first, then the tags; then surplus
  is shared out, those with priority first (from 2.3 by the list of priorities).
- Counts of a day, a month and a year begin again with it.
- A charge point that cannot be controlled, by its template or its tag, costs that one.
- `graph/lastlivevaluesJson` has kW, and PV positive only there.
- openWB keeps its counts over a restart; with `resume` this one takes them from the broker.
- What is deleted in openWB is an empty retained payload on each of its topics.
"""

import copy
from datetime import datetime, tzinfo
import re
from typing import Any

from .openwb_charging import decide
from .openwb_checks import decode
from .openwb_commands import Commands
from .openwb_day import house_power, price, prices, sunshine
from .openwb_energy import Balance, Energy
from .openwb_extras import add_extras, follow_extras
from .openwb_point import ChargePoint
from .openwb_retained import load
from .openwb_rfid import breaks_control, take_tag
from .openwb_sets import Sets
from .openwb_store import Store
from .openwb_templates import Templates
from .openwb_vehicles import Vehicles
from .openwb_versions import FEATURES, MODES, Version, place

_COUNTER = re.compile(r".*/(\w+_)?(imported|exported)(_home_consumption)?")
_PERIODS = (("daily_", "%j"), ("monthly_", "%m"), ("yearly_", "%Y"))


class OpenWb:
    """An openWB whose time passes only with `step`; times are unix seconds."""

    def __init__(
        self, version: Version, start: float, zone: tzinfo, *, extras: bool = False
    ) -> None:
        """Begin with the retained topics of the release."""
        self.version = version
        self.features = FEATURES[version]
        self.now = start
        self._zone = zone
        values = load(version, start, zone)
        if extras:
            add_extras(values)
        self.store = Store(values)
        self.templates = Templates(self.store, self.features)
        self.commands = Commands(
            self.store, self.features, self.templates, lambda: self.now
        )
        self.sets = Sets(self.store, self.features, self.templates, self.commands.order)
        self.vehicles = Vehicles(self.store, self.sets.fed, self.features)
        self.energy = Energy(self.store, self.sets.fed, self.features)
        self.points: dict[int, ChargePoint] = {}
        self._find_points()

    @property
    def local(self) -> datetime:
        """The time of the day where it stands."""
        return datetime.fromtimestamp(self.now, self._zone)

    @property
    def broken(self) -> list[int]:
        """The charge points that the control cannot work with."""
        return [
            number
            for number, point in self.points.items()
            if self.templates.in_use(number) is None
            or breaks_control(point, self.features)
        ]

    def become(self, version: Version) -> None:
        """Take set topics as another version does; its topics are published already."""
        self.version = version
        self.features = FEATURES[version]
        self.templates = Templates(self.store, self.features)
        self.sets.become(self.features, self.templates)

    def _find_points(self) -> None:
        """Know those charge points that there are now."""
        known = self.points
        self.points = {
            number: known.get(number)
            or ChargePoint(
                number, self.store, self.features, self.templates, self._zone
            )
            for number in self.store.charge_points
        }

    def add_charge_point(self, number: int, name: str) -> None:
        """Add a charge point without a car, otherwise like the last one."""
        last = self.store.charge_points[-1]
        for topic in list(self.store.values):
            if topic.startswith(f"chargepoint/{last}/"):
                value = copy.deepcopy(self.store.values[topic])
                if topic.endswith("/config") and topic.count("/") == 2:
                    value |= {"id": number, "name": name}
                key = topic.replace(f"/{last}/", f"/{number}/", 1)
                self.store.set(key, value)
        hierarchy = copy.deepcopy(self.store.get("counter/get/hierarchy"))
        hierarchy[0]["children"].append({"id": number, "type": "cp", "children": []})
        self.store.set("counter/get/hierarchy", hierarchy)
        self._find_points()
        self.unplug(number)

    def step(self, seconds: float) -> None:
        """Let a control cycle pass that lasts so long."""
        before = self.local
        self.now += seconds
        self._begin_periods(before)
        self.vehicles.read(self.now)
        self.energy.read()
        for point in self.points.values():
            take_tag(point, self.store, self.now)
        self._offer_prices()
        balance = self._control()
        self.energy.write(balance, seconds, self.now)
        shares, tariffs = balance.shares(), self._tariffs()
        for point in self.points.values():
            point.count(seconds, shares, tariffs, self.now)
            self.commands.charge_log += point.session.closed
            point.session.closed.clear()
        self._sum_up()
        follow_extras(self.store)
        self._tell_live_values(balance)
        self.store.set("system/time", round(self.now, 6))

    def _begin_periods(self, before: datetime) -> None:
        for prefix, unit in _PERIODS:
            if before.strftime(unit) != self.local.strftime(unit):
                for topic in list(self.store.values):
                    if topic.rpartition("/")[2].startswith(prefix):
                        self.store.set(topic, 0)

    def _offer_prices(self) -> None:
        places = ["optional/ep/get", "optional/ep/flexible_tariff/get"]
        if self.features.et_prices:
            places = ["optional/et/get"]
        for topic in places:
            self.store.set(f"{topic}/prices", prices(self.now))

    def _tariffs(self) -> dict[str, float]:
        fixed = {
            key: self.store.get(f"general/prices/{key}", 0) for key in ("bat", "pv")
        }
        return {**fixed, "grid": price(self.now)}

    def _control(self) -> Balance:
        """Give PV to the cars, those with priority first, and settle the rest."""
        pv = self.energy.production(sunshine(self.now, self.local))
        house = house_power(self.now, self.local)
        surplus = self.energy.surplus(pv, house)
        threshold = self.store.get(place(self.features, "switch_on_threshold"), 0)
        feed_in = self.store.get(place(self.features, "feed_in_yield"), 0)
        cars = 0.0
        for point in sorted(self.points.values(), key=self._rank):
            template = self.templates.in_use(point.number)
            over = surplus - (feed_in if self._feeds_in(template) else 0)
            now = point.circumstances(over, price(self.now), threshold, self.local)
            point.apply(decide(template, now), self.now)
            surplus -= point.power
            cars += point.power
        return self.energy.settle(pv, house, cars)

    def _feeds_in(self, template: dict[str, Any] | None) -> bool:
        """Return whether a charge point leaves something to be fed in."""
        if self.features.surplus:
            return bool(self.store.get(f"{MODES}surplus/feed_in_limit"))
        return bool(template and template["chargemode"]["pv_charging"]["feed_in_limit"])

    def _rank(self, point: ChargePoint) -> tuple[int, int]:
        if self.features.surplus:
            order = self.store.get("counter/get/loadmanagement_prios", [])
            vehicle = {"type": "vehicle", "id": self.templates.vehicle(point.number)}
            ranks = [
                rank
                for rank, entry in enumerate(order)
                if vehicle in entry.get("children", [entry])
            ]
            return (min(ranks, default=len(order)), point.number)
        template = self.templates.in_use(point.number)
        return (not (template and template["prio"]), point.number)

    def _sum_up(self) -> None:
        for key in (
            "power",
            "imported",
            "exported",
            "daily_imported",
            "daily_exported",
        ):
            total = sum(point.get(f"get/{key}", 0) for point in self.points.values())
            self.store.set(f"chargepoint/get/{key}", round(total, 2))

    def _tell_live_values(self, balance: Balance) -> None:
        """Publish the values of the graph [kW]; PV is positive only here."""
        live: dict[str, Any] = {
            "timestamp": int(self.now),
            "time": self.local.strftime("%H:%M:%S"),
            "grid": balance.grid / 1000,
        }
        for number in self.store.components("counter"):
            if number != self.energy.grid:
                power = self.store.get(f"counter/{number}/get/power")
                live[f"counter{number}-power"] = power / 1000
        live["house-power"] = balance.house / 1000
        live["charging-all"] = balance.cars / 1000
        live["pv-all"] = -balance.pv / 1000
        for point in self.points.values():
            live[f"cp{point.number}-power"] = point.power / 1000
        for number in self.store.vehicles:
            live[f"ev{number}-soc"] = self.store.get(f"vehicle/{number}/get/soc", 0)
        live["bat-all-power"] = balance.bat / 1000
        live["bat-all-soc"] = self.energy.soc()
        rounded = {
            key: round(value, 3) if isinstance(value, float) else value
            for key, value in live.items()
        }
        for topic in ("graph/lastlivevaluesJson", "system/lastlivevaluesJson"):
            self.store.set(topic, rounded)

    def plug(self, charge_point: int) -> None:
        """Plug the car in; it charges from the next cycle on."""
        self.points[charge_point].plug(self.now)

    def unplug(self, charge_point: int) -> None:
        """Let the car leave."""
        point = self.points[charge_point]
        point.unplug(self.now)
        self.commands.charge_log += point.session.closed
        point.session.closed.clear()

    def scan(self, charge_point: int, tag: str) -> None:
        """Hold an RFID tag to the charge point's reader."""
        self.points[charge_point].set("get/rfid", tag)
        self.points[charge_point].set("get/rfid_timestamp", round(self.now, 3))

    def resume(self, kept: dict[str, bytes]) -> None:
        """Take over counters that went further than those it begins with."""
        for topic, payload in kept.items():
            value = decode(payload)
            mine = self.store.get(topic)
            if _COUNTER.fullmatch(topic) and isinstance(value, int | float):
                if mine is not None and value > mine:
                    self.store.set(topic, value)

    def remove(self, pattern: str) -> None:
        """Delete all topics like a pattern, as when something is taken out."""
        for topic in [key for key in self.store.values if re.fullmatch(pattern, key)]:
            self.store.remove(topic)
        self._find_points()
