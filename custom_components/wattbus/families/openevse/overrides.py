"""Setting the manual override and our claim: always whole, and as the gateway has them.

Over MQTT the gateway merges what it is sent into what MQTT has sent before (`override_props`
and `claim_props` in mqtt.cpp, 4.1.5 and newer), not into what is in force; firstof9/openevse
#633 and #636 are of what that brings back. So each message has every property, and what
comes back with more than was asked for is cleared, which empties that memory, and sent
again.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from ...errors import CommandError, WattbusError
from ...protocols import ProtocolError, openevse
from ...protocols.openevse import CLEAR, Capability, Claim
from ...protocols.publication import Publication
from ...protocols.rapi import MAX_CURRENT, MIN_CURRENT
from .claims import CLAIM, OVERRIDE
from .state import State, unconfirmed

# What a gateway says when it releases something, it says at once.
_PROMPT: Final = 1.0

type Read = Callable[[str], Awaitable[None]]

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


class Overrides:
    """The manual override, and our claim, as they can be asked for."""

    def __init__(self, state: State, read: Read | None = None) -> None:
        """Change what is in force; `read` a document again where that can be done."""
        self._state = state
        self._read = read

    async def change(self, name: str, **changes: Any) -> None:
        """Change properties of the override or claim; what is left out stays as it is.

        Raises WattbusError, and InputError for a current that cannot be asked for.
        """
        for current in ("charge_current", "max_current"):
            if changes.get(current) is not None:
                changes[current] = openevse.check_current(changes[current], current)
        kind = _KINDS[name]
        self._state.require(kind.capability, name)
        await self.look_again(name)
        await self._state.confirmed(name, lambda: name in self._state.documents)
        wanted = _whole(
            getattr(self._state, name), changes, for_session=kind.for_session
        )
        for _ in range(2):
            heard = self._state.claims.heard[name]
            await self._state.send(
                kind.make(
                    self._state.base,
                    state=wanted.state,
                    charge_current=_amperes(wanted.charge_current),
                    max_current=_amperes(wanted.max_current),
                    auto_release=wanted.auto_release,
                )
            )
            await self._state.confirmed(
                name,
                lambda: (
                    self._state.claims.heard[name] > heard  # noqa: B023 # used in this turn
                    and _has(getattr(self._state, name), wanted)
                ),
            )
            if _is(getattr(self._state, name), wanted):
                return
            await self.release(name)
        raise unconfirmed(name)

    async def release(self, name: str) -> None:
        """End the override or claim; that of what is not there is done. Raises WattbusError."""
        kind = _KINDS[name]
        self._state.require(kind.capability, name)
        known, heard = (
            getattr(self._state, name) is not None,
            self._state.claims.heard[name],
        )

        def ended() -> bool:
            said = known or self._state.claims.heard[name] > heard
            return said and getattr(self._state, name) is None

        await self._state.send(kind.end(self._state.base))
        if known:
            with suppress(CommandError):  # there may have been none any more
                await self._state.confirmed(name, ended, within=_PROMPT)
        if not ended():
            await self._unsaid(name)

    async def look_again(self, name: str) -> None:
        """See what is in force where that can be asked for. Raises WattbusError."""
        if self._read is not None:
            await self._read(name)

    async def _unsaid(self, name: str) -> None:
        """Conclude from silence that there was nothing to end. Raises CommandError.

        Over MQTT a gateway says nothing then. That it has had the command is shown by
        its answer to a question that was asked later.
        """
        heard = self._state.claims.heard[name]
        if self._read is not None:
            raise unconfirmed(name)
        try:
            await self._state.rapi.ask("GE")
        except (WattbusError, ProtocolError) as err:
            raise unconfirmed(name) from err
        if self._state.claims.heard[name] == heard:
            self._state.take({name: None})


def _within_range(current: float | None) -> float | None:
    if current is None:
        return None
    return min(max(current, MIN_CURRENT), MAX_CURRENT)


def _amperes(current: float | None) -> int | str:
    """Give a current as it is sent: what is not asked for is dropped."""
    return CLEAR if current is None else round(current)
