"""The broker of a test is its own."""

from itertools import chain

import pytest

from . import broker
from .broker import Broker
from .ports import free_port


@pytest.mark.usefixtures("socket_enabled")
def test_a_port_that_another_broker_got_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes another one: what accepts connections there is not this broker."""
    with Broker() as first:
        ports = chain([first.port], iter(free_port, None))
        monkeypatch.setattr(broker, "free_port", lambda: next(ports))
        with Broker() as second:
            assert second.process.running
            assert second.port != first.port
            second.restart()
            assert second.process.running
