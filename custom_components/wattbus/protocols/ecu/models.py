"""Which models the ids of ECUs and inverters belong to, by how they begin.

Only for people to read: no answer is read or refused by it, for new prefixes appear
with every product line.
"""

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


def ecu_model(ecu_id: str) -> str | None:
    """Name the model of an ECU; None if it is not known."""
    return _by_prefix(_ECUS, ecu_id)


def inverter_model(inverter_id: str) -> str | None:
    """Name the model of an inverter; None if it is not known."""
    return _by_prefix(_INVERTERS, inverter_id)


def _by_prefix(models: dict[str, str], serial: str) -> str | None:
    for length in (4, 3, 2):
        if model := models.get(serial[:length]):
            return model
    return None
