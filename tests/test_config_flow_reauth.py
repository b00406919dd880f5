"""New credentials: asked for when the old ones are refused, until they work."""

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .flow import TOKEN, mqtt_entry, rest_entry, step
from .harness.broker import Broker
from .helpers import set_up

pytestmark = pytest.mark.usefixtures("impatient_flow")


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
