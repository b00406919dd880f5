"""What is sent over MQTT, and what cannot be sent at all."""

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import (
    SAFE_SPACE,
    Checksum,
    encode,
    payload,
)

# --- over MQTT


@pytest.mark.parametrize(
    ("parameters", "sequence", "content"),
    [
        (("GU",), 0x12, ":12"),
        (("GU",), None, ""),
        (("SC", 13, "V"), 0x12, "13 V :12"),
        (("SC", "13", "V"), None, "13 V"),
        (("FP", 0, 0, "Hello World"), None, "0 0 Hello World"),
    ],
)
def test_payload(
    parameters: tuple[str, ...], sequence: int | None, content: str
) -> None:
    """What follows the command; the gateway appends the checksum."""
    assert payload(*parameters, sequence=sequence) == content


def test_the_gateways_checksum_has_to_fit_into_the_frame() -> None:
    """31 characters with it, so 28 without."""
    assert payload("FP", 0, 0, "x" * 20) == "0 0 " + "x" * 20
    with pytest.raises(ProtocolError, match="rapi_too_long: command FP, longest 31"):
        payload("FP", 0, 0, "x" * 21)
    with pytest.raises(ProtocolError, match="rapi_too_long: command FP, longest 31"):
        payload("FP", 0, 0, "x" * 17, sequence=1)


# --- what cannot be sent


@pytest.mark.parametrize("number", ["-5", -5, "+5", "-0"])
def test_no_sign_is_sent(number: str | int) -> None:
    """The controller takes it for a digit: `-5` is -25 (dtou32 in rapi_proc.cpp)."""
    with pytest.raises(ProtocolError, match="reads no sign"):
        encode("SA", 220, number)
    assert encode("FP", 0, 0, "-5", checksum=Checksum.NONE) == "$FP 0 0 -5"


@pytest.mark.parametrize(
    "command",
    ["", "G", "GVX", "gv", "$GV", "G ", "1G", "G^", "GÜ", "G\r", "GV\n", "G٣"],
)
def test_names_that_are_none(command: str) -> None:
    """Two characters, in upper case."""
    with pytest.raises(ProtocolError, match="not the name"):
        encode(command)


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ("", "empty"),
        ("1 2", r"character U\+0020"),
        (" ", "rapi_character: command SC"),
        ("1^2", r"character \^"),
        ("1*2", r"character \*"),
        ("$GV", r"character \$"),
        ("1\r", "rapi_character: command SC"),
        ("1\n", "rapi_character: command SC"),
        ("1\x00", "rapi_character: command SC"),
        (SAFE_SPACE, "rapi_character: command SC"),
        ("\x7f", "rapi_character: command SC"),
        ("ü", "rapi_character: command SC"),
        ("٣", "rapi_character: command SC"),
        (True, "not a parameter"),
        (1.5, "not a parameter"),
        (None, "not a parameter"),
        (b"1", "not a parameter"),
    ],
)
def test_parameters_that_cannot_be_sent(parameter: str, reason: str) -> None:
    """With a reason, by both ways to send."""
    with pytest.raises(ProtocolError, match=reason):
        encode("SC", parameter)
    with pytest.raises(ProtocolError, match=reason):
        payload("SC", parameter)


@pytest.mark.parametrize("character", [*map(chr, range(0x20)), *"^*$\x7f\x80ü€"])
def test_text_that_cannot_be_sent(character: str) -> None:
    """Of the control characters only the display's own blank."""
    if character == SAFE_SPACE:
        assert encode("FP", 0, 0, f"a{character}b").startswith("$FP 0 0 a\x11b^")
        return
    with pytest.raises(ProtocolError, match="rapi_character: command FP"):
        encode("FP", 0, 0, f"a{character}b")


def test_text_may_be_empty_and_have_blanks() -> None:
    """The controller joins the words again."""
    assert encode("FP", 0, 0, "", checksum=Checksum.NONE) == "$FP 0 0 "
    assert encode("FP", 0, 1, "a  b", checksum=Checksum.NONE) == "$FP 0 1 a  b"
    with pytest.raises(ProtocolError, match="empty"):
        encode("FP", 0, "", "text")


def test_text_that_would_be_a_sequence_id() -> None:
    """The controller takes it for one, unless there is another behind it."""
    with pytest.raises(ProtocolError, match="rapi_colon: command FP"):
        encode("FP", 0, 0, ":12")
    with pytest.raises(ProtocolError, match="rapi_colon: command FP"):
        payload("FP", 0, 0, "at :12")
    with pytest.raises(ProtocolError, match="rapi_colon: command SC"):
        encode("SC", ":12")
    assert payload("FP", 0, 0, "at :12", sequence=1) == "0 0 at :12 :01"


@pytest.mark.parametrize("sequence", [0, -1, 256, 1.0, "1", True])
def test_sequence_ids_that_are_none(sequence: int) -> None:
    """00 is reserved."""
    with pytest.raises(ProtocolError, match="sequence id"):
        encode("GV", sequence=sequence)


def test_the_longest_frame() -> None:
    """31 characters; the controller drops what is longer without an answer."""
    assert len(encode("FP", 0, 0, "x" * 20)) == 31
    with pytest.raises(ProtocolError, match="rapi_too_long: command FP, longest 31"):
        encode("FP", 0, 0, "x" * 21)
    assert len(encode("FP", 0, 0, "x" * 23, checksum=Checksum.NONE)) == 31
    with pytest.raises(ProtocolError, match="rapi_too_long: command FP, longest 31"):
        encode("FP", 0, 0, "x" * 24, checksum=Checksum.NONE)


def test_the_most_words() -> None:
    """Ten with the command, the sequence id is one of them."""
    assert encode("FP", 0, 0, "a b c d e f g").startswith("$FP 0 0 a b c d e f g^")
    with pytest.raises(ProtocolError, match="rapi_too_many_words: command FP, most 10"):
        encode("FP", 0, 0, "a b c d e f g h")
    with pytest.raises(ProtocolError, match="rapi_too_many_words: command FP, most 10"):
        payload("FP", 0, 0, "a b c d e f g", sequence=1)


@pytest.mark.parametrize("mode", ["M", "M1", "MAX"])
def test_the_one_time_maximum_is_never_sent(mode: str) -> None:
    """The controller looks at the first letter, and there is no way back."""
    with pytest.raises(ProtocolError, match="never sent"):
        encode("SC", 48, mode)
    with pytest.raises(ProtocolError, match="never sent"):
        payload("SC", 48, mode, sequence=1)
