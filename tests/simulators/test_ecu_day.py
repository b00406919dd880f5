"""The simulated ECU's days: what it makes, counts and remembers."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from .ecu import EcuModel, EcuSimulator, Options, Sun
from .ecu_client import Clock, ask
from .ecu_inverter import Reading
from .ecu_model import CYCLE_SECONDS
from .test_ecu import entries

DAY = date(2026, 6, 21)


def made(clock: Clock, **options: object) -> EcuSimulator:
    """Return a simulator that needs no event loop."""
    return EcuSimulator(Options(**options), now=clock)  # type: ignore[arg-type]  # any option


def test_a_day_in_cycles() -> None:
    """Counters rise with each cycle of a day and are what the power adds up to."""
    clock = Clock(2026, 6, 21, 0, 10)
    simulator = made(clock)
    ecu = simulator.ecu
    reports = [ecu.report()]
    for _ in range(280):
        clock.move(CYCLE_SECONDS)
        reports.append(ecu.report())
    assert all(
        (b.stamp - a.stamp).total_seconds() == CYCLE_SECONDS
        for a, b in pairwise(reports)
    )
    assert all(
        b.today >= a.today and b.lifetime >= a.lifetime for a, b in pairwise(reports)
    )
    summed = sum(report.power for report in reports) * CYCLE_SECONDS / 3.6e6
    energy = simulator.energy_of(DAY)
    assert energy > 5
    assert energy == pytest.approx(summed)
    assert reports[-1].today / 100 == pytest.approx(energy, abs=0.01)
    gained = (reports[-1].lifetime - reports[0].lifetime) / 10
    assert gained == pytest.approx(energy, abs=0.11)
    inverters = sum(r.power for r in reports)
    channels = sum(
        sum(w for w, k in zip(r.words, i.kind.layout, strict=True) if k == "p")
        for report in reports
        for r, i in zip(report.readings, ecu.inverters, strict=True)
        if r.online
    )
    assert channels == inverters


def test_leaps_are_as_good_as_steps() -> None:
    """Whoever looks once in the evening sees the same as who looks all day."""
    steps, leap = Clock(2026, 6, 21, 0, 10), Clock(2026, 6, 21, 0, 10)
    first, second = made(steps), made(leap)
    for _ in range(200):
        steps.move(360)
        first.ecu.report()
    leap.move(200 * 360)
    assert second.ecu.report() == first.ecu.report()
    assert second.energy_of(DAY) == first.energy_of(DAY)


def test_warmer_with_more_power() -> None:
    clock = Clock(2026, 6, 21, 7, 0)
    ecu = made(clock, sun=Sun(clouds=False)).ecu
    morning = ecu.report().readings[0]
    clock.move(6 * 3600)
    noon = ecu.report().readings[0]
    assert noon.words[0] > 2 * morning.words[0]
    assert noon.temperature > morning.temperature + 10 > 100


@pytest.mark.usefixtures("socket_enabled")
async def test_night() -> None:
    """At night it answers, but no inverter does; what each kind leaves behind differs."""
    options = Options(inverters=3, kinds=("yc600", "qs1", "qt2"))
    async with EcuSimulator(options, now=Clock(2026, 6, 21, 22, 41)) as simulator:
        info = await ask(simulator, "0001")
        yc600, qs1, qt2 = entries(await ask(simulator, "0002"))
        signals = await ask(simulator, "0030")
    assert info[46:50].hex() == "00030000"
    assert info[31:35] == bytes(4)
    assert int.from_bytes(info[35:39]) / 100 == pytest.approx(
        simulator.energy_of(DAY), abs=0.01
    )
    assert yc600[6:].hex() == "00" + "3031" + "0000" + "0064" + "0000" * 4
    assert qs1[6:].hex() == "00" + "3033" + "0000" * 7
    # It keeps its voltages, and 1 W at the third channel.
    kept = "0000018300000183000101830000"
    assert qt2[6:].hex() == "00" + "3032" + "0000" + "0064" + kept
    assert [signals[place] for place in (21, 28, 35)] == [0, 0, 0]


@pytest.mark.parametrize("hour", [0, 6])
def test_the_daily_reset(hour: int) -> None:
    """Today's energy stays until the model's own hour."""
    clock = Clock(2026, 6, 21, 23, 58)
    ecu = made(clock, reset_hour=hour, sun=Sun(sunrise=7)).ecu
    evening = ecu.report()
    assert evening.today > 0
    clock.now = datetime(2026, 6, 22, 5, 58)
    assert ecu.report().today == (evening.today if hour else 0)
    clock.now = datetime(2026, 6, 22, 6, 10)
    assert ecu.report().today == 0
    assert ecu.report().lifetime == evening.lifetime


@pytest.mark.usefixtures("socket_enabled")
async def test_power_of_a_day() -> None:
    """0003 has a time and a power per cycle; also for days before its start."""
    async with EcuSimulator(now=Clock(2026, 6, 21, 23, 0)) as simulator:
        for day in (DAY, DAY - timedelta(days=1), DAY - timedelta(days=200)):
            answer = await ask(simulator, "0003", f"END{day:%Y%m%d}")
            assert answer[13:15] == b"00"
            points = [answer[i : i + 4] for i in range(15, len(answer) - 4, 4)]
            assert len(points) == (int(answer[5:9]) - 18) // 4
            watts = [int.from_bytes(point[2:]) for point in points]
            energy = sum(watts) * CYCLE_SECONDS / 3.6e6
            assert energy == pytest.approx(simulator.energy_of(day))
            times = [point[:2].hex() for point in points]
            assert times == sorted(times)
            assert "0600" < times[0] < "0700"
        tomorrow = await ask(simulator, "0003", "END20260622")
        assert tomorrow == b"APS110018000300END\n"
        assert await ask(simulator, "0003", "ENDnonsense") == tomorrow


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(
    ("model", "group", "size"), [(EcuModel.ECU_R, b"11", 2), (EcuModel.ECU_B, b"12", 4)]
)
async def test_energy_of_a_period(model: EcuModel, group: bytes, size: int) -> None:
    """0004 has a week and a month by days, a year by months."""
    options = Options(model, inverters=1)
    async with EcuSimulator(options, now=Clock(2026, 6, 21, 23, 0)) as simulator:
        for period, count, first in (
            ("00", 7, "20260615"),
            ("01", 30, "20260523"),
            ("02", 12, "20250701"),
        ):
            answer = await ask(simulator, "0004", f"END{period}")
            assert answer[3:5] == group
            assert answer[13:17] == f"00{period}".encode()
            body, step = answer[17:-4], 4 + size
            found = {
                body[i : i + 4].hex(): int.from_bytes(body[i + 4 : i + step]) / 100
                for i in range(0, len(body), step)
            }
            assert len(found) == count
            assert list(found) == sorted(found)
            assert next(iter(found)) == first
            if period != "02":
                energy = simulator.energy_of(DAY)
                assert found["20260621"] == pytest.approx(energy, abs=0.01)
        june = (DAY.replace(day=n) for n in range(1, 22))
        total = sum(simulator.energy_of(day) for day in june)
        assert found["20260601"] == pytest.approx(total, abs=0.01)


def test_a_new_ecu() -> None:
    """It has counted nothing, remembers no days and begins to count."""
    clock = Clock(2026, 6, 21, 12, 0)
    simulator = made(clock, model=EcuModel.ECU_C, history_days=0)
    report = simulator.ecu.report()
    assert (report.lifetime, report.today, report.last_upload) == (0, 0, None)
    assert simulator.energy_of(DAY - timedelta(days=1)) == 0
    clock.move(7200)
    later = simulator.ecu.report()
    assert later.lifetime * 10 == pytest.approx(later.today, abs=10)
    assert later.today > 0


def test_a_clock_with_a_zone() -> None:
    """Stamps are local time at the ECU's place, also when its clock is changed."""
    now = [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
    options = Options(zone=ZoneInfo("Europe/Berlin"))
    simulator = EcuSimulator(options, now=lambda: now[0])
    stamps = [simulator.ecu.report().stamp]
    for _ in range(13):
        now[0] += timedelta(minutes=5)
        stamps.append(simulator.ecu.report().stamp)
    assert stamps[0].time() == time(2, 25, 7)
    assert stamps[-1].time() == time(2, 30, 7)
    now[0] = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    curve = simulator.ecu.curve(date(2026, 10, 25))
    assert curve[0][0].hour == 6
    assert curve == sorted(curve)


def test_energy_while_it_restarts() -> None:
    """Inverters count on while nobody asks them; the curve has a gap."""
    clock = Clock(2026, 6, 21, 12, 1)
    simulator = made(clock)
    before = simulator.ecu.report()
    simulator.restart(3600)
    states = []
    for seconds in (3590, 400):
        clock.move(seconds)
        states.append(simulator.ecu.restarting)
    assert states == [True, False]
    after = simulator.ecu.report()
    assert after.today > before.today
    times = [at for at, _ in simulator.ecu.curve(DAY)]
    assert times[-1] == time(13, 5, 7)
    assert times[-2] == time(12, 0, 7)


def test_waking_up() -> None:
    """A QS1 has no grid in its first cycle (ksheumaker #74), others do."""
    clock = Clock(2026, 6, 21, 5, 0)
    ecu = made(clock, kinds=("qs1", "ds3"), inverters=2, sun=Sun(clouds=False)).ecu
    first: list[Reading] = []
    for place in range(2):
        while not (reading := ecu.report().readings[place]).online:
            clock.move(CYCLE_SECONDS)
        first.append(reading)
    assert (first[0].frequency, first[0].words[1]) == (650, 5)
    assert first[1].frequency < 510
    clock.move(CYCLE_SECONDS)
    assert ecu.report().readings[0].words[1] > 200


@pytest.mark.usefixtures("socket_enabled")
async def test_the_nightly_maintenance() -> None:
    """It answers nobody meanwhile (ksheumaker's README, 2.45 to 3.15)."""
    clock = Clock(2026, 6, 21, 2, 44)
    async with EcuSimulator(Options(), now=clock) as simulator:
        assert await ask(simulator, "0001")
        clock.move(60)
        assert not await ask(simulator, "0001")
        clock.move(1800)
        assert await ask(simulator, "0001")
