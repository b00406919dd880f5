"""How an entry's data says which broker to use, and how far to trust it."""

from pathlib import Path
import ssl

import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.transports.mqtt import BrokerSettings
from custom_components.wattbus.transports.mqtt.settings import valid_path

from ...harness.certificates import create_certificates


def test_what_the_form_leaves_empty_is_absent() -> None:
    found = BrokerSettings.from_data(
        {
            "host": "broker.local",
            "port": 1883.0,  # a number selector gives floats
            "username": "",
            "password": "",
            "ca": "",
            "client_id": "",
        }
    )
    assert found == BrokerSettings(host="broker.local", port=1883)
    assert isinstance(found.port, int)
    assert found.verify
    assert found.protocol == "3.1.1"


def test_all_that_the_form_knows_is_used() -> None:
    data = {
        "host": "broker.local",
        "port": 8883,
        "username": "user",
        "password": "secret",
        "tls": True,
        "verify": False,
        "ca": "PEM",
        "client_id": "wattbus",
        "protocol": "5",
        "transport": "websockets",
        "ws_path": "/mqtt",
    }
    assert BrokerSettings.from_data(data) == BrokerSettings(**data)


def test_equal_settings_are_one_connection() -> None:
    settings = BrokerSettings(host="a", port=1883, password="x")
    same = BrokerSettings(host="a", port=1883, password="x")
    other = BrokerSettings(host="a", port=1883, password="y")
    assert len({settings, same, other}) == 2


def test_an_entry_of_before_websockets_is_as_it_was() -> None:
    data = {"host": "a", "port": 1883}
    found = BrokerSettings.from_data(data)
    assert (found.transport, found.ws_path) == ("tcp", None)
    form = {"transport": "tcp", "ws_path": "/left/over"}
    assert BrokerSettings.from_data(data | form) == found, "which shares the connection"


def test_transport_and_path_are_a_connection_of_their_own() -> None:
    data = {"host": "a", "port": 80}
    forms = (
        {},
        {"transport": "websockets"},
        {"transport": "websockets", "ws_path": "mqtt"},
        {"transport": "websockets", "ws_path": "/other"},
    )
    found = [BrokerSettings.from_data(data | form) for form in forms]
    assert [item.ws_path for item in found] == [None, "/mqtt", "/mqtt", "/other"]
    assert len(set(found)) == 3


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y", "/ü", "/#", "/\0"])
def test_what_can_be_no_path(path: str) -> None:
    assert not valid_path(path)
    assert valid_path("/mqtt?token=1") and valid_path("")


def test_the_password_is_in_no_log() -> None:
    settings = BrokerSettings(host="a", port=1, password="secret", ca="PEM")
    assert "secret" not in repr(settings)
    assert "PEM" not in repr(settings)


def test_no_tls_without_being_asked() -> None:
    assert BrokerSettings(host="a", port=1883).tls_context() is None


def test_tls_trusts_what_the_system_trusts() -> None:
    context = BrokerSettings(host="a", port=8883, tls=True).tls_context()
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_given_authority_is_trusted_instead(tmp_path: Path) -> None:
    authority = create_certificates(tmp_path).authority.read_text()
    context = BrokerSettings(host="a", port=1, tls=True, ca=authority).tls_context()
    assert context is not None
    assert len(context.get_ca_certs()) == 1
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_verification_off_accepts_anything() -> None:
    context = BrokerSettings(
        host="a", port=1, tls=True, verify=False, ca="not looked at"
    ).tls_context()
    assert context is not None
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname


@pytest.mark.parametrize(
    "authority",
    [
        "no certificate at all",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "Zertifikat für den Broker",
        "\0",
    ],
)
def test_an_authority_that_is_none_is_named_as_the_error(authority: str) -> None:
    settings = BrokerSettings(host="a", port=1, tls=True, ca=authority)
    with pytest.raises(ConnectError) as raised:
        settings.tls_context()
    assert (raised.value.reason, raised.value.host) == (Reason.CA_INVALID, "a")
    assert raised.value.detail not in ("", "None")
