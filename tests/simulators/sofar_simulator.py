"""A simulated Sofar EMS in an event loop: the EMS, its broker, and what goes wrong."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import json
import logging
import time
from typing import Any, Final, Self

from .access import Access
from .sofar_client import OtherClient
from .sofar_dialect import Dialect
from .sofar_ems import Document, Ems
from .sofar_fields import Wish
from .sofar_live import LiveCommand
from .sofar_mqtt import Connection, Topics
from .sofar_schedules import Schedule
from .sofar_trouble import Fault, Trouble

_LOGGER = logging.getLogger("sofar")
# The vendor gives the real topics with the credentials; these follow its other ones.
COMMAND_TOPIC: Final = "standard1/outbound/remoteControlMetrics/{serial}"
FEEDBACK_TOPIC: Final = "standard1/rp_one_s/remoteControlMetrics/{serial}"


@dataclass
class Options:
    """What a simulated EMS is like.

    Attributes:
        site_suffix: What makes the site's node id of the serial number.
        command_topic: With the placeholders `{serial}` and `{username}`, as the next.
        time_zone: The site's: the days of get_schedules begin with its midnight.
        fallback_seconds: How long a live command counts.
        speed: How much faster than real batteries its batteries charge.
    """

    serial: str = "M1S250101SIMULATED1"
    site_suffix: str = "_site_0"
    command_topic: str = COMMAND_TOPIC
    feedback_topic: str = FEEDBACK_TOPIC
    time_zone: str = "Europe/Brussels"
    fallback_seconds: float = 120
    speed: float = 1
    dialect: Dialect = field(default_factory=Dialect)
    trouble: Trouble = field(default_factory=Trouble)


@dataclass(frozen=True, slots=True)
class Request:
    """A message that has arrived on the command topic.

    Attributes:
        received: When, by the EMS's clock.
        document: What it says, None if it is no JSON object.
        retained: Whether the broker kept it, which a client must not let it do.
        fault: What has gone wrong with it.
    """

    received: float
    payload: bytes
    document: Document | None
    retained: bool
    fault: Fault | None

    @property
    def message_type(self) -> str | None:
        """Return its type; live control has none."""
        kind = (self.document or {}).get("message_type")
        return kind if isinstance(kind, str) else None

    @property
    def fields(self) -> Document:
        """Return its fields."""
        fields = (self.document or {}).get("fields")
        return fields if isinstance(fields, dict) else {}


class SofarSimulator:
    """A simulated EMS in an event loop.

    async with SofarSimulator(Options(...)) as simulator:
        await simulator.start(broker.host, broker.port)
        ...
        assert simulator.schedules[0].policy == "charge"

    Attributes:
        requests: What has arrived, the oldest first, live control too.
        replies: What has been published, as text.
    """

    def __init__(
        self, options: Options | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        """Build it; a clock in Unix seconds may be given. It is not connected yet."""
        self.options = options = options or Options()
        self.trouble = options.trouble
        self.ems = Ems(
            options.serial,
            f"{options.serial}{options.site_suffix}",
            dialect=options.dialect,
            clock=clock,
            time_zone=options.time_zone,
            fallback_seconds=options.fallback_seconds,
            speed=options.speed,
        )
        self.requests: list[Request] = []
        self.replies: list[bytes] = []
        self._access: Access | None = None
        self._connection: Connection | None = None
        self._answers = set[asyncio.Task[None]]()

    async def __aenter__(self) -> Self:
        """Return it; it is stopped at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        await self.stop()

    @property
    def node_id(self) -> str:
        """Return the site's node id."""
        return self.ems.node_id

    @property
    def dialect(self) -> Dialect:
        """Return how it speaks; this may be changed at any time."""
        return self.ems.dialect

    @property
    def topics(self) -> Topics:
        """Return where it listens and where it answers."""
        options = self.options
        topics = Topics(options.command_topic, options.feedback_topic)
        username = self._access.username if self._access else None
        return topics.of(options.serial, username)

    @property
    def connected(self) -> bool:
        """Return whether it is at its broker."""
        return self._connection is not None and self._connection.connected.is_set()

    @property
    def schedules(self) -> list[Schedule]:
        """Return the schedules that have not ended, in the order of their starts."""
        return self.ems.schedules.current(self.ems.now)

    @property
    def live(self) -> list[LiveCommand]:
        """Return all live commands that it has taken, the oldest first."""
        return self.ems.live.history

    def live_now(self, device_type: str) -> LiveCommand | None:
        """Return the live command that counts for a device type, None after fallback."""
        return self.ems.live.active(device_type, self.ems.now)

    def requests_of(self, message_type: str) -> list[Request]:
        """Return the requests of a type that have arrived."""
        return [found for found in self.requests if found.message_type == message_type]

    def feedback(self, device: bool | str = True) -> Document:
        """Return the feedback as it is now."""
        self.ems.advance()
        found = self.ems.site.feedback(device, self.dialect.feedback)
        if found is None:
            raise KeyError(device)
        return found

    def add(
        self,
        device_type: str,
        policy: str,
        start: float,
        end: float,
        **options: Any,
    ) -> Schedule:
        """Set a schedule from elsewhere, in Unix seconds; options as those of Wish."""
        now = self.ems.advance()
        wish = Wish(device_type, int(start), int(end), policy, **options)
        return self.ems.schedules.set(wish, int(now))[0]

    def remove(self, schedule_id: int | str) -> None:
        """Remove a schedule from elsewhere."""
        self.ems.schedules.remove(schedule_id, int(self.ems.advance()))

    async def start(self, host: str, port: int, **login: str | None) -> None:
        """Connect to a broker, and stay connected; return when it is."""
        await self._join(Access(host, port, **login))

    async def _join(self, access: Access) -> None:
        await self.stop()
        self._access = access
        topics = self.topics
        self._connection = Connection(
            self._access, topics.command, topics.feedback, self._receive
        )
        await self._connection.start()

    async def stop(self) -> None:
        """Leave the broker; schedules stay, and it may be started again."""
        connection, self._connection = self._connection, None
        answers = list(self._answers)
        for task in answers:
            task.cancel()
        await asyncio.gather(*answers, return_exceptions=True)
        if connection is not None:
            await connection.stop()

    async def run(self, access: Access) -> None:
        """Run at a broker until cancelled."""
        try:
            await self._join(access)
            await asyncio.Event().wait()
        finally:
            await self.stop()

    def other_client(self) -> OtherClient:
        """Return another client at the same broker and topics, not started yet."""
        if self._access is None:
            raise RuntimeError("There is no broker yet")
        return OtherClient(self._access, self.topics, self.node_id, clock=self._now)

    async def publish(self, message: Document | bytes) -> None:
        """Publish anything on the feedback topic, such as an ack that nobody waits for."""
        payload = (
            message if isinstance(message, bytes) else json.dumps(message).encode()
        )
        if self._connection is not None and await self._connection.publish(payload):
            self.replies.append(payload)

    def _now(self) -> float:
        return self.ems.now

    def _receive(self, payload: bytes, retained: bool) -> None:
        """Do what a message asks for, at once; the reply may take its time."""
        try:
            found = json.loads(payload)
        except ValueError:
            found = None
        document = found if isinstance(found, dict) else None
        kind = (document or {}).get("message_type")
        fault = self.trouble.choose(kind if isinstance(kind, str) else None)
        self.requests.append(Request(self.ems.now, payload, document, retained, fault))
        if fault is not None:
            _LOGGER.info("%s: %s", kind, fault)
        if fault is Fault.LOST_REQUEST:
            return
        if fault is Fault.GENERAL_ERROR:
            sent = (document or {}).get("time")
            reply: Document | None = self.ems.general_error(sent, "Internal error")
        else:
            reply = self.ems.answer(payload)
        if reply is not None and fault is not Fault.LOST_REPLY:
            task = asyncio.create_task(self._reply(reply, fault))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _reply(self, reply: Document, fault: Fault | None) -> None:
        payload = json.dumps(reply).encode()
        match fault:
            case Fault.SLOW:
                await asyncio.sleep(self.trouble.slow_seconds)
            case Fault.HALF_JSON:
                payload = payload[: len(payload) // 2]
            case Fault.WRONG_REQUEST_TIME:
                payload = json.dumps(_stray(reply)).encode()
            case Fault.UNREADABLE_REQUEST_TIME:
                payload = json.dumps(reply | {"requestTime": "now"}).encode()
            case Fault.STRAY_REPLY:
                await self.publish(_stray(reply))
            case Fault.DUPLICATE:
                await self.publish(payload)
        await self.publish(payload)


def _stray(reply: Document) -> Document:
    """Return a reply as another client's, whose request came at another time."""
    time = reply.get("requestTime")
    return reply | {"requestTime": time + 7 if isinstance(time, int) else 7}
