"""The gateway's firmware: whether there is a newer one, and its installation.

An ESP32 gateway that is asked over HTTP loads an image from an address by itself. Which
image is the newest it does not know: that is asked at GitHub, if the user wants it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from yarl import URL

from homeassistant.components.update import UpdateDeviceClass

from ...const import LOGGER
from ...errors import CommandError, ConnectError
from ...protocols import ProtocolError, openevse
from ...protocols.openevse import Config, Release, Update, UpdateStage
from ...transports.http import DONE, HttpClient
from ..descriptions import UpdateDescription
from ..sink import MAIN_DEVICE, DeviceKey, Sink
from .const import (
    CONF_FIRMWARE_CHECK,
    FIRMWARE,
    FIRMWARE_LATEST,
    FIRMWARE_NOTES,
    FIRMWARE_PAGE,
    FIRMWARE_PROGRESS,
)

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

RELEASES: Final = "https://api.github.com/repos/OpenEVSE/openevse_esp32_firmware"
_HEADERS: Final = {"Accept": "application/vnd.github+json"}
_LOOK_EVERY: Final = 86_400.0
# After a look in vain.
_LOOK_AGAIN: Final = 3_600.0

# Some 2 MB over Wi-Fi, the writing of them, and a start.
_INSTALL_TIMEOUT: Final = 600.0
# How often to look for what is installed, while nothing is told of it.
_ASK_EVERY: Final = 5.0


class Firmware:
    """The firmware of one gateway."""

    def __init__(
        self,
        hass: HomeAssistant,
        sink: Sink,
        http: HttpClient,
        read_config: Callable[[], Awaitable[None]],
    ) -> None:
        """Prepare for a gateway, whose configuration can be read anew."""
        self._hass = hass
        self._sink = sink
        self._http = http
        self._read_config = read_config
        self._config = Config()
        self._release: Release | None = None
        self._stage: UpdateStage | None = None
        self._installing = False
        self._stopped = False
        self._news = asyncio.Event()

    # --- what there is ------------------------------------------------------------

    async def watch(self) -> None:
        """Look for the latest release, now and every day."""
        while True:
            await asyncio.sleep(_LOOK_EVERY if await self._look() else _LOOK_AGAIN)

    async def _look(self) -> bool:
        url = URL(RELEASES)
        client = HttpClient(
            self._hass,
            str(url.host),
            url.port or 0,
            tls=url.scheme == "https",
            headers=_HEADERS,
        )
        try:
            body = await client.get(f"{url.path}/releases/latest")
            self._release = openevse.decode_release(body)
        except (ConnectError, ProtocolError) as err:
            LOGGER.debug("The latest firmware of the gateway is not known: %s", err)
            return False
        if self._image is None:
            build, version = self._config.buildenv, self._release.version
            LOGGER.debug("There is no image of %s for build %s", version, build)
        self._offer()
        return True

    def configured(self, config: Config) -> None:
        """Take what the gateway says of itself in."""
        self._config = config
        self._news.set()
        self._offer()

    @property
    def _image(self) -> str | None:
        """The address of the release's image for this gateway."""
        if self._release is None or self._config.buildenv is None:
            return None
        return self._release.images.get(self._config.buildenv)

    def _offer(self) -> None:
        """Tell of the release, if it is one for this gateway."""
        if self._release is not None and self._image is not None:
            self._sink.report(
                MAIN_DEVICE,
                {
                    FIRMWARE: self._config.version,
                    FIRMWARE_LATEST: self._release.version,
                    FIRMWARE_NOTES: self._release.notes,
                    FIRMWARE_PAGE: self._release.page,
                },
            )

    # --- an installation ----------------------------------------------------------

    def heard(self, update: Update) -> None:
        """Take what the WebSocket tells in, whoever has begun the installation."""
        self._stage = update.stage
        self._news.set()
        match update.stage:
            case UpdateStage.STARTED:
                self._progress(update.progress or 0)
            case UpdateStage.COMPLETED:
                self._progress(100)  # until it has restarted
            case UpdateStage.FAILED:
                self._progress(None)

    def unheard(self) -> None:
        """Know nothing any more: the WebSocket is gone."""
        self._stage = None
        self._news.set()
        if not self._installing:
            self._progress(None)

    def _progress(self, percent: int | None) -> None:
        self._sink.report(MAIN_DEVICE, {FIRMWARE_PROGRESS: percent})

    async def install(self) -> None:
        """Install the release, until the gateway says that it runs.

        Charging goes on meanwhile: it is the controller's work. Raises WattbusError.
        """
        release, image = self._release, self._image
        if release is None or image is None:
            raise CommandError("not_offered", field=FIRMWARE)
        if openevse.is_same(release.version, self._config.version):
            return
        self._stage = None
        self._installing = True
        self._progress(0)
        try:
            await self._start(image)
            async with asyncio.timeout(_INSTALL_TIMEOUT):
                await self._runs(release.version)
        except TimeoutError:
            raise CommandError("update_lost") from None
        finally:
            self._installing = False
            self._progress(None)

    async def _start(self, image: str) -> None:
        answer = await self._http.request(
            "POST", "/update", json={"url": image}, accept=range(200, 600)
        )
        if answer.status not in DONE:
            # Newer gateways load from hosts on a list of theirs only.
            raise CommandError("update_refused", reason=f"HTTP {answer.status}")

    async def _runs(self, version: str) -> None:
        """Wait until a version runs. Raises CommandError."""
        while not openevse.is_same(version, self._config.version):
            if self._stopped:
                raise CommandError("update_lost")
            if self._stage is UpdateStage.FAILED:
                raise CommandError("update_failed")
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_ASK_EVERY):
                    await self._news.wait()
                    continue
            if self._stage is not UpdateStage.STARTED:  # then it has enough to do
                await self._ask()

    async def _ask(self) -> None:
        try:
            await self._read_config()
        except (ConnectError, ProtocolError) as err:
            LOGGER.debug("The gateway is not back yet: %s", err)

    def stop(self) -> None:
        """Wait for nothing any more; what the gateway has begun, it goes on with."""
        self._stopped = True
        self._news.set()


class _Driver(Protocol):
    """The one that can update."""

    firmware: Firmware


async def _install(driver: _Driver, _: DeviceKey) -> None:
    await driver.firmware.install()


FIRMWARE_UPDATE: Final = UpdateDescription(
    key=FIRMWARE,
    device_class=UpdateDeviceClass.FIRMWARE,
    option=CONF_FIRMWARE_CHECK,
    install=_install,
    latest=FIRMWARE_LATEST,
    progress=FIRMWARE_PROGRESS,
    newer=openevse.is_newer,
    notes=FIRMWARE_NOTES,
    page=FIRMWARE_PAGE,
)
