"""The device families, one line each."""

from typing import Final

from . import apsystems, em420, openevse, openwb, sofar
from .family import Family

FAMILIES: Final[dict[str, Family]] = {
    family.key: family
    for family in (
        em420.FAMILY,
        openevse.FAMILY,
        apsystems.FAMILY,
        openwb.FAMILY,
        sofar.FAMILY,
    )
}
