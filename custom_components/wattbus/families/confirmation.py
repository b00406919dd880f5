"""Waiting until what a device tells shows that a command has worked."""

import asyncio
from collections.abc import Callable


class Confirmations:
    """The conditions that commands wait for; looked at with all that the device tells."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: dict[asyncio.Future[None], Callable[[], bool]] = {}

    def __bool__(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    def look(self) -> None:
        """Let those go on whose condition has come true."""
        for future, holds in list(self._waiting.items()):
            if not future.done() and holds():
                future.set_result(None)

    async def wait(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait until something is so. Raises TimeoutError."""
        if holds():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[future] = holds
        try:
            async with asyncio.timeout(seconds):
                await future
        finally:
            del self._waiting[future]
