"""An OpenEVSE charger over the gateway's web interface, for users without a broker."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from contextlib import aclosing, suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final, override

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME

from ...const import CONF_TLS, CONF_VERIFY, LOGGER
from ...errors import CommandError, ConnectError, Reason, WattbusError
from ...protocols import ProtocolError, openevse
from ...protocols.openevse import Capability, Config, Generation, capabilities
from ...protocols.openevse.documents import MAX_DOCUMENT
from ...protocols.payload import decode_object
from ...protocols.publication import Publication
from ...transports.http import HttpClient, Login, basic_authorization
from ..driver import Context, PollingDriver
from ..sink import MAIN_DEVICE, Facts
from . import gateway
from .claims import CLAIM, OVERRIDE
from .commands import Commands
from .const import CONF_FIRMWARE_CHECK, CONF_POLL, DEFAULT_POLL
from .controller import Controller
from .firmware import Firmware
from .gateway import BASE, DOCUMENTS, HttpRapi
from .overrides import Overrides
from .state import CONFIRM_TIMEOUT, State

# What the gateway's own pages send: commands with a session's cookie need it.
_APP: Final = {"X-Requested-With": "OpenEVSE"}

# The gateway sends all its values each 30 s; three times that is silence.
_SILENCE: Final = 90.0
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
# How often to look for what a command does, where no WebSocket tells it.
_LOOK_EVERY: Final = 1.0

# Whose a password without a username is (web_server.cpp; 2026).
_ADMIN: Final = "openevseadmin"

_TRUSTED_SINCE: Final = (2, 9, 0)
_HEX_STATES_SINCE: Final = (6, 0, 0)

_CONFIG: Final = "config"
_COUNTERS: Final = {_CONFIG: "config_version"} | {
    name: document.counter for name, document in DOCUMENTS.items()
}


class HttpState(State):
    """Of a gateway that says its version, and always has a configuration."""

    @override
    def _offered(self) -> frozenset[Capability]:
        return capabilities(
            self.rapi.gateway,
            config=self.config,
            documents=self.documents - {_CONFIG},
        )

    @override
    def _trusts(self, told: Mapping[str, Any]) -> bool:
        number = self.rapi.gateway.number
        if number is None or number >= _TRUSTED_SINCE:
            return True
        return self.firmware is not None and self.firmware < _HEX_STATES_SINCE

    def take_config(self, config: Config) -> None:
        """Take the configuration in; without a range of currents, RAPI has that."""
        if config.max_current_hard is None:
            self._configured(config)
            self.offers = self._offered()
        else:
            self.take({_CONFIG: config})


class OpenEvseHttp(PollingDriver):
    """Asks a gateway, and hears from its WebSocket what changes in between."""

    def __init__(self, context: Context) -> None:
        """Prepare for the address that the data names."""
        super().__init__(context)
        self._http = _client(context)
        self._rapi = HttpRapi(self._http)
        self.state = HttpState(self.sink, self._rapi, self.send, BASE)
        self.controller = Controller(self.state)
        self.commands = Commands(
            self.state, self.controller, Overrides(self.state, self._read)
        )
        self.firmware = Firmware(
            self.hass, self.sink, self._http, partial(self._read, _CONFIG)
        )
        # What the counters were when the documents were read.
        self._versions: dict[str, Any] = {}
        self._reading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._listening = False
        self._tasks: dict[Callable[[], Any], asyncio.Task[Any]] = {}

    @property
    @override
    def interval(self) -> timedelta:
        return timedelta(seconds=self.options.get(CONF_POLL, DEFAULT_POLL))

    @override
    async def start(self) -> None:
        await super().start()
        self.sink.describe(MAIN_DEVICE, Facts(configuration_url=self._http.url))
        if self._is_old:
            return
        self._run(self._listen)
        if self.options.get(CONF_FIRMWARE_CHECK):
            self._run(self.firmware.watch)

    @override
    async def stop(self) -> None:
        self.firmware.stop()
        await self.commands.stop()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await super().stop()

    def _run(self, run: Callable[[], Any]) -> None:
        """Do something beside all else, from its beginning."""
        if task := self._tasks.get(run):
            task.cancel()
        self._tasks[run] = self.hass.async_create_background_task(
            run(), f"wattbus openevse {self.data[CONF_HOST]}"
        )

    @property
    def _is_old(self) -> bool:
        """Whether the gateway has no documents, no feeds and no WebSocket."""
        return self._rapi.gateway.generation is Generation.ESP8266

    # --- reading ------------------------------------------------------------------

    @override
    async def poll(self) -> None:
        try:
            told = await self._status()
            await self._follow(told, _COUNTERS.keys() - self._versions.keys())
        except ConnectError, ProtocolError:
            self._versions.clear()  # it may come back as another one
            self.controller.questions.forget()
            self.state.cards.forget()
            raise
        await self._take(told)
        try:
            await self.controller.poll()
        except (WattbusError, ProtocolError) as err:
            LOGGER.debug("The controller does not answer: %s", err)

    async def _status(self) -> Mapping[str, Any]:
        """Read all values. Raises ConnectError or ProtocolError."""
        body = await self._http.get("/status")
        return openevse.decode_status(body, firmware=self.state.firmware)

    async def _follow(
        self, told: Mapping[str, Any], unread: Collection[str] = ()
    ) -> None:
        """Read the documents whose counters have changed, and those unread."""
        for name, counter in _COUNTERS.items():
            version = told.get(counter)
            if name in unread or version not in (None, self._versions.get(name)):
                await self._read(name)
                self._versions[name] = version

    async def _take(self, told: Mapping[str, Any]) -> None:
        """Take values in, and read again what they say of override and claim.

        The counters do not tell when the gateway has let go of one.
        """
        state = self.state
        before = {name: getattr(state, name) for name in (OVERRIDE, CLAIM)}
        state.take(told, by_gateway=True)
        doubtful = {
            name for name, known in before.items() if getattr(state, name) is not known
        }
        if told.get("manual_override") and state.override is None:
            doubtful.add(OVERRIDE)
        for name in doubtful & state.documents:
            await self._read(name)
        if doubtful:
            await self._read("target")

    async def _read(self, name: str) -> None:
        """Read a document, so that none is taken for one that was asked for later."""
        async with self._reading[name]:
            if name == _CONFIG:
                body = await self._http.get("/config")
                config = openevse.decode_config(body)
                self.state.take_config(config)
                self.firmware.configured(config)
            elif not self._is_old:
                claims = Capability.CLAIM in self.state.offers
                self.state.take(await gateway.read(self._http, name, claims=claims))

    # --- the WebSocket ------------------------------------------------------------

    async def _listen(self) -> None:
        """Take what the gateway pushes, and connect again when it is gone."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async with aclosing(self._http.messages("/ws", _SILENCE)) as messages:
                    async for message in messages:
                        pause = _FIRST_PAUSE
                        await self._pushed(message)
            except (ConnectError, ProtocolError) as err:
                LOGGER.debug("The WebSocket of %s: %s", self.data[CONF_HOST], err)
                if not self._listening and _is_missing(err):
                    return
            if self._listening:
                self._listening = False
                self.firmware.unheard()
                self._versions.clear()  # it may have restarted
                self.controller.questions.forget()
                self.state.cards.forget()
                await self._poll_now()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _pushed(self, message: bytes) -> None:
        try:
            document = decode_object(message, limit=MAX_DOCUMENT)
        except ProtocolError as err:
            LOGGER.debug("Ignored a message of the WebSocket: %s", err)
            return
        if not self._listening:
            self._listening = True
            if self._coordinator and not self.works:
                await self._poll_now()
        if update := openevse.decode_update(document):
            self.firmware.heard(update)
        told = openevse.decode_status(document, firmware=self.state.firmware)
        await self._take(told)
        await self._follow(told)

    async def _poll_now(self) -> None:
        if self._coordinator is not None:
            await self._coordinator.async_refresh()

    # --- commands -----------------------------------------------------------------

    async def send(self, publication: Publication) -> None:
        """Post what would be published, and read what has become of it.

        Raises WattbusError.
        """
        await gateway.order(self._http, publication)
        subject = publication.topic.split("/")[1]
        if subject == "restart":
            return
        if subject in _COUNTERS:
            with suppress(ProtocolError):  # what cannot be read confirms nothing
                await self._read(subject)
        await self._look_once()
        if not self._listening:
            self._run(self._look)

    async def _look_once(self) -> None:
        try:
            await self._take(await self._status())
        except (ConnectError, ProtocolError) as err:
            LOGGER.debug("The status cannot be read: %s", err)

    async def _look(self) -> None:
        """See what the charger makes of a command, for which it takes its time."""
        for _ in range(round(CONFIRM_TIMEOUT / _LOOK_EVERY)):
            await asyncio.sleep(_LOOK_EVERY)
            await self._look_once()

    async def feed(self, name: str, value: float) -> None:
        """Tell the gateway a measurement. Raises WattbusError or ProtocolError."""
        if self._is_old:
            raise CommandError("not_offered", field=f"feed_{name}")
        await gateway.feed(self._http, name, self.state.in_its_units(name, value))

    @override
    def diagnostics(self) -> dict[str, Any]:
        version = self._rapi.version
        return super().diagnostics() | {
            "websocket": self._listening,
            "offers": sorted(self.state.offers),
            "documents": sorted(self.state.documents),
            "controller": version.firmware if version else None,
        }


def _is_missing(err: Exception) -> bool:
    return isinstance(err, ConnectError) and err.reason is Reason.NOT_FOUND


def _client(context: Context) -> HttpClient:
    """Give what talks to the gateway; a login is only sent where there is one."""
    data = context.data
    username = data.get(CONF_USERNAME) or ""
    password = data.get(CONF_PASSWORD) or ""
    headers, login = _APP, None
    if password and not username:
        username = _ADMIN
    if username:
        headers = _APP | basic_authorization(username, password)
        login = Login("/login", {"user": username, "pass": password})
    return HttpClient(
        context.hass,
        data[CONF_HOST],
        int(data[CONF_PORT]),
        tls=data[CONF_TLS],
        verify=data[CONF_VERIFY],
        headers=headers,
        login=login,
    )
