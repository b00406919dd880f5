"""The simulated ECU's web page: control, the meter, and pages that are gone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
from typing import Any

import aiohttp
import pytest

from .ecu import EcuModel, EcuSimulator, Options, Quirk
from .ecu_client import Clock, ask
from .ecu_model import CYCLE_SECONDS
from .ecu_sun import consumption

pytestmark = pytest.mark.usefixtures("socket_enabled")

LATER = '"message":"See the results 5 minutes later !"'
SWITCH = "/index.php/configuration/set_switch_state"
MAXIMUM = "/index.php/configuration/set_maxpower"
RESTART = "/index.php/management/set_wlan_ap"
ZERO_EXPORT = "/index.php/meter/set_meter_display_funcs"
GRAPH = "/index.php/meter/old_meter_power_graph"
HEADERS = {"X-Requested-With": "XMLHttpRequest"}


class Browser:
    """A web client of a simulated ECU."""

    def __init__(self, simulator: EcuSimulator, clock: Clock) -> None:
        """Talk to an ECU."""
        self.simulator = simulator
        self.clock = clock
        self.url = f"http://127.0.0.1:{simulator.http_port}"

    async def post(self, path: str, data: Any = None) -> str:
        """Return what is answered, `404` if there is no such page."""
        return await self._ask("POST", path, data)

    async def get(self, path: str) -> Any:
        """Return a page's JSON."""
        return json.loads(await self._ask("GET", path))

    async def _ask(self, method: str, path: str, data: Any = None) -> str:
        async with (
            aiohttp.ClientSession(headers=HEADERS) as session,
            session.request(method, self.url + path, data=data) as response,
        ):
            return "404" if response.status == 404 else await response.text()


@asynccontextmanager
async def served(model: EcuModel = EcuModel.ECU_C) -> AsyncGenerator[Browser]:
    """Run an ECU with a web page at noon."""
    clock = Clock()
    async with EcuSimulator(Options(model), now=clock) as simulator:
        yield Browser(simulator, clock)


async def switches(simulator: EcuSimulator) -> list[str]:
    """Return the inverters' states as 0026 reads them: 0 on, 1 off."""
    answer = await ask(simulator, "0026", "01")
    assert answer[13:17] == b"0100"
    return [chr(answer[place + 6]) for place in range(17, len(answer) - 4, 7)]


async def maxima(simulator: EcuSimulator) -> list[tuple[int, int]]:
    """Return the inverters' limits and results as 0025 reads them [W]."""
    answer = await ask(simulator, "0025", "01")
    assert answer[13:17] == b"0100"
    places = range(17, len(answer) - 4, 10)
    words = [answer[place + 6 : place + 10] for place in places]
    return [(int.from_bytes(w[:2]), int.from_bytes(w[2:])) for w in words]


async def test_one_inverter_off() -> None:
    """It says to wait; with the next cycle the inverter makes nothing."""
    async with served() as browser:
        simulator = browser.simulator
        inverter = simulator.ecu.inverters[1]
        answer = await browser.post(SWITCH, {"ids[]": f"{inverter.inverter_id}2"})
        assert LATER in answer
        assert await switches(simulator) == ["0", "0", "0"]
        browser.clock.move(CYCLE_SECONDS)
        assert await switches(simulator) == ["0", "1", "0"]
        assert inverter.power == 0
        await browser.post(SWITCH, {"ids[]": f"{inverter.inverter_id}1"})
        browser.clock.move(CYCLE_SECONDS)
        assert await switches(simulator) == ["0", "0", "0"]
        assert inverter.power > 0
        post = simulator.posts[0]
        assert (post.path, post.requested_with) == (SWITCH, "XMLHttpRequest")
        assert post.form == {"ids[]": [f"{inverter.inverter_id}2"]}
        assert LATER not in await browser.post(SWITCH, {"ids[]": "7040000000002"})
        assert LATER not in await browser.post(SWITCH)


async def test_one_after_the_other() -> None:
    """What comes within a moment is answered, and lost; one order may name several."""
    async with served() as browser:
        simulator = browser.simulator
        ids = [inverter.inverter_id for inverter in simulator.ecu.inverters]
        for each in ids:
            assert LATER in await browser.post(SWITCH, {"ids[]": f"{each}2"})
        browser.clock.move(CYCLE_SECONDS)
        assert await switches(simulator) == ["1", "0", "0"]
        assert len(simulator.pages.lost) == 2
        form = [("ids[]", f"{each}2") for each in ids]
        assert LATER in await browser.post(SWITCH, form)
        browser.clock.move(CYCLE_SECONDS)
        assert await switches(simulator) == ["1", "1", "1"]


async def test_all_off_and_on() -> None:
    async with served(EcuModel.ECU_R_PRO) as browser:
        for word, state, dark in (("off", "1", True), ("on", "0", False)):
            await browser.post(f"/index.php/configuration/set_switch_all_{word}")
            browser.clock.move(CYCLE_SECONDS)
            assert await switches(browser.simulator) == [state] * 3
            assert (browser.simulator.ecu.report().power == 0) == dark


async def test_maximum_power() -> None:
    """Each channel is limited with the next cycle; 0 lifts the limit."""
    async with served() as browser:
        simulator = browser.simulator
        inverter = simulator.ecu.inverters[0]
        wanted = {"id": inverter.inverter_id, "maxpower": "100"}
        assert LATER in await browser.post(MAXIMUM, wanted)
        assert (await maxima(simulator))[0] == (100, 0)
        browser.clock.move(CYCLE_SECONDS)
        assert await maxima(simulator) == [(100, 100), (0, 0), (0, 0)]
        assert inverter.powers == (100, 100)
        for wrong in ("19", "501", "x"):
            assert LATER not in await browser.post(
                MAXIMUM, wanted | {"maxpower": wrong}
            )
        await browser.post(MAXIMUM, wanted | {"maxpower": "0"})
        browser.clock.move(CYCLE_SECONDS)
        assert await maxima(simulator) == [(0, 0)] * 3
        assert min(inverter.powers) > 100


async def test_the_meter() -> None:
    """power1 is the production, power2 the grid; together they are the consumption."""
    async with served() as browser:
        report = browser.simulator.ecu.report()
        graph = await browser.get(GRAPH)
        used = consumption(report.stamp)
        for key, power in (("power1", report.power), ("power2", used - report.power)):
            last = graph[key][-1]
            assert last["powerA"] + last["powerB"] + last["powerC"] == power
            assert last["time"] - graph[key][-2]["time"] == 300_000
        yesterday = json.loads(await browser.post(GRAPH, {"date": "2026-06-20"}))
        assert len(yesterday["power1"]) == 288
        browser.simulator.misbehave(Quirk.NO_METER)
        assert await browser.get(GRAPH) == {"power1": [], "power2": []}
        browser.simulator.misbehave(Quirk.METER_ZERO)
        zeros = await browser.get(GRAPH)
        assert {point["powerA"] for point in zeros["power2"]} == {0}


async def test_zero_export() -> None:
    """The inverters make no more than the house uses and the limit allows."""
    async with served() as browser:
        ecu = browser.simulator.ecu
        on = {"meter_func": "1", "this_func": "1", "power_limit": "50"}
        assert await browser.post(ZERO_EXPORT, on) == "0"
        browser.clock.move(CYCLE_SECONDS)
        report = ecu.report()
        exported = report.power - consumption(report.stamp)
        assert 30 <= exported <= 50
        assert await browser.post(ZERO_EXPORT, on | {"meter_func": "0"}) == "0"
        browser.clock.move(CYCLE_SECONDS)
        assert ecu.report().power - consumption(ecu.report().stamp) > 200


async def test_restart() -> None:
    """Saving the access point restarts the ECU: its page and its port are away."""
    async with served(EcuModel.ECU_R_PRO) as browser:
        form = {"SSID": "ECU", "channel": "0", "method": "2", "psk_wep": ""}
        assert await browser.post(RESTART, form | {"psk_wpa": "x"}) == '{"value":0}'
        assert browser.simulator.ecu.access_point == ("ECU", "x")
        with pytest.raises(aiohttp.ClientConnectionError):
            await browser.post(RESTART)
        with pytest.raises(ConnectionResetError):
            await ask(browser.simulator, "0001")
        browser.clock.move(601)
        assert await ask(browser.simulator, "0001")
        assert browser.simulator.ecu.restarts == 1


async def test_pages_that_are_gone() -> None:
    """A firmware removed all pages, another forgot the message; TCP goes on."""
    async with served() as browser:
        simulator = browser.simulator
        simulator.misbehave(Quirk.WEB_REMOVED, times=None)
        for path in (RESTART, SWITCH, MAXIMUM, ZERO_EXPORT, GRAPH):
            assert await browser.post(path) == "404"
        assert len(simulator.posts) == 5
        assert await ask(simulator, "0001")
        simulator.behave()
        simulator.misbehave(Quirk.NO_MESSAGE)
        path = "/index.php/configuration/set_switch_all_on"
        assert await browser.post(path) == '{"value":0}'
        assert LATER in await browser.post(path)
    async with served(EcuModel.ECU_R_PRO) as browser:
        assert await browser.post(GRAPH) == "404"
        assert await browser.post(ZERO_EXPORT) == "404"
