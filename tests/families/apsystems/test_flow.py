"""How an ECU is found, added, moved to another kind of connection, and tuned."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.wattbus import config_flow, probe
from custom_components.wattbus.const import DOMAIN
from homeassistant.config_entries import SOURCE_DHCP, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

from ...harness.broker import Broker
from ...helpers import broker_data, make_entry
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_simulator import EcuSimulator
from ...test_config_flow import start, step
from .conftest import tcp_data

pytestmark = pytest.mark.usefixtures("ticking")

MQTT_FORM = {"ecu_id": "216053089840", "prefix": ""}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a device that says nothing."""
    monkeypatch.setattr(config_flow, "PATIENCE", 0.5)
    monkeypatch.setattr(probe, "_QUIET", 0.05)


def address(ecu: EcuSimulator) -> dict[str, Any]:
    return {"host": ecu.host, "port": ecu.port}


def broker_form(broker: Broker) -> dict[str, Any]:
    return {
        "host": broker.host,
        "port": broker.port,
        "tls": False,
        "verify": True,
        "advanced": {"protocol": "3.1.1"},
    }


async def test_add(hass: HomeAssistant, ecu: EcuSimulator) -> None:
    """The dialog shows what has answered; the id is that of the ECU."""
    result = await start(hass, "apsystems", "apsystems_tcp")
    result = await step(hass, result, address(ecu))
    assert result["step_id"] == "found"
    placeholders = result["description_placeholders"]
    assert placeholders
    assert placeholders["model"] == "ECU-R"
    assert placeholders["devices"] == "3"
    result = await step(hass, result, {"name": "Roof"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == ecu.ecu_id
    assert result["data"] == tcp_data(ecu)


@pytest.mark.parametrize(
    ("quirk", "error"),
    [
        (Quirk.EMPTY, {"base": "connection_lost"}),
        (Quirk.CUT, {"base": "connection_lost"}),
        (Quirk.OVERSIZED, {"base": "bad_answer"}),
    ],
)
async def test_errors(
    hass: HomeAssistant, ecu: EcuSimulator, quirk: Quirk, error: dict[str, str]
) -> None:
    ecu.misbehave(quirk)
    result = await start(hass, "apsystems", "apsystems_tcp")
    result = await step(hass, result, address(ecu))
    assert result["step_id"] == "apsystems_tcp"
    assert result["errors"] == error
    result = await step(hass, result, address(ecu))
    assert result["step_id"] == "found"


async def test_aps2mqtt_that_is_silent(hass: HomeAssistant, broker: Broker) -> None:
    """The id that the user has entered is the entry's, though nothing was heard yet."""
    result = await start(hass, "apsystems", "apsystems_mqtt")
    result = await step(hass, result, MQTT_FORM)
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "silent"
    result = await step(hass, result, {"next_step_id": "found"})
    result = await step(hass, result, {"name": "Roof"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == "216053089840"


async def test_already_there_the_other_way(
    hass: HomeAssistant, ecu: EcuSimulator, broker: Broker
) -> None:
    """The dialog says how to change the connection instead."""
    entry = make_entry(
        hass,
        {
            "family": "apsystems",
            "connection": "mqtt",
            "broker": broker_data(broker),
            **MQTT_FORM,
        },
        unique_id=ecu.ecu_id,
        title="Roof",
    )
    result = await start(hass, "apsystems", "apsystems_tcp")
    result = await step(hass, result, address(ecu))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "other_connection"
    assert result["description_placeholders"] == {"name": "Roof"}

    flow = await entry.start_reconfigure_flow(hass)
    result = await step(hass, flow, {"next_step_id": "apsystems_tcp"})
    result = await step(hass, result, address(ecu))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == tcp_data(ecu)
    assert entry.unique_id == ecu.ecu_id


# --- discovery ----------------------------------------------------------------------


async def dhcp(
    hass: HomeAssistant, ip: str, mac: str = "80971ba8f116"
) -> ConfigFlowResult:
    """Let a device get an address."""
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_DHCP},
        data=DhcpServiceInfo(ip=ip, hostname="ecu", macaddress=mac),
    )


@pytest.fixture
async def ecu_at_its_port(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch, ecu: EcuSimulator
) -> EcuSimulator:
    """Have the ECU where all of them are."""
    monkeypatch.setattr(
        "custom_components.wattbus.families.apsystems.discovery.PORT", ecu.port
    )
    return ecu


async def test_discovery(hass: HomeAssistant, ecu_at_its_port: EcuSimulator) -> None:
    """An address of the maker is asked who it is, before anything is offered."""
    result = await dhcp(hass, "127.0.0.1")
    assert result["step_id"] == "apsystems_tcp"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["unique_id"] == ecu_at_its_port.ecu_id
    result = await step(hass, result, address(ecu_at_its_port))
    result = await step(hass, result, {"name": "Roof"})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_discovery_of_something_else(
    hass: HomeAssistant, ecu_at_its_port: EcuSimulator
) -> None:
    """Another maker, or another device of this one."""
    other = await dhcp(hass, "127.0.0.1", "001122334455")
    assert other["reason"] == "not_supported"
    await ecu_at_its_port.close_port()
    silent = await dhcp(hass, "127.0.0.1")
    assert silent["reason"] == "not_supported"


async def test_discovery_follows_the_address(
    hass: HomeAssistant, ecu_at_its_port: EcuSimulator
) -> None:
    ecu = ecu_at_its_port
    entry = make_entry(
        hass, tcp_data(ecu, host="192.0.2.1"), unique_id=ecu.ecu_id, disabled_by=None
    )
    result = await dhcp(hass, "127.0.0.1")
    assert result["reason"] == "already_configured"
    assert entry.data["host"] == "127.0.0.1"
    await hass.async_block_till_done()


# --- options ------------------------------------------------------------------------


async def test_options(hass: HomeAssistant, ecu: EcuSimulator) -> None:
    """Secrets are not shown, kept when left empty, and gone when what needs them is."""
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    flow = hass.config_entries.options
    restart = {
        "allow_restart": True,
        "restart_ssid": "ECU",
        "restart_password": "secret-word",
    }
    result = await flow.async_init(entry.entry_id)
    result = await flow.async_configure(result["flow_id"], restart)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["restart_password"] == "secret-word"
    assert "publish_host" not in entry.options
    assert entry.options["scan_interval"] == 300

    result = await flow.async_init(entry.entry_id)
    schema = result["data_schema"]
    assert schema
    assert "secret-word" not in str(
        [marker.description for marker in schema.schema if marker.description]
    )
    await flow.async_configure(
        result["flow_id"], {"allow_restart": True, "restart_ssid": "ECU"}
    )
    assert entry.options["restart_password"] == "secret-word"

    result = await flow.async_init(entry.entry_id)
    await flow.async_configure(result["flow_id"], {"allow_restart": False})
    assert "restart_password" not in entry.options
    assert "restart_ssid" not in entry.options
    await hass.async_block_till_done()


async def test_another_broker_is_not_told_the_password(
    hass: HomeAssistant, ecu: EcuSimulator
) -> None:
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    flow = hass.config_entries.options
    first = {"publish": True, "publish_host": "one", "publish_password": "secret-word"}
    for changes, kept in (
        ({}, True),
        ({"publish_password": ""}, True),
        ({"publish_host": "two", "publish_password": ""}, False),
    ):
        result = await flow.async_init(entry.entry_id)
        await flow.async_configure(result["flow_id"], first | changes)
        assert bool(entry.options.get("publish_password")) is kept
        await hass.async_block_till_done()  # it is set up with them


async def test_topics_that_cannot_be(hass: HomeAssistant, ecu: EcuSimulator) -> None:
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    flow = hass.config_entries.options
    result = await flow.async_init(entry.entry_id)
    result = await flow.async_configure(result["flow_id"], {"publish_prefix": "a/#"})
    assert result["errors"] == {"publish_prefix": "base_topic_invalid"}
    result = await flow.async_configure(result["flow_id"], {"publish_prefix": "roof"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["publish_prefix"] == "roof"
    await hass.async_block_till_done()


async def test_ecu_at_two_addresses(hass: HomeAssistant, ecu: EcuSimulator) -> None:
    """One ECU is one entry."""
    make_entry(hass, tcp_data(ecu, host="192.0.2.1"), unique_id=ecu.ecu_id)
    async with EcuSimulator(now=lambda: datetime.now(UTC)) as same:
        result = await start(hass, "apsystems", "apsystems_tcp")
        result = await step(hass, result, address(same))
        assert result["reason"] == "already_configured"
