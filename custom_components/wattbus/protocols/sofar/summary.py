"""The title of a calendar event as a schedule: `charge 5 kW import 3 kW @node`.

    policy [power] [import power] [export power] [@node]

A power is a number and its unit: W, kW or MW. A number that may be a thousand times as
much elsewhere, such as `1.000`, is refused. The policy is everything before, in one word
or several.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import re
from typing import Final

from .. import InputError
from .numerals import NUMERAL, read_numeral
from .requests import watts

_UNITS: Final = {"w": 1, "kw": 1_000, "mw": 1_000_000}
_POWER: Final = re.compile(rf"({NUMERAL})([a-z]*)", re.IGNORECASE)
# Where a policy that is not known ends: at a number, or at one of the words.
_END: Final = re.compile(r"(?:^|\s)(?:[-+−]?\d|(?:import|export)\b)", re.IGNORECASE)
_LONGEST: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a title says. Powers are in W."""

    policy: str
    power: float | None = None
    site_import: float | None = None
    site_export: float | None = None
    node_id: str | None = None


def parse_summary(text: str, policies: Sequence[str] = ()) -> Plan:
    """Read a title; with `policies`, the policy has to be one of them.

    Capital letters do not matter then.

    Raises:
        InputError: Saying what is not understood.
    """
    text = " ".join(text.split())
    if len(text) > _LONGEST:
        raise InputError("title_too_long", most=_LONGEST)
    rest, _, node = text.partition("@")
    policy, rest = _split(rest.strip(), policies)
    powers = _powers(rest)
    node_id = node.strip() or None
    if "@" in text and node_id is None:
        raise InputError("title_no_node")
    return Plan(
        policy=policy,
        node_id=node_id,
        power=powers.get(""),
        site_import=powers.get("import"),
        site_export=powers.get("export"),
    )


def format_summary(plan: Plan) -> str:
    """Write a title that `parse_summary` reads."""
    parts = [plan.policy]
    for word, value in (
        ("", plan.power),
        ("import", plan.site_import),
        ("export", plan.site_export),
    ):
        if value is not None:
            parts.append(f"{word} {_format(value)}".strip())
    if plan.node_id:
        parts.append(f"@{plan.node_id}")
    return " ".join(parts)


def _split(text: str, policies: Sequence[str]) -> tuple[str, str]:
    """Take the policy from the beginning: the longest that fits, or what is no power."""
    for policy in sorted(policies, key=len, reverse=True):
        head, rest = text[: len(policy)], text[len(policy) :]
        if head.casefold() == policy.casefold() and rest[:1] in ("", " "):
            return policy, rest.strip()
    end = _END.search(text)
    head, rest = (text[: end.start()], text[end.start() :]) if end else (text, "")
    if not head:
        raise InputError("title_no_policy")
    if policies:
        raise InputError(
            "title_policy_unknown",
            policy=head.strip()[:40],
            policies=", ".join(policies)[:120],
        )
    return head.strip(), rest.strip()


def _powers(text: str) -> dict[str, float]:
    """Read the powers, each under the word before it."""
    found: dict[str, float] = {}
    while text:
        word = ""
        if match := re.match(r"(import|export)\b\s*", text, re.IGNORECASE):
            word, text = match[1].lower(), text[match.end() :]
        power = _POWER.match(text)
        if power is None:
            raise InputError("title_no_power", text=(text or word)[:40])
        number, unit = power[1].strip(), power[2]
        if unit.lower() not in _UNITS:
            if not unit:
                raise InputError("title_no_unit", number=number[:40])
            raise InputError("title_unit_unknown", unit=unit[:20])
        if word in found:
            raise InputError("title_power_twice", power=(word or number)[:40])
        value = read_numeral(number)
        found[word] = watts(round(value * _UNITS[unit.lower()], 3))
        text = text[power.end() :].strip()
    return found


def _format(power: float) -> str:
    """Write a power in the unit that is shortest to read."""
    if abs(power) >= 1000 and (power / 10).is_integer():
        return f"{power / 1000:.15g} kW"
    text = f"{power:.15g}"
    # Three decimals alone could be read as thousands.
    return f"{text}0 W" if text[-4:-3] == "." else f"{text} W"
