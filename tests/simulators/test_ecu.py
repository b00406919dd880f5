"""The simulated ECU over TCP: its commands, and what it does wrong on demand."""

import asyncio
from contextlib import suppress
from datetime import datetime
import time

import pytest

from tests.harness.waiting import until

from .ecu import (
    KINDS,
    Alarm,
    EcuModel,
    EcuSimulator,
    Options,
    Quirk,
    Sun,
    parse_arguments,
    simulator as from_command_line,
)
from .ecu_client import Clock, ask, request
from .ecu_frame import parse_requests

pytestmark = pytest.mark.usefixtures("socket_enabled")

SIZES = {"00": 9, "01": 21, "02": 27, "03": 23, "04": 21, "06": 29}


def entries(answer: bytes) -> list[bytes]:
    """Take an answer to 0002 apart."""
    found, place = [], 26
    for _ in range(int.from_bytes(answer[17:19])):
        size = SIZES[answer[place + 7 : place + 9].decode()]
        found.append(answer[place : place + size])
        place += size
    assert answer[place:] == b"END\n"
    return found


def is_whole(answer: bytes) -> bool:
    """Whether an answer is one frame of the length it says."""
    return answer[-4:] == b"END\n" and int(answer[5:9]) == len(answer) - 1


@pytest.mark.parametrize("model", list(EcuModel))
async def test_models(model: EcuModel) -> None:
    """Models differ in group, firmware, zone, last upload, web page and history."""
    async with EcuSimulator(Options(model), now=Clock()) as simulator:
        info = await ask(simulator, "0001")
        week = await ask(simulator, "0004", "END00")
        assert is_whole(info)
        old = model in {EcuModel.ECU_R, EcuModel.ECU_B}
        assert info[3:5] == (b"11" if old else b"12")
        assert (b"009Etc/GMT-8" in info) == old
        assert info[39:46].hex() == ("d0" * 7 if old else "20260621115507")
        assert (simulator.http_port is None) == old
        assert (week != b"") == old
        assert simulator.requests[0].has_true_length


async def test_kinds() -> None:
    """Each kind has its type; one that never answered may stand anywhere."""
    kinds = ("yc600", "unpaired", "qt2", "qs1a", "ds3d", "ecu", "unknown", "ds3-l")
    options = Options(inverters=8, kinds=kinds)
    async with EcuSimulator(options, now=Clock()) as simulator:
        answer = await ask(simulator, "0002")
        ids = await ask(simulator, "0011")
    found = entries(answer)
    types = [entry[7:9] for entry in found]
    assert types == [b"01", b"00", b"02", b"03", b"04", b"00", b"06", b"01"]
    assert found[5][:6].hex() == simulator.ecu_id
    for kind, entry in zip(kinds, found, strict=True):
        assert entry.hex().startswith(KINDS[kind].prefix)
        assert entry[6] == (KINDS[kind].code != "00")
    assert ids[15:-4] == b"".join(entry[:6] for entry in found)


async def test_type_05() -> None:
    """Nobody knows how long type 05 is: 27 bytes as QT2 or 21 as DS3."""
    for kind, size in (("qt2-05", 27), ("ds3-05", 21)):
        options = Options(inverters=2, kinds=(kind,))
        async with EcuSimulator(options, now=Clock()) as simulator:
            assert len(await ask(simulator, "0002")) == 26 + 2 * size + 4


async def test_a_hundred_inverters_at_once() -> None:
    """A frame of 100 inverters is longer than a reader's 1024 bytes, and quick."""
    options = Options(inverters=100, kinds=("qt2",))
    async with EcuSimulator(options, now=Clock()) as simulator:
        before = time.perf_counter()
        for command in ("0001", "0002", "0030"):
            assert is_whole(await ask(simulator, command))
        assert time.perf_counter() - before < 1
        assert len(entries(await ask(simulator, "0002"))) == 100


async def test_wrong_id() -> None:
    """Who asks for another ECU gets status 01; behind the operation if there is one."""
    async with EcuSimulator(now=Clock()) as simulator:
        other = "216000000000"
        assert await ask(simulator, "0002", ecu_id=other) == b"APS110018000201END\n"
        answer = await ask(simulator, "0025", "01", ecu_id=other)
        assert answer == b"APS11002000250101END\n"


async def test_alarms() -> None:
    """0032 has a day's events in pages; the first flag is the highest bit."""
    clock = Clock()
    async with EcuSimulator(now=clock) as simulator:
        inverter = simulator.ecu.inverters[0].inverter_id
        event = Alarm(inverter, clock.now, frozenset({0, 16, 63}))
        simulator.ecu.alarms += [event] * 11
        first = await ask(simulator, "0032", "END20260621000")
        second = await ask(simulator, "0032", "END20260621001")
        other = await ask(simulator, "0032", "END20260620000")
    entry = bytes.fromhex(inverter + "120000" + "8000800000000001")
    assert first == b"APS110188003200" + 10 * entry + b"END\n"
    assert second == b"APS110035003200" + entry + b"END\n"
    assert other == b"APS110018003200END\n"


@pytest.mark.parametrize("length", [b"0039", b"0018"])
async def test_the_length_of_a_request_is_not_checked(length: bytes) -> None:
    """It answers whatever the request says, and notes that it was not true."""
    async with EcuSimulator(now=Clock()) as simulator:
        reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        wrong = request("0012", simulator.ecu_id).replace(b"0028", length)
        for piece in (wrong[:20], wrong[20:]):
            writer.write(piece)
            await asyncio.sleep(0.01)
        assert await asyncio.wait_for(reader.read(100), 5)
        assert not simulator.requests[0].has_true_length
        writer.close()


def test_requests() -> None:
    """Requests have an id and arguments, parted by END or not; one may follow another."""
    moment = datetime(2026, 6, 21)
    data = request("0001") + request("0003", "216053089840", "END20260621")
    data += request("0025", "216053089840", "01").strip()
    found = [(r.command, r.ecu_id, r.arguments) for r in parse_requests(data, moment)]
    assert found == [
        ("0001", "", ""),
        ("0003", "216053089840", "20260621"),
        ("0025", "216053089840", "01"),
    ]
    assert all(r.has_true_length for r in parse_requests(data, moment))
    assert parse_requests(b"APS1100280002", moment) == []


@pytest.mark.parametrize("quirk", [Quirk.EMPTY, Quirk.RESET, Quirk.HANG])
async def test_silence(quirk: Quirk) -> None:
    """Nothing comes for two requests of one command; all is well for others."""
    async with EcuSimulator(now=Clock()) as simulator:
        simulator.misbehave(quirk, command="0002", times=2)
        assert is_whole(await ask(simulator, "0001"))
        for _ in range(2):
            answer = b""
            with suppress(ConnectionResetError):
                answer = await ask(simulator, "0002", wait=0.3)
            assert answer == b""
        assert is_whole(await ask(simulator, "0002"))
        assert [r.command for r in simulator.requests] == ["0001"] + 3 * ["0002"]


async def test_reset_is_a_reset() -> None:
    async with EcuSimulator(now=Clock()) as simulator:
        simulator.misbehave(Quirk.RESET)
        with pytest.raises(ConnectionResetError):
            await ask(simulator, "0001")


async def test_spoiled_frames() -> None:
    """Frames are cut, doubled, followed by others, bit-flipped, too long."""
    async with EcuSimulator(now=Clock()) as simulator:
        good = await ask(simulator, "0001")
        simulator.misbehave(Quirk.CUT)
        assert await ask(simulator, "0001") == good[: len(good) // 2]
        simulator.misbehave(Quirk.DOUBLED)
        assert await ask(simulator, "0001") == good * 2
        simulator.misbehave(Quirk.CONCATENATED)
        both = await ask(simulator, "0001")
        assert both.startswith(good)
        assert is_whole(both[len(good) :])
        simulator.misbehave(Quirk.BIT_FLIP)
        flipped = int.from_bytes(await ask(simulator, "0001")) ^ int.from_bytes(good)
        assert flipped.bit_count() == 1
        simulator.misbehave(Quirk.OVERSIZED)
        oversized = await ask(simulator, "0001")
        assert oversized[5:9] == b"9999"
        assert len(oversized) > 9999
        simulator.misbehave(Quirk.MISSING_LF)
        assert await ask(simulator, "0001", wait=0.5) == good[:-1]
        assert await ask(simulator, "0001") == good


async def test_slow_and_in_segments() -> None:
    """A frame comes byte by byte, or in pieces."""
    async with EcuSimulator(Options(inverters=100), now=Clock()) as simulator:
        good = await ask(simulator, "0002")
        simulator.misbehave(Quirk.SEGMENTS)
        reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        writer.write(request("0002", simulator.ecu_id))
        pieces: list[bytes] = []
        while len(b"".join(pieces)) < len(good):
            pieces.append(await reader.read(65536))
        writer.close()
        assert b"".join(pieces) == good
        assert len(pieces) > 5
        simulator.server.slow_seconds = 0.1
        simulator.misbehave(Quirk.SLOW)
        assert 2 <= len(await ask(simulator, "0002", wait=1)) <= 20


async def test_glitches() -> None:
    """Zeros in the middle of the day, and the values of the last time."""
    clock = Clock()
    async with EcuSimulator(now=clock) as simulator:
        good = await ask(simulator, "0001")
        for quirk, place, zeros in (
            (Quirk.LIFETIME_ZERO, 27, 4),
            (Quirk.TODAY_ZERO, 35, 4),
            (Quirk.COUNTS_ZERO, 46, 2),
        ):
            simulator.misbehave(quirk)
            expected = bytearray(good)
            expected[place : place + zeros] = bytes(zeros)
            assert await ask(simulator, "0001") == expected
        before = await ask(simulator, "0002")
        clock.move(600)
        simulator.misbehave(Quirk.STALE)
        assert await ask(simulator, "0002") == before
        assert await ask(simulator, "0002") != before


async def test_the_port_is_closed() -> None:
    """Connections are refused, and accepted again on the same port."""
    async with EcuSimulator(now=Clock()) as simulator:
        port = simulator.port
        await simulator.close_port()
        with pytest.raises(ConnectionRefusedError):
            await ask(simulator, "0001")
        await simulator.open_port()
        assert simulator.port == port
        simulator.server.refused_seconds = 1
        simulator.misbehave(Quirk.REFUSED)
        with pytest.raises(ConnectionResetError):
            await ask(simulator, "0001")
        with pytest.raises(ConnectionRefusedError):
            await ask(simulator, "0001")
        await asyncio.sleep(1.1)
        assert is_whole(await ask(simulator, "0001"))


async def test_one_client_at_a_time() -> None:
    """A second client is reset while there is a first; not one after the other."""
    async with EcuSimulator(now=Clock()) as simulator:
        _, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        with pytest.raises(ConnectionResetError):
            await ask(simulator, "0001")
        writer.close()
        for _ in range(10):
            assert is_whole(await ask(simulator, "0001"))


@pytest.mark.parametrize("model", [EcuModel.ECU_R, EcuModel.ECU_R_PRO])
async def test_queries_on_one_connection(model: EcuModel) -> None:
    """An ECU-R answers all queries of a connection, the newer models the first."""
    async with EcuSimulator(Options(model), now=Clock()) as simulator:
        simulator.server.idle_seconds = 0.5
        reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        writer.write(request("0001"))
        assert is_whole(await reader.read(1000))
        writer.write(request("0012", simulator.ecu_id))
        second = await asyncio.wait_for(reader.read(1000), 5)
        assert (second != b"") == (model is EcuModel.ECU_R)
        # Whoever says nothing is thrown out.
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_restart() -> None:
    """It is away for ten minutes, has forgotten its inverters and kept its energy."""
    clock = Clock()
    async with EcuSimulator(now=clock) as simulator:
        before = await ask(simulator, "0001")
        simulator.misbehave(Quirk.RESTART)
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                await ask(simulator, "0001")
        clock.move(601)
        after = await ask(simulator, "0001")
        assert int.from_bytes(after[27:31]) >= int.from_bytes(before[27:31])
        assert simulator.ecu.restarts == 1
        # At night nobody answers, so it knows nobody.
        clock.now = datetime(2026, 6, 21, 23, 2)
        simulator.restart(60)
        clock.move(600)
        found = entries(await ask(simulator, "0002"))
        assert [entry[7:9] for entry in found] == 3 * [b"00"]
        clock.now = datetime(2026, 6, 22, 9, 2)
        found = entries(await ask(simulator, "0002"))
        assert [entry[7:9] for entry in found] == [b"01", b"03", b"01"]


async def test_writing_takes_the_server_down() -> None:
    """A command that writes is not answered, and nothing is until a restart."""
    clock = Clock()
    async with EcuSimulator(now=clock) as simulator:
        assert await ask(simulator, "0026", "02END0", wait=0.3) == b""
        assert await ask(simulator, "0001", wait=0.3) == b""
        simulator.restart()
        clock.move(601)
        assert is_whole(await ask(simulator, "0001"))


async def test_stopping_with_clients() -> None:
    """Clients that wait for an answer see the end of the connection."""
    async with EcuSimulator(now=Clock()) as simulator:
        simulator.misbehave(Quirk.HANG, times=None)
        reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        writer.write(request("0001"))
        await until(lambda: simulator.requests)
    assert await reader.read() == b""
    writer.close()


async def test_command_line() -> None:
    """What can be set from outside, can be seen."""
    arguments = "--model ecu-c --inverters 4 --kind qs1 --id 215000000001 --new"
    quirks = "--quirk reset --quirk hang --every 3 --speed 60 --zone Europe/Berlin"
    made = from_command_line(parse_arguments([*arguments.split(), *quirks.split()]))
    assert made.ecu_id == "215000000001"
    assert [i.kind for i in made.ecu.inverters] == 4 * [KINDS["qs1"]]
    report = made.ecu.report()
    assert (report.today, report.lifetime, report.last_upload) == (0, 0, None)
    assert made.options.sun == Sun()
    wanted = {Quirk.RESET, Quirk.HANG}
    taken = [made.quirks.take_first(wanted) for _ in range(6)]
    assert taken[2] is Quirk.RESET
    assert taken.count(None) >= 3
