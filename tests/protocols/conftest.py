"""Protocols are pure: there is nothing to prepare for their tests, nor to clean up.

What the plugin does for each test of an integration takes longer than these tests do.
"""

from typing import Final

import pytest

_OF_THE_PLUGIN: Final = (
    "configure_event_loop",
    "disable_http_server",
    "enable_event_loop_debug",
    "expected_lingering_tasks",
    "expected_lingering_timers",
    "fail_on_log_exception",
    "reset_globals",
    "skip_stop_scripts",
    "verify_cleanup",
    "_wattbus",
)


def _nothing() -> None:
    """Do nothing, once."""


globals().update(
    {
        name: pytest.fixture(_nothing, autouse=True, scope="session", name=name)
        for name in _OF_THE_PLUGIN
    }
)
