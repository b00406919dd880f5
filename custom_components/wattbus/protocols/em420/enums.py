"""The EM420's enumerations, from TQ's own gdr.proto v2.6.0 (github.com/tq-systems/em-gdr).

The device writes names ("CLASS_CONSUMER") in the detailed format and numbers in the
simplified one; a number is the position in the enumeration.
"""

from enum import StrEnum, auto


class Status(StrEnum):
    """Whether a source's data is up to date (TQ document 1.1.2.1)."""

    UNKNOWN = auto()
    OK = auto()
    # The data was updated, but the source needs to be configured.
    WARNING = auto()
    # The data was not updated; the source may be broken.
    ERROR = auto()


class Class(StrEnum):
    """Whether a source draws or delivers energy."""

    UNKNOWN = auto()
    CONSUMER = auto()
    PRODUCER = auto()
    HYBRID = auto()


# What a source measures, as its owner chose it.
DeviceType = StrEnum(
    "DeviceType",
    """
    UNKNOWN PHOTOVOLTAIC_SYSTEM ELECTRIC_VEHICLE BATTERY OVEN FLOW_HEATER
    BOILER IMMERSION_HEATER STOVE COOLER VENTILATION DISHWASHER DRYER
    HEAT_PUMP WASHING_MACHINE INVERTER_ONEPHASE INVERTER_THREEPHASE CHP
    BUILDING_OFFICE BUILDING_COMMERCIAL BUILDING_FACTORY BUILDING_SINGLE_HOME
    BUILDING_HOTEL BUILDING_APARTMENTS BUILDING_PARKING BUILDING_RESIDENTIAL
    ROOM_BATH ROOM_GARAGE ROOM_BASEMENT ROOM_CHILD ROOM_KITCHEN ROOM_SAUNA
    ROOM_BED ROOM_LIVING ROOM_GENERIC CONTROLLABLE_LOAD LIGHTING OFFICES
    DOMESTIC_APPLIANCES HEATER_OF_HEAT_PUMP INDUSTRIAL_ENGINE AIR_CONDITIONING
    COMPRESSOR PC_DATA_CENTER FUSES_THREE FUSES_SIX FUSES_NINE FUSES_TWELVE
    COMPACTOR WHITE_GOODS COLD_STORAGE_ROOM GARDEN_SHED COOLING_COMBINATION
    FACILITIES FREEZER FRIDGE GRID_CONNECTION_POINT INVERTER_HYBRID
    CIRCUIT_PROTECTION DATA_TRANSCEIVER DEVICE_SELF
    """,
)


def _table[E: StrEnum](enum: type[E], prefix: str) -> dict[str | int, E]:
    """Make the look-up of an enumeration's names and numbers on the wire."""
    by_number: dict[str | int, E] = dict(enumerate(enum))
    return by_number | {prefix + member.name: member for member in enum}


STATUSES = _table(Status, "STATUS_")
CLASSES = _table(Class, "CLASS_")
DEVICE_TYPES = _table(DeviceType, "DEVICE_TYPE_")


def read[E: StrEnum](table: dict[str | int, E], value: object) -> E:
    """Look a value up; what a newer firmware may have invented is the unknown one."""
    # True and 1.0 would be found as 1, and a list cannot be looked up at all.
    if type(value) is str or type(value) is int:
        return table.get(value, table[0])
    return table[0]


def written[E: StrEnum](table: dict[str | int, E], value: E) -> str:
    """Return a value as the device writes it: by name."""
    names = (name for name, item in table.items() if item is value)
    return next(name for name in names if isinstance(name, str))
