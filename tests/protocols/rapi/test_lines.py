"""Lines that are no message, or have fields that are no text."""

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import Checksum, Reply, decode, describe

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
