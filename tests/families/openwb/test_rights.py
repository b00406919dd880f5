"""What a login sees: nothing, what everybody sees, or openWB's values.

From openWB/core 2.2.2, data/config/mosquitto/public: `mosquitto.acl` while users are not
managed, `default-dynamic-security.json` when they are. mosquitto ends the connections of
those whose rights change; runs/setup_mosquitto.sh changes the broker when openWB starts.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.openwb import driver
from custom_components.wattbus.families.sink import DeviceKey
from custom_components.wattbus.protocols.openwb import is_public
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ...flow import broker_form, start, step
from ...harness.broker import Broker
from ...helpers import broker_data, make_entry, set_up, state, until
from ...simulators.openwb_simulator import OpenWbSimulator, Options
from ...simulators.openwb_versions import Version
from .conftest import POINT, START, VEHICLE

pytestmark = pytest.mark.usefixtures("impatient_flow")

_SELF = "user openwb\ntopic readwrite #\n"
NOT_MANAGED = f"topic read openWB/#\ntopic write openWB/set/#\n{_SELF}"
_PUBLIC = "".join(
    f"topic read openWB/{path}\n"
    for path in (
        *("counter/get/hierarchy", "general/extern", "system/serial_number"),
        *("system/time", "system/security/user_management_active", "system/version"),
        "vehicle/+/name",
    )
)
_ALL = "topic read openWB/#\ntopic write openWB/set/#\n"
_CAR = "topic read openWB/vehicle/+/get/#\n"
MANAGED = (
    f"{_PUBLIC}{_SELF}user ha\n{_ALL}user nobody\n{_PUBLIC}user car\n{_PUBLIC}{_CAR}"
)
TAKEN = f"{_PUBLIC}{_SELF}user ha\n{_PUBLIC}"
BRIDGE_OF_NOBODY = (
    "topic readwrite #\nuser openwb\ntopic read openWB/set/#\n"
    f"{_PUBLIC.replace('topic read', 'topic write')}"
)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for openWB's values; it tells 10 s as its interval."""
    monkeypatch.setattr(driver, "_PATIENCE", 0.05)


@pytest.fixture
def broker(socket_enabled: None) -> Iterator[Broker]:
    """Run openWB's broker, before users are managed."""
    with Broker(rights=NOT_MANAGED) as running:
        yield running


async def run(simulator: OpenWbSimulator, broker: Broker) -> None:
    """Have openWB connected, as one that may do all."""
    await simulator.start(broker.host, broker.port, username="openwb", password="x")


@pytest.fixture
async def simulator(broker: Broker) -> AsyncIterator[OpenWbSimulator]:
    """Run an openWB, which sees everything at its own broker."""
    settings = Options(version=Version.V2_2_2, automatic=False, start=START)
    async with OpenWbSimulator(settings) as running:
        await run(running, broker)
        yield running


def login_of(user: str | None) -> dict[str, str | None]:
    """Give what an entry has of a user, or of none."""
    return {"username": user, "password": "secret" if user else None}


async def change_rights(
    broker: Broker, simulator: OpenWbSimulator, rights: str
) -> None:
    """Give other rights: the connections end."""
    await simulator.stop()
    broker.rights = rights
    broker.restart()
    await run(simulator, broker)


@dataclass(frozen=True)
class Visitor:
    """An entry with or without a login, and what is seen of it."""

    hass: HomeAssistant
    entry: MockConfigEntry
    simulator: OpenWbSimulator

    @property
    def needs_login(self) -> bool:
        """Whether a repair issue says that another login is needed."""
        registry = ir.async_get(self.hass)
        return bool(registry.async_get_issue(DOMAIN, "login_needed_entry"))

    @property
    def dialogs(self) -> list[Any]:
        """The dialogs that ask for new credentials."""
        flows = self.hass.config_entries.flow.async_progress()
        return [flow for flow in flows if flow["context"]["source"] == "reauth"]

    @property
    def sees(self) -> bool:
        """Whether a charge point's power is shown."""
        return self.shows(POINT, "power")

    def shows(self, device: DeviceKey, key: str) -> bool:
        """Whether a value is shown."""
        shown = state(self.hass, self.entry, device, key)
        return shown is not None and shown.state not in ("unavailable", "unknown")

    async def log_in(self, user: str | None) -> None:
        """Change the login, as Reconfigure does."""
        old = self.entry.data["broker"]
        data = {**self.entry.data, "broker": {**old, **login_of(user)}}
        self.hass.config_entries.async_update_entry(self.entry, data=data)
        await self.reload()

    async def reload(self) -> None:
        """Have Home Assistant begin anew with the entry."""
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()

    async def ticks(self, *, until_that: Callable[[], bool]) -> None:
        """Let control cycles pass until something is so."""
        for _ in range(100):
            if until_that():
                return
            await self.simulator.cycle()
            await asyncio.sleep(0.05)
        raise AssertionError("It did not become so")


type Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def visit(hass: HomeAssistant, broker: Broker, simulator: OpenWbSimulator) -> Visit:
    """Set up an entry that names a user, or none."""

    async def set_it_up(user: str | None = None, **data: Any) -> Visitor:
        data = {
            "family": "openwb",
            "connection": "mqtt",
            "root": "openWB",
            "broker": broker_data(broker, **login_of(user)),
            **data,
        }
        entry = make_entry(hass, data, entry_id="entry", title="openWB")
        assert await set_up(hass, entry)
        return Visitor(hass, entry, simulator)

    return set_it_up


def test_what_everybody_may_read() -> None:
    """Of user management, 2.2.0 to 2.3.0-alpha.1."""
    for path in (
        *("system/time", "system/security/user_management_active"),
        *("counter/get/hierarchy", "vehicle/12/name", "command/x/messages/1767085070"),
    ):
        assert is_public(path)
    for path in (
        *("chargepoint/3/get/power", "vehicle/1/get/soc", "vehicle/1/name/x"),
        *("system/lastlivevaluesJson", "counter/get/power", "bat/get/soc", ""),
    ):
        assert not is_public(path)


async def test_users_are_managed_from_now_on(
    visit: Visit, broker: Broker, simulator: OpenWbSimulator
) -> None:
    """A client without a name sees the clock go on, and nothing else."""
    visitor = await visit()
    await visitor.ticks(until_that=lambda: visitor.sees)
    await simulator.manage_users()
    await simulator.cycle()
    await visitor.ticks(until_that=lambda: visitor.sees)  # until openWB starts again
    assert not visitor.needs_login
    await change_rights(broker, simulator, MANAGED)
    await visitor.ticks(until_that=lambda: visitor.needs_login)
    assert not visitor.sees
    assert not visitor.dialogs
    told = visitor.entry.runtime_data.driver.diagnostics
    await visitor.ticks(until_that=lambda: told()["locked_out"])
    assert visitor.needs_login
    assert not visitor.sees

    await visitor.log_in("ha")
    await visitor.ticks(until_that=lambda: visitor.sees)
    assert not visitor.needs_login


async def test_rights_that_are_taken_away_and_given_back(
    visit: Visit, broker: Broker, simulator: OpenWbSimulator
) -> None:
    """Nothing old is shown as new, and all comes back by itself."""
    await simulator.manage_users()
    await change_rights(broker, simulator, MANAGED)
    visitor = await visit("ha")
    await visitor.ticks(until_that=lambda: visitor.sees)
    assert not visitor.needs_login
    await change_rights(broker, simulator, TAKEN)
    await visitor.ticks(until_that=lambda: visitor.needs_login)
    assert not visitor.sees
    assert not visitor.dialogs
    await change_rights(broker, simulator, MANAGED)
    await visitor.ticks(until_that=lambda: visitor.sees)
    assert not visitor.needs_login


@pytest.mark.usefixtures("mqtt_integration")
async def test_a_bridge_whose_rights_are_taken_away(
    visit: Visit, broker: Broker, simulator: OpenWbSimulator
) -> None:
    """Home Assistant's broker keeps what it brought, and the clock goes on."""
    visitor = await visit(broker=None)
    await visitor.ticks(until_that=lambda: visitor.sees)
    await simulator.manage_users()
    await change_rights(broker, simulator, BRIDGE_OF_NOBODY)
    await visitor.ticks(until_that=lambda: visitor.needs_login)
    await until(lambda: not visitor.sees)
    await visitor.reload()  # what is retained is not taken for new either
    await visitor.ticks(until_that=lambda: visitor.needs_login)
    await until(lambda: not visitor.sees)
    await change_rights(broker, simulator, NOT_MANAGED)
    await visitor.ticks(until_that=lambda: visitor.sees)
    assert not visitor.needs_login


async def test_a_user_that_sees_little_is_left_alone(
    visit: Visit,
    broker: Broker,
    simulator: OpenWbSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it sees may change once in an hour."""
    monkeypatch.setattr(driver, "_PATIENCE", 0.005)  # it is not told the interval
    await simulator.manage_users()
    await change_rights(broker, simulator, MANAGED)
    visitor = await visit("car")
    await visitor.ticks(until_that=lambda: visitor.shows(VEHICLE, "soc"))
    for _ in range(10):
        await asyncio.sleep(0.05)
        await simulator.tell_time(10)
    await visitor.ticks(until_that=lambda: visitor.shows(VEHICLE, "soc"))
    assert not visitor.needs_login


async def test_a_login_that_is_answered_and_ignored(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While users are not managed, openWB's rights are those of clients without a name."""
    monkeypatch.setattr(driver, "_PATIENCE", 0.005)
    visitor = await visit("somebody")
    await until(lambda: visitor.needs_login)
    assert not visitor.dialogs
    await visitor.log_in(None)
    await visitor.ticks(until_that=lambda: visitor.sees)
    assert not visitor.needs_login


async def test_the_port_that_managed_users_do_not_have(
    visit: Visit, broker: Broker, simulator: OpenWbSimulator
) -> None:
    """Port 1883 is gone with them; what was told before says why."""
    visitor = await visit()
    await visitor.ticks(until_that=lambda: visitor.sees)
    await simulator.manage_users()
    await simulator.cycle()
    broker.stop()
    await until(lambda: visitor.needs_login)
    assert not visitor.sees
    assert not visitor.dialogs
    broker.start()
    await visitor.ticks(until_that=lambda: visitor.sees)
    assert not visitor.needs_login


async def test_a_login_that_is_refused_is_asked_for_once(
    visit: Visit, broker: Broker, simulator: OpenWbSimulator
) -> None:
    """In a dialog; the repair would say the same."""
    await simulator.manage_users()
    await change_rights(broker, simulator, MANAGED)
    visitor = await visit("nobody")
    await visitor.ticks(until_that=lambda: visitor.needs_login)
    await simulator.stop()
    broker.stop()
    with Broker(port=broker.port, username="other", password="other"):
        await until(lambda: bool(visitor.dialogs))
        assert not visitor.needs_login


@pytest.mark.parametrize("user", [None, "nobody"])
async def test_the_flow_says_that_a_login_is_needed(
    hass: HomeAssistant, broker: Broker, simulator: OpenWbSimulator, user: str | None
) -> None:
    """Instead of an openWB without devices."""
    await simulator.manage_users()
    await change_rights(broker, simulator, MANAGED)
    result = await start(hass, "openwb")
    result = await step(hass, result, {"root": "openWB"})
    login = {"username": user, "password": "x"} if user else {}
    result = await step(hass, result, broker_form(broker, **login))
    assert result["step_id"] == "broker"
    assert result["errors"] == {"password": "login_needed"}
    login = {"username": "ha", "password": "x"}
    result = await step(hass, result, broker_form(broker, **login))
    assert result["step_id"] == "found"
    assert result["description_placeholders"]["devices"] == "8"


@pytest.mark.usefixtures("mqtt_integration")
async def test_the_flow_says_that_a_bridge_needs_a_login(
    hass: HomeAssistant, broker: Broker, simulator: OpenWbSimulator
) -> None:
    await simulator.manage_users()
    await change_rights(broker, simulator, MANAGED)
    result = await start(hass, "openwb")
    result = await step(hass, result, {"root": "openWB"})
    result = await step(hass, result, {"next_step_id": "home_assistant"})
    assert result["step_id"] == "openwb_mqtt"
    assert result["errors"] == {"base": "login_needed"}
    assert result["description_placeholders"]["host"] == "Home Assistant"


@pytest.mark.usefixtures("simulator")
async def test_the_flow_lets_a_login_that_is_ignored_be_changed(
    hass: HomeAssistant, broker: Broker
) -> None:
    result = await start(hass, "openwb")
    result = await step(hass, result, {"root": "openWB"})
    login = {"username": "somebody", "password": "x"}
    result = await step(hass, result, broker_form(broker, **login))
    assert result["step_id"] == "silent"
    assert result["menu_options"] == ["probe", "openwb_mqtt", "broker", "found"]
    result = await step(hass, result, {"next_step_id": "broker"})
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "found"
