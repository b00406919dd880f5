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


class DeviceType(StrEnum):
    """What a source measures, as its owner chose it."""

    UNKNOWN = auto()
    PHOTOVOLTAIC_SYSTEM = auto()
    ELECTRIC_VEHICLE = auto()
    BATTERY = auto()
    OVEN = auto()
    FLOW_HEATER = auto()
    BOILER = auto()
    IMMERSION_HEATER = auto()
    STOVE = auto()
    COOLER = auto()
    VENTILATION = auto()
    DISHWASHER = auto()
    DRYER = auto()
    HEAT_PUMP = auto()
    WASHING_MACHINE = auto()
    INVERTER_ONEPHASE = auto()
    INVERTER_THREEPHASE = auto()
    CHP = auto()
    BUILDING_OFFICE = auto()
    BUILDING_COMMERCIAL = auto()
    BUILDING_FACTORY = auto()
    BUILDING_SINGLE_HOME = auto()
    BUILDING_HOTEL = auto()
    BUILDING_APARTMENTS = auto()
    BUILDING_PARKING = auto()
    BUILDING_RESIDENTIAL = auto()
    ROOM_BATH = auto()
    ROOM_GARAGE = auto()
    ROOM_BASEMENT = auto()
    ROOM_CHILD = auto()
    ROOM_KITCHEN = auto()
    ROOM_SAUNA = auto()
    ROOM_BED = auto()
    ROOM_LIVING = auto()
    ROOM_GENERIC = auto()
    CONTROLLABLE_LOAD = auto()
    LIGHTING = auto()
    OFFICES = auto()
    DOMESTIC_APPLIANCES = auto()
    HEATER_OF_HEAT_PUMP = auto()
    INDUSTRIAL_ENGINE = auto()
    AIR_CONDITIONING = auto()
    COMPRESSOR = auto()
    PC_DATA_CENTER = auto()
    FUSES_THREE = auto()
    FUSES_SIX = auto()
    FUSES_NINE = auto()
    FUSES_TWELVE = auto()
    COMPACTOR = auto()
    WHITE_GOODS = auto()
    COLD_STORAGE_ROOM = auto()
    GARDEN_SHED = auto()
    COOLING_COMBINATION = auto()
    FACILITIES = auto()
    FREEZER = auto()
    FRIDGE = auto()
    GRID_CONNECTION_POINT = auto()
    INVERTER_HYBRID = auto()
    CIRCUIT_PROTECTION = auto()
    DATA_TRANSCEIVER = auto()
    DEVICE_SELF = auto()


def _table[E: StrEnum](enum: type[E], prefix: str) -> dict[str | int, E]:
    """Make the look-up of an enumeration's names and numbers on the wire."""
    by_number: dict[str | int, E] = dict(enumerate(enum))
    return by_number | {prefix + member.name: member for member in enum}


_CLASS_PREFIX = "CLASS_"
_DEVICE_TYPE_PREFIX = "DEVICE_TYPE_"

_STATUSES = _table(Status, "STATUS_")
_CLASSES = _table(Class, _CLASS_PREFIX)
_DEVICE_TYPES = _table(DeviceType, _DEVICE_TYPE_PREFIX)


def _read[E: StrEnum](table: dict[str | int, E], value: object) -> E:
    """Look a value up; what a newer firmware may have invented is the unknown one."""
    # True and 1.0 would be found as 1, and a list cannot be looked up at all.
    if type(value) is str or type(value) is int:
        return table.get(value, table[0])
    return table[0]


def read_status(value: object) -> Status | None:
    """Read a status, None if there is none."""
    return None if value is None else _read(_STATUSES, value)


def read_class(value: object) -> Class:
    """Read a class."""
    return _read(_CLASSES, value)


def read_device_type(value: object) -> DeviceType:
    """Read a device type."""
    return _read(_DEVICE_TYPES, value)


def write_class(value: Class) -> str:
    """Return a class as the device writes it."""
    return _CLASS_PREFIX + value.name


def write_device_type(value: DeviceType) -> str:
    """Return a device type as the device writes it."""
    return _DEVICE_TYPE_PREFIX + value.name
