"""What the user has set for an EMS, in the form that the driver uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from homeassistant.const import CONF_USERNAME

from ...const import CONF_BROKER
from ...errors import CommandError
from ...protocols.sofar import Dialect, LiveFields
from . import const

DEFAULT_DEVICE_TYPES = ("solar", "battery", "ev", "hvac")
# The page does not show them. These are made after topics of other interfaces of the
# same vendor, and the form says that they have to be checked.
DEFAULT_COMMAND_TOPIC = "standard1/outbound/remoteControlMetrics/{serial}"
DEFAULT_FEEDBACK_TOPIC = "standard1/rp_one_s/remoteControlMetrics/{serial}"

DEFAULTS: dict[str, Any] = {
    const.CONF_DEVICE_TYPES: list(DEFAULT_DEVICE_TYPES),
    const.CONF_POLICIES: [],
    const.CONF_POWER_POLICIES: [],
    const.CONF_INVERT: False,
    const.CONF_REFRESH: 5,
    const.CONF_FEEDBACK_INTERVAL: 60,
    const.CONF_FEEDBACK_LEVEL: "true",
    const.CONF_HORIZON: 7,
    const.CONF_TIMEOUT: 20,
    const.CONF_SPACING: 1,
    const.CONF_MILLISECONDS: False,
    const.CONF_AS_TEXT: False,
    const.CONF_LIVE_POLICY: "",
    const.CONF_LIVE_POWER: "",
    const.CONF_LIVE_MESSAGE: "",
    const.CONF_LIVE_TOPIC: "",
    const.CONF_LIVE_INTERVAL: 30,
    const.CONF_LIVE_STOP: "",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Times are in seconds."""

    serial: str
    dialect: Dialect
    command_topic: str
    feedback_topic: str
    live_topic: str
    device_types: tuple[str, ...]
    policies: Mapping[str, tuple[str, ...]]
    """The policies that the user has listed, by device type; of none: any."""
    own_policies: frozenset[str]
    """The device types with a list of their own: they have no other policies."""
    power_policies: Mapping[str, tuple[str, ...]]
    """Those of them that need a set point."""
    invert: bool
    """Whether set points count the other way for the EMS."""
    refresh: float
    feedback_interval: float
    """0: feedback is not asked for."""
    feedback_level: bool | str
    horizon: float
    timeout: float
    spacing: float
    live: LiveFields
    live_interval: float
    live_stop: str
    """The policy that ends live control; empty: the controller falls back by itself."""

    @classmethod
    def of(cls, data: Mapping[str, Any], options: Mapping[str, Any]) -> Self:
        """Read an entry's data and options; what is not set has its default."""
        told = {**DEFAULTS, **options}
        broker = data.get(CONF_BROKER) or {}

        def topic(template: str) -> str:
            return template.replace("{serial}", data[const.CONF_SERIAL]).replace(
                "{username}", broker.get(CONF_USERNAME) or ""
            )

        device_types = _texts(told[const.CONF_DEVICE_TYPES])
        command_topic = topic(data[const.CONF_COMMAND_TOPIC])
        return cls(
            serial=data[const.CONF_SERIAL],
            dialect=Dialect(
                suffix=data.get(const.CONF_SUFFIX) or "",
                milliseconds=told[const.CONF_MILLISECONDS],
                schedules_as_text=told[const.CONF_AS_TEXT],
            ),
            command_topic=command_topic,
            feedback_topic=topic(data[const.CONF_FEEDBACK_TOPIC]),
            live_topic=topic(told[const.CONF_LIVE_TOPIC]) or command_topic,
            device_types=device_types,
            policies=_by_type(told[const.CONF_POLICIES], device_types),
            own_policies=frozenset(
                found[0]
                for text in told[const.CONF_POLICIES]
                if (found := _own(text, device_types))
            ),
            power_policies=_by_type(told[const.CONF_POWER_POLICIES], device_types),
            invert=told[const.CONF_INVERT],
            refresh=60.0 * told[const.CONF_REFRESH],
            feedback_interval=float(told[const.CONF_FEEDBACK_INTERVAL]),
            feedback_level=feedback_level(told[const.CONF_FEEDBACK_LEVEL]),
            horizon=86_400.0 * told[const.CONF_HORIZON],
            timeout=float(told[const.CONF_TIMEOUT]),
            spacing=float(told[const.CONF_SPACING]),
            live=LiveFields(
                policy=told[const.CONF_LIVE_POLICY],
                power=told[const.CONF_LIVE_POWER],
                message_type=told[const.CONF_LIVE_MESSAGE],
            ),
            live_interval=float(told[const.CONF_LIVE_INTERVAL]),
            live_stop=told[const.CONF_LIVE_STOP],
        )

    def check(self, device_type: str, policy: str, power: float | None) -> None:
        """Look whether a device type can have a policy, with a power or without.

        Raises CommandError for what the user has not listed, or has listed otherwise.
        """
        if device_type not in self.device_types:
            types = ", ".join(self.device_types)
            raise CommandError("type_unknown", device_type=device_type, types=types)
        policies = self.policies[device_type]
        if device_type in self.own_policies and policy not in policies:
            raise CommandError(
                "policy_unknown",
                policy=policy,
                device_type=device_type,
                policies=", ".join(policies),
            )
        if power is None and policy in self.power_policies[device_type]:
            raise CommandError("power_needed", policy=policy)

    def power(self, watts: float | None) -> float | None:
        """Turn a set point [W] of the user into one of the EMS, or back."""
        return -watts if watts and self.invert else watts


def _texts(given: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in given if text.strip()))


def _by_type(
    given: list[str], device_types: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Read a list of policies: `charge` is one of all types, `ev: charge` one of one."""
    found: dict[str, list[str]] = {name: [] for name in device_types}
    for text in _texts(given):
        if own := _own(text, device_types):
            found[own[0]].append(own[1])
        else:
            for policies in found.values():
                policies.append(text)
    return {name: _texts(policies) for name, policies in found.items()}


def _own(text: str, device_types: tuple[str, ...]) -> tuple[str, str] | None:
    """Read `ev: charge`; None for a policy of all types."""
    name, _, policy = (part.strip() for part in text.partition(":"))
    return (name, policy) if policy and name in device_types else None


def feedback_level(text: bool | str) -> bool | str:
    """Read the level of feedback: yes, no, or what stands there."""
    if isinstance(text, bool):
        return text
    known = {"true": True, "false": False}
    return known.get(text.strip().lower(), text.strip())
