"""What the versions of openWB differ in."""

from enum import Enum
import re
from typing import Final, NamedTuple

_VERSION: Final = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})(?![0-9.])")


class Version(NamedTuple):
    """A version of openWB, without what follows its three numbers."""

    major: int
    minor: int
    patch: int


class Generation(Enum):
    """How a charge template is changed."""

    FIELDS = "fields"
    """Up to 2.1.7: one topic for each field."""
    DOCUMENT = "document"
    """From 2.1.8: the whole template, for each charge point."""


WHOLE_TEMPLATES: Final = Version(2, 1, 8)
"""The first version that takes only whole templates."""

TEMPORARY_TEMPLATES: Final = Version(2, 1, 9)
"""The first version with the choice between temporary and lasting changes."""

MQTT_INPUTS: Final = Version(2, 1, 8)
"""The first version with inputs at `openWB/set/mqtt`."""

CHARGE_POINT_REBOOT: Final = Version(2, 1, 5)
"""The first version with the command `chargepointReboot`."""

NUMBER_TIMES: Final = Version(2, 1, 3)
"""The first version that takes the time of a charge level as a number; before, as text."""

ODOMETER_INPUT: Final = Version(2, 2, 0)
"""The first version that takes a vehicle's odometer."""

BATTERY_CONTROL: Final = Version(2, 2, 0)
"""The first version that controls batteries by more than a mode (openWB/core #3051)."""

SURPLUS: Final = Version(2, 3, 0)
"""The first version with the settings of PV mode below `bat` and `surplus`, one feed-in
limit for all charge points, and a list of priorities (openWB/core #3812)."""

MIN_BATTERY_SOC: Final = Version(2, 3, 0)
"""The first version whose time plans have a lowest charge level of the home battery."""

NO_PV_MODE: Final = Version(2, 3, 1)
"""The first version without those settings below `pv_charging`: the first alphas of
2.3.0 still had them there."""


def parse_version(text: str | None) -> Version | None:
    """Read `2.1.8-Patch.4` and the like; None if it is no version."""
    if not text or not (found := _VERSION.match(text)):
        return None
    return Version(*(int(part) for part in found.groups()))


def generation(*, has_template: bool, version: Version | None) -> Generation | None:
    """Tell how templates are changed; None while that cannot be known.

    A charge point with a template of its own is the better sign: a fork or a later
    version may count differently.
    """
    if has_template:
        return Generation.DOCUMENT
    if version is None:
        return None
    return Generation.DOCUMENT if version >= WHOLE_TEMPLATES else Generation.FIELDS
