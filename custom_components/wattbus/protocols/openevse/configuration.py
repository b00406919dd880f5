"""The gateway's configuration: the retained `config` (ESP32 5.0.0) and `GET /config`.

From app_config.cpp, models/Config.yaml and real documents of 2.9.1, 4.0.0 and 5.1.2. It
has the user's passwords in it (blanked by the gateway) and much else: only what is
listed here is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum
from typing import Final

from .. import ProtocolError
from ..payload import decode_object
from .documents import MAX_DOCUMENT
from .settings import OFFSET_BITS, TOPICS
from .values import boolean, integer, number, text, topic


class DivertType(IntEnum):
    """Which feed the divert mode goes by; NONE until somebody has chosen."""

    NONE = -1
    SOLAR = 0
    GRID = 1


class ChargeMode(StrEnum):
    """The divert mode after a start."""

    FAST = "fast"
    ECO = "eco"


@dataclass(frozen=True, slots=True)
class Config:
    """What the gateway says of itself; None is not said, or not readable.

    The names are the gateway's own. Currents are in A, powers in W, times in s; the
    topics are absolute.
    """

    version: str | None = None
    firmware: str | None = None
    protocol: str | None = None
    buildenv: str | None = None
    wifi_serial: str | None = None
    evse_serial: str | None = None
    hostname: str | None = None
    time_zone: str | None = None

    service: int | None = None
    scale: int | None = None
    offset: int | None = None
    min_current_hard: float | None = None
    max_current_hard: float | None = None
    max_current_soft: float | None = None
    diode_check: bool | None = None
    gfci_check: bool | None = None
    ground_check: bool | None = None
    relay_check: bool | None = None
    vent_check: bool | None = None
    temp_check: bool | None = None

    mqtt_topic: str | None = None
    mqtt_announce_topic: str | None = None
    mqtt_retained: bool | None = None
    mqtt_solar: str | None = None
    mqtt_grid_ie: str | None = None
    mqtt_vrms: str | None = None
    mqtt_live_pwr: str | None = None
    mqtt_vehicle_soc: str | None = None
    mqtt_vehicle_range: str | None = None
    mqtt_vehicle_eta: str | None = None
    mqtt_vehicle_charge_limit: str | None = None
    mqtt_home_battery_soc: str | None = None
    mqtt_home_battery_power: str | None = None
    mqtt_vehicle_range_miles: bool | None = None
    vehicle_data_src: int | None = None

    divert_enabled: bool | None = None
    divert_type: DivertType | None = None
    charge_mode: ChargeMode | None = None
    current_shaper_enabled: bool | None = None
    current_shaper_max_pwr: float | None = None
    current_shaper_data_maxinterval: float | None = None
    current_shaper_min_pause_time: float | None = None
    current_shaper_smoothing_time: float | None = None
    divert_PV_ratio: float | None = None  # noqa: N815 # the gateway's own name
    divert_attack_smoothing_time: float | None = None
    divert_decay_smoothing_time: float | None = None
    divert_min_charge_time: float | None = None

    led_brightness: int | None = None
    pause_uses_disabled: bool | None = None
    default_state: bool | None = None
    is_threephase: bool | None = None
    rfid_enabled: bool | None = None
    limit_default_type: str | None = None
    limit_default_value: float | None = None
    scheduler_start_window: float | None = None
    ocpp_auth_auto: bool | None = None
    ocpp_auth_offline: bool | None = None
    ocpp_enabled: bool | None = None
    ocpp_energize_plug: bool | None = None
    ocpp_suspend_evse: bool | None = None

    # Firmware of 2026.
    d9_support: bool | None = None
    boot_lock: bool | None = None
    front_button: bool | None = None
    heartbeat_current: int | None = None
    heartbeat_interval: int | None = None
    over_temp_shutdown: int | None = None
    pp_auto: bool | None = None
    relay_ac: bool | None = None
    relay_dc1: bool | None = None
    relay_dc2: bool | None = None
    temp_throttle_enabled: bool | None = None
    temp_throttle_setpoint: int | None = None
    zero_cross: bool | None = None

    @property
    def knows_auto_level(self) -> bool:
        """Whether the gateway takes the service level Auto, as far as it is known.

        The development of 2026 passes over it without a word (app_config.cpp,
        setServiceLevel() of evse_monitor.cpp; PR #1156): the controllers that it is
        built for have none. Its configuration tells of the heartbeat.
        """
        return self.heartbeat_interval is None


def _divert_type(raw: object, what: str) -> DivertType | None:
    """Read which feed is used."""
    value = integer(raw, what)
    return DivertType(value) if value in tuple(DivertType) else None


def _charge_mode(raw: object, what: str) -> ChargeMode | None:
    """Read the mode after a start."""
    value = text(raw, what)
    return ChargeMode(value) if value in tuple(ChargeMode) else None


def _feed_topic(raw: object, what: str) -> str | None:
    """Read where a feed is heard; an empty text is nowhere."""
    return "" if raw == "" else topic(raw, what)


def _limit_type(raw: object, what: str) -> str | None:
    """Read what limits every session; before anybody has chosen it is empty."""
    return "none" if raw == "" else text(raw, what)


def _offset(raw: object, what: str) -> int | None:
    """Read the ammeter's offset, which may be told as it was sent: without its sign."""
    value = integer(raw, what)
    half = 1 << OFFSET_BITS - 1
    return None if value is None else (value + half) % (2 * half) - half


_OWN_READERS: Final[Mapping[str, Callable[[object, str], object]]] = {
    **dict.fromkeys(TOPICS, _feed_topic),
    "limit_default_type": _limit_type,
    "offset": _offset,
}


def _reader(name: str, annotation: object) -> Callable[[object, str], object]:
    """Return what reads a member, by its type."""
    if name in _OWN_READERS:
        return _OWN_READERS[name]
    if name.startswith("mqtt_") and annotation == str | None:
        return topic
    if annotation == DivertType | None:
        return _divert_type
    if annotation == ChargeMode | None:
        return _charge_mode
    if annotation == bool | None:
        return boolean
    if annotation == int | None:
        return integer
    return number if annotation == float | None else text


_READERS: Final = {
    field.name: _reader(field.name, field.type) for field in fields(Config)
}


def decode_config(document: bytes | str | Mapping[str, object]) -> Config:
    """Decode a configuration, in whole or in part; ESP8266's is the smallest.

    Raises:
        ProtocolError: If it is not an object with at least one known member.
    """
    if isinstance(document, bytes | str):
        document = decode_object(document, limit=MAX_DOCUMENT)
    values: dict[str, object] = {}
    for name, read in _READERS.items():
        if name in document:
            try:
                values[name] = read(document[name], name)
            except ProtocolError:
                # One odd setting is no reason to know nothing of the gateway.
                values[name] = None
    if not values:
        raise ProtocolError("not a gateway's configuration")
    return Config(**values)  # type: ignore[arg-type]
