"""A real MQTT broker on loopback: mosquitto, or amqtt where mosquitto is not to be had.

    with Broker() as broker:
        ...  # broker.host, broker.port

All calls are synchronous; starting and stopping mosquitto takes some hundredths of a
second, so an asyncio test may call them, too.
"""

import base64
from functools import partial
import hashlib
import json
import os
from pathlib import Path
import secrets
import shutil
import tempfile
import time
from typing import Self

from .certificates import Certificates, create_certificates
from .ports import LOOPBACK, accepts, free_port, wait_until_free
from .process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]
# System folders that an ordinary user's PATH does not name, and what script/setup
# fetched for this checkout.
MOSQUITTO_PATH = os.pathsep.join(
    (
        os.environ.get("PATH", ""),
        "/usr/sbin",
        "/usr/local/sbin",
        "/opt/homebrew/sbin",
        str(ROOT / ".cache/mosquitto"),
    )
)
AMQTT = ROOT / ".cache/venv/amqtt/bin/amqtt"
# What mosquitto logs once it has all of its ports.
_RUNS = " running\n"


class BrokerError(RuntimeError):
    """The broker is not there or does not start."""


class Broker:
    """A broker process with a port of its own, kept over restarts."""

    host = LOOPBACK

    def __init__(
        self,
        directory: Path | None = None,
        *,
        port: int | None = None,
        tls: bool = False,
        websockets: bool = False,
        username: str | None = None,
        password: str | None = None,
        rights: str | None = None,
    ) -> None:
        """Choose the ports; the directory keeps retained messages over restarts.

        With `rights`, the lines of mosquitto's acl_file, which a restart may change.
        """
        self._own_directory = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="wattbus-broker-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self._choose_ports = partial(self._take_ports, port, tls, websockets)
        self._choose_ports()
        self.username = username
        self.password = password
        self.rights = rights
        self.certificates: Certificates | None = None
        self._mosquitto = shutil.which("mosquitto", path=MOSQUITTO_PATH)
        self.process = ChildProcess("broker", self.directory / "broker.log")

    def _take_ports(self, port: int | None, tls: bool, websockets: bool) -> None:
        self.port = port or free_port()
        self.tls_port = free_port() if tls else None
        self.ws_port = free_port() if websockets else None
        self.wss_port = free_port() if websockets and tls else None

    @property
    def is_mosquitto(self) -> bool:
        """Tell mosquitto from amqtt, which knows neither MQTT 5 nor persistence."""
        return self._mosquitto is not None

    @property
    def ca_file(self) -> Path | None:
        """Return the authority that vouches for the TLS listener."""
        return self.certificates.authority if self.certificates else None

    @property
    def log(self) -> str:
        """Return what the broker has logged."""
        return self.process.text()

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        if self.tls_port and not self.certificates:
            self.certificates = create_certificates(self.directory)
        logged = len(self.log)
        self.process.start(self._command())
        ports = [
            port
            for port in (self.port, self.tls_port, self.ws_port, self.wss_port)
            if port
        ]
        # mosquitto is there in some hundredths of a second, amqtt in seconds.
        end = time.monotonic() + 20
        # Another broker may have got a port first, and accept connections in its place.
        while not (
            (not self.is_mosquitto or _RUNS in self.log[logged:])
            and all(accepts(port) for port in ports)
        ):
            if not self.process.running or time.monotonic() > end:
                self.process.stop()
                raise BrokerError(f"The broker did not start:\n{self.process.tail()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it; its clients see the connection close."""
        self.process.stop()

    def restart(self) -> None:
        """Stop it and start it again on the same ports."""
        self.stop()
        wait_until_free(self.port)
        self.start()

    def close(self) -> None:
        """Stop it and remove what it has written, unless the caller named the place."""
        if self._own_directory:
            self.process.kill()  # nothing has to be kept, and that is faster
        self.stop()
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        """Start it."""
        try:
            try:
                self.start()
            except BrokerError:
                self._choose_ports()  # somebody was quicker
                self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.close()

    async def __aenter__(self) -> Self:
        """Start it."""
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        self.close()

    def _command(self) -> list[str]:
        if self._mosquitto:
            config = self.directory / "mosquitto.conf"
            config.write_text(self._mosquitto_config())
            return [self._mosquitto, "-c", str(config)]
        if AMQTT.exists():
            config = self.directory / "amqtt.yaml"
            config.write_text(json.dumps(self._amqtt_config()))
            return [str(AMQTT), "-c", str(config)]
        raise BrokerError("No MQTT broker: run script/setup, or install mosquitto")

    def _mosquitto_config(self) -> str:
        lines = [
            # Started by root it would become a user that cannot read our files.
            *(["user root"] if os.geteuid() == 0 else []),
            "log_type all",
            "log_timestamp_format %Y-%m-%dT%H:%M:%S",
            "persistence true",
            f"persistence_location {self.directory}/",
            "set_tcp_nodelay true",
        ]
        if self.username:
            password_file = self.directory / "passwords"
            password_file.write_text(self._password_line())
            password_file.chmod(0o600)
            lines += ["allow_anonymous false", f"password_file {password_file}"]
        else:
            lines.append("allow_anonymous true")
        if self.rights is not None:
            rights_file = self.directory / "rights"
            rights_file.write_text(self.rights)
            rights_file.chmod(0o600)
            lines.append(f"acl_file {rights_file}")
        for port in (self.port, self.tls_port, self.ws_port, self.wss_port):
            if port is None:
                continue
            lines.append(f"listener {port} {self.host}")
            if port in (self.ws_port, self.wss_port):
                lines.append("protocol websockets")
            if port in (self.tls_port, self.wss_port) and self.certificates:
                lines += [
                    f"certfile {self.certificates.certificate}",
                    f"keyfile {self.certificates.key}",
                ]
        return "\n".join(lines) + "\n"

    def _password_line(self) -> str:
        """Return the line that mosquitto_passwd writes."""
        salt, rounds = secrets.token_bytes(12), 101
        digest = hashlib.pbkdf2_hmac(
            "sha512", (self.password or "").encode(), salt, rounds
        )
        encoded = "$".join(base64.b64encode(part).decode() for part in (salt, digest))
        return f"{self.username}:$7${rounds}${encoded}\n"

    def _amqtt_config(self) -> dict[str, object]:
        if self.username or self.rights is not None:
            raise BrokerError("A broker with logins or rights needs mosquitto")
        listeners: dict[str, dict[str, object]] = {
            "default": {"type": "tcp", "bind": f"{self.host}:{self.port}"}
        }
        if self.ws_port:
            listeners["ws"] = {"type": "ws", "bind": f"{self.host}:{self.ws_port}"}
        for kind, port in (("tcp", self.tls_port), ("ws", self.wss_port)):
            if port and self.certificates:
                listeners[f"{kind} tls"] = {
                    "type": kind,
                    "bind": f"{self.host}:{port}",
                    "ssl": True,
                    "certfile": str(self.certificates.certificate),
                    "keyfile": str(self.certificates.key),
                }
        return {
            "listeners": listeners,
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {
                    "allow_anonymous": True
                }
            },
        }
