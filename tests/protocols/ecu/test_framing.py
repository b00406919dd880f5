"""What is asked, and where an answer ends."""

from datetime import date
from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.ecu import (
    Command,
    NoDataError,
    Period,
    WrongEcuError,
    decode_info,
    decode_inverters,
    decode_max_power,
    decode_signal,
    encode_request,
    frame_length,
)

from .frames import FRAMES, answer

ID = "216053089840"
DAY = date(2026, 6, 5)


@pytest.mark.parametrize(
    ("command", "extra", "expected"),
    [
        ("0001", {}, "APS1100160001END"),
        ("0002", {}, f"APS1100280002{ID}END"),
        ("0003", {"day": DAY}, f"APS1100390003{ID}END20260605END"),
        ("0004", {"period": Period.WEEK}, f"APS1100330004{ID}END00END"),
        ("0004", {"period": Period.MONTH}, f"APS1100330004{ID}END01END"),
        ("0004", {"period": Period.YEAR}, f"APS1100330004{ID}END02END"),
        ("0025", {}, f"APS1100300025{ID}01END"),
        ("0026", {}, f"APS1100300026{ID}01END"),
        ("0030", {}, f"APS1100280030{ID}END"),
        ("0032", {"day": DAY}, f"APS1100420032{ID}END20260605000END"),
        ("0032", {"day": DAY, "page": 12}, f"APS1100420032{ID}END20260605012END"),
    ],
)
def test_requests(command: str, extra: dict[str, Any], expected: str) -> None:
    """Each says its true length."""
    request = encode_request(command, ID, **extra)
    assert request == expected.encode()
    assert frame_length(request) == len(request)


def test_info_needs_no_id() -> None:
    """It is what tells the id."""
    assert encode_request(Command.INFO) == b"APS1100160001END"


@pytest.mark.parametrize(
    "command",
    ["0005", "0006", "0007", "0009", "0010", "0015", "0031", "0035", "0045", "", "2"],
)
def test_only_reading_is_offered(command: str) -> None:
    """What writes, and what nobody knows, cannot be asked."""
    with pytest.raises(ProtocolError, match="not a command for reading"):
        encode_request(command, ID)


@pytest.mark.parametrize(
    ("command", "ecu_id", "extra"),
    [
        ("0002", None, {}),
        ("0002", "21605308984", {}),
        ("0002", "21605308984X", {}),
        ("0002", "٢١٦٠٥٣٠٨٩٨٤٠", {}),
        ("0003", ID, {}),
        ("0032", ID, {"day": DAY, "page": 1000}),
        ("0032", ID, {"day": DAY, "page": -1}),
    ],
)
def test_incomplete_requests(
    command: str, ecu_id: str | None, extra: dict[str, Any]
) -> None:
    """Nothing is sent that is not what is meant."""
    with pytest.raises(ProtocolError):
        encode_request(command, ecu_id, **extra)


@pytest.mark.parametrize("kind", [k for k in FRAMES if "cut" not in k])
def test_real_lengths(kind: str) -> None:
    """The nine bytes of the head tell the length, without the line feed."""
    frame = FRAMES[kind]
    assert frame_length(frame[:9]) == len(frame.rstrip(b"\n"))


@pytest.mark.parametrize(
    "head",
    [b"", b"APS", b"APS11001", b"APX110016", b"APS11 016", b"APS110014", b"HTTP/1.1 "],
)
def test_not_a_head(head: bytes) -> None:
    """Something else answers, or it is not all there yet."""
    with pytest.raises(ProtocolError):
        frame_length(head)


def test_without_line_feed() -> None:
    """Some firmware ends with END."""
    frame = FRAMES["ecu_0001_ecur"]
    assert frame.endswith(b"END\n")
    assert decode_info(frame) == decode_info(frame[:-1])


@pytest.mark.parametrize(
    "damage",
    [
        lambda frame: frame[:-2],
        lambda frame: frame + frame,
        lambda frame: frame + b"\n",
        lambda frame: b"\n" + frame,
        lambda frame: frame.replace(b"0001", b"0002"),
        lambda frame: frame[:-4] + b"XXX\n",
        lambda frame: frame.replace(b"APS11", b"APS??"),
        lambda _: FRAMES["ecu_0001_cut_at_0x0a"],
    ],
)
def test_damaged(damage: Any) -> None:
    """Cut, doubled, with something after it, of another command, of no group."""
    with pytest.raises(ProtocolError):
        decode_info(damage(FRAMES["ecu_0001_ecur"]))


def test_no_data_without_end() -> None:
    """An ECU-B that was just replaced."""
    with pytest.raises(NoDataError):
        decode_inverters(FRAMES["inverter_0002_no_data"])


def test_no_data_with_end() -> None:
    """The same, as it should be."""
    with pytest.raises(NoDataError):
        decode_inverters(answer("0002", b"02"))


def test_success_without_end() -> None:
    """An answer that is cut is no success without inverters."""
    with pytest.raises(ProtocolError, match="without its END"):
        decode_signal(b"APS110015003000\n")


def test_statuses() -> None:
    """Of another ECU, unknown, and none at all."""
    with pytest.raises(WrongEcuError):
        decode_signal(answer("0030", b"01"))
    with pytest.raises(ProtocolError, match="status 07"):
        decode_signal(answer("0030", b"07"))
    with pytest.raises(ProtocolError, match="without a status"):
        decode_signal(answer("0030", b"x"))


def test_status_after_the_operation() -> None:
    """0025 and 0026 repeat the operation first."""
    with pytest.raises(WrongEcuError):
        decode_max_power(answer("0025", b"0101"))
