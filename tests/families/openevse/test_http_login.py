"""The login of an OpenEVSE's web interface, and how one is added."""

import pytest

from custom_components.wattbus.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from ...helpers import set_up, until, use
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import http_entry
from .test_flow import ID, step
from .test_http import listening, running
from .test_mqtt import shows

LOGIN = {"www_username": "admin", "www_password": "open sesame"}


# --- the login ----------------------------------------------------------------------


@pytest.mark.parametrize("options", [LOGIN, LOGIN | {"session_login": True}])
@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9, Generation.ESP32_5_1])
async def test_login(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """The password goes with everything: values, commands and the WebSocket."""
    entry = await running(hass, served, password=LOGIN["www_password"])
    await use(hass, entry, "number.set_value", "charge_current", value=16)
    await shows(hass, entry, "charge_current", "16", "number")
    if served.gateway.profile.esp32:
        await listening(entry)


@pytest.mark.parametrize("options", [{"www_password": "x", "session_login": True}])
async def test_a_password_alone(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """It is that of `openevseadmin` (openevse_esp32_firmware, web_server.cpp of 2026)."""
    entry = await running(hass, served, username="", password="x")
    await use(hass, entry, "number.set_value", "charge_current", value=16)
    await shows(hass, entry, "charge_current", "16", "number")


@pytest.mark.parametrize("options", [LOGIN, LOGIN | {"session_login": True}])
@pytest.mark.parametrize("password", ["wrong", None])
async def test_wrong_password(
    hass: HomeAssistant,
    served: OpenEvseSimulator,
    caplog: pytest.LogCaptureFixture,
    password: str | None,
) -> None:
    """The user is asked for the right one; the wrong one is in no log."""
    entry = http_entry(hass, served, password=password)
    assert not await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    form = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert {str(field) for field in form["data_schema"].schema} == {
        "username",
        "password",
    }
    assert "wrong" not in caplog.text


@pytest.mark.parametrize("options", [LOGIN])
async def test_password_changed(
    hass: HomeAssistant, served: OpenEvseSimulator, impatient: None
) -> None:
    """A password that is no longer accepted asks the user for the new one."""
    entry = await running(hass, served, password=LOGIN["www_password"], poll=0.5)
    served.gateway.config.values["www_password"] = "another"
    await served.close_http()
    await served.serve_http()
    (flow,) = await until(hass.config_entries.flow.async_progress)
    assert flow["context"]["source"] == "reauth"
    await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")


# --- the flow -----------------------------------------------------------------------


@pytest.mark.parametrize("options", [LOGIN | {"session_login": True}])
async def test_flow_with_a_login(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """A wrong password is a matter of its field; later, a new one can be entered."""
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await step(hass, result, {"next_step_id": "openevse"})
    result = await step(hass, result, {"next_step_id": "openevse_http"})
    where = {
        "host": "127.0.0.1",
        "port": served.http_port,
        "tls": False,
        "verify": True,
        "username": "admin",
    }
    for password in ({}, {"password": "wrong"}):
        result = await step(hass, result, where | password)
        assert result["errors"] == {"password": "invalid_auth"}
    result = await step(hass, result, where | {"password": "open sesame"})
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "Carport"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.unique_id == ID
    await hass.async_block_till_done()

    entry.async_start_reauth(hass)
    (reauth,) = await until(flow.async_progress)
    result = await flow.async_configure(reauth["flow_id"])
    result = await step(hass, result, {"username": "admin", "password": "open sesame"})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
async def test_flow_without_a_login(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """No password is needed; a gateway without an id is known by its address."""
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await step(hass, result, {"next_step_id": "openevse"})
    result = await step(hass, result, {"next_step_id": "openevse_http"})
    port = served.http_port
    where = {"host": "127.0.0.1", "port": port, "tls": False, "verify": True}
    result = await step(hass, result, where)
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "Carport"})
    assert result["result"].unique_id == f"openevse_http|127.0.0.1:{port}"
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)
