"""What an ECU tells: who it is, the result of its last cycle, and both as frames.

The rules that it follows, and from where (HAEdwin is homeassistant-apsystems_ecu_reader,
ksheumaker is homeassistant-apsystems_ecur):

- It tells the result of its last cycle, with that cycle's time, for as long as there is
  no newer one: a frame that comes at once may be hours old. The time names no zone, and
  what ECU-R and ECU-B say theirs is, `Etc/GMT-8`, is not (ksheumaker #196).
- When it last reached the cloud only ECU-R-Pro and ECU-C tell; others fill the field with
  `d0`, and a new one with zeros (frames of ksheumaker #81 and #185, HAEdwin #129).
- Nothing is left out of its list: inverters that have not answered since it was started
  are there as type 00, in the middle, too (HAEdwin #106); so may be its own id
  (ksheumaker #79). A list without entries is a valid answer (HAEdwin #131).
- Dropped is what is too large for its field: it wraps.
- Group 12 has 12 bytes more in its 0001 (HAEdwin #129). The oldest firmware leaves out
  channel, count, types and states; it and the optimizers' layout are known from the
  vendor's test tool alone (crawler-john/ECU-R-PC, mainwindow.cpp).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from .ecu_frame import frame, stamp, text, u16, u32
from .ecu_inverter import Reading

_ZIGBEE_CHANNEL: Final = b"10"


class EcuModel(StrEnum):
    """The models, by what they are sold as."""

    ECU_R = "ecu-r"
    ECU_R_PRO = "ecu-r-pro"
    ECU_B = "ecu-b"
    ECU_C = "ecu-c"


class Layout(StrEnum):
    """How the firmware lays its answers out."""

    CURRENT = "current"
    # Before inverters were counted: no types, no online, no channel.
    OLDEST = "oldest"
    # ECU-R-RS with rapid-shutdown optimizers: data-format model 02.
    RSD = "rsd"


@dataclass(frozen=True)
class Identity:
    """Who an ECU is, and how it answers.

    Attributes:
        group: The command group of its answer to 0001; `12` has 12 more bytes.
        timezone: What it says. ECU-R and ECU-B say `Etc/GMT-8` wherever they are.
        knows_upload: Whether it tells when it last reached the cloud.
        history_bytes: Bytes per entry of command 0004, 6 or 8; None: no answer.
        has_web: Whether it has a web page.
        has_meter: Whether it has current transformers.
        one_query: Whether it answers only once per connection.
    """

    ecu_id: str
    firmware: str
    mac: str
    wifi_mac: str = "00" * 6
    group: str = "11"
    timezone: str = "Etc/GMT-8"
    knows_upload: bool = False
    history_bytes: int | None = None
    has_web: bool = False
    has_meter: bool = False
    one_query: bool = False
    layout: Layout = Layout.CURRENT

    @property
    def data_model(self) -> bytes:
        """Return the data-format model in the answers to 0001 and 0002."""
        return b"02" if self.layout is Layout.RSD else b"01"


IDENTITIES: Final = {
    EcuModel.ECU_R: Identity(
        "216053089840", "ECU_R_1.3.6C", "80971ba8f116", history_bytes=6
    ),
    EcuModel.ECU_R_PRO: Identity(
        "216276275658",
        "ECU_R_PRO_2.1.29A",
        "80971b5756b8",
        "60c5a88a74df",
        group="12",
        timezone="Europe/Amsterdam",
        knows_upload=True,
        has_web=True,
        one_query=True,
    ),
    EcuModel.ECU_B: Identity(
        "216325410943", "ECU_B_1.2.33", "80971ba26931", history_bytes=8
    ),
    EcuModel.ECU_C: Identity(
        "215022851170",
        "ECU-C-Z_C1.2.24E",
        "80971bfb930e",
        "60c5a8725deb",
        group="12",
        timezone="Europe/Paris",
        knows_upload=True,
        has_web=True,
        has_meter=True,
        one_query=True,
    ),
}


@dataclass(frozen=True)
class Report:
    """What an ECU knows after a cycle, in the numbers of the wire.

    Attributes:
        stamp: The cycle's local time.
        power: In W.
        today: In 0.01 kWh.
        lifetime: In 0.1 kWh.
        registered: The number of inverters in 0001, None to count the readings.
        online: The same of those that are online.
        last_upload: Local time, None when unknown or never.
    """

    stamp: datetime
    power: int = 0
    today: int = 0
    lifetime: int = 0
    readings: tuple[Reading, ...] = ()
    registered: int | None = None
    online: int | None = None
    last_upload: datetime | None = None

    @property
    def counts(self) -> tuple[int, int]:
        """Return how many inverters are registered and online."""
        registered, online = self.registered, self.online
        if registered is None:
            registered = len(self.readings)
        if online is None:
            online = sum(reading.online for reading in self.readings)
        return registered, online


def info_frame(who: Identity, report: Report) -> bytes:
    """Return the answer to 0001."""
    payload = who.ecu_id.encode() + who.data_model
    payload += u32(report.lifetime) + u32(report.power) + u32(report.today)
    if who.layout is Layout.RSD:
        payload += u16(*report.counts) + b"090" + _ZIGBEE_CHANNEL + b"1"
        return frame("0001", payload + text(who.firmware), group=who.group)
    payload += _last_upload(who, report) + u16(*report.counts)
    if who.layout is Layout.CURRENT:
        payload += _ZIGBEE_CHANNEL
    payload += text(who.firmware) + text(who.timezone)
    payload += bytes.fromhex(who.mac) + bytes.fromhex(who.wifi_mac)
    if who.group == "12":
        # Nobody knows what these mean.
        payload += b"00" + bytes(10)
    return frame("0001", payload, group=who.group)


def inverters_frame(who: Identity, report: Report) -> bytes:
    """Return the answer to 0002."""
    moment = stamp(report.stamp)
    if who.layout is Layout.OLDEST:
        entries = b"".join(r.oldest_entry() for r in report.readings)
        return frame("0002", b"00" + who.data_model + moment + entries)
    if who.layout is Layout.RSD:
        entries = b"".join(r.rsd_entry() for r in report.readings)
    else:
        entries = b"".join(r.entry() for r in report.readings)
    count = u16(len(report.readings))
    return frame("0002", b"00" + who.data_model + count + moment + entries)


def _last_upload(who: Identity, report: Report) -> bytes:
    """Return seven bytes: a time, 00 for never, d0 where the model does not tell."""
    if report.last_upload is not None:
        return stamp(report.last_upload)
    return bytes(7) if who.knows_upload else b"\xd0" * 7
