"""0001: who the ECU is, and the figures of the whole installation."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from .. import ProtocolError
from ..payload import if_readable
from .fields import Reader
from .framing import Command, unwrap
from .models import ecu_model


class Layout(StrEnum):
    """How 0001 and 0002 are laid out."""

    INVERTERS = "01"
    # The ECU-R-RS, with rapid-shutdown optimizers (OPT700-RS).
    OPTIMIZERS = "02"


@dataclass(frozen=True, slots=True)
class EcuInfo:
    """The answer to 0001."""

    ecu_id: str
    """12 digits."""
    layout: Layout
    lifetime_energy: float
    """kWh. May drop to 0 for a while though it is not."""
    power: int
    """W, of the last cycle."""
    energy_today: float
    """kWh. May drop to 0 for a while though it is not."""
    inverters: int
    """Registered. May be 0 for a while though it is not."""
    inverters_online: int
    """At the last cycle."""
    firmware: str
    """Empty if it cannot be read."""
    last_upload: datetime | None = None
    """To the vendor's cloud, in the ECU's zone; None if it does not say, or never."""
    channel: str | None = None
    """Of Zigbee."""
    timezone: str | None = None
    """ECU-R and ECU-B always say `Etc/GMT-8`, wherever they are."""
    mac_ethernet: str | None = None
    mac_wifi: str | None = None
    signal: int | None = None
    """Of the ECU-R-RS alone: as it says it, 0 to 999."""

    @property
    def model(self) -> str | None:
        """The ECU's model; None if it is not known."""
        if self.layout is Layout.OPTIMIZERS:
            return "ECU-R-RS"
        return ecu_model(self.ecu_id)


def decode_info(frame: bytes) -> EcuInfo:
    """Read the answer to 0001. Raises ProtocolError.

    What follows the figures may be of a firmware that nobody knows, or no text: then
    only that is missing.
    """
    fields = Reader(unwrap(frame, Command.INFO).payload)
    ecu_id = fields.digits(12)
    layout = fields.digits(2)
    if layout not in Layout:
        raise ProtocolError(f"an ECU of the unknown layout {layout}")
    optimizers = layout == Layout.OPTIMIZERS
    info = EcuInfo(
        ecu_id=ecu_id,
        layout=Layout(layout),
        lifetime_energy=fields.number(4) / 10,
        power=fields.number(4),
        energy_today=fields.number(4) / 100,
        # `d0` throughout is unknown, zeros are never.
        last_upload=None
        if optimizers
        else if_readable(Reader(fields.take(7)).timestamp),
        inverters=fields.number(2),
        inverters_online=fields.number(2),
        firmware="",
    )
    more: dict[str, Any] = {}
    # What comes before one that cannot be read stays; where the next begins is not known.
    with suppress(ProtocolError):
        more.update(_more(fields, optimizers=optimizers))
    return replace(info, **more)


def _more(fields: Reader, *, optimizers: bool) -> Iterator[tuple[str, Any]]:
    """Read what follows the figures, one after the other."""
    if optimizers:
        raw = fields.take(3)
        yield "signal", int(raw) if raw.isdigit() else None
    # The oldest firmware has no Zigbee channel: the version's length comes at once.
    if fields.peek(3, ahead=3) != b"ECU":
        raw = fields.take(2)
        yield "channel", raw.decode("ascii") if raw.isalnum() else None
    if optimizers:
        fields.take(1)  # the type of the optimizers
    yield "firmware", fields.readable_text()
    if optimizers:
        return
    yield "timezone", fields.readable_text() or None
    # Group 12 has 12 bytes more, whose meaning is not known.
    ethernet, wifi = fields.take(6), fields.take(6)
    yield "mac_ethernet", ethernet.hex(":") if any(ethernet) else None
    yield "mac_wifi", wifi.hex(":") if any(wifi) else None
