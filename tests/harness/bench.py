"""What a message costs Home Assistant: Wattbus beside YAML MQTT sensors.

One EM420 message with 64 sources of 15 values each is published to a real broker, again
and again: with every value changed, with a tenth changed, and with the same bytes. Two
real Home Assistant processes take turns in reading it: one with Wattbus, one with 960
`mqtt:` sensors, each with a `value_template`. Counted is the processor time of the
process, so that what else the machine does matters little.
"""

import argparse
import asyncio
from dataclasses import dataclass, field
import json
from pathlib import Path
from statistics import median
import tempfile
import time

import aiomqtt

from .api import FlowStep
from .broker import Broker
from .em420 import TOPIC, add_em420
from .home_assistant import CONFIGURATION, HomeAssistantProcess

SOURCES = 64
PHASES = ("_L1", "_L2", "_L3")
# Those of which Wattbus derives nothing more, so that both have the same sensors.
KEYS = (
    *(f"active_energy_{sign}{phase}" for sign in "+-" for phase in ("", *PHASES)),
    *(f"current{phase}" for phase in PHASES),
    *(f"voltage{phase}" for phase in PHASES),
    "supply_frequency",
)
CLASSES = {
    "active_energy": ("Wh", "energy"),
    "current": ("A", "current"),
    "voltage": ("V", "voltage"),
    "supply_frequency": ("Hz", "frequency"),
}
MODES = {"all change": 1.0, "10 % change": 0.1, "same": 0.0}
SECONDS_BETWEEN = 0.1


@dataclass
class Message:
    """The message of a device that measures 960 values."""

    values: dict[str, dict[str, int]] = field(
        default_factory=lambda: {
            f"s{source}": {key: 1_000_000 * (n + 1) for n, key in enumerate(KEYS)}
            for source in range(SOURCES)
        }
    )
    seconds: int = 1_800_000_000
    turn: int = 0

    def step(self, share: float) -> bytes:
        """Change a share of the values, and give the message."""
        self.turn += 1
        if share:
            self.seconds += 1
            every = round(1 / share)
            for number, source in enumerate(self.values.values()):
                for position, key in enumerate(KEYS):
                    if (number + position + self.turn) % every == 0:
                        source[key] += 1_000
        return json.dumps(
            {
                name: {
                    "configuration_id": "0" * 40,
                    "status": "STATUS_OK",
                    "timestamp": {"seconds": self.seconds, "nanos": 0},
                    "values": values,
                }
                for name, values in self.values.items()
            }
        ).encode()


def yaml_sensors() -> str:
    """Write the 960 sensors as a user without Wattbus would."""
    lines = ["mqtt:", "  sensor:"]
    for source in range(SOURCES):
        for key in KEYS:
            unit, device_class = next(
                of for stem, of in CLASSES.items() if key.startswith(stem)
            )
            total = device_class == "energy"
            lines += [
                f'    - name: "s{source} {key}"',
                f'      unique_id: "s{source}_{key}"',
                f"      state_topic: {TOPIC}",
                f"      value_template: \"{{{{ value_json['s{source}']['values']"
                f"['{key}'] / 1000 }}}}\"",
                f"      unit_of_measurement: {unit}",
                f"      device_class: {device_class}",
                f"      state_class: {'total_increasing' if total else 'measurement'}",
            ]
    return "\n".join(lines) + "\n"


async def measure(
    home_assistant: HomeAssistantProcess, broker: Broker, messages: int
) -> dict[str, float]:
    """Give the processor seconds per 100 messages, by mode."""
    seconds = {}
    message = Message()
    async with aiomqtt.Client(broker.host, broker.port) as client:
        for _ in range(10):  # until the entities are there, and all is warm
            await client.publish(TOPIC, message.step(1.0))
            await asyncio.sleep(0.3)
        await asyncio.sleep(2)
        for mode, share in MODES.items():
            if not share:
                await client.publish(TOPIC, message.step(0.0))
                await asyncio.sleep(1)
            before = home_assistant.cpu_seconds()
            begin = time.monotonic()
            for number in range(messages):
                await client.publish(TOPIC, message.step(share))
                due = begin + (number + 1) * SECONDS_BETWEEN
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            await asyncio.sleep(1)
            used = home_assistant.cpu_seconds() - before
            seconds[mode] = max(used - await idle(home_assistant, messages), 0.001)
            seconds[mode] *= 100 / messages
    return seconds


async def idle(home_assistant: HomeAssistantProcess, messages: int) -> float:
    """Give what the process uses in the same time without any message."""
    before = home_assistant.cpu_seconds()
    await asyncio.sleep(2)
    used = home_assistant.cpu_seconds() - before
    return used / 2 * (messages * SECONDS_BETWEEN + 1)


async def run(
    folder: Path, broker: Broker, wattbus: bool, messages: int
) -> dict[str, float]:
    """Start one Home Assistant, and measure it."""
    # The recorder would write each state, of the one as of the other.
    plain = CONFIGURATION.replace("recorder:\n", "").replace("history:\n", "")
    plain = plain.replace("logbook:\n", "").replace("energy:\n", "")
    configuration = plain if wattbus else plain + yaml_sensors()
    async with HomeAssistantProcess(folder, configuration=configuration) as process:
        if wattbus:
            waiting = asyncio.create_task(add_em420(process, broker))
            async with aiomqtt.Client(broker.host, broker.port) as client:
                while not waiting.done():
                    await client.publish(TOPIC, Message().step(1.0))
                    await asyncio.sleep(0.3)
            result = await waiting
        else:
            step: FlowStep = {
                "broker": broker.host,
                "port": broker.port,
                "other_settings": {"set_client_cert": False, "set_ca_cert": "off"},
            }
            result = await process.flow("mqtt", step)
        if result["type"] != "create_entry":
            raise RuntimeError(f"Not set up: {result}")
        seconds = await measure(process, broker, messages)
        shown = [
            state
            for entity_id, state in (await process.states()).items()
            if entity_id.startswith("sensor.")
            and state["state"] not in ("unavailable", "unknown")
        ]
        print(f"  {len(shown)} sensors with a state, {seconds}", flush=True)
        if len(shown) < SOURCES * len(KEYS):
            raise RuntimeError(f"Not all sensors were there:\n{process.process.tail()}")
        return seconds


async def bench(runs: int, messages: int) -> None:
    """Measure both in turns, and print the medians and their ratios."""
    results: dict[str, list[dict[str, float]]] = {"YAML": [], "Wattbus": []}
    with tempfile.TemporaryDirectory(prefix="wattbus-bench-") as folder:
        for number in range(runs):
            for name, seconds in results.items():
                print(f"{name}, run {number + 1} of {runs}", flush=True)
                with Broker() as broker:
                    config = Path(folder) / f"{name}-{number}"
                    seconds.append(
                        await run(config, broker, name == "Wattbus", messages)
                    )
    print(f"\nProcessor seconds per 100 messages, medians of {runs}:")
    print(f"{'':12} {'YAML':>8} {'Wattbus':>8} {'ratio':>8}")
    for mode in MODES:
        yaml, wattbus = (
            median(seconds[mode] for seconds in of) for of in results.values()
        )
        print(f"{mode:12} {yaml:8.3f} {wattbus:8.3f} {yaml / wattbus:7.1f}x")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--messages", type=int, default=100)
    options = parser.parse_args()
    asyncio.run(bench(options.runs, options.messages))


if __name__ == "__main__":
    main()
