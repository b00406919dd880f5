"""What the user has set for an EMS, in the form that the driver uses."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_USERNAME
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ...const import CONF_BROKER
from ...errors import CommandError
from ...protocols.sofar import Dialect, LiveFields
from ..family import Option
from ..fields import BOOLEAN
from . import const

TEXT: Final = TextSelector()
_TEXTS: Final = TextSelector(TextSelectorConfig(multiple=True))


def _number(least: float, most: float, unit: str, step: float = 1) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=least,
            max=most,
            step=step,
            unit_of_measurement=unit,
            mode=NumberSelectorMode.BOX,
        )
    )


OPTIONS: Final = tuple(
    Option(
        key=key, default=default, selector=selector, topic=key == const.CONF_LIVE_TOPIC
    )
    for key, default, selector in (
        (const.CONF_DEVICE_TYPES, ["solar", "battery", "ev", "hvac"], _TEXTS),
        (const.CONF_POLICIES, [], _TEXTS),
        (const.CONF_POWER_POLICIES, [], _TEXTS),
        (const.CONF_INVERT, False, BOOLEAN),
        (const.CONF_REFRESH, 5, _number(1, 1440, "min")),
        (const.CONF_FEEDBACK_INTERVAL, 60, _number(0, 3600, "s")),
        (const.CONF_FEEDBACK_LEVEL, "true", TEXT),
        (const.CONF_HORIZON, 7, _number(1, 60, "d")),
        (const.CONF_TIMEOUT, 20, _number(1, 120, "s")),
        (const.CONF_SPACING, 1, _number(0, 60, "s", 0.1)),
        (const.CONF_MILLISECONDS, False, BOOLEAN),
        (const.CONF_AS_TEXT, False, BOOLEAN),
        (const.CONF_LIVE_POLICY, "", TEXT),
        (const.CONF_LIVE_POWER, "", TEXT),
        (const.CONF_LIVE_MESSAGE, "", TEXT),
        (const.CONF_LIVE_TOPIC, "", TEXT),
        (const.CONF_LIVE_INTERVAL, 30, _number(1, 3600, "s")),
        (const.CONF_LIVE_STOP, "", TEXT),
    )
)
_DEFAULTS: Final = {option.key: option.default for option in OPTIONS}


def device_types_of(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the device types that the user has listed."""
    return _texts({**_DEFAULTS, **options}[const.CONF_DEVICE_TYPES])


class Settings:
    """What the data and the options of an entry make of it. Times are in seconds."""

    def __init__(self, data: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        """Read them; what is not set has its default."""
        chosen = {**_DEFAULTS, **options}
        self.serial: str = data[const.CONF_SERIAL]
        self._user = (data.get(CONF_BROKER) or {}).get(CONF_USERNAME) or ""
        self.dialect = Dialect(
            suffix=data.get(const.CONF_SUFFIX) or "",
            milliseconds=chosen[const.CONF_MILLISECONDS],
            schedules_as_text=chosen[const.CONF_AS_TEXT],
        )
        self.command_topic = self._topic(data[const.CONF_COMMAND_TOPIC])
        self.feedback_topic = self._topic(data[const.CONF_FEEDBACK_TOPIC])
        live_topic = self._topic(chosen[const.CONF_LIVE_TOPIC])
        self.live_topic = live_topic or self.command_topic
        self.device_types = device_types_of(options)
        # By device type; of none, any policy can be.
        self.policies = self._by_type(chosen[const.CONF_POLICIES])
        # Those of them that need a set point.
        self.power_policies = self._by_type(chosen[const.CONF_POWER_POLICIES])
        # The device types with a list of their own, which have no other policies.
        self._own = {
            own[0]
            for text in chosen[const.CONF_POLICIES]
            if (own := self._own_of(text))
        }
        self._inverted: bool = chosen[const.CONF_INVERT]
        self.refresh = 60.0 * chosen[const.CONF_REFRESH]
        self.feedback_interval = float(chosen[const.CONF_FEEDBACK_INTERVAL])  # 0: never
        self.feedback_level = feedback_level(chosen[const.CONF_FEEDBACK_LEVEL])
        self.horizon = 86_400.0 * chosen[const.CONF_HORIZON]
        self.timeout = float(chosen[const.CONF_TIMEOUT])
        self.spacing = float(chosen[const.CONF_SPACING])
        self.live = LiveFields(
            policy=chosen[const.CONF_LIVE_POLICY],
            power=chosen[const.CONF_LIVE_POWER],
            message_type=chosen[const.CONF_LIVE_MESSAGE],
        )
        self.live_interval = float(chosen[const.CONF_LIVE_INTERVAL])
        # The policy that ends live control; empty: the controller falls back by itself.
        self.live_stop: str = chosen[const.CONF_LIVE_STOP]

    def check(self, device_type: str, policy: str, power: float | None) -> None:
        """Look whether a device type can have a policy, with a power or without.

        Raises CommandError for what the user has not listed, or has listed otherwise.
        """
        if device_type not in self.device_types:
            types = ", ".join(self.device_types)
            raise CommandError("type_unknown", device_type=device_type, types=types)
        policies = self.policies[device_type]
        if device_type in self._own and policy not in policies:
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
        return -watts if watts and self._inverted else watts

    def _topic(self, template: str) -> str:
        return template.replace("{serial}", self.serial).replace(
            "{username}", self._user
        )

    def _by_type(self, given: list[str]) -> dict[str, tuple[str, ...]]:
        """Read policies: `charge` is one of all types, `ev: charge` one of one."""
        found: dict[str, list[str]] = {name: [] for name in self.device_types}
        for text in _texts(given):
            own = self._own_of(text)
            for name in (own[0],) if own else self.device_types:
                found[name].append(own[1] if own else text)
        return {name: _texts(policies) for name, policies in found.items()}

    def _own_of(self, text: str) -> tuple[str, str] | None:
        """Read `ev: charge`; None for a policy of all types."""
        name, _, policy = (part.strip() for part in text.partition(":"))
        return (name, policy) if policy and name in self.device_types else None


def _texts(given: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in given if text.strip()))


def feedback_level(text: bool | str) -> bool | str:
    """Read the level of feedback: yes, no, or what stands there."""
    if isinstance(text, bool):
        return text
    known = {"true": True, "false": False}
    return known.get(text.strip().lower(), text.strip())
