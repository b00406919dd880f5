"""Whoever takes an OpenEVSE over, and whoever drives away: it does what was asked last."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import random
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import ask, set_up, until, use
from ...simulators import openevse_gateway
from ...simulators.openevse_claims import MANUAL, Properties
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_model import Mode
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import BASE, http_entry, mqtt_entry
from .test_mqtt import shows

OPERATIONS = 200
GATEWAYS = [
    (Generation.ESP32_4_1, "4.1.9"),
    (Generation.ESP32_5_1, "5.1.2"),
    (Generation.ESP32_5_1, "5.1.5"),
]

type Wanted = dict[str, Any] | None


def _properties(wanted: Wanted) -> dict[str, Any]:
    """Give what matters of an override."""
    names = ("state", "charge_current", "max_current", "auto_release")
    return {name: (wanted or {}).get(name) for name in names}


@dataclass
class Household:
    """Those who want something of the charger, and what was asked last."""

    hass: HomeAssistant
    entry: MockConfigEntry
    simulator: OpenEvseSimulator
    dice: random.Random
    wanted: Wanted = None
    story: list[str] = field(default_factory=list)

    def _change(self, **changes: Any) -> None:
        """Note what Wattbus was asked to change."""
        self.wanted = {"auto_release": True} | (self.wanted or {}) | changes

    @property
    def _some(self) -> dict[str, Any]:
        """Some of an override's properties, one at least."""
        all_of_it = {
            "state": self.dice.choice(("active", "disabled")),
            "charge_current": self.dice.randint(6, 32),
            "max_current": self.dice.randint(6, 32),
            "auto_release": self.dice.random() < 0.7,
        }
        names = self.dice.sample(sorted(all_of_it), self.dice.randint(1, 4))
        return {name: all_of_it[name] for name in names}

    # --- what Wattbus is asked for

    async def switch(self) -> None:
        """Use the switch."""
        on = self.dice.random() < 0.5
        await use(
            self.hass, self.entry, f"switch.turn_{'on' if on else 'off'}", "enabled"
        )
        self._change(state="active" if on else "disabled")

    async def select(self) -> None:
        """Use the select."""
        option = self.dice.choice(("auto", "on", "off"))
        await use(
            self.hass,
            self.entry,
            "select.select_option",
            "override_state",
            option=option,
        )
        if option == "auto":
            self.wanted = None
        else:
            self._change(state="active" if option == "on" else "disabled")

    async def current(self) -> None:
        """Use the number."""
        amperes = self.dice.randint(6, 32)
        await use(
            self.hass, self.entry, "number.set_value", "charge_current", value=amperes
        )
        self._change(charge_current=amperes)

    async def action(self) -> None:
        """Use the action, with some of its fields."""
        changes = self._some
        await ask(self.hass, self.entry, "set_override", **changes)
        self._change(**changes)

    async def clear(self) -> None:
        """Clear it, also when there is nothing to clear."""
        await ask(self.hass, self.entry, "clear_override")
        self.wanted = None

    # --- what others do

    async def web_page(self) -> None:
        """Post an override in the gateway's web page, which replaces what there is."""
        properties = Properties()
        properties.update(self._some)
        self.simulator.gateway.override(properties)
        self.wanted = properties.document()

    async def web_page_clears(self) -> None:
        """Give it up there."""
        self.simulator.gateway.release_override()
        self.wanted = None

    async def car(self) -> None:
        """Let the car come, or leave; then nobody says what that ends."""
        charger = self.simulator.charger
        if charger.car.plugged:
            charger.unplug()
            if self.wanted and self.wanted["auto_release"]:
                self.wanted = None
        else:
            charger.plug(50_000)
        values = self.entry.runtime_data.driver.state.values
        await until(lambda: values.get("vehicle_connected") is charger.car.plugged)

    # --- what becomes of it

    async def check(self) -> None:
        """See that the charger does what was asked last, and that it is shown."""
        claims, charger = self.simulator.gateway.claims, self.simulator.charger
        claim = claims.get(MANUAL)
        held = claim.properties.document() if claim else None
        assert _properties(held) == _properties(self.wanted), self.story[-5:]
        wanted = self.wanted or {}
        asleep = wanted.get("state", "active") == "disabled"
        assert charger.mode is (Mode.SLEEPING if asleep else Mode.ENABLED)
        currents = [wanted.get("charge_current"), wanted.get("max_current"), 32]
        assert charger.capacity == min(current for current in currents if current)
        shown = self.entry.runtime_data.driver.state

        def agrees() -> bool:
            found = shown.override
            told = (
                {}
                if found is None
                else {name: getattr(found, name) for name in _properties(None)}
            )
            return _properties(told) == _properties(self.wanted)

        await until(agrees)

    async def live(self, operations: int) -> None:
        """Do this and that."""
        doings: list[Callable[[], Awaitable[None]]] = [
            *(self.switch, self.select, self.current, self.action, self.clear),
            *(self.web_page, self.web_page_clears, self.car, self.car),
        ]
        for _ in range(operations):
            doing = self.dice.choice(doings)
            self.story.append(f"{doing.__name__} on {self.wanted}")
            await doing()
            await self.check()


@pytest.fixture(params=GATEWAYS, ids=lambda gateway: gateway[1])
def gateway(request: pytest.FixtureRequest) -> tuple[Generation, str]:
    """Give the gateways whose rules were read."""
    return request.param  # type: ignore[no-any-return]  # pytest's Any


@pytest.fixture
def generation(gateway: tuple[Generation, str]) -> Generation:
    """Give its generation."""
    return gateway[0]


@pytest.fixture
def options(gateway: tuple[Generation, str]) -> dict[str, Any]:
    """Give its version."""
    return {"version": gateway[1]}


@pytest.fixture(autouse=True)
def _taciturn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the full set, which tells how many overrides there are, be long in coming."""
    monkeypatch.setattr(openevse_gateway, "_FULL_SECONDS", 3600.0)


async def _lives(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: OpenEvseSimulator
) -> None:
    assert await set_up(hass, entry)
    await shows(hass, entry, "override_state", "auto", "select")
    seed = random.randrange(1_000_000)
    household = Household(hass, entry, simulator, random.Random(seed))
    try:
        await household.live(OPERATIONS)
    except BaseException:
        print(f"seed {seed}: {household.story[-10:]}")  # noqa: T201 # to run it again
        raise


@pytest.mark.timeout(120)
async def test_over_mqtt(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Rules: openevse_esp32_firmware, mqtt.cpp and evse_man.cpp, at these tags.

    Users' reports: firstof9/openevse #633 and #636.
    """
    assert simulator.gateway.base == BASE
    await _lives(hass, mqtt_entry(hass, broker, poll=3600), simulator)


@pytest.mark.timeout(120)
async def test_over_http(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """Rules: web_server.cpp (`handleOverride`)."""
    await _lives(hass, http_entry(hass, served, poll=600), served)
