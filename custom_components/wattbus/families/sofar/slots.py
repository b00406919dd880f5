"""Lists of slots as planners produce them, read as orders.

A slot has a start, and an end or a duration or neither: then it ends where the next one
begins, and the last is as long as the one before. EMHASS calls the start `date` and the
power `p_batt_forecast`, `p_deferrable0_forecast` and so on, in texts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
import re
from typing import TYPE_CHECKING, Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ...protocols import ProtocolError
from ...protocols.sofar import Order
from .settings import Settings

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

MOST_SLOTS: Final = 500

_FORECAST: Final = re.compile(r"p_\w+_forecast|power_setpoint_w")
_RENAMED: Final = {"date": "start", "start_time": "start", "end_time": "end"}

WATTS: Final = vol.All(vol.Coerce(float), vol.Range(-100_000_000, 100_000_000))
DETAILS: Final[dict[vol.Marker, Any]] = {
    vol.Optional("power"): WATTS,
    vol.Optional("node_id"): cv.string,
    vol.Optional("site_import"): WATTS,
    vol.Optional("site_export"): WATTS,
    vol.Optional("remove_overlap"): cv.boolean,
}
TARGET: Final[dict[vol.Marker, Any]] = {
    vol.Optional("device_type"): cv.string,
    vol.Optional("policy"): cv.string,
}


def _planners(slot: Any) -> Any:
    """Give a planner's names those of ours."""
    if not isinstance(slot, Mapping):
        raise vol.Invalid("a slot is a mapping with a start")
    told: dict[str, Any] = {}
    for key, value in ((str(key), value) for key, value in slot.items()):
        name = "power" if _FORECAST.fullmatch(key) else _RENAMED.get(key, key)
        if name in told:
            raise vol.Invalid(f"{name} is there twice")
        told[name] = value
    return told


SLOT: Final = vol.All(
    _planners,
    vol.Schema(
        {
            vol.Required("start"): cv.datetime,
            vol.Exclusive("end", "end"): cv.datetime,
            vol.Exclusive("duration", "end"): cv.positive_time_period,
            **DETAILS,
            **TARGET,
        },
        # What else a planner knows of a slot.
        extra=vol.REMOVE_EXTRA,
    ),
)
SLOTS: Final = vol.All(cv.ensure_list, vol.Length(1, MOST_SLOTS), [SLOT])


def moment(value: datetime) -> datetime:
    """Read a time; one without a zone is Home Assistant's."""
    return dt_util.as_local(value)


def orders(
    slots: Sequence[Mapping[str, Any]],
    defaults: Mapping[str, Any],
    settings: Settings,
    now: datetime,
) -> list[Order]:
    """Give the orders of slots, but of those that are over.

    `defaults` has what is the same for all, `policy_negative` for those with a negative
    power, which is then sent as a positive one, and `invert`, which turns powers round.

    Raises:
        ProtocolError: If there is no end, no policy or no device type to be found.
    """
    starts = [moment(slot["start"]) for slot in slots]
    found = []
    length: timedelta | None = None
    for place, slot in enumerate(slots):
        start = starts[place]
        end = _end(slot, start, starts[place + 1 : place + 2], length)
        length = end - start
        if end > now:
            found.append(_order({**defaults, **slot}, start, end, settings))
    return found


def _end(
    slot: Mapping[str, Any],
    start: datetime,
    following: Sequence[datetime],
    length: timedelta | None,
) -> datetime:
    if (end := slot.get("end")) is not None:
        return moment(end)
    if (duration := slot.get("duration")) is not None:
        return start + timedelta(seconds=duration.total_seconds())
    if following:
        return following[0]
    if length is not None:
        return start + length
    raise ProtocolError("a slot alone needs an end or a duration")


def _order(
    slot: Mapping[str, Any], start: datetime, end: datetime, settings: Settings
) -> Order:
    power = slot.get("power")
    if power is not None and slot.get("invert"):
        power = -power
    policy = slot.get("policy")
    if power is not None and power < 0 and slot.get("policy_negative"):
        policy, power = slot["policy_negative"], -power
    for name, value in (("policy", policy), ("device_type", slot.get("device_type"))):
        if not value:
            raise ProtocolError(f"a slot has no {name}, and there is none for all")
    return Order(
        device_type=slot["device_type"],
        node_id=slot.get("node_id"),
        start=start.timestamp(),
        end=end.timestamp(),
        policy=str(policy),
        power=settings.power(power),
        site_import=slot.get("site_import"),
        site_export=slot.get("site_export"),
        remove_overlap=slot.get("remove_overlap", False),
        tag=slot.get("tag"),
    )
