"""The TQ EM420's JSON export: detailed and simplified (flat) format, over MQTT or REST.

Facts are from TQ's document EM420.TPB.SW.TQ-Systems.v1.3.0 ("TQ document"), its open
protocol sources (github.com/tq-systems/em-gdr and public-go-utils) and a real record
(github.com/evcc-io/evcc/issues/16765).
"""

from .configuration import (
    Configuration,
    SourceConfiguration,
    ValueConfiguration,
    dump,
    load,
)
from .device import EM300_PATH, SETTINGS_PATH, decode_settings, is_document, is_em300
from .enums import Class, DeviceType, Status
from .keys import KEYS, Key
from .measurements import Measurements, Source, decode, net_power, unit

__all__ = [
    "EM300_PATH",
    "KEYS",
    "SETTINGS_PATH",
    "Class",
    "Configuration",
    "DeviceType",
    "Key",
    "Measurements",
    "Source",
    "SourceConfiguration",
    "Status",
    "ValueConfiguration",
    "decode",
    "decode_settings",
    "dump",
    "is_document",
    "is_em300",
    "load",
    "net_power",
    "unit",
]
