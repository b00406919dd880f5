"""What the simulated openWB does with set topics (helpermodules/setdata.py, 2.1.7 to 2.2.2).

Its rules of silence and refusal:

- A set topic is emptied when its value was taken *and* when it was refused. The only
  difference is that the state follows, or does not.
- Neither answered nor emptied: a charge point or component that does not exist, a topic
  of no branch, and with user management (2.2.0) a command whose topic does not end in
  its own name (`process_command_topic`: "Keine Berechtigung für den Befehl").
- A text is taken whatever it is. What reads it later may break; see `openwb_words`.
- An order is emptied when it is passed on, long before it is carried out.
"""

from collections.abc import Callable
import copy
from dataclasses import dataclass
import re
from typing import Any, Literal

from .openwb_checks import Refused, decode
from .openwb_rules import Effect, Rule, rules_of
from .openwb_store import Raw, Store
from .openwb_templates import Templates
from .openwb_versions import Features

type Change = Callable[[dict[str, Any]], None]
type When = Literal["before", "after", "instead"]

_ID = re.compile(r"(chargepoint|counter|pv|bat)/(\d+)/.+")
_KINDS = {"counter": "counter", "pv": "inverter", "bat": "bat"}
# A topic of another branch is not looked at and so not cleared either.
_BRANCHES = frozenset(
    (
        *("vehicle", "chargepoint", "internal_chargepoint", "counter", "pv", "bat"),
        *("general", "optional", "system", "io", "LegacySmartHome", "mqtt"),
        *("command", "log", "graph"),
    )
)


@dataclass(frozen=True, slots=True)
class Write:
    """A set topic that was taken; the topic is without root and `set/`."""

    topic: str
    value: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """A set topic that was not, why, and whether the topic was cleared."""

    topic: str
    value: Any
    reason: str
    cleared: bool = True


@dataclass(slots=True)
class _Rival:
    charge_point: int
    change: Change
    when: When


class Sets:
    """Takes set topics or refuses them, by the rules of a release."""

    def __init__(
        self,
        store: Store,
        features: Features,
        templates: Templates,
        order: Callable[[str, Any], None],
    ) -> None:
        """Take what a command does as a function of the client and the order."""
        self._store = store
        self._templates = templates
        self._order = order
        self._rules = rules_of(features)
        self._branches = set(_BRANCHES)
        if not features.mqtt_devices:
            self._branches.discard("mqtt")
        self._rivals: list[_Rival] = []
        self.lost_echoes = 0
        self.dropped_writes = 0
        self.accepted: list[Write] = []
        self.refused: list[Refusal] = []
        # What clients feed: the topic up to the id, such as "counter/0", and its values.
        self.fed: dict[str, dict[str, Any]] = {}

    def become(self, features: Features, templates: Templates) -> None:
        """Go by the rules of another release from now on."""
        self._rules = rules_of(features)
        self._templates = templates

    def rival(self, charge_point: int, change: Change, when: When) -> None:
        """Have another client write a template around the next write of it."""
        self._rivals.append(_Rival(charge_point, change, when))

    def edit(self, charge_point: int, change: Change) -> None:
        """Have another client change the template in use."""
        topic = f"chargepoint/{charge_point}/set/charge_template"
        template = _edited(self._store.get(topic, {}), change)
        self._templates.write(charge_point, template)

    def handle(self, topic: str, payload: bytes) -> None:
        """Take or refuse a payload; an empty one is nothing."""
        if not payload:
            return
        value = decode(payload)
        if topic.split("/", maxsplit=1)[0] not in self._branches:
            self._refuse(topic, value, "no such branch", cleared=False)
            return
        found = self._find(topic)
        if (found is None or found[0].needs_id) and not self._exists(topic):
            # "Keine ID N mit gültiger Konfiguration": nothing is published at all.
            self._refuse(topic, value, "unknown id", cleared=False)
            return
        if found is None:
            self._refuse(topic, value, "unknown topic")
            return
        rule, match = found
        try:
            checked = rule.check(value)
        except Refused as error:
            self._refuse(topic, value, str(error))
            return
        # An order is carried out elsewhere, when its topic is empty already.
        if order := rule.effect is Effect.COMMAND:
            if not self._may_order(topic, checked):
                self._refuse(topic, value, "no right to this command", cleared=False)
                return
            self._clear(topic)
        if self.dropped_writes:
            self.dropped_writes -= 1
        else:
            self._take(rule, match, topic, checked)
        if not order:
            self._clear(topic)

    def _find(self, topic: str) -> tuple[Rule, re.Match[str]] | None:
        for rule in self._rules:
            if match := rule.pattern.fullmatch(topic):
                return rule, match
        return None

    def _may_order(self, topic: str, order: Any) -> bool:
        """Return whether the broker's rights, which go by the topic, are kept to."""
        if not self._store.get("system/security/user_management_active"):
            return True
        return isinstance(order, dict) and topic.rpartition("/")[2] == order["command"]

    def _exists(self, topic: str) -> bool:
        """Return whether the charge point or component of a topic exists."""
        if (match := _ID.fullmatch(topic)) is None:
            return True
        kind, number = match[1], int(match[2])
        if kind == "chargepoint":
            return number in self._store.charge_points
        return number in self._store.components(_KINDS[kind])

    def _refuse(
        self, topic: str, value: Any, reason: str, *, cleared: bool = True
    ) -> None:
        self.refused.append(Refusal(topic, value, reason, cleared))
        if cleared:
            self._clear(topic)

    def _clear(self, topic: str) -> None:
        """Publish an empty retained payload, accepted or refused."""
        self._store.send(f"set/{topic}", "")

    def _take(self, rule: Rule, match: re.Match[str], topic: str, value: Any) -> None:
        self.accepted.append(Write(topic, value))
        before = len(self._store.outbox)
        if rule.effect is Effect.CHARGE_POINT_TEMPLATE:
            self._take_template(int(topic.split("/")[1]), value)
        else:
            self._apply(rule, match, topic, value)
        if self.lost_echoes:
            self.lost_echoes -= 1
            del self._store.outbox[before:]

    def _apply(self, rule: Rule, match: re.Match[str], topic: str, value: Any) -> None:
        store, templates = self._store, self._templates
        match rule.effect:
            case Effect.FORWARD:
                raw = topic.startswith("LegacySmartHome/")
                store.set(topic, Raw(value) if raw else value, echo=True)
                self._follow(topic)
            case Effect.MERGE:
                self._merge(topic.rpartition("/")[0], match["part"], value)
                self._follow(topic)
            case Effect.TEMPLATE:
                templates.write_persistent(int(topic.rpartition("/")[2]), value)
            case Effect.TEMPLATE_FIELD:
                number = int(topic.split("/")[3])
                templates.write_field(number, match["part"], value)
            case Effect.PLAN_ACTIVE:
                templates.write_plan_active(topic.removesuffix("/active"), value)
            case Effect.FEED:
                store.set(topic, value, echo=True)
                path = topic.removeprefix("mqtt/").split("/")
                self.fed.setdefault("/".join(path[:2]), {})[path[3]] = value
            case Effect.COMMAND:
                self._order(topic, value)

    def _merge(self, topic: str, key: str, value: Any) -> None:
        document = dict(self._store.get(topic, {}))
        if key == "ev" and "ev" in document:
            # openWB writes the fields of a Python object, its private ones, too.
            document["_ev"] = document["ev"]
        self._store.set(topic, document | {key: value}, echo=True)

    def _follow(self, topic: str) -> None:
        """Load the templates anew of charge points whose vehicle has changed."""
        if match := re.fullmatch(r"chargepoint/(\d+)/config(/ev)?", topic):
            self._templates.restore(int(match[1]))
        elif match := re.fullmatch(r"vehicle/(\d+)/charge_template", topic):
            for charge_point in self._store.charge_points:
                if self._templates.vehicle(charge_point) == int(match[1]):
                    self._templates.restore(charge_point)

    def _take_template(self, charge_point: int, template: Any) -> None:
        """Take a template, and those of clients that write at the same moment."""
        topic = f"chargepoint/{charge_point}/set/charge_template"
        rivals = [one for one in self._rivals if one.charge_point == charge_point]
        self._rivals = [one for one in self._rivals if one not in rivals]
        # They have read it before any of the writes.
        read = self._store.get(topic, {})
        for rival in rivals:
            if rival.when == "before":
                self._templates.write(charge_point, _edited(read, rival.change))
        before = len(self._store.outbox)
        self._templates.write(charge_point, template)
        for rival in rivals:
            if rival.when == "instead":
                del self._store.outbox[before:]
            if rival.when != "before":
                self._templates.write(charge_point, _edited(read, rival.change))


def _edited(template: dict[str, Any], change: Change) -> dict[str, Any]:
    edited = copy.deepcopy(template)
    change(edited)
    return edited
