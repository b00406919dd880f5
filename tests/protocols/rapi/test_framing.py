"""RAPI frames, written and read: the guide's examples, captures, generated ones."""

import random
import string

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import (
    Checksum,
    Notification,
    NotificationKind,
    Reply,
    decode,
    encode,
)

from . import controller

# Every command of the OpenEVSE Developers Guide (MQTT) that is printed with a checksum.
GUIDE_COMMANDS = (
    """
$F0 0^42|$F0 1^43|$F1^53
$FB 0^30|$FB 1^31|$FB 2^32|$FB 3^33|$FB 4^34|$FB 5^35|$FB 6^36|$FB 7^37
$FD^26|$FE^27|$FP 0 0 Hello World^32|$FR^30|$FS^31
$S0 0^57|$S0 1^56|$S2 0^55|$S2 1^54|$S3 4^50|$S4 0^53|$S4 1^52|$SA 182 0^3D
$SC 24^12|$SC 24 V^64|$SH 10^1E|$SK 0^2C|$SL 1^2A|$SL 2^29|$SL A^5A|$ST 0 0 0 0^23
$G0^53|$G3^50|$GA^22|$GC^20|$GD^27|$GE^26|$GF^25|$GG^24|$GH^2B|$GO^2C|$GP^33|$GS^30
$GT^37|$GU^36|$GV^35
$FF D 0^50|$FF D 1^51|$FF E 0^51|$FF E 1^50|$FF F 0^52|$FF F 1^53|$FF G 0^53
$FF G 1^52|$FF R 0^46|$FF R 1^47|$FF T 0^40|$FF T 1^41|$FF V 0^42|$FF V 1^43
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
# Commands that it prints without one; the checksums are computed.
GUIDE_COMMANDS_WITHOUT = ["$S1 18 10 18 12 30 00^47", "$T0 75^62", "$G4^57"]
# Additive checksums in the controller's rapi_proc.h.
HEADER_COMMANDS = """
$FB 7*03|$FD*AE|$FE*AF|$FR*BC|$FS*BD|$S0 0*F7|$S0 1*F8|$S2 0*F9|$SL 1*14|$SL 2*15|$SL A*24
""".strip().split("|")
GUIDE_REPLIES = {
    "$OK^20": Reply(True),
    "$OK 0^30": Reply(True, ("0",)),
    "$OK 1^31": Reply(True, ("1",)),
    "$OK 2^32": Reply(True, ("2",)),
    "$OK D4.10.4.EU 4.0.1^6E": Reply(True, ("D4.10.4.EU", "4.0.1")),
}
# Captures from chargers (the issues of their gateways), and what the controller's own
# code, 8.2.3, answers.
CAPTURED_REPLIES = {
    "$OK D7.1.2 5.1.3^67": Reply(True, ("D7.1.2", "5.1.3")),
    "$OK 40724987 45613 :12^0F": Reply(True, ("40724987", "45613"), 0x12),
    "$OK 15^04": Reply(True, ("15",)),
    "$OK 10^01": Reply(True, ("10",)),
    "$OK 6 32 15 15^17": Reply(True, ("6", "32", "15", "15")),
    "$OK 6 32 10 15^12": Reply(True, ("6", "32", "10", "15")),
    "$OK 8.2.3 5.2.1^2F": Reply(True, ("8.2.3", "5.2.1")),
    "$OK 8.2.3 5.2.1 :01^34": Reply(True, ("8.2.3", "5.2.1"), 1),
    "$NK^21": Reply(False),
    "$NK :12^38": Reply(False, (), 0x12),
    "$OK -2560 247 -2560^31": Reply(True, ("-2560", "247", "-2560")),
    "$OK -2560 247 -2560 :AB^28": Reply(True, ("-2560", "247", "-2560"), 0xAB),
    "$OK 01 1234 01 0200^26": Reply(True, ("01", "1234", "01", "0200")),
    "$OK 32 0001^20": Reply(True, ("32", "0001")),
    "$OK 6 80 32 32^1E": Reply(True, ("6", "80", "32", "32")),
    "$OK ff a 1^50": Reply(True, ("ff", "a", "1")),
    "$OK 0 0 0 0^20": Reply(True, ("0", "0", "0", "0")),
    "$OK 100 6 0^37": Reply(True, ("100", "6", "0")),
    "$OK 13^02": Reply(True, ("13",)),
    "$NK 13^03": Reply(False, ("13",)),
    "$NK 6^37": Reply(False, ("6",)),
    "$NK 6 :0A^5C": Reply(False, ("6",), 0x0A),
    "$OK 44^00": Reply(True, ("44",)),
    "$OK 75^02": Reply(True, ("75",)),
    "$OK 24^06": Reply(True, ("24",)),
    "$OK 15900 -1^01": Reply(True, ("15900", "-1")),
}
NOTIFICATIONS = {
    "$ST 03^00": Notification(NotificationKind.ST, ("03",)),
    "$AT 01 01 32 0200^32": Notification(
        NotificationKind.AT, ("01", "01", "32", "0200")
    ),
    "$AT 01 01 13 0200^31": Notification(
        NotificationKind.AT, ("01", "01", "13", "0200")
    ),
    "$AT fe 01 24 0200^37": Notification(
        NotificationKind.AT, ("fe", "01", "24", "0200")
    ),
    "$AT 01 01 24 0200^35": Notification(
        NotificationKind.AT, ("01", "01", "24", "0200")
    ),
    "$AT ff 01 24 0200^34": Notification(
        NotificationKind.AT, ("ff", "01", "24", "0200")
    ),
    "$WF 02^17": Notification(NotificationKind.WF, ("02",)),
    "$AN 1^3A": Notification(NotificationKind.AN, ("1",)),
    "$AB 01 8.2.3^1F": Notification(NotificationKind.AB, ("01", "8.2.3")),
}


def parts(frame: str) -> tuple[str, list[str]]:
    """Return the command and the parameters of a frame of the guide."""
    command, *parameters = frame[1:].rpartition(frame[-3])[0].split(" ")
    if command == "FP":
        parameters = [*parameters[:2], " ".join(parameters[2:])]
    return command, parameters


# --- the documents' examples


def test_the_guide_has_66_examples() -> None:
    """With a checksum that is right: commands and replies."""
    assert len({*GUIDE_COMMANDS, *GUIDE_REPLIES}) == 66


@pytest.mark.parametrize("frame", [*GUIDE_COMMANDS, *GUIDE_COMMANDS_WITHOUT])
def test_commands_of_the_guide(frame: str) -> None:
    """XOR is the default; the end is for the transport."""
    command, parameters = parts(frame)
    assert encode(command, *parameters) == frame


@pytest.mark.parametrize("frame", HEADER_COMMANDS)
def test_additive_checksums(frame: str) -> None:
    """The old kind, which every controller still takes."""
    command, parameters = parts(frame)
    assert encode(command, *parameters, checksum=Checksum.SUM) == frame


@pytest.mark.parametrize(
    ("line", "reply"), [*GUIDE_REPLIES.items(), *CAPTURED_REPLIES.items()]
)
def test_replies(line: str, reply: Reply) -> None:
    """As text, as bytes, with the line's end, in lower case, without a checksum."""
    assert decode(line) == reply
    assert decode(line.encode() + b"\r") == reply
    assert decode(f"{line}\r\n") == reply
    assert decode(line[:-2] + line[-2:].lower()) == reply
    assert decode(line[:-3]) == reply


@pytest.mark.parametrize(("line", "notification"), NOTIFICATIONS.items())
def test_notifications(line: str, notification: Notification) -> None:
    """They come at any time."""
    assert decode(line) == notification
    assert decode(line[:-3]) == notification


def test_a_kind_of_notification_is_text() -> None:
    """It can be compared with the two letters."""
    message = decode("$AT 01 01 32 0200")
    assert isinstance(message, Notification)
    assert message.kind == "AT"


@pytest.mark.parametrize(
    "line",
    [
        # "Get Lock Status - Locked"; it is ^31.
        "$OK 1^30",
        # The gateway's guide, Developers_Guide_MQTT.md; it is ^20.
        "$OK 32 0001^22",
        # 14 rows of the table of $FF, with the digit for the letter; $OK^20.
        "$0K^20",
    ],
)
def test_misprints_of_the_guides(line: str) -> None:
    """They are no replies."""
    with pytest.raises(ProtocolError):
        decode(line)


def test_the_misprint_with_a_digit_has_another_checksum() -> None:
    """Its own would be 5F, and it would still be no reply."""
    assert Checksum.XOR.of("$0K") == "^5F"
    with pytest.raises(ProtocolError, match="neither"):
        decode("$0K^5F")


@pytest.mark.parametrize(
    ("parameters", "sequence", "frame"),
    [
        (("GV",), 1, "$GV :01^2E"),
        (("GV",), 0xFF, "$GV :FF^2F"),
        (("SC", 13, "V"), 0x12, "$SC 13 V :12^79"),
    ],
)
def test_sequence_ids(parameters: tuple[str, ...], sequence: int, frame: str) -> None:
    """The last word, two digits in upper case, under the checksum."""
    assert encode(*parameters, sequence=sequence) == frame


def test_without_a_checksum() -> None:
    """For experiments only, says the guide."""
    assert encode("GV", checksum=Checksum.NONE) == "$GV"
    assert encode("GV", checksum=Checksum.SUM) == "$GV*C1"


# --- generated


SAFE = "".join(
    set(string.ascii_letters + string.digits + string.punctuation) - set("^*$:+-")
)


def words(rng: random.Random, count: int) -> tuple[str, ...]:
    """Return some short words."""
    return tuple("".join(rng.choices(SAFE, k=rng.randint(1, 3))) for _ in range(count))


def test_what_a_controller_writes_is_read() -> None:
    """Over generated replies and notifications."""
    rng = random.Random("rapi")
    for _ in range(3000):
        checksum = rng.choice(list(Checksum))
        sequence = rng.choice([None, rng.randint(1, 255)])
        parameters = words(rng, rng.randint(0, 5))
        reply = Reply(rng.random() < 0.5, parameters, sequence)
        assert decode(controller.line(reply, checksum)) == reply
        notification = Notification(rng.choice(list(NotificationKind)), words(rng, 1))
        assert decode(controller.line(notification, checksum)) == notification


def test_a_damaged_reply_is_never_another() -> None:
    """One wrong character under a checksum is seen, wherever it is."""
    rng = random.Random("damaged")
    lines = [*GUIDE_REPLIES, *CAPTURED_REPLIES, *NOTIFICATIONS]
    for _ in range(3000):
        line = rng.choice(lines)
        place = rng.randrange(len(line))
        damaged = line[:place] + chr(rng.randrange(0x20, 0x7F)) + line[place + 1 :]
        if damaged.upper() == line.upper() or "^" not in damaged:
            continue
        with pytest.raises(ProtocolError):
            decode(damaged)
