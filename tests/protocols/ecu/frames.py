"""The real frames, and a way to make others."""

import csv
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).parents[2] / "fixtures" / "apsystems" / "frames.tsv"

with _FILE.open(encoding="utf-8", newline="") as lines:
    FRAMES: Final = {
        row["kind"]: bytes.fromhex(row["hex"])
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    }


def answer(command: str, payload: bytes, *, group: str = "11") -> bytes:
    """Put an answer into its envelope."""
    length = 13 + len(payload) + 3
    return f"APS{group}{length:04}{command}".encode() + payload + b"END\n"


STAMP: Final = bytes.fromhex("20260615123000")


def words(*numbers: int) -> bytes:
    """Give 16-bit numbers."""
    return b"".join(number.to_bytes(2) for number in numbers)


def entry(serial: str, code: str, *fields: int, online: bool = True) -> bytes:
    """Make an inverter's entry."""
    return bytes.fromhex(serial) + bytes([online]) + code.encode() + words(*fields)


def report(*entries: bytes, count: int | None = None, layout: str = "01") -> bytes:
    """Make an answer to 0002."""
    number = words(len(entries) if count is None else count)
    return answer("0002", b"00" + layout.encode() + number + STAMP + b"".join(entries))
