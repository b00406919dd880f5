"""The wire between the simulated OpenEVSE's gateway and its controller, and its faults.

The rules of OpenEVSE_Lib's RapiSender (c61a3e2, 2026): commands go one by one, each is given up after half
a second, and beyond ten that wait none is taken.
"""

import asyncio
from dataclasses import dataclass
import random
from typing import Final

from custom_components.wattbus.protocols.rapi.framing import Checksum

from .openevse_gateway import Gateway

# RAPI_TIMEOUT_MS and RAPI_MAX_COMMANDS of the gateway.
_TIMEOUT_SECONDS: Final = 0.5
_MAX_WAITING: Final = 10
# What the gateway's own pages and other clients ask for.
_OTHERS_COMMANDS: Final = ("$GG", "$GS", "$GU", "$GE", "$GC", "$GV")


@dataclass
class Trouble:
    """What goes wrong, as shares of all answers.

    Attributes:
        lose: Half of them before the controller has seen the command, half after.
        delay: They come later than others that were asked for after them.
        delay_seconds: How much later.
        bad_checksums: They arrive damaged.
        other_clients: Whether somebody else asks in between.
    """

    lose: float = 0.0
    delay: float = 0.0
    delay_seconds: float = 2.0
    bad_checksums: float = 0.0
    other_clients: bool = False


@dataclass
class Counters:
    """What has happened on the wire."""

    commands_received: int = 0
    commands_blocked: int = 0
    commands_unanswered: int = 0
    replies_dropped: int = 0
    replies_delayed: int = 0
    replies_damaged: int = 0
    replies_of_others: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command: an answer, or the gateway's word for its absence."""

    line: str | None
    error: str | None = None
    late: bool = False


class Link:
    """Sends commands one by one."""

    def __init__(
        self,
        gateway: Gateway,
        trouble: Trouble | None = None,
        *,
        latency: float = 0.005,
        seed: int = 0,
    ) -> None:
        """Take the real time that an answer needs [s]."""
        self.gateway = gateway
        self.trouble = trouble or Trouble()
        self.counters = Counters()
        self._latency = latency
        self._random = random.Random(seed)
        self._line = asyncio.Lock()
        self._waiting = 0

    async def send(self, command: str) -> Outcome:
        """Send a command, from `$` on and without a checksum; return its outcome."""
        counters, trouble = self.counters, self.trouble
        counters.commands_received += 1
        if self.gateway.blocks(command):
            counters.commands_blocked += 1
            return Outcome(None, "BLOCKED")
        if self._waiting >= _MAX_WAITING:
            counters.commands_unanswered += 1
            return Outcome(None, "QUEUE_FULL")
        self._waiting += 1
        try:
            async with self._line:
                await asyncio.sleep(self._latency)
                lost = self._happens(trouble.lose)
                if lost and self._happens(0.5):
                    counters.replies_dropped += 1
                    return Outcome(None, "TIMEOUT")
                line = self.ask(command)
                if line is None:
                    counters.commands_unanswered += 1
                    await asyncio.sleep(_TIMEOUT_SECONDS)
                    return Outcome(None, "TIMEOUT")
        finally:
            self._waiting -= 1
        if lost:
            counters.replies_dropped += 1
            return Outcome(None, "TIMEOUT")
        if self._happens(trouble.bad_checksums):
            counters.replies_damaged += 1
            return Outcome(
                f"{line[:-1]}{'0' if line[-1] != '0' else '1'}", "BAD_CHECKSUM"
            )
        late = self._happens(trouble.delay)
        counters.replies_delayed += late
        return Outcome(line, late=late)

    def ask(self, command: str) -> str | None:
        """Ask the controller at once."""
        frame = command + Checksum.XOR.of(command)
        line = self.gateway.controller.answer(frame)
        if command.startswith("$ST ") and line is not None and line.startswith("$OK"):
            self.gateway.last_timer = command.removeprefix("$ST ")
        self.gateway.notice()
        return line

    def others(self) -> str | None:
        """Return an answer to somebody else, now and then."""
        if not self.trouble.other_clients or self._happens(0.5):
            return None
        command = self._random.choice(_OTHERS_COMMANDS)
        if self._happens(0.5):
            command += f" :{self._random.randrange(0xE0, 0x100):02X}"
        line = self.ask(command)
        self.counters.replies_of_others += line is not None
        return line

    def _happens(self, share: float) -> bool:
        return share > 0 and self._random.random() < share
