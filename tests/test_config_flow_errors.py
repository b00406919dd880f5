"""What can go wrong in the config flow: told where it belongs, and never a dead end."""

import asyncio
from typing import Any
from unittest.mock import patch

from aiohttp import web
import aiomqtt
import pytest

from custom_components.wattbus import config_flow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .flow import ADVANCED, TOPICS, broker_form, publish, rest_form, start, step
from .harness.broker import Broker
from .simulators.listening import WebServer

pytestmark = pytest.mark.usefixtures("impatient_flow")


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


@pytest.mark.usefixtures("socket_enabled")
async def test_a_broker_over_a_websocket(hass: HomeAssistant) -> None:
    """A path that cannot be, the port of another transport; then it is set up."""
    with Broker(websockets=True) as broker:
        async with aiomqtt.Client(broker.host, broker.port) as device:
            await publish(device)
        result = await start(hass, "em420", "em420_mqtt")
        result = await step(hass, result, TOPICS)
        over = {"protocol": "3.1.1", "transport": "websockets"}
        form = broker_form(broker, advanced=over | {"ws_path": "/a b"})
        result = await step(hass, result, form)
        assert result["errors"] == {"base": "path_invalid"}
        result = await step(hass, result, broker_form(broker, advanced=over))
        assert (result["step_id"], result["errors"]) == (
            "broker",
            {"base": "no_websocket"},
        )
        form = broker_form(broker, port=broker.ws_port, advanced=over)
        result = await step(hass, result, form)
        assert result["step_id"] == "found"
        result = await step(hass, result, {"name": "Meter"})
        assert result["data"]["broker"]["transport"] == "websockets"
        entry = result["result"]
        await hass.async_block_till_done(wait_background_tasks=False)
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("socket_enabled")
async def test_rest_answers_of_others(hass: HomeAssistant) -> None:
    """A device that wants HTTPS, or is another, is told as that at the right field."""
    answers: dict[str, web.Response | web.HTTPException] = {}

    async def answer(request: web.Request) -> web.StreamResponse:
        response = answers.get(request.path, web.HTTPNotFound())
        if isinstance(response, web.HTTPException):
            raise response
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    values = "/api/json/local/values/smart-meter"
    async with WebServer(app) as server:
        result = await start(hass, "em420", "em420_rest")
        answers[values] = web.HTTPMovedPermanently("https://127.0.0.1/")
        result = await step(hass, result, rest_form(server.port))
        assert result["errors"] == {"tls": "needs_https"}
        answers[values] = web.json_response({"error": "no such thing"})
        result = await step(hass, result, rest_form(server.port))
        assert result["errors"] == {"base": "not_em420"}
        answers[values] = web.HTTPForbidden()
        told = {"serial": "72123456", "authentication": False}
        answers["/start.php"] = web.json_response(told)
        result = await step(hass, result, rest_form(server.port))
        assert result["errors"] == {"base": "is_em300"}


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
    assert result["menu_options"] == ["probe", "em420_mqtt", "broker", "found"]

    result = await step(hass, result, {"next_step_id": "em420_mqtt"})
    assert result["step_id"] == "em420_mqtt"
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "silent"

    monkeypatch.setattr(config_flow, "PATIENCE", 5.0)
    waiting = asyncio.create_task(step(hass, result, {"next_step_id": "probe"}))
    while not waiting.done():  # it is heard as soon as the topics are subscribed to
        await publish(device, retain=False)
        await asyncio.wait({waiting}, timeout=0.5)
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
