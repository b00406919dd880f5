"""Why a connection failed, as far as aiomqtt, paho and the system tell."""

import socket
import ssl

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import WebsocketConnectionError
import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.transports.mqtt import BrokerSettings
from custom_components.wattbus.transports.mqtt.broker import _explain
from custom_components.wattbus.transports.mqtt.session import HungUp


def error(text: str = "failed", cause: Exception | None = None) -> aiomqtt.MqttError:
    """Make aiomqtt's error, which has the real one behind it."""
    made = aiomqtt.MqttError(text)
    made.__context__ = cause
    return made


RESET = ConnectionResetError("reset")


@pytest.mark.parametrize(
    ("err", "tls", "reason"),
    [
        (ConnectError(Reason.CA_INVALID, "broker", "failed"), True, Reason.CA_INVALID),
        *((MqttConnectError(code), False, Reason.INVALID_AUTH) for code in (4, 5, 134)),
        (MqttConnectError(3), False, Reason.BROKER_REJECTED),
        (aiomqtt.MqttCodeError(5, "failed"), False, Reason.CONNECTION_LOST),
        (
            error(cause=ssl.SSLCertVerificationError("failed")),
            True,
            Reason.TLS_UNTRUSTED,
        ),
        (error(cause=ssl.SSLError("failed")), True, Reason.TLS_FAILED),
        (error(cause=RESET), True, Reason.TLS_FAILED),
        (error(cause=RESET), False, Reason.REFUSED),
        (error(cause=WebsocketConnectionError()), False, Reason.NO_WEBSOCKET),
        (error(cause=socket.gaierror("failed")), False, Reason.HOST_UNKNOWN),
        (UnicodeError("failed"), False, Reason.HOST_UNKNOWN),
        (error(cause=TimeoutError()), False, Reason.TIMEOUT),
        (error("Operation timed out"), False, Reason.TIMEOUT),
        (error(cause=OSError("failed")), False, Reason.REFUSED),
        # Nothing was said: a port with TLS to a client without, or the other way.
        (HungUp("failed"), True, Reason.TLS_FAILED),
        (HungUp("failed"), False, Reason.BROKER_REJECTED),
        (error(), True, Reason.CONNECTION_LOST),
        (RuntimeError("failed"), False, Reason.CONNECTION_LOST),
    ],
)
def test_the_reason(err: Exception, tls: bool, reason: Reason) -> None:
    found = _explain(err, BrokerSettings(host="broker", port=1883, tls=tls))
    assert found.reason is reason
    assert found.host == "broker"
    known = isinstance(err, ConnectError)
    assert found.detail == (err.detail if known else str(err))


def test_what_was_raised_from_another_error_has_that_reason() -> None:
    """Whatever else was on its way meanwhile."""
    err = error(cause=TimeoutError())
    err.__cause__ = socket.gaierror("failed")
    found = _explain(err, BrokerSettings(host="broker", port=1883))
    assert found.reason is Reason.HOST_UNKNOWN
