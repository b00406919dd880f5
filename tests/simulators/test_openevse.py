"""The simulated OpenEVSE's controller and RAPI, against the firmware's own answers."""

from datetime import datetime

import pytest

from custom_components.wattbus.protocols.rapi import (
    COMMANDS,
    EcFlag,
    Notification,
    NotificationKind,
    Reply,
    State,
    VFlag,
    decode,
    describe,
    read_capacity,
    read_energy,
    read_faults,
    read_status,
)
from custom_components.wattbus.protocols.rapi.framing import Checksum

from .openevse_driver import Driver, Habits
from .openevse_firmware import FIRMWARES, Firmware
from .openevse_model import Charger
from .openevse_rapi import Controller


def controller(protocol: str = "5.2.1", **options: object) -> Controller:
    """Return a controller of a protocol version."""
    firmware = Firmware(FIRMWARES[protocol], protocol)
    return Controller(Charger(firmware, **options))  # type: ignore[arg-type]


def state_of(charger: Charger) -> State:
    """Return the state as it is now."""
    return charger.state


def ask(device: Controller, command: str) -> Reply:
    """Ask as a gateway does, with a checksum."""
    line = device.answer(command + Checksum.XOR.of(command))
    assert line is not None
    reply = decode(line)
    assert isinstance(reply, Reply)
    return reply


def charging(protocol: str = "5.2.1", seconds: float = 60) -> Controller:
    """Return a controller with a car that charges."""
    device = controller(protocol)
    device.charger.plug(missing_wh=50_000)
    device.charger.step(seconds)
    assert state_of(device.charger) is State.CHARGING
    return device


# --- the charger


def test_a_session() -> None:
    """Plugged in, charging, full, unplugged: energy is counted as the firmware does."""
    charger = Charger()
    total = charger.total_wh
    assert state_of(charger) is State.NOT_CONNECTED
    charger.plug(missing_wh=2000)
    assert state_of(charger) is State.CONNECTED
    charger.step(5)
    assert state_of(charger) is State.CHARGING
    assert 0 < charger.amps < 32
    charger.step(20)
    assert charger.amps == pytest.approx(32)
    charger.step(3600)
    assert state_of(charger) is State.CONNECTED
    assert charger.amps == 0
    assert charger.session.wh == pytest.approx(2000, abs=5)
    # The total takes the session in when it ends, and both say so until the next one.
    assert charger.total_wh == total
    charger.unplug()
    assert state_of(charger) is State.NOT_CONNECTED
    assert charger.total_wh == pytest.approx(total + 2000, abs=5)
    assert charger.session.wh == pytest.approx(2000, abs=5)
    charger.plug()
    assert charger.session.ws == 0


def test_sleeping_and_disabled() -> None:
    """Asleep the car stops by itself and is seen; disabled neither."""
    charger = charging().charger
    charger.sleep()
    assert state_of(charger) is State.SLEEPING
    assert charger.amps > 0
    charger.step(3)
    assert charger.amps == 0
    charger.unplug()
    assert not charger.connected
    charger.plug()
    charger.enable()
    charger.step(10)
    assert state_of(charger) is State.CHARGING
    charger.disable()
    assert (state_of(charger), charger.amps) == (State.DISABLED, 0)
    charger.unplug()
    assert VFlag.VEHICLE_CONNECTED in charger.vflags
    charger.enable()
    assert state_of(charger) is State.NOT_CONNECTED


def test_faults() -> None:
    """A fault stops and is counted; when it is cleared the car charges on."""
    device = charging()
    charger = device.charger
    charger.fault(State.GFCI_FAULT)
    charger.fault(State.GFCI_FAULT)
    assert charger.amps == 0
    assert VFlag.HARD_FAULT | VFlag.GFCI_TRIPPED in charger.vflags
    assert read_faults(ask(device, "$GF")).gfci == 2
    assert not ask(device, "$FP 0 0 Hello").ok
    charger.clear_fault()
    charger.step(10)
    assert state_of(charger) is State.CHARGING
    with pytest.raises(ValueError, match="not a fault"):
        charger.fault(State.CHARGING)


def test_limits_end_the_session() -> None:
    """Asleep with a flag, until the car has left."""
    device = charging()
    charger = device.charger
    assert ask(device, "$SH 1").ok
    assert VFlag.CHARGE_LIMIT in charger.vflags
    charger.step(1800)
    status = read_status(ask(device, "$GS"))
    assert status.state is State.SLEEPING
    assert status.vflags is not None
    assert VFlag.LIMIT_SLEEP in status.vflags
    assert VFlag.CHARGE_LIMIT not in status.vflags
    assert charger.session.wh == pytest.approx(1000, abs=10)
    assert ask(device, "$GH").values == ("0",)
    charger.unplug()
    assert state_of(charger) is State.NOT_CONNECTED

    device = charging()
    assert ask(device, "$S3 2").ok
    device.charger.step(1700)
    assert state_of(device.charger) is State.CHARGING
    device.charger.step(100)
    assert state_of(device.charger) is State.SLEEPING


def test_limits_that_extended_the_session() -> None:
    """Firmware 5.0 counted from the moment of the command."""
    charger = Charger(Firmware("5.0.1", "4.0.1"))
    charger.plug(missing_wh=50_000)
    charger.step(1200)
    before = charger.session.wh
    assert charger.set_energy_limit(1)
    charger.step(1800)
    assert charger.session.wh == pytest.approx(before + 1000, abs=10)


def test_timer() -> None:
    """Outside of its hours it sleeps; over midnight, too."""
    device = controller(now=datetime(2026, 3, 2, 21, 0))
    assert ask(device, "$ST 22 30 6 0").ok
    assert ask(device, "$GD").values == ("22", "30", "6", "0")
    assert state_of(device.charger) is State.SLEEPING
    device.charger.step(3 * 3600)
    assert state_of(device.charger) is State.NOT_CONNECTED
    assert ask(device, "$GT").values == ("26", "3", "3", "0", "0", "0")
    device.charger.step(7 * 3600)
    assert state_of(device.charger) is State.SLEEPING
    assert ask(device, "$ST 0 0 0 0").ok
    assert ask(device, "$GD").values == ("0", "0", "0", "0")


def test_heartbeat() -> None:
    """Without a pulse the current is cut until that is acknowledged."""
    device = controller()
    assert ask(device, "$SY 100 6").values == ("100", "6", "0")
    device.charger.step(90)
    assert ask(device, "$SY").ok
    device.charger.step(101)
    assert device.charger.capacity == 6
    assert ask(device, "$SY") == Reply(False, ("100", "6", "2"))
    # The old gateway's blank is a wrong acknowledgement.
    assert not ask(device, "$SY ").ok
    assert ask(device, "$SY 165") == Reply(True, ("100", "6", "1"))


def test_restart() -> None:
    """Nothing is answered for a while, then what was volatile is gone."""
    device = charging()
    assert ask(device, "$SC 10 V").ok
    assert ask(device, "$FR").ok
    assert device.answer("$GV") is None
    device.charger.step(3)
    assert device.charger.capacity == 32
    assert device.charger.session.ws == 0
    kinds = [notification.kind for notification in device.notifications()]
    assert kinds == ["AB", "AT"]


def test_the_driver() -> None:
    """In a day the car comes and goes, and something trips."""
    charger = Charger()
    driver = Driver(charger, Habits(fault_every=2))
    states = set()
    for _ in range(86_400 // 60):
        driver.step(60)
        charger.step(60)
        states.add(charger.state)
    assert driver.visits > 5
    assert {1, 2, 3, 6} <= states
    assert charger.fault_counts[State.GFCI_FAULT] > 1


# --- RAPI

VECTORS = {
    "$GV^35": "$OK 8.2.3 5.2.1^2F",
    "$GV*C1": "$OK 8.2.3 5.2.1^2F",
    "$GV": "$OK 8.2.3 5.2.1^2F",
    "$G$GV": "$OK 8.2.3 5.2.1^2F",
    "noise$GV": "$OK 8.2.3 5.2.1^2F",
    "$GV^00": "$NK^21",
    "$GV^3": "$NK^21",
    "$GV^zz": "$NK^21",
    "$gv": "$NK^21",
    "$GV :01^2E": "$OK 8.2.3 5.2.1 :01^34",
    "$GV :00^2F": "$OK 8.2.3 5.2.1^2F",
    "$XX :12": "$NK :12^38",
    "$GC": "$OK 6 80 32 32^1E",
    "$GD": "$OK 0 0 0 0^20",
    "$SC 3": "$NK 6^37",
    "$SC 3 :0A": "$NK 6 :0A^5C",
    "$SC 300": "$OK 44^00",
    "$SC abc": "$OK 75^02",
    "$SC": "$NK^21",
    "$SC 13": "$OK 13^02",
    "$SC 24 V^64": "$OK 24^06",
    "$S3 4": "$NK^21",
    "$SH 10": "$NK^21",
    "$S4 1": "$NK^21",
    "$FP 0 0 Hello World^32": "$OK^20",
    "$FS": "$OK^20",
    "$FD^26": "$OK^20",
    "$SD 1": "$NK^21",
    "$FF Q 1": "$NK^21",
    "$FF D 2": "$NK^21",
    "$FF E 0": "$OK^20",
    "$GG 1 2 3 4 5 6 7 8 9 10": "$NK^21",
    "$OK 1": None,
    "GV": None,
    "$FP 0 0 012345678901234567890123": None,
}


@pytest.mark.parametrize("frame", VECTORS)
def test_vectors(frame: str) -> None:
    """What the real controller code answered."""
    assert controller().answer(frame) == VECTORS[frame]


def test_vectors_of_states() -> None:
    """The same, of a controller that has something to tell."""
    device = controller(features=frozenset({"auth_lock"}))
    charger = device.charger
    charger.session.elapsed = 1234
    charger.settings.flags = EcFlag.LEVEL_2
    charger.heartbeat.arm(100, 6)
    charger.fault_counts.update(
        {State.GFCI_FAULT: 300, State.NO_GROUND: 10, State.STUCK_RELAY: 1}
    )
    for frame, answer in {
        "$GS": "$OK 01 1234 01 0200^26",
        "$GE": "$OK 32 0001^20",
        "$GP": "$OK -2560 247 -2560^31",
        "$GP :ab": "$OK -2560 247 -2560 :AB^28",
        "$GF": "$OK ff a 1^50",
        "$GY": "$OK 100 6 0^37",
        "$S4 1^52": "$OK^20",
        "$G4": "$OK 1^31",
    }.items():
        assert device.answer(frame) == answer
    charger.total_wh, charger.session.ws = 45613, 40724987
    assert device.answer("$GU :12") == "$OK 40724987 45613 :12^0F"


def test_every_answer_can_be_read() -> None:
    """The codec knows the fields of all that is answered, in every version."""
    for protocol in FIRMWARES:
        device = controller(protocol, features=frozenset({"auth_lock", "mennekes"}))
        for name in COMMANDS:
            if not name.startswith("G"):
                continue
            line = device.answer(f"${name}")
            assert line is not None
            reply = decode(line)
            assert isinstance(reply, Reply)
            if name == "GI":  # begins with one more blank
                assert reply.values in (("SIM001C0DE",), ())
                continue
            text = " ".join(("$OK" if reply.ok else "$NK", *reply.values))
            check = Checksum.NONE if protocol == "1.0.3" else Checksum.XOR
            assert line == text + check.of(text)
            if reply.ok:
                assert "value_1" not in describe(name, reply), (protocol, name)


def test_current() -> None:
    """A stored one wears the EEPROM, a volatile one cannot exceed it."""
    device = controller(stored=24)
    assert ask(device, "$SC 30 V") == Reply(False, ("24",))
    assert ask(device, "$SC 16 V") == Reply(True, ("16",))
    assert device.charger.eeprom_writes == 0
    assert read_capacity(ask(device, "$GC")).stored == 24
    assert ask(device, "$SC 40") == Reply(True, ("40",))
    assert device.charger.eeprom_writes == 1
    assert read_capacity(ask(device, "$GC")).stored == 40
    assert ask(device, "$SC 48 M") == Reply(True, ("48",))
    assert ask(device, "$SC 60 M") == Reply(False, ("48",))
    device.charger.fault(State.OVER_TEMPERATURE)
    assert ask(device, "$SC 42 V") == Reply(False, ("40",))

    old = controller("3.0.1", stored=24)
    assert ask(old, "$SC 30 N") == Reply(True, ("30",))
    assert ask(old, "$SC 6 N") == Reply(False, ("10",))


def test_versions() -> None:
    """What each protocol says in its own way."""
    old, middle, new = charging("3.0.1"), charging("4.0.1"), charging()
    assert ask(old, "$GS").values == ("3", "58")
    assert ask(new, "$GS").values == ("03", "58", "03", "0140")
    assert [len(ask(device, "$GC").values) for device in (old, middle, new)] == [
        2,
        2,
        4,
    ]
    assert [ask(device, "$GP").values[0] for device in (old, new)] == ["0", "-2560"]
    assert ask(old, "$SD 0").ok
    assert not ask(middle, "$SD 0").ok
    assert not ask(old, "$FF D 0").ok
    assert ask(middle, "$FF D 0").ok
    assert not ask(middle, "$SV 230000").ok
    assert ask(new, "$SV 230000").ok
    assert new.charger.voltage == 230
    assert ask(old, "$SV 0").ok
    # Only the oldest has neither ids nor checksums.
    assert ask(old, "$GG :7F").sequence == 0x7F
    oldest = controller("1.0.3")
    assert oldest.answer("$GE :7F") == "$OK 32 0001"
    # Limits without a car were taken once.
    assert ask(controller("3.0.1"), "$SH 5").ok
    assert not ask(controller("4.0.1"), "$SH 5").ok


def test_energy_counts_the_session_twice() -> None:
    """Between unplug and the next plug both numbers hold the session."""
    device = charging(seconds=600)
    before = read_energy(ask(device, "$GU"))
    device.charger.unplug()
    after = read_energy(ask(device, "$GU"))
    assert after.session_wh == before.session_wh
    assert after.total_wh == pytest.approx(before.total_wh + before.session_wh, abs=1)


def test_notifications() -> None:
    """One for each change, in the way of the version."""
    device = controller(stored=24)
    assert device.notifications() == []
    for command, fields in (
        ("$SC 13 V", ("01", "01", "13", "0200")),
        ("$FS", ("fe", "01", "13", "0200")),
        ("$FE", ("01", "01", "13", "0200")),
        ("$FD", ("ff", "01", "13", "0200")),
    ):
        ask(device, command)
        assert [n.values for n in device.notifications()] == [fields]
    old = controller("4.0.1")
    ask(old, "$FS")
    assert old.notifications() == [Notification(NotificationKind.ST, ("fe",))]


def test_display_and_button() -> None:
    """Text, colour, and who is told of the button."""
    device = controller()
    ask(device, "$F0 0")
    ask(device, "$FB 3")
    ask(device, "$FP 2 1 Hello  you")
    assert device.charger.display.lines[1] == "  Hello  you    "
    assert device.charger.colour == 3
    ask(device, "$F1")
    assert state_of(device.charger) is State.SLEEPING
    assert ask(device, "$FF B 0").ok
    device.charger.press_button(long=True)
    assert state_of(device.charger) is State.SLEEPING
    assert device.notifications()[0].values == ("1",)
