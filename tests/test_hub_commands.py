"""Commands: one of each device at a time, refused in the words that the user sees."""

import asyncio
from collections.abc import Coroutine
import gc
from typing import Any

import pytest

from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.hub import Hub
from custom_components.wattbus.protocols import InputError, ProtocolError
from custom_components.wattbus.texts import label, reason
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from .toy import ONE, TWO, running

pytestmark = pytest.mark.usefixtures("toy_families")


class Slow:
    """A command that waits until it is let go."""

    def __init__(self, hub: Hub) -> None:
        """Prepare; nothing is asked yet."""
        self.hub = hub
        self.called: list[Any] = []
        self.begun: list[Any] = []
        self.let_go = asyncio.Event()

    def ask(self, device: Any, **more: Any) -> asyncio.Task[None]:
        """Send it."""

        async def wait() -> None:
            self.begun.append(device)
            await self.let_go.wait()

        def call() -> Coroutine[Any, Any, None]:
            self.called.append(device)
            return wait()

        return asyncio.ensure_future(self.hub.command(call, device, **more))


@pytest.fixture
async def slow(hass: HomeAssistant) -> Slow:
    return Slow((await running(hass)).runtime_data)


async def test_a_slow_command_of_one_device_holds_no_other_up(slow: Slow) -> None:
    """A smart-home switch takes up to 70 s; nobody waits that long for a stop.

    openWB switches it with its next control cycle, of 10, 20 or 60 s (`control_interval`
    in helpermodules/setdata.py of openWB/core).
    """
    tasks = [slow.ask(ONE), slow.ask(TWO), slow.ask(ONE)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert slow.begun == [ONE, TWO]
    slow.let_go.set()
    await asyncio.gather(*tasks)
    assert slow.begun == [ONE, TWO, ONE]


async def test_a_command_that_does_not_run_alone_waits_for_none(slow: Slow) -> None:
    tasks = [slow.ask(ONE), slow.ask(ONE, alone=False)]
    await asyncio.sleep(0)
    assert slow.begun == [ONE, ONE]
    slow.let_go.set()
    await asyncio.gather(*tasks)


async def test_a_command_cancelled_while_it_waits_was_never_begun(
    slow: Slow, recwarn: pytest.WarningsRecorder
) -> None:
    """An automation in mode `restart` cancels what it had asked."""
    first, second = slow.ask(ONE), slow.ask(ONE)
    await asyncio.sleep(0)
    second.cancel()
    slow.let_go.set()
    await asyncio.gather(first, second, return_exceptions=True)
    gc.collect()
    assert slow.begun == slow.called == [ONE]
    assert not [item for item in recwarn if "never awaited" in str(item.message)]


# --- words ----------------------------------------------------------------------------


async def _refused[ErrorT: Exception](
    hub: Hub, err: Exception, kind: type[ErrorT]
) -> ErrorT:
    async def fail() -> None:
        raise err

    with pytest.raises(kind) as raised:
        await hub.command(fail)
    return raised.value


async def test_what_cannot_be_sent_is_said_with_the_name_that_the_user_sees(
    hass: HomeAssistant, slow: Slow
) -> None:
    err = InputError("out_of_range", field="session_energy", minimum=0, maximum=5)
    refusal = await _refused(slow.hub, err, ServiceValidationError)
    assert str(refusal) == "Session energy has to be 0 to 5"
    assert str(err) == "out_of_range: field session_energy, minimum 0, maximum 5"


async def test_a_field_without_a_name_is_named_by_its_key(
    hass: HomeAssistant, slow: Slow
) -> None:
    assert label(hass, "toy", "no_such_field") == "no such field"
    assert label(hass, "openevse", "command") == "Command"


async def test_what_nobody_has_put_into_words_is_said_as_it_is(slow: Slow) -> None:
    refusal = await _refused(
        slow.hub, ProtocolError("no frame"), ServiceValidationError
    )
    assert str(refusal) == "This cannot be sent: no frame"


async def test_what_was_not_confirmed_has_the_name_that_the_user_sees(
    slow: Slow,
) -> None:
    err = CommandError("not_confirmed", field="session_energy")
    refusal = await _refused(slow.hub, err, CommandError)
    assert refusal.translation_placeholders == {"field": "Session energy"}


async def test_an_error_within_a_text_is_in_home_assistants_language(
    hass: HomeAssistant, slow: Slow
) -> None:
    assert reason(hass, "toy", InputError("not_whole", field="rate")).endswith(
        "has to be a whole number."
    )
    assert reason(hass, "toy", CommandError("ems_refused", reason="full")) == (
        "The EMS refused: full."
    )
    assert reason(hass, "toy", CommandError("no_such_text")) == "no_such_text"
    assert reason(hass, "toy", CommandError("ems_refused")) == (
        "The EMS refused: {reason}."
    )
    assert reason(hass, "toy", ValueError("plain")) == "plain"
