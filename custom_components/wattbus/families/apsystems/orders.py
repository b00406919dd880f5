"""Gives an ECU's page one order after the other, and sees whether they were followed.

The page answers "done" to whatever it is told, and an ECU that is still busy with the
last order forgets the next one without a word (homeassistant-apsystems_ecu_reader #60).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ...const import LOGGER
from ...errors import WattbusError

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

GAP: Final = 10.0
"""Seconds between two orders, as the maintainer of that integration advises."""

MOMENT: Final = 0.5
"""Seconds in which what is asked is put into one order."""

# The ECU hands an order on with its next cycle of five minutes, and says so then.
_FOLLOWED_WITHIN: Final = timedelta(minutes=9)
_REPEATS: Final = 2


class Turns:
    """Keeps orders apart, in the order in which they were given."""

    def __init__(self) -> None:
        """Let the first one go at once."""
        self._lock = asyncio.Lock()
        self._free_at = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait until the ECU can take an order."""
        loop = asyncio.get_running_loop()
        async with self._lock:
            if (wait := self._free_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                self._free_at = loop.time() + GAP


@dataclass(slots=True)
class _Batch[V]:
    """What goes out together; `task` sends it."""

    wanted: dict[str, V] = field(default_factory=dict)
    task: asyncio.Task[WattbusError | None] | None = None


class Gathered[V]:
    """Puts what is asked for several inverters within a moment into one order."""

    def __init__(
        self,
        hass: HomeAssistant,
        turns: Turns,
        send: Callable[[Mapping[str, V]], Awaitable[None]],
    ) -> None:
        """Prepare; `send` gives one order for the inverters that it is given."""
        self._hass = hass
        self._turns = turns
        self._send = send
        self._batch: _Batch[V] | None = None

    async def ask(self, inverter_id: str, value: V) -> None:
        """Ask for one inverter, and wait until the page has taken the order.

        An order that is refused for several is given for each by itself: one inverter
        that the ECU does not know does not take the others along. Raises WattbusError.
        """
        if (batch := self._batch) is None:
            batch = self._batch = _Batch()
            batch.task = self._hass.async_create_background_task(
                self._run(batch), "wattbus ECU order"
            )
        batch.wanted[inverter_id] = value
        assert batch.task is not None
        # Whoever gives up waiting does not stop the others' order.
        error = await asyncio.shield(batch.task)
        if error is None:
            return
        if len(batch.wanted) == 1 or error.translation_key != "web_refused":
            raise error
        async with self._turns.turn():
            await self._send({inverter_id: batch.wanted[inverter_id]})

    async def _run(self, batch: _Batch[V]) -> WattbusError | None:
        await asyncio.sleep(MOMENT)
        async with self._turns.turn():
            self._batch = None
            try:
                await self._send(batch.wanted)
            except WattbusError as err:
                return err
        return None


@dataclass(slots=True)
class _Order[V]:
    value: V
    since: datetime
    repeats: int = 0


class Orders[V]:
    """What inverters were told, until the ECU says that they do it."""

    def __init__(self, what: str) -> None:
        """Expect nothing; `what` names the setting in the log."""
        self._what = what
        self._orders: dict[str, _Order[V]] = {}

    def __bool__(self) -> bool:
        """Whether something is still expected."""
        return bool(self._orders)

    def note(self, inverter_ids: Iterable[str], value: V, now: datetime) -> None:
        """Expect this of inverters."""
        for inverter_id in inverter_ids:
            self._orders[inverter_id] = _Order(value, now)

    def forget(self) -> None:
        """Expect nothing any more."""
        self._orders.clear()

    def lost(self, states: Mapping[str, V | None], now: datetime) -> dict[str, V]:
        """Compare with what the ECU says; gives the orders that are to be repeated."""
        again: dict[str, V] = {}
        for inverter_id, order in list(self._orders.items()):
            if states.get(inverter_id) == order.value:
                del self._orders[inverter_id]
            elif now - order.since < _FOLLOWED_WITHIN:
                continue
            elif order.repeats < _REPEATS and inverter_id in states:
                order.repeats += 1
                order.since = now
                again[inverter_id] = order.value
            else:
                del self._orders[inverter_id]
                LOGGER.warning(
                    "Inverter %s did not follow: %s %s",
                    *(inverter_id, self._what, order.value),
                )
        return again
