"""A simulated Sofar EMS and Home Assistant."""

from collections.abc import AsyncGenerator, Awaitable, Callable
import time
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.wattbus.families.sink import DeviceKey
from custom_components.wattbus.families.sofar.flow import (
    DEFAULT_COMMAND_TOPIC,
    DEFAULT_FEEDBACK_TOPIC,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...harness.broker import Broker
from ...helpers import ask, broker_data, entity_id, make_entry, set_up, shows
from ...simulators.sofar import Dialect, Options, SofarSimulator

SERIAL = Options.serial
SITE = f"{SERIAL}_site_0"
BATTERY = DeviceKey("group", "battery")
SOLAR = DeviceKey("group", "solar")
MINUTE = 60
HOUR = 3600

LIVE_OPTIONS = {
    "policies": ["charge", "discharge", "idle"],
    "live_policy_field": "{type}_policy",
    "live_power_field": "{type}_power_setpoint_w",
    "live_interval": 0.2,
}

type Act = Callable[..., Awaitable[Any]]


@pytest.fixture
def dialect() -> dict[str, Any]:
    """Give what is special about the way the simulated EMS speaks."""
    return {}


@pytest.fixture
async def simulator(
    broker: Broker, dialect: dict[str, Any]
) -> AsyncGenerator[SofarSimulator]:
    """Run an EMS at the broker."""
    options = Options(time_zone="US/Pacific", dialect=Dialect(**dialect))
    async with SofarSimulator(options) as running:
        await running.start(broker.host, broker.port)
        yield running


def sofar_entry(hass: HomeAssistant, broker: Broker, **options: Any) -> MockConfigEntry:
    """Make an entry for the EMS, not set up yet; it need not be spared."""
    return make_entry(
        hass,
        {
            "family": "sofar",
            "connection": "mqtt",
            "serial": SERIAL,
            "suffix": "_site_0",
            "command_topic": DEFAULT_COMMAND_TOPIC,
            "feedback_topic": DEFAULT_FEEDBACK_TOPIC,
            "broker": broker_data(broker),
        },
        options={"spacing": 0, "timeout": 2} | options,
        entry_id="entry",
    )


@pytest.fixture
def options() -> dict[str, Any]:
    """Give the options of the entry."""
    return {}


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    broker: Broker,
    simulator: SofarSimulator,
    options: dict[str, Any],
) -> MockConfigEntry:
    """Set up Home Assistant with the EMS."""
    made = sofar_entry(hass, broker, **options)
    assert await set_up(hass, made)
    await shows(hass, made, BATTERY, "next_schedule", "none")
    return made


@pytest.fixture
def act(hass: HomeAssistant, entry: MockConfigEntry) -> Act:
    """Ask an action of the EMS, and give its answer."""

    async def act(name: str, **data: Any) -> Any:
        return await ask(hass, entry, name, **data)

    return act


class Calendar:
    """A user at the calendar page."""

    def __init__(self, client: Any, entity: str) -> None:
        """Use a WebSocket."""
        self._client = client
        self.entity = entity

    async def command(self, kind: str, **data: Any) -> Any:
        """Send a command; gives the error, None for success."""
        await self._client.send_json_auto_id(
            {"type": f"calendar/event/{kind}", "entity_id": self.entity, **data}
        )
        answer = await self._client.receive_json()
        return None if answer["success"] else answer["error"]["message"]

    async def create(
        self, summary: str, start: str, end: str, **more: Any
    ) -> str | None:
        """Create an event."""
        event = {"summary": summary, "dtstart": start, "dtend": end, **more}
        return await self.command("create", event=event)

    async def delete(self, uid: str, **more: Any) -> str | None:
        """Delete an event."""
        return await self.command("delete", uid=uid, **more)

    async def update(
        self, uid: str, summary: str, start: str, end: str, **more: Any
    ) -> str | None:
        """Change an event."""
        event = {"summary": summary, "dtstart": start, "dtend": end}
        if rrule := more.pop("rrule", None):
            event["rrule"] = rrule
        return await self.command("update", uid=uid, event=event, **more)


@pytest.fixture
async def calendar(
    hass: HomeAssistant, entry: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> Calendar:
    """Give the battery's calendar."""
    entity = entity_id(hass, entry, BATTERY, "schedules", "calendar")
    assert entity
    return Calendar(await hass_ws_client(hass), entity)


async def events(
    hass: HomeAssistant, entity: str, days: float = 3
) -> list[dict[str, Any]]:
    """List the events of a calendar, from an hour ago on."""
    now = dt_util.utcnow().timestamp()
    answer = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": entity,
            "start_date_time": iso(now - HOUR),
            "end_date_time": iso(now + days * 86400),
        },
        blocking=True,
        return_response=True,
    )
    found = answer[entity]["events"]  # type: ignore[index,call-overload]
    return list(found)  # type: ignore[arg-type]


def iso(moment: float) -> str:
    """Write a Unix time as the calendar page does."""
    return dt_util.utc_from_timestamp(int(moment)).isoformat()


def soon(seconds: float) -> float:
    """Give a time in whole seconds from now."""
    return float(int(time.time() + seconds))
