"""Which models the ids of ECUs and inverters belong to, by how they begin.

Only for people to read: no answer is read or refused by it, for new prefixes appear
with every product line.
"""

from functools import partial
from typing import Final

_ECUS: Final = {
    "2160": "ECU-R",
    "2162": "ECU-R-Pro",
    "2163": "ECU-B",
    "215": "ECU-C",
    "203": "ECU-3",
}
_INVERTERS: Final = {
    "10": "YC500",
    "40": "YC600",
    "50": "YC1000",
    "70": "DS3",
    "705": "DS3-H",
    "80": "QS1",
    "804": "QS1A",
    "90": "QT2",
}


def _by_prefix(models: dict[str, str], serial: str) -> str | None:
    """Name the model that an id belongs to; None if it is not known."""
    found = (models.get(serial[:length]) for length in (4, 3, 2))
    return next(filter(None, found), None)


ecu_model: Final = partial(_by_prefix, _ECUS)
inverter_model: Final = partial(_by_prefix, _INVERTERS)
