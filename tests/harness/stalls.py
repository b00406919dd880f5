"""Stalls of the event loop at random, as on a busy machine.

A plugin of pytest that only shows tests which pass by luck:

    script/test -p tests.harness.stalls
"""

from asyncio import base_events
import random
import time
from typing import Any, Final

_SHARE: Final = 0.004  # of the loop's turns
_LONGEST: Final = 0.3  # seconds

_random = random.Random()
_run_once = base_events.BaseEventLoop._run_once  # type: ignore[attr-defined] # noqa: SLF001 # nothing else is as random


def _stall_and_run(loop: Any) -> None:
    if _random.random() < _SHARE:
        time.sleep(_random.uniform(0, _LONGEST))
    _run_once(loop)


base_events.BaseEventLoop._run_once = _stall_and_run  # type: ignore[attr-defined] # noqa: SLF001
