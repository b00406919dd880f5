"""An EM420 to run: `python -m tests.simulators.em420 --port 1883 --sources 6`.

It publishes what `em420_model` measures as the real device does: data at each interval,
the configuration (detailed format only) when it connects for the first time and when it
has changed (TQ document 1.1.2.2). What is due while there is no broker is lost. With
`--rest-port` it also answers on the device's REST interface.
"""

import argparse
import asyncio
import hmac
import logging
import random
import time

from aiohttp import web
import aiomqtt

from .access import Access
from .command_line import add_broker, broker_of, run
from .em420_model import METER, Em420, Glitch
from .listening import WebServer

__all__ = ["Em420", "Glitch", "main", "rest_app"]

_LOGGER = logging.getLogger("em420")
_RECONNECT_SECONDS = 1.0
# With --glitches, about one message in so many has one.
_GLITCH_EVERY = 10
# For so many messages the meter does not answer when that is the glitch.
_BROKEN_MESSAGES = 3


class Publisher:
    """The device's MQTT client app."""

    def __init__(self, options: argparse.Namespace, model: Em420) -> None:
        """Remember what to publish where."""
        self._access = Access(**broker_of(options))
        self._options = options
        self._model = model
        self._random = random.Random(options.seed)
        self._left: int | None = options.count
        self._sent: dict[str, bytes] = {}
        """The configuration that went to each topic."""
        self._broken = 0

    async def run(self) -> None:
        """Publish until all is sent; a broker that goes away is waited for."""
        while self._left != 0:
            try:
                async with self._access.client() as client:
                    _LOGGER.info("connected")
                    await self._publish_while_connected(client)
            except aiomqtt.MqttError as error:
                _LOGGER.warning("no connection: %s", error)
                await asyncio.sleep(_RECONNECT_SECONDS)

    async def _publish_while_connected(self, client: aiomqtt.Client) -> None:
        """Publish, and notice a lost connection at once, not at the next interval."""
        work = asyncio.create_task(self._publish(client))
        watch = asyncio.create_task(_watch(client))
        try:
            await asyncio.wait((work, watch), return_when=asyncio.FIRST_COMPLETED)
            if work.done() and work.exception():
                # aiomqtt keeps the reason for who reads messages; it must be taken.
                await asyncio.wait((watch,), timeout=1)
        finally:
            work.cancel()
            watch.cancel()
            results = await asyncio.gather(work, watch, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def _topics(self, base: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return each topic with the sources that go to it."""
        sources = self._model.sources
        if self._options.topic_per_source:
            return [(f"{base}/{source}", (source,)) for source in sources]
        return [(base, sources)]

    async def _publish(self, client: aiomqtt.Client) -> None:
        """Publish data, and the configuration if it has not been yet."""
        options = self._options
        while self._left != 0:
            advance(self._model)
            glitch = self._glitch()
            if not self._model.flat:
                for topic, sources in self._topics(options.config_topic):
                    payload = self._model.configuration(*sources)
                    if self._sent.get(topic) != payload:
                        retain = options.retain or options.retain_config
                        await client.publish(topic, payload, options.qos, retain)
                        self._sent[topic] = payload
            for topic, sources in self._topics(options.topic):
                payload = self._model.data(*sources, glitch=glitch)
                await client.publish(topic, payload, options.qos, options.retain)
            if self._left is not None:
                self._left -= 1
            if self._left != 0:
                await asyncio.sleep(options.interval)

    def _glitch(self) -> Glitch | None:
        """Choose what is wrong with the next message, mostly nothing."""
        if self._broken:
            self._broken -= 1
            if not self._broken:
                self._model.mends(METER)
        if not self._options.glitches or self._random.randrange(_GLITCH_EVERY):
            return None
        glitch = self._random.choice(list(Glitch))
        _LOGGER.info("glitch: %s", glitch)
        if glitch is Glitch.ERROR_STATUS:
            self._model.breaks(METER)
            self._broken = _BROKEN_MESSAGES
            return None
        if glitch is Glitch.OTHER_CONFIGURATION_ID and self._random.random() < 0.5:
            # Half the time the change is a real one, with a configuration message.
            number = self._random.randrange(1000)
            self._model.rename(METER, f"Netzanschluss {number}")
            return None
        return glitch


async def _watch(client: aiomqtt.Client) -> None:
    """Read what nobody sends; ends with an error when the connection is lost."""
    async for _ in client.messages:
        pass


def rest_app(model: Em420, token: str) -> web.Application:
    """Return the device's REST interface; the token is one of Profile > Access tokens."""
    expected = f"Bearer {token}".encode()

    async def values(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if not hmac.compare_digest(given, expected):
            return web.json_response({"error": "unauthorized"}, status=401)
        # This interface has the detailed format, whatever MQTT is set to.
        body = model.data(METER, flat=False)
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get(f"/api/json/local/values/{METER}", values)
    return app


def advance(model: Em420) -> None:
    """Bring the model to the present."""
    model.step(max(0.0, time.time() - model.now))


async def serve(options: argparse.Namespace) -> None:
    """Run the device until its messages are sent or the task is cancelled."""
    model = Em420(
        options.sources,
        start=time.time(),
        flat=options.format == "flat",
        four_quadrant=options.four_quadrant,
        seed=options.seed,
    )
    publisher = Publisher(options, model)
    if options.rest_port is None:
        await publisher.run()
        return
    server = WebServer(rest_app(model, options.token))
    clock = asyncio.create_task(_keep_time(model))
    try:
        await server.start(options.rest_port, options.rest_host)
        _LOGGER.info("REST on port %d", options.rest_port)
        await publisher.run()
    finally:
        clock.cancel()
        await server.stop()


async def _keep_time(model: Em420) -> None:
    """Let values change for REST while there is no broker or a long interval."""
    while True:
        await asyncio.sleep(1)
        advance(model)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A simulated TQ EM420.")
    add = parser.add_argument
    add_broker(parser)
    add("--format", choices=("detailed", "flat"), default="detailed")
    add("--sources", type=int, default=3, help="number of sensors, beside the meter")
    add("--four-quadrant", action="store_true", help="15 values per sensor, not 7")
    add("--interval", type=float, default=1.0, help="seconds between messages")
    add("--count", type=int, help="end after so many messages")
    add("--topic", default="em420/data")
    add("--config-topic", default="em420/config")
    add("--topic-per-source", action="store_true", help="append the source's id")
    add("--qos", type=int, choices=(0, 1, 2), default=0)
    add("--retain", action="store_true", help="retain data and configuration")
    add("--retain-config", action="store_true", help="retain the configuration")
    add("--glitches", action="store_true", help="now and then send something wrong")
    add("--seed", type=int, default=420)
    add("--rest-host", default="127.0.0.1")
    add("--rest-port", type=int, help="also serve the REST interface")
    add("--token", default="simulator", help="the REST interface's access token")
    return parser.parse_args(arguments)


def main() -> None:
    """Run from the command line."""
    run(serve(parse_arguments()))


if __name__ == "__main__":
    main()
