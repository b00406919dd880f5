"""The config flow: what a user meets between "Add integration" and the devices."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from unittest.mock import patch

from aiohttp import web
import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus import config_flow, probe
from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.sink import MAIN_DEVICE, Facts
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .harness.broker import Broker
from .helpers import broker_data, fixture, make_entry, set_up
from .simulators.em420 import rest_app
from .simulators.em420_model import Em420

TOPICS = {"topics": ["em420/data"], "config_topics": ["em420/config"]}
ADVANCED = {"advanced": {"protocol": "3.1.1"}}
TOKEN = "right-token"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a device that says nothing."""
    monkeypatch.setattr(config_flow, "PATIENCE", 2.0)
    monkeypatch.setattr(probe, "_QUIET", 0.05)


@pytest.fixture
async def rest_port(socket_enabled: None) -> AsyncGenerator[int]:
    """Run the web interface of an EM420."""
    runner = web.AppRunner(rest_app(Em420(), TOKEN))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def start(hass: HomeAssistant, *choices: str) -> ConfigFlowResult:
    """Begin as a user, and take menu options."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    for choice in choices:
        assert result["type"] is FlowResultType.MENU
        assert choice in result["menu_options"]
        result = await step(hass, result, {"next_step_id": choice})
    return result


async def step(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    """Take one step, and wait for what it leads to."""
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], user_input
    )
    async with asyncio.timeout(15):
        while result["type"] in (
            FlowResultType.SHOW_PROGRESS,
            FlowResultType.SHOW_PROGRESS_DONE,
        ):
            if result["type"] is FlowResultType.SHOW_PROGRESS:
                assert result["progress_action"] == "probe"
                await asyncio.sleep(0.02)
            result = await hass.config_entries.flow.async_configure(result["flow_id"])
    await asyncio.sleep(0.01)  # a browser is not faster than the flow's own callbacks
    return result


def broker_form(broker: Broker, **changes: Any) -> dict[str, Any]:
    """Fill the broker's form in."""
    return {
        "host": broker.host,
        "port": broker.port,
        "tls": False,
        "verify": True,
        **ADVANCED,
        **changes,
    }


def rest_form(port: int, **changes: Any) -> dict[str, Any]:
    """Fill the form of the EM420's web interface in."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "token": TOKEN,
        "endpoint": "local",
        "tls": False,
        "verify": True,
        **changes,
    }


def mqtt_entry(
    hass: HomeAssistant, broker: Broker, topic: str = "em420/data", **changes: Any
) -> MockConfigEntry:
    """Make the entry that the flow makes for MQTT."""
    return make_entry(
        hass,
        {
            "family": "em420",
            "connection": "mqtt",
            "topics": [topic],
            "config_topics": [],
            "broker": broker_data(broker, **changes),
        },
        unique_id=f"em420_mqtt|{broker.host}:{broker.port}|{topic}",
    )


def rest_entry(hass: HomeAssistant, port: int, **changes: Any) -> MockConfigEntry:
    """Make the entry that the flow makes for REST."""
    return make_entry(
        hass,
        {"family": "em420", "connection": "rest", **rest_form(port)} | changes,
        unique_id=f"em420_rest|127.0.0.1:{port}|local",
    )


async def publish(device: aiomqtt.Client, *, retain: bool = True) -> None:
    """Let the device speak."""
    await device.publish("em420/data", fixture("em420/data.json"), retain=retain)
    await device.publish(
        "em420/config", fixture("em420/configuration.json"), retain=retain
    )


# --- setting up ---------------------------------------------------------------------


async def test_mqtt(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """A broker, a device that publishes: pick, connect, look, name, done."""
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    assert (result["step_id"], result["errors"]) == ("em420_mqtt", {})

    result = await step(hass, result, TOPICS)
    assert (result["step_id"], result["errors"]) == ("broker", {})

    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "found"
    assert result["description_placeholders"] == {
        "model": "EM420",
        "firmware": "–",
        "devices": "2",
    }

    result = await step(hass, result, {"name": "Meter cabinet"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Meter cabinet"
    assert result["data"]["family"] == "em420"
    assert result["data"]["connection"] == "mqtt"
    assert result["data"]["topics"] == ["em420/data"]
    assert result["data"]["broker"]["port"] == broker.port
    assert result["result"].unique_id == (
        f"em420_mqtt|127.0.0.1:{broker.port}|em420/data"
    )
    await hass.async_block_till_done()
    assert result["result"].state is ConfigEntryState.LOADED


@pytest.mark.usefixtures("mqtt_integration")
async def test_home_assistants_broker(
    hass: HomeAssistant, device: aiomqtt.Client
) -> None:
    """With the mqtt integration set up, its broker needs nothing to be entered."""
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    assert result["step_id"] == "client"
    result = await step(hass, result, {"next_step_id": "home_assistant"})
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "EM420"})
    assert result["data"]["broker"] is None
    await hass.async_block_till_done()


@pytest.mark.usefixtures("mqtt_integration")
async def test_other_broker_than_home_assistants(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """With the mqtt integration set up, another broker can still be used."""
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, {"next_step_id": "broker"})
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "found"


async def test_rest(hass: HomeAssistant, rest_port: int) -> None:
    """The web interface: host and token, nothing of a broker."""
    result = await start(hass, "em420", "em420_rest")
    result = await step(hass, result, rest_form(rest_port))
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "EM420"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "broker" not in result["data"]
    assert result["result"].unique_id == f"em420_rest|127.0.0.1:{rest_port}|local"
    await hass.async_block_till_done()


async def test_one_way_only(hass: HomeAssistant) -> None:
    """A family with one way to connect does not ask which."""
    family = config_flow.FAMILIES["em420"]
    way = {"rest": family.connections["rest"]}
    with patch.dict(config_flow.FAMILIES, {"em420": _replace(family, connections=way)}):
        result = await start(hass, "em420")
    assert result["step_id"] == "em420_rest"


def _replace(family: Any, **changes: Any) -> Any:
    return type(family)(**{**vars(family), **changes})


# --- what can go wrong --------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"topics": []}, {"topics": "missing"}),
        ({"topics": ["em420/#/data"]}, {"topics": "topic_invalid"}),
        ({"topics": ["a"], "config_topics": [""]}, {"config_topics": "topic_invalid"}),
    ],
)
async def test_topics_that_cannot_be(
    hass: HomeAssistant, given: dict[str, Any], errors: dict[str, str]
) -> None:
    """A topic that no broker takes is refused before anything is connected."""
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, given)
    assert (result["step_id"], result["errors"]) == ("em420_mqtt", errors)
    result = await step(hass, result, TOPICS)
    assert result["step_id"] == "broker"


async def test_token_missing(hass: HomeAssistant) -> None:
    """The token may be left empty only where there is an old one."""
    result = await start(hass, "em420", "em420_rest")
    result = await step(hass, result, rest_form(80, token=""))
    assert result["errors"] == {"token": "missing"}


@pytest.mark.parametrize("host", ["", "tcp://broker", "a b", "broker/path"])
async def test_host_that_cannot_be(hass: HomeAssistant, host: str) -> None:
    """A host is a name or an address alone."""
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    result = await step(
        hass,
        result,
        {"host": host, "port": 1883, "tls": False, "verify": True, **ADVANCED},
    )
    assert (result["step_id"], result["errors"]) == ("broker", {"host": "host_invalid"})


async def test_broker_errors_then_success(
    hass: HomeAssistant, device: aiomqtt.Client, broker: Broker
) -> None:
    """Each cause is told at its field; what was entered stays; the last try works."""
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)

    result = await step(hass, result, broker_form(broker, port=1))
    assert (result["step_id"], result["errors"]) == ("broker", {"host": "refused"})
    assert result["description_placeholders"]["host"] == broker.host

    result = await step(hass, result, broker_form(broker, tls=True))
    assert (result["step_id"], result["errors"]) == ("broker", {"tls": "tls_failed"})

    result = await step(
        hass,
        result,
        broker_form(broker, tls=True, advanced={"ca": "rubbish", "protocol": "5"}),
    )
    assert result["errors"] == {"base": "ca_invalid"}
    suggested = {
        str(key): key.description for key in result["data_schema"].schema if key
    }
    assert suggested["host"] == {"suggested_value": broker.host}
    assert "suggested_value" not in (suggested["password"] or {})

    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "found"


async def test_rest_errors(hass: HomeAssistant, rest_port: int) -> None:
    """A wrong token, and an endpoint that the device does not have."""
    result = await start(hass, "em420", "em420_rest")
    result = await step(hass, result, rest_form(rest_port, token="wrong"))
    assert (result["step_id"], result["errors"]) == (
        "em420_rest",
        {"token": "invalid_auth"},
    )
    result = await step(hass, result, rest_form(rest_port, endpoint="else"))
    assert result["errors"] == {"base": "not_found"}
    result = await step(hass, result, rest_form(rest_port))
    assert result["step_id"] == "found"


async def test_unexpected_error(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours ends in a message, not in a dialog that hangs."""
    result = await start(hass, "em420", "em420_rest")
    with patch.object(config_flow, "probe", side_effect=RuntimeError("oops")):
        result = await step(hass, result, rest_form(80))
    assert (result["step_id"], result["errors"]) == ("em420_rest", {"base": "unknown"})
    assert "oops" in caplog.text


async def test_nothing_heard(
    hass: HomeAssistant,
    broker: Broker,
    device: aiomqtt.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A silent device: wait on, change the topics, or finish without."""
    monkeypatch.setattr(config_flow, "PATIENCE", 0.2)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "silent"
    assert result["menu_options"] == ["probe", "em420_mqtt", "found"]

    result = await step(hass, result, {"next_step_id": "em420_mqtt"})
    assert result["step_id"] == "em420_mqtt"
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "silent"

    monkeypatch.setattr(config_flow, "PATIENCE", 5.0)
    waiting = asyncio.create_task(step(hass, result, {"next_step_id": "probe"}))
    await asyncio.sleep(0.3)
    await publish(device, retain=False)
    result = await waiting
    assert result["step_id"] == "found"


async def test_finish_without_hearing(
    hass: HomeAssistant, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that speaks once a day can be added at once."""
    monkeypatch.setattr(config_flow, "PATIENCE", 0.2)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker))
    result = await step(hass, result, {"next_step_id": "found"})
    assert result["step_id"] == "found"
    assert result["description_placeholders"]["devices"] == "0"
    result = await step(hass, result, {"name": "EM420"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_closing_the_dialog_closes_the_connection(
    hass: HomeAssistant, broker: Broker
) -> None:
    """A user who gives up while it connects leaves nothing behind."""
    result = await start(hass, "em420", "em420_mqtt")
    result = await hass.config_entries.flow.async_configure(result["flow_id"], TOPICS)
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], broker_form(broker)
    )
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await asyncio.sleep(0.2)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert not hass.data.get("wattbus_mqtt")


async def test_already_configured(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """The same topics of the same broker are one installation."""
    mqtt_entry(hass, broker)
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_the_devices_own_id(hass: HomeAssistant, rest_port: int) -> None:
    """A device that tells its serial number is known by it."""
    found = probe.Found(facts=Facts(serial_number="4711", sw_version="1.2"))
    result = await start(hass, "em420", "em420_rest")
    with patch.object(config_flow, "probe", return_value=found):
        result = await step(hass, result, rest_form(rest_port))
    assert result["description_placeholders"]["firmware"] == "1.2"
    result = await step(hass, result, {"name": "EM420"})
    assert result["result"].unique_id == "4711"
    await hass.async_block_till_done()


# --- reconfiguring ------------------------------------------------------------------


async def test_reconfigure(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """Other topics: the entry stays the same, its id follows."""
    await publish(device)
    entry = mqtt_entry(hass, broker, topic="old/topic", password="kept", username="me")
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "em420"
    result = await step(hass, result, {"next_step_id": "em420_mqtt"})
    suggested = {str(key): key.description for key in result["data_schema"].schema}
    assert suggested["topics"] == {"suggested_value": ["old/topic"]}
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker, username="me"))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["topics"] == ["em420/data"]
    assert entry.data["broker"]["password"] == "kept"
    assert entry.unique_id == f"em420_mqtt|127.0.0.1:{broker.port}|em420/data"
    await hass.async_block_till_done()


async def test_reconfigure_does_not_send_the_password_elsewhere(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """An empty password keeps the old one only for the same host and user."""
    await publish(device)
    entry = mqtt_entry(hass, broker, host="old.example", password="x", username="me")
    result = await entry.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_mqtt"})
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker, username="me"))
    assert result["reason"] == "reconfigure_successful"
    assert not entry.data["broker"].get("password")
    await hass.async_block_till_done()


async def test_reconfigure_to_another_way(
    hass: HomeAssistant, broker: Broker, rest_port: int
) -> None:
    """From MQTT to REST: nothing of the broker is left in the data."""
    entry = mqtt_entry(hass, broker)
    result = await entry.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_rest"})
    result = await step(hass, result, rest_form(rest_port))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {
        "family": "em420",
        "connection": "rest",
        **rest_form(rest_port),
    }
    await hass.async_block_till_done()


async def test_reconfigure_same_settings(hass: HomeAssistant, rest_port: int) -> None:
    """The old token is kept when none is entered."""
    entry = rest_entry(hass, rest_port)
    result = await entry.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_rest"})
    result = await step(hass, result, rest_form(rest_port, token=""))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["token"] == TOKEN
    await hass.async_block_till_done()


async def test_reconfigure_into_another_entry(
    hass: HomeAssistant, rest_port: int
) -> None:
    """Two entries cannot become the same installation."""
    rest_entry(hass, rest_port)
    other = rest_entry(hass, 1)
    result = await other.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_rest"})
    result = await step(hass, result, rest_form(rest_port))
    assert result["reason"] == "already_configured"


async def test_reconfigure_to_another_device(
    hass: HomeAssistant, rest_port: int
) -> None:
    """A device with another id of its own is another device."""
    entry = make_entry(
        hass,
        {"family": "em420", "connection": "rest", **rest_form(rest_port)},
        unique_id="4711",
    )
    found = probe.Found(facts=Facts(serial_number="4712"))
    result = await entry.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_rest"})
    with patch.object(config_flow, "probe", return_value=found):
        result = await step(hass, result, rest_form(rest_port))
    assert result["reason"] == "wrong_device"


# --- new credentials ----------------------------------------------------------------


async def test_reauth_token(hass: HomeAssistant, rest_port: int) -> None:
    """A token that was revoked: ask for a new one until it works."""
    entry = rest_entry(hass, rest_port, token="revoked")
    assert not await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_confirm"
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert result["description_placeholders"]["name"] == "Test device"
    assert [str(key) for key in result["data_schema"].schema] == ["token"]

    result = await step(hass, result, {"token": "wrong"})
    assert result["errors"] == {"token": "invalid_auth"}
    result = await step(hass, result, {"token": TOKEN})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_reauth_broker(hass: HomeAssistant, socket_enabled: None) -> None:
    """A broker's new password goes to every installation on it."""
    with Broker(username="me", password="new") as broker:
        entry = mqtt_entry(hass, broker, username="me", password="old")
        same = mqtt_entry(hass, broker, "other", username="me", password="old")
        different = mqtt_entry(hass, broker, "third", username="you", password="old")
        result = await entry.start_reauth_flow(hass)
        assert {str(key) for key in result["data_schema"].schema} == {
            "username",
            "password",
        }
        result = await step(hass, result, {"username": "me", "password": "wrong"})
        assert result["errors"] == {"password": "invalid_auth"}
        result = await step(hass, result, {"username": "me", "password": "new"})
        assert result["reason"] == "reauth_successful"
        await hass.async_block_till_done()
        assert entry.data["broker"]["password"] == "new"
        assert same.data["broker"]["password"] == "new"
        assert different.data["broker"]["password"] == "old"
        assert entry.state is ConfigEntryState.LOADED
        for loaded in (entry, same):
            await hass.config_entries.async_unload(loaded.entry_id)


# --- options ------------------------------------------------------------------------


async def test_options(hass: HomeAssistant, rest_port: int) -> None:
    """Each way to connect has its own options; changing one reloads."""
    entry = rest_entry(hass, rest_port)
    assert await set_up(hass, entry)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert {str(key) for key in result["data_schema"].schema} == {
        "patience",
        "scan_interval",
    }
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"patience": 20, "scan_interval": 60}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.options == {"patience": 20, "scan_interval": 60}
    assert entry.runtime_data.driver.interval.total_seconds() == 60


async def test_options_of_mqtt(hass: HomeAssistant, broker: Broker) -> None:
    """What is pushed has no interval."""
    entry = mqtt_entry(hass, broker)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert {str(key) for key in result["data_schema"].schema} == {"patience"}


# --- the probe's sink ---------------------------------------------------------------


async def test_the_probe_remembers_what_it_is_told() -> None:
    """The probe's sink answers a driver as the hub would."""
    look = probe._Look()  # no driver does all of this yet
    look.describe(MAIN_DEVICE, Facts(model="X"))
    look.describe(MAIN_DEVICE, Facts(sw_version="1"))
    look.remember("key", [1])
    look.seen(MAIN_DEVICE)
    look.connected(True)
    look.refused()
    assert look.recall("key") == [1]
    assert look.found.facts == Facts(model="X", sw_version="1")
