"""Lines: what is no message, and what the controller takes for a request."""

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import (
    Checksum,
    Reply,
    Request,
    decode,
    decode_request,
    describe,
    encode_message,
)

# --- what is no message


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "not a frame"),
        ("\r", "not a frame"),
        ("OK", "not a frame"),
        (" $OK", "not a frame"),
        ("$", "neither"),
        ("$ OK", "neither"),
        ("$ok", "neither"),
        ("$OKAY", "neither"),
        ("$OK$OK^20", "not a frame"),
        ("$GV^35", "neither"),
        ("$ST 0 0 0 0^23", "neither"),
        ("$OK 1^30", "wrong checksum"),
        ("$OK 1*A0", "wrong checksum"),
        ("$OK 1^", "not a checksum"),
        ("$OK 1^3", "not a checksum"),
        ("$OK 1^zz", "not a checksum"),
        ("$OK 1^311", "not a checksum"),
        ("$OK 1^31^04", "not a checksum"),
        ("$OK 1^ 1", "not a checksum"),
        ("$OK :00", "not a sequence id"),
        ("$OK :1", "not a sequence id"),
        ("$OK 1 :123", "not a sequence id"),
        ("$OK :", "not a sequence id"),
        ("$OK\t1", "no controller"),
        ("$OK\r1", "no controller"),
        ("$OK \u20ac", "no controller"),
        (b"$OK\xff", "neither"),
        (b"$OK X\xff\xff^43", "wrong checksum"),
        ("$OK " + "1" * 200, "longer than"),
    ],
)
def test_what_is_no_message(line: str | bytes, reason: str) -> None:
    """The reason fits into a log."""
    with pytest.raises(ProtocolError, match=reason) as caught:
        decode(line)
    assert len(str(caught.value)) < 100


def test_blanks_between_fields() -> None:
    """Some controllers begin the answer to $GI with one more."""
    assert decode("$OK  ABCDEF1234 ") == Reply(True, ("ABCDEF1234",))
    assert decode("$OK ABC*A4") == Reply(True, ("ABC",))


@pytest.mark.parametrize("line", [b"$OK X\xff\xff\xff FF12", "$OK X\xff\xff\xff FF12"])
def test_a_field_that_is_no_text(line: str | bytes) -> None:
    """The serial number of an empty chip costs that field alone.

    `$GI` of 8.2.0.EU and 8.2.2 boards (firstof9/openevse #183, #117: `evse_serial`).
    """
    assert decode(line) == Reply(True, ("X\ufffd\ufffd\ufffd", "FF12"))
    text = line.decode("latin-1") if isinstance(line, bytes) else line
    protected = (text + Checksum.XOR.of(text)).encode("latin-1")
    assert decode(protected) == Reply(True, ("X\ufffd\ufffd\ufffd", "FF12"))
    assert describe("GI", decode(protected)) == {"id": None}


# --- the controller's side


def test_requests() -> None:
    """As a simulator reads them."""
    assert decode_request("$GV :01^2E") == Request("GV", (), 1, Checksum.XOR)
    assert decode_request("$GV*C1\r") == Request("GV", (), None, Checksum.SUM)
    assert decode_request(b"$SC 24 V") == Request("SC", ("24", "V"))
    assert decode_request("$FP 0 0 a  b :0A") == Request("FP", ("0", "0", "a  b"), 0x0A)
    assert decode_request("$FP 0 0") == Request("FP", ("0", "0"))


@pytest.mark.parametrize(
    "line",
    [
        "$GV^00",
        "$GV^3",
        "$gv",
        "$OKAY",
        "$",
        "$GV :00",
        "$FP 0 0 " + "x" * 24,
        "$FP 0 0 a b c d e f g h",
        "$FP 0 0 \xfc",
    ],
)
def test_requests_that_are_none(line: str) -> None:
    """The controller answers $NK, or nothing."""
    with pytest.raises(ProtocolError):
        decode_request(line)


@pytest.mark.parametrize("value", ["", "a b", "1^2", "\r"])
def test_fields_that_cannot_be_sent(value: str) -> None:
    """A simulator cannot send them either."""
    with pytest.raises(ProtocolError, match="a field"):
        encode_message(Reply(True, (value,)))
