"""RAPI's decoders are given anything and return a value or raise ProtocolError."""

import random

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import (
    COMMANDS,
    Checksum,
    Reply,
    check,
    decode,
    describe,
    encode,
)

# Enough to meet each kind of damage many times, in about a second.
ROUNDS = 6_000
ALPHABET = b"$OKNAT0123456789abcdefF -:^*.\r\n\x00\x11\xff"


def lines(seed: str) -> list[bytes]:
    """Return noise, noise in the form of frames, and such with a right checksum."""
    rng = random.Random(seed)
    result = []
    for n in range(ROUNDS):
        noise = bytes(rng.choices(ALPHABET, k=rng.randrange(40)))
        if n % 3:
            head = rng.choice([b"$OK ", b"$NK ", b"$AT ", b"$ST ", b"$AB ", b"$WF "])
            noise = head + noise
        if n % 3 == 2:
            noise = noise.partition(b"^")[0]
            noise += Checksum.XOR.of(noise.decode("latin-1")).encode()
        result.append(noise)
    return result


def test_any_line() -> None:
    """Whatever it is, and read as the answer to any command."""
    messages = 0
    for line in lines("any"):
        for text in (line, line.decode("latin-1")):
            try:
                message = decode(text)
            except ProtocolError:
                continue
            messages += 1
            if isinstance(message, Reply):
                for command in COMMANDS:
                    describe(command, message)
    assert messages > 100


def test_any_fields() -> None:
    """Plausible words in all places."""
    rng = random.Random("fields")
    words = ["", "0", "1", "-1", "ff", "0200", "99999999999", "x", "٣", "A", "M", "8.2"]
    for _ in range(ROUNDS):
        values = tuple(rng.choices(words, k=rng.randrange(8)))
        reply = Reply(rng.random() < 0.9, values)
        described = describe(rng.choice(list(COMMANDS)), reply)
        assert all(isinstance(name, str) for name in described)


def test_any_parameters() -> None:
    """What passes the check can be sent."""
    rng = random.Random("parameters")
    words: list[str | int] = [
        "",
        "0",
        1,
        6,
        16,
        "V",
        "M",
        "A",
        "D",
        "x y",
        "1e3",
        70_000,
    ]
    sent = 0
    for _ in range(ROUNDS):
        command = rng.choice(list(COMMANDS))
        count = len(COMMANDS[command].parameters) + rng.choice([0, 0, 0, 1, -1])
        try:
            values = check(command, rng.choices(words, k=max(0, count)))
        except ProtocolError:
            continue
        assert len(encode(command, *values)) <= 31
        sent += 1
    assert sent > 1000
