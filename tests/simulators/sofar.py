"""A Sofar EMS to run: `python -m tests.simulators.sofar --port 1883`.

It answers the ten messages of scheduled control, takes live control, and has a site
whose values follow both. `--speed` lets its batteries charge faster; its clock is the
machine's, as schedules carry its time.
"""

import argparse
import asyncio

from .access import Access
from .command_line import add_broker, broker_of, run
from .sofar_client import OtherClient
from .sofar_dialect import Dialect, Entries, Feedback, Ids, Mode, NoSchedule
from .sofar_mqtt import Topics
from .sofar_simulator import COMMAND_TOPIC, FEEDBACK_TOPIC, Options, SofarSimulator
from .sofar_trouble import Fault, Trouble

__all__ = [
    "Dialect",
    "Entries",
    "Fault",
    "Feedback",
    "Ids",
    "Mode",
    "NoSchedule",
    "Options",
    "OtherClient",
    "SofarSimulator",
    "Trouble",
    "main",
]


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A simulated Sofar EMS.")
    add = parser.add_argument
    add_broker(parser)
    add("--serial", default=Options.serial, help="the controller's serial number")
    add("--site-suffix", default=Options.site_suffix)
    add("--command-topic", default=COMMAND_TOPIC, help="where it listens")
    add("--feedback-topic", default=FEEDBACK_TOPIC, help="where it answers")
    add("--speed", type=float, default=1.0, help="how much faster batteries charge")
    add("--time-zone", default=Options.time_zone, help="the site's")
    add("--fallback", type=float, default=120.0, help="seconds a live command counts")
    add(
        "--policy",
        nargs=3,
        action="append",
        default=[],
        metavar=("DEVICE_TYPE", "POLICY", "MODE"),
        help=f"one more policy; its mode is one of {', '.join(Mode)}",
    )
    add("--error-objects", action="store_true", help="errors are objects, not texts")
    add("--milliseconds", action="store_true", help="so are the times of replies")
    add("--milliseconds-echo", action="store_true", help="and their requestTime")
    add("--no-schedule", type=NoSchedule, default=NoSchedule.NULL)
    add("--entries", type=Entries, default=Entries.BOTH, help="of set_schedules")
    add("--feedback", type=Feedback, default=Feedback.BY_NODE, help="its structure")
    add("--ids", type=Ids, default=Ids.NUMBERS, help="of schedules")
    add("--live-acks", action="store_true", help="acknowledge live control")
    for fault in Fault:
        name = fault.replace("_", "-")
        add(f"--{name}", type=float, default=0.0, metavar="SHARE", help="0 to 1")
    add("--slow-seconds", type=float, default=5.0, help="how late slow replies are")
    add("--other-client", type=float, metavar="SECONDS", help="one that meddles")
    add("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    for *_, mode in options.policy:
        if mode not in list(Mode):
            parser.error(f"{mode} is no mode of a policy: {', '.join(Mode)}")
    return options


def simulator(options: argparse.Namespace) -> SofarSimulator:
    """Return what the command line describes."""
    dialect = Dialect(
        error_objects=options.error_objects,
        milliseconds=options.milliseconds,
        milliseconds_echo=options.milliseconds_echo,
        no_schedule=options.no_schedule,
        entries=options.entries,
        feedback=options.feedback,
        ids=options.ids,
        live_acks=options.live_acks,
    )
    for device_type, policy, mode in options.policy:
        dialect.vocabulary.setdefault(device_type, {})[policy] = Mode(mode)
    shares = {fault: getattr(options, fault.value) for fault in Fault}
    return SofarSimulator(
        Options(
            serial=options.serial,
            site_suffix=options.site_suffix,
            command_topic=options.command_topic,
            feedback_topic=options.feedback_topic,
            time_zone=options.time_zone,
            fallback_seconds=options.fallback,
            speed=options.speed,
            dialect=dialect,
            trouble=Trouble(
                shares, slow_seconds=options.slow_seconds, seed=options.seed
            ),
        )
    )


async def serve(options: argparse.Namespace) -> None:
    """Run until cancelled."""
    access = Access(**broker_of(options))
    device = simulator(options)
    if options.other_client is None:
        await device.run(access)
        return
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(device.run(access))
        topics = Topics(options.command_topic, options.feedback_topic)
        topics = topics.of(options.serial, options.username)
        other = OtherClient(access, topics, device.node_id)
        tasks.create_task(_meddle(other, options.other_client, options.seed))


async def _meddle(other: OtherClient, seconds: float, seed: int) -> None:
    async with other:
        await other.keep_meddling(seconds, seed)


def main() -> None:
    """Run from the command line."""
    run(serve(parse_arguments()))


if __name__ == "__main__":
    main()
