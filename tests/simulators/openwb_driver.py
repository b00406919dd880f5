"""What happens at the simulated openWB all day: cars come and go.

No rule of openWB's is in it. A car that leaves takes its charge level along, and openWB
reads it again when it comes back (see `openwb_vehicles`).
"""

from .openwb_model import OpenWb

# From when until when [h] a car is at the first charge point, and at the others.
_AT_HOME = ((16.5, 7.5), (11.0, 14.0))
_AT_WORK = ((8.5, 16.0),)
# What a car has used on the way, as a share of its battery [%].
_USED = 25.0


class Driver:
    """Plugs cars in and drives away with them, at the same times each day."""

    def __init__(self, model: OpenWb) -> None:
        """Drive the cars of all charge points."""
        self._model = model

    def step(self) -> None:
        """Do what is to be done by now."""
        model = self._model
        local = model.local
        hour = local.hour + local.minute / 60
        for place, number in enumerate(model.points):
            point = model.points[number]
            here = any(
                _within(hour, *times) for times in (_AT_WORK if place else _AT_HOME)
            )
            plugged = bool(point.get("get/plug_state"))
            if here and not plugged:
                soc = max(15.0, point.soc - _USED)
                point.set_soc(soc, model.now)
                model.plug(number)
            elif plugged and not here:
                model.unplug(number)


def _within(hour: float, begin: float, end: float) -> bool:
    return begin <= hour < end if begin <= end else hour >= begin or hour < end
