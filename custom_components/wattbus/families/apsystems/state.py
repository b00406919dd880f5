"""What an ECU has told of itself and its inverters, put together and reported on."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from ...protocols.ecu import EcuInfo, Inverter, InverterReport, signal_percent
from ..integration import Integral
from ..quantities import MOST_POWER
from ..sink import MAIN_DEVICE, DeviceKey, Facts, Sink, Value
from .const import (
    CONF_COUNT,
    COUNTED,
    INVERTER,
    KEPT_FOR,
    LONGEST_GAP,
    MOST_POWER_OF_INVERTER,
    STALE,
)
from .energies import LifetimeEnergy, TodayEnergy


class State:
    """Reports answers; remembers what it takes to see through a glitch."""

    def __init__(self, sink: Sink, zone: tzinfo, options: Mapping[str, Any]) -> None:
        """Prepare; the zone is the one that the ECU's clock is set to."""
        self._sink = sink
        self.zone = zone
        self._today = TodayEnergy(sink)
        self._lifetime = LifetimeEnergy(sink)
        self.energy_today: float | None = None
        """What is shown of it [kWh], which may not be what the ECU says."""
        # With QT2, ECU_R_1.3.6C lets the energy of the day and of its life stand still
        # while power is made (ecur #185, #207, #210): if the user wants it, we count.
        self._counted = (
            Integral(sink, "ecu", longest=LONGEST_GAP, most=MOST_POWER)
            if options.get(CONF_COUNT)
            else None
        )
        self._energies: dict[str, Integral] = {}
        self._shown: dict[str, set[str]] = {}
        self._heard: dict[str, datetime] = {}
        """When an inverter was last in a report."""
        self._told: tuple[tuple[float, ...], datetime] | None = None
        """The ECU's own figures, and since when they have been these."""
        self._stamp: datetime | None = None
        self._stamp_since: datetime | None = None

    @property
    def stamp(self) -> datetime | None:
        """When the ECU last asked its inverters, as far as it has said."""
        return self._aware(self._stamp) if self._stamp else None

    @property
    def lifetime_energy(self) -> float | None:
        """What is shown of it [kWh]."""
        return self._lifetime.last

    @property
    def inverter_ids(self) -> list[str]:
        """Of the inverters that have been seen."""
        return list(self._shown)

    def forget(self, inverter_id: str) -> None:
        """Say no more of an inverter, unless the ECU does."""
        self._shown.pop(inverter_id, None)
        self._heard.pop(inverter_id, None)

    def read(
        self,
        info: EcuInfo,
        report: InverterReport | None,
        levels: Mapping[str, int],
        now: datetime,
    ) -> bool:
        """Report one poll; gives whether an inverter is online."""
        all_told = report.inverters if report else ()
        # Its own id may be in its list.
        inverters = [each for each in all_told if each.inverter_id != info.ecu_id]
        stale = self._is_stale(report, now)
        standing = self._stands_still(info, now)
        # Without a report of the inverters, the ECU's own figures tell.
        old = stale and (standing or report is not None)
        online = info.inverters_online or sum(each.online for each in inverters)
        power = None if old else info.power
        values: dict[str, Value] = {
            "power": power,
            # Of the two counts, one may be zero by mistake.
            "inverters": info.inverters or len(inverters),
            "inverters_online": None if old else online,
            "last_upload": self._aware(info.last_upload),
            "last_report": self._aware(report.timestamp) if report else None,
            "signal": info.signal,
            STALE: stale,
        }
        if counted := self._counted:
            values[COUNTED] = counted.add(power, now)
        day = (report.timestamp if report else now.astimezone(self.zone)).date()
        known = max(info.inverters, len(inverters), len(self._shown))
        self._ecu(info, values, day, known)
        if report is not None:
            self._heard |= {each.inverter_id: now for each in inverters}
            self._inverters(inverters, levels, report, stale=stale)
            self._missing(report, now)
        elif stale:
            for inverter_id in self._shown:
                self._tell(DeviceKey(INVERTER, inverter_id), False, {})
        return bool(online)

    def _ecu(
        self, info: EcuInfo, values: dict[str, Value], day: date, inverters: int
    ) -> None:
        """Report who the ECU is, and its values, without energies that are not so."""
        firmware = info.firmware or None
        self._sink.describe(
            MAIN_DEVICE,
            Facts(model=info.model, serial_number=info.ecu_id, sw_version=firmware),
        )
        self.energy_today = self._today.accept(info.energy_today, day, inverters)
        values["energy_today"] = self.energy_today
        # What cannot be read once is what it was.
        if firmware is not None:
            values["firmware"] = firmware
        if (lifetime := self._lifetime.accept(info.lifetime_energy)) is not None:
            values["lifetime_energy"] = lifetime
        self._sink.report(MAIN_DEVICE, values)

    def _aware(self, naive: datetime | None) -> datetime | None:
        return naive.replace(tzinfo=self.zone).astimezone(UTC) if naive else None

    def _is_stale(self, report: InverterReport | None, now: datetime) -> bool:
        """Tell whether the last news of the inverters is long ago.

        The ECU then repeats what it has said, or says that it knows nothing. By our own
        clock: that of the ECU, or its zone, may be set wrong.
        """
        if report is not None and report.timestamp != self._stamp:
            self._stamp, self._stamp_since = report.timestamp, now
        # One that has never known anything has nothing old.
        return self._stamp_since is not None and now - self._stamp_since > KEPT_FOR

    def _stands_still(self, info: EcuInfo, now: datetime) -> bool:
        """Tell whether the ECU's figures are as they were long ago, with a power."""
        told = (info.power, info.energy_today, info.lifetime_energy)
        if self._told is None or self._told[0] != told:
            self._told = (told, now)
        return bool(info.power) and now - self._told[1] > KEPT_FOR

    def _inverters(
        self,
        inverters: Iterable[Inverter],
        levels: Mapping[str, int],
        report: InverterReport,
        *,
        stale: bool,
    ) -> None:
        moment = self._aware(report.timestamp)
        assert moment is not None
        for inverter in inverters:
            device = DeviceKey(INVERTER, inverter.inverter_id)
            describe_inverter(self._sink, inverter.inverter_id, inverter.model)
            values = measured(inverter)
            level = levels.get(inverter.inverter_id, 0)
            values["signal"] = signal_percent(level) if inverter.online else None
            if not stale:
                values["energy"] = self._energy(inverter, moment)
            self._tell(device, inverter.online and not stale, values)

    def _missing(self, report: InverterReport, now: datetime) -> None:
        """Let inverters go that are not in a report any more."""
        reported = {one.inverter_id for one in report.inverters}
        for inverter_id in self._shown.keys() - reported:
            device = DeviceKey(INVERTER, inverter_id)
            # Its entry may be one of those that cannot be read.
            silent = now - self._heard.get(inverter_id, now) > KEPT_FOR
            if report.complete or silent:
                self._tell(device, False, {})
            if report.complete:  # the user has taken it off the ECU
                self._sink.gone(device)

    def _tell(self, device: DeviceKey, online: bool, values: dict[str, Value]) -> None:
        """Report an inverter; what was shown and is not known now becomes unknown."""
        shown = self._shown.setdefault(device.id, set())
        energy = values.pop("energy", None)
        if not online:
            values = {}
        gone = dict.fromkeys(shown - values.keys())
        shown.update(values)
        kept = {} if energy is None else {"energy": energy}
        self._sink.report(device, {"online": online, **gone, **values, **kept})
        self._sink.seen(device)

    def _energy(self, inverter: Inverter, moment: datetime) -> float | None:
        """Add up what an inverter makes [Wh]; None until it has made anything."""
        integral = self._energies.get(inverter.inverter_id)
        if integral is None:
            integral = Integral(
                self._sink,
                f"{INVERTER}|{inverter.inverter_id}",
                longest=LONGEST_GAP,
                most=MOST_POWER_OF_INVERTER,
            )
            # After a restart at night, what was made before it is known.
            if not inverter.online and not integral.energy:
                return None
            self._energies[inverter.inverter_id] = integral
        # One that has gone offline makes nothing that anybody knows of.
        return integral.add(float(inverter.power or 0), moment)


def describe_inverter(sink: Sink, inverter_id: str, model: str | None) -> None:
    """Say who an inverter is."""
    sink.describe(
        DeviceKey(INVERTER, inverter_id), Facts(model=model, serial_number=inverter_id)
    )


def measured(inverter: Inverter) -> dict[str, Value]:
    """Give what an inverter has measured, by the keys of the entities."""
    values: dict[str, Value] = {
        "power": inverter.power,
        "temperature": inverter.temperature,
        "frequency": inverter.frequency,
    }
    if len(inverter.voltages) > 1:
        for number, voltage in enumerate(inverter.voltages, 1):
            values[f"voltage_L{number}"] = voltage
    elif inverter.voltages:
        values["voltage"] = inverter.voltages[0]
    for number, channel in enumerate(inverter.channels, 1):
        values[f"channel_{number}_power"] = channel.power
        values[f"channel_{number}_voltage"] = channel.voltage
    return values


def next_poll(
    stamp: datetime | None, now: datetime, interval: float, margin: float
) -> timedelta:
    """Give the time until the next poll: a little after the ECU's own cycle.

    Intervals and cycles are of whole minutes, so that a clock that is off by an hour
    does not matter.
    """
    if stamp is None:
        return timedelta(seconds=interval)
    ahead = ((stamp - now).total_seconds() + margin) % interval
    # What is new would hardly be there yet.
    return timedelta(seconds=ahead if ahead >= margin / 2 else ahead + interval)
