"""Waiting for what will be so."""

import asyncio
from collections.abc import Callable


async def until[T](get: Callable[[], T | None], timeout: float = 10.0) -> T:
    """Wait until something is true of the running system, and give it.

    Raises TimeoutError.
    """
    async with asyncio.timeout(timeout):
        while not (result := get()):
            await asyncio.sleep(0.01)
    return result
