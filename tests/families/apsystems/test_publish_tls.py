"""Publishing to a broker with TLS: whose certificate is taken, and who we are there.

aps2mqtt 2.0.2, mqtthandler.py, can be given both: a file of authorities in the place of
the usual ones (`tls_set`), and a client id.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ...harness.broker import Broker
from ...helpers import make_entry, set_up, until
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import tcp_data

pytestmark = pytest.mark.usefixtures("ticking")


@pytest.fixture
def secure(socket_enabled: None) -> Iterator[Broker]:
    """Run a broker whose certificate is home-made."""
    with Broker(tls=True) as running:
        yield running


def issues(hass: HomeAssistant) -> set[str]:
    """Give the keys of the user's repairs."""
    return {issue.translation_key or "" for issue in ir.async_get(hass).issues.values()}


@pytest.mark.parametrize(
    ("more", "published", "repair"),
    [
        ({"publish_ca": True}, True, False),
        ({"publish_verify": False}, True, True),
        ({}, False, False),
        ({"publish_ca": "no certificate"}, False, False),
    ],
)
async def test_whose_certificate_is_taken(
    hass: HomeAssistant,
    secure: Broker,
    ecu: EcuSimulator,
    caplog: pytest.LogCaptureFixture,
    more: dict[str, Any],
    published: bool,
    repair: bool,
) -> None:
    """That of an authority of one's own; any, which is told; else none but the usual."""
    if more.get("publish_ca") is True:
        assert secure.ca_file
        more = {"publish_ca": secure.ca_file.read_text()}
    options = {
        "publish": True,
        "publish_host": secure.host,
        "publish_port": secure.tls_port,
        "publish_tls": True,
        "publish_client_id": "roof-ecu",
        **more,
    }
    entry = make_entry(hass, tcp_data(ecu), options, unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    publisher = entry.runtime_data.driver.publisher
    if published:
        await until(lambda: publisher._client and publisher._client.connected)
        await until(lambda: "roof-ecu" in secure.log)
    else:
        await until(lambda: "Nothing can be published" in caplog.text)
        assert not publisher._client.connected
    assert ("tls_unverified" in issues(hass)) is repair
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "tls_unverified" not in issues(hass)
