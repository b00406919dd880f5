"""How much the simulated openWB lets a car charge: charge modes, limits, phases.

The rules of openWB/core, control/ev/{ev,charge_template}.py and control/chargepoint (2.1.8
to master), as far as clients see them:

- The lock goes before all, also where no car is. A template that cannot be read stops the
  charge point's control; what it told before stays, and a text says so.
- *Stop* is stop. Else a time plan goes first, unless a schedule plan has to charge now;
  one whose limit is reached gives the charge mode its place back.
- Limits count what was charged since the car was plugged in (up to 2.1.7, since the mode
  was chosen). Eco compares with the *energy* limit of the instant mode, not its own: a
  mistake of openWB that 2.1.8 to master have.
- Eco's price counts only where openWB has a tariff; so does the old one of the instant
  mode (up to 2.1.7).
- A schedule plan waits for surplus as long as it can, and then charges as set.

Simpler than openWB: surplus begins to charge at the threshold without its delays, and
phases change at once; there is no load management, no bidirectional charging and no
pause between phases. That a full car takes nothing is the car's doing, not openWB's.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

VOLTS = 230
_LEAST_AMPS = 6
_UNPLUGGED = "Keine Ladung, da kein Auto angesteckt ist."  # codespell:ignore ist
_LOCKED = "Keine Ladung, da der Ladepunkt gesperrt ist."  # codespell:ignore ist
_BROKEN = (
    "Keine Ladung, da ein interner Fehler aufgetreten ist."  # codespell:ignore ist
)
_FULL = "Keine Ladung, da das Auto voll ist."  # codespell:ignore ist
_STOPPED = "Keine Ladung, da der Lademodus Stop aktiv ist."  # codespell:ignore ist
_REACHED = {
    "soc": "Keine Ladung, da das Ladeziel bereits erreicht wurde.",
    "amount": "Keine Ladung, da die Energiemenge bereits geladen wurde.",
}
_EXPENSIVE = "Der aktuelle Strompreis liegt über dem maximalen Strompreis. "
_NO_SURPLUS = "Keine Ladung, da kein ausreichender PV-Überschuss vorhanden ist."  # codespell:ignore ist
_NO_PLAN = "Keine Ladung, da keine Ziel-Termine konfiguriert sind."
_NAMES = {
    "instant_charging": "Sofortladen",
    "pv_charging": "PV-Laden",
    "eco_charging": "Eco",
    "scheduled_charging": "Zielladen",
    "time_charging": "Zeitladen",
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides, beside the template.

    Attributes:
        plugged: A car is there, `locked`: the charge point is not to charge.
        soc: The car's [%], `capacity`: its battery's [Wh].
        charged: What limits count [Wh].
        surplus: What PV gives and nobody else takes [W].
        price: [€/Wh]
        phases: Of the charge point and the car, at most.
        most: What the car takes [A], with one phase and with more.
        charging: Whether it charges now, `threshold`: the surplus to begin with [W].
    """

    plugged: bool
    locked: bool
    soc: float
    capacity: float
    charged: float
    surplus: float
    price: float
    local: datetime
    phases: int
    most: tuple[float, float]
    charging: bool
    threshold: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The set point [A], the phases, and why; the number of the plan that it follows."""

    amps: float
    phases: int
    text: str
    plan: int | None = None
    timed: bool = False


def decide(template: dict[str, Any] | None, now: Circumstances) -> Decision:
    """Return what a charge point does; None is a template that cannot be read."""
    if template is None:
        return Decision(0, 1, _BROKEN)
    mode = template["chargemode"]["selected"]
    if now.locked:
        return Decision(0, 1, _LOCKED)
    if not now.plugged:
        return Decision(0, 1, _UNPLUGGED)
    if now.soc >= 100:
        return Decision(0, 1, _FULL)
    if mode == "stop":
        return Decision(0, 1, _STOPPED)
    timed = template["time_charging"]
    for plan in timed["plans"] if timed["active"] else ():
        if plan["active"] and _in_window(plan, now.local):
            if not _reached(plan["limit"], now):
                return _timed(plan, now)
            break
    return _by_mode(template, mode, now)


def _by_mode(template: dict[str, Any], mode: str, now: Circumstances) -> Decision:
    settings = template["chargemode"].get(mode)
    if not isinstance(settings, dict):
        return Decision(0, 1, _STOPPED)
    if mode == "scheduled_charging":
        return _scheduled(settings["plans"], now)
    limit = dict(settings["limit"])
    if mode == "eco_charging":
        limit["amount"] = template["chargemode"]["instant_charging"]["limit"]["amount"]
    if reached := _reached(limit, now):
        return Decision(0, 1, reached)
    if mode == "instant_charging":
        # Up to 2.1.7 a highest price holds for this mode.
        old = template.get("et", {"active": False})
        if old["active"] and now.price > old["max_price"]:
            return Decision(0, 1, _EXPENSIVE)
        return _fixed(settings["current"], settings["phases_to_use"], mode, now)
    if mode == "eco_charging" and now.price <= settings["max_price"]:
        return _fixed(settings["current"], now.phases, mode, now)
    if mode == "pv_charging" and now.soc < settings["min_soc"]:
        phases = settings["phases_to_use_min_soc"]
        return _fixed(settings["min_soc_current"], phases, mode, now)
    least = settings.get("min_current", 0)
    return _surplus(least, settings["phases_to_use"], mode, now)


def _reached(limit: dict[str, Any], now: Circumstances) -> str:
    """Return what openWB says of a limit that is reached; it is empty before."""
    measured = {"soc": now.soc, "amount": now.charged}
    selected = limit["selected"]
    reached = selected in measured and measured[selected] >= float(limit[selected])
    return _REACHED[selected] if reached else ""


def _in_window(plan: dict[str, Any], local: datetime) -> bool:
    begin, end = plan["time"]
    clock = local.strftime("%H:%M")
    inside: bool = begin <= clock < end if begin <= end else not end <= clock < begin
    return inside and _on_day(plan["frequency"], local)


def _on_day(frequency: dict[str, Any], local: datetime) -> bool:
    if frequency["selected"] == "weekly":
        return bool(frequency["weekly"][local.weekday()])
    if frequency["selected"] == "once":
        once, today = frequency["once"], local.strftime("%Y-%m-%d")
        return bool(
            once[0] <= today <= once[1] if isinstance(once, list) else once == today
        )
    return True


def _timed(plan: dict[str, Any], now: Circumstances) -> Decision:
    fixed = _fixed(plan["current"], plan["phases_to_use"], "time_charging", now)
    return replace(fixed, plan=plan["id"], timed=True)


def _scheduled(plans: list[dict[str, Any]], now: Circumstances) -> Decision:
    """Charge with surplus while there is time, and with the plan's current then."""
    mode = "scheduled_charging"
    plan = next(
        (
            one
            for one in plans
            if one["active"] and _on_day(one["frequency"], now.local)
        ),
        None,
    )
    if plan is None:
        return Decision(0, 1, _NO_PLAN)
    limit = plan["limit"]
    if limit["selected"] == "soc":
        missing = (float(limit["soc_scheduled"]) - now.soc) / 100 * now.capacity
        done = now.soc >= float(limit["soc_limit"])
    else:
        missing = float(limit["amount"]) - now.charged
        done = missing <= 0
    if done:
        return Decision(0, 1, _REACHED[limit["selected"]], plan["id"])
    fixed = _fixed(plan["current"], plan["phases_to_use"], mode, now)
    hours = missing / (fixed.amps * fixed.phases * VOLTS) if fixed.amps else 0
    hour, minute = map(int, plan["time"].split(":"))
    left = (hour + minute / 60 - now.local.hour - now.local.minute / 60) % 24
    if hours > 0 and left <= hours + 0.25:
        decision = fixed
    else:
        decision = _surplus(0, plan.get("phases_to_use_pv", 0), mode, now)
    return replace(decision, plan=plan["id"])


def _text(mode: str) -> str:
    return f"Laden im Modus {_NAMES.get(mode, mode)}."


def _fixed(amps: float, phases: int, mode: str, now: Circumstances) -> Decision:
    """Charge with a set current; 0 phases are as many as there are."""
    used = min(phases or 3, now.phases)
    return Decision(_fit(amps, used, now), used, _text(mode))


def _surplus(least: float, phases: int, mode: str, now: Circumstances) -> Decision:
    """Charge with the surplus; 0 phases are one, or all if it is enough for them."""
    used = phases or (3 if now.surplus >= 3 * _LEAST_AMPS * VOLTS else 1)
    used = min(used, now.phases)
    amps = now.surplus / (VOLTS * used)
    begins = now.charging or now.surplus >= now.threshold
    if amps < _LEAST_AMPS or not begins:
        if not least:
            return Decision(0, used, _NO_SURPLUS)
        amps = least
    return Decision(_fit(max(amps, least), used, now), used, _text(mode))


def _fit(amps: float, phases: int, now: Circumstances) -> float:
    """Keep a current within what charge point and car can."""
    if amps < _LEAST_AMPS:
        return 0
    return round(min(amps, now.most[phases > 1]), 2)
