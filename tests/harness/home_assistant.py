"""A real Home Assistant process with a configuration folder of its own."""

import asyncio
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import shutil
from typing import Any, Self

import aiohttp

from .api import ApiError, HomeAssistantApi
from .ports import LOOPBACK, free_port
from .process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]
DEMO_PYTHON = ROOT / ".cache/venv/demo/bin/python"
TOKEN_FILE = "wattbus_token"
# How Home Assistant ends when somebody asks it to restart.
RESTART_EXIT_CODE = 100

# What the pages need, and nothing that looks for devices or asks the internet. Visitors
# from this machine are logged in without being asked.
CONFIGURATION = """\
homeassistant:
  name: Wattbus
  country: DE
  currency: EUR
  language: en
  time_zone: Europe/Berlin
  unit_system: metric
  latitude: 50.1
  longitude: 11.0
  elevation: 300
  auth_providers:
    - type: trusted_networks
      trusted_networks: [127.0.0.1/32, "::1/128"]
      allow_bypass_login: true
    - type: homeassistant
config:
energy:
frontend:
history:
logbook:
recorder:
logger:
  default: warning
  logs:
    custom_components.wattbus: info
    # Speech and cameras, which Home Assistant always loads, miss their programs.
    haffmpeg: critical
    homeassistant.components.camera: critical
"""


class StartError(RuntimeError):
    """Home Assistant did not start."""


class HomeAssistantProcess(HomeAssistantApi):
    """Home Assistant, started for real and driven over HTTP and WebSocket.

    A new configuration folder is onboarded at its first start; one that exists is
    taken as it is.
    """

    def __init__(
        self,
        directory: Path,
        *,
        configuration: str = CONFIGURATION,
        port: int | None = None,
        python: Path | None = None,
    ) -> None:
        """Choose the port; nothing is written before the start."""
        self.port = port or free_port()
        self.directory = directory.resolve()
        self.configuration = configuration
        self.python = python or Path(
            os.environ.get("WATTBUS_DEMO_PYTHON") or DEMO_PYTHON
        )
        self.process = ChildProcess("Home Assistant", self.directory / "process.log")
        token_file = self.directory / TOKEN_FILE
        super().__init__(
            f"http://{LOOPBACK}:{self.port}",
            token_file.read_text() if token_file.exists() else None,
        )

    async def start(self, seconds: float = 120) -> None:
        """Start it and wait until it runs; the first start on a machine takes longest.

        Stopped before it runs, it would lose what it has to store.
        """
        if not self.python.exists():
            raise StartError(f"There is no {self.python}: run script/setup demo")
        self._write_configuration()
        self.process.start(
            [str(self.python), "-m", "homeassistant", "-c", str(self.directory)],
            directory=self.directory,
        )
        try:
            async with asyncio.timeout(seconds):
                await self._wait_until_it_answers()
                if self.token:
                    await self._wait_until_it_runs()
                else:
                    await self._onboard()
                    await self._wait_until_it_runs()
                    self._remember_token()
        except BaseException as error:
            await self.process.async_stop()
            if isinstance(error, TimeoutError):
                raise StartError(
                    f"Home Assistant does not run after {seconds:g} s:\n"
                    f"{self.process.tail()}"
                ) from error
            raise

    async def stop(self) -> int | None:
        """Stop it in the ordinary way, which writes what it has to store."""
        return await self.process.async_stop(30)

    async def restart(self) -> None:
        """Stop it and start it again."""
        await self.stop()
        await self.start()

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        await self.stop()

    @property
    def log(self) -> str:
        """Return everything that it has logged."""
        return self.process.text()

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used."""
        return self.process.cpu_seconds()

    def _write_configuration(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "configuration.yaml").write_text(self.configuration)
        if self.token is None:
            # What a first start has left that did not come to its end.
            shutil.rmtree(self.directory / ".storage", ignore_errors=True)
        link = self.directory / "custom_components"
        if link.resolve() != ROOT / "custom_components":  # of a checkout that moved
            link.unlink(missing_ok=True)
            link.symlink_to(ROOT / "custom_components", target_is_directory=True)
        self._store("http", 2, 2, self._http_configuration())
        if self.token is None:
            # The user is made by onboarding. Its other steps would set up weather,
            # radio and speech from the internet.
            done = ["core_config", "analytics", "integration"]
            self._store("onboarding", 4, 1, {"done": done})

    def _http_configuration(self) -> dict[str, Any]:
        """Return the port and address as settled ones.

        From YAML they would be on trial: a dialog asks for them, and after five
        minutes without an answer Home Assistant restarts on its own port.
        """
        return {
            "stable": {
                "server_host": [LOOPBACK],
                "server_port": self.port,
                "cors_allowed_origins": [],
                "login_attempts_threshold": -1,
                "ip_ban_enabled": False,
                "ssl_profile": "modern",
                "use_x_frame_options": True,
                "created_at": datetime.now(UTC).isoformat(),
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        }

    def _store(self, key: str, version: int, minor: int, data: dict[str, Any]) -> None:
        """Write a file as Home Assistant's own storage does; it migrates older ones."""
        storage = self.directory / ".storage"
        storage.mkdir(mode=0o700, exist_ok=True)
        content = {"version": version, "minor_version": minor, "key": key, "data": data}
        (storage / key).write_text(json.dumps(content))

    async def _wait_until_it_answers(self) -> None:
        while True:
            self._check_alive()
            try:
                await self.rest("GET", "/manifest.json")
            except aiohttp.ClientError, ApiError:
                await asyncio.sleep(0.1)
            else:
                return

    async def _wait_until_it_runs(self) -> None:
        while (await self.rest("GET", "/api/config"))["state"] != "RUNNING":
            self._check_alive()
            await asyncio.sleep(0.1)

    def _check_alive(self) -> None:
        if not self.process.running:
            raise StartError(
                f"Home Assistant ended with {self.process.exit_code}:\n"
                f"{self.process.tail()}"
            )

    async def _onboard(self) -> None:
        """Create the user and a token that outlives restarts."""
        answer = await self.rest(
            "POST",
            "/api/onboarding/users",
            {
                "client_id": self.client_id,
                "name": "Demo",
                "username": "demo",
                "password": "demo",
                "language": "en",
            },
        )
        login = await self.rest(
            "POST",
            "/auth/token",
            form={
                "client_id": self.client_id,
                "grant_type": "authorization_code",
                "code": answer["auth_code"],
            },
        )
        self.token = login["access_token"]
        self.token = str(
            await self.command(
                "auth/long_lived_access_token", client_name="Wattbus", lifespan=3650
            )
        )

    def _remember_token(self) -> None:
        token_file = self.directory / TOKEN_FILE
        token_file.touch(mode=0o600)
        token_file.write_text(self.token or "")
