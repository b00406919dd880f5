"""Setting the manual override and our claim: always whole, and as the gateway has them.

Over MQTT the gateway merges what it is sent into what MQTT has sent before (`override_props`
and `claim_props` in mqtt.cpp, 4.1.5 and newer), not into what is in force; firstof9/openevse
#633 and #636 are of what that brings back. So each message has every property, and what
comes back with more than was asked for is cleared, which empties that memory, and sent
again.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from ...errors import CommandError, WattbusError
from ...protocols import InputError, ProtocolError, openevse
from ...protocols.openevse import CLEAR, Capability, Claim, ServiceState
from ...protocols.publication import Publication
from ...protocols.rapi import MAX_CURRENT, MIN_CURRENT
from .charger import unconfirmed
from .const import CHARGE_CURRENT, CURRENT_MAXIMUM, ENABLED
from .reading import Reader
from .standing import CLAIM, OVERRIDE

# What a gateway says when it releases something, it says at once.
_PROMPT: Final = 1.0

_PROPERTIES: Final = ("state", "charge_current", "max_current", "auto_release")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What override and claim differ in."""

    capability: Capability
    make: Callable[..., Publication]
    end: Callable[[str], Publication]
    for_session: bool
    """Whether one that does not say ends with the session."""


_KINDS: Final[Mapping[str, _Kind]] = {
    OVERRIDE: _Kind(
        Capability.OVERRIDE,
        openevse.set_override,
        openevse.clear_override,
        for_session=True,
    ),
    CLAIM: _Kind(
        Capability.CLAIM, openevse.set_claim, openevse.release_claim, for_session=False
    ),
}


def _whole(
    base: Claim | None, changes: Mapping[str, Any], *, for_session: bool
) -> Claim:
    """Give what is to be in force: what is, with the changes."""
    found = base or Claim()
    # The gateway takes anything, and goes by what the charger can.
    found = replace(
        found,
        charge_current=_within_range(found.charge_current),
        max_current=_within_range(found.max_current),
    )
    given = {name: value for name, value in changes.items() if value is not None}
    whole = Claim(**({name: getattr(found, name) for name in _PROPERTIES} | given))
    if whole.auto_release is None:
        whole = replace(whole, auto_release=for_session)
    return whole


def _has(found: Claim | None, wanted: Claim) -> bool:
    """Whether one has all that was asked for, and perhaps more."""
    return found is not None and all(
        getattr(found, name) == value
        for name in _PROPERTIES
        if (value := getattr(wanted, name)) is not None
    )


def _is(found: Claim | None, wanted: Claim) -> bool:
    """Whether one has just what was asked for."""
    return found is not None and all(
        getattr(found, name) == getattr(wanted, name) for name in _PROPERTIES
    )


class Claiming(Reader):
    """A charger that can be held by an override, or by a claim."""

    async def change(self, name: str, **changes: Any) -> None:
        """Change properties of the override or claim; what is left out stays as it is.

        Raises WattbusError, and InputError for a current that cannot be asked for.
        """
        for current in ("charge_current", "max_current"):
            if changes.get(current) is not None:
                changes[current] = openevse.check_current(changes[current], current)
        kind = _KINDS[name]
        self.require(kind.capability, name)
        await self.look_again(name)
        await self.confirmed(name, lambda: name in self.documents)
        wanted = _whole(getattr(self, name), changes, for_session=kind.for_session)
        for _ in range(2):
            heard = self.standing.heard[name]
            await self.send(
                kind.make(
                    self.base,
                    state=wanted.state,
                    charge_current=_amperes(wanted.charge_current),
                    max_current=_amperes(wanted.max_current),
                    auto_release=wanted.auto_release,
                )
            )
            await self.confirmed(
                name,
                lambda: (
                    self.standing.heard[name] > heard  # noqa: B023 # used in this turn
                    and _has(getattr(self, name), wanted)
                ),
            )
            if _is(getattr(self, name), wanted):
                return
            await self.release(name)
        raise unconfirmed(name)

    async def release(self, name: str) -> None:
        """End the override or claim; that of what is not there is done. Raises WattbusError."""
        kind = _KINDS[name]
        self.require(kind.capability, name)
        known, heard = getattr(self, name) is not None, self.standing.heard[name]

        def ended() -> bool:
            said = known or self.standing.heard[name] > heard
            return said and getattr(self, name) is None

        await self.send(kind.end(self.base))
        if known:
            with suppress(CommandError):  # there may have been none any more
                await self.confirmed(name, ended, within=_PROMPT)
        if not ended():
            await self.unsaid(name)

    async def look_again(self, name: str) -> None:
        """See what is in force where that can be asked for. Raises WattbusError."""

    async def unsaid(self, name: str) -> None:
        """Conclude from silence that there was nothing to end. Raises CommandError.

        A gateway says nothing then. That it has had the command is shown by its answer
        to a question that was asked later.
        """
        heard = self.standing.heard[name]
        try:
            await self.rapi.ask("GE")
        except (WattbusError, ProtocolError) as err:
            raise unconfirmed(name) from err
        if self.standing.heard[name] == heard:
            self.take({name: None})

    # --- what people ask for ------------------------------------------------------

    async def set_enabled(self, on: bool) -> None:
        """Allow charging, or put the charger to sleep."""
        if Capability.OVERRIDE in self.offers:
            state = ServiceState.ACTIVE if on else ServiceState.DISABLED
            await self.set_override(state=state)
        else:
            await self.rapi.order("FE" if on else "FS")
            await self.read_status()
        await self.confirmed(ENABLED, lambda: self.values.get(ENABLED) is on)

    async def set_current(self, amps: float) -> None:
        """Set the charge current [A], without wearing the controller's memory."""
        current = round(amps)
        if self.values.get(CURRENT_MAXIMUM) is None:
            # It has just started, and what the number allows was a guess.
            await self.read_capacity()
        maximum = self.values.get(CURRENT_MAXIMUM)
        if isinstance(maximum, int | float) and current > maximum:
            raise InputError("too_large", field=CHARGE_CURRENT, maximum=f"{maximum:g}")
        if Capability.OVERRIDE in self.offers:
            await self.set_override(charge_current=current)
            return
        await self.rapi.order("SC", current, "V")
        await self.read_settings()
        await self.confirmed(
            CHARGE_CURRENT, lambda: self.values.get(CHARGE_CURRENT) == current
        )

    async def set_override(self, **changes: Any) -> None:
        """Change properties of the manual override."""
        await self.change(OVERRIDE, **changes)

    async def set_manual_override(self, on: bool) -> None:
        """Take the charger over by hand as it is now, or give it back."""
        if not on:
            await self.release(OVERRIDE)
        elif self.override is None:
            enabled = self.values.get(ENABLED) is not False
            state = ServiceState.ACTIVE if enabled else ServiceState.DISABLED
            await self.set_override(state=state)
        else:
            await self.set_override()

    async def set_override_state(self, state: str) -> None:
        """Charge (`on`), do not (`off`), or leave that to the others (`auto`)."""
        if state == "auto":
            await self.release(OVERRIDE)
        else:
            await self.set_enabled(state == "on")


def _within_range(current: float | None) -> float | None:
    if current is None:
        return None
    return min(max(current, MIN_CURRENT), MAX_CURRENT)


def _amperes(current: float | None) -> int | str:
    """Give a current as it is sent: what is not asked for is dropped."""
    return CLEAR if current is None else round(current)
