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
from .enums import Class, DeviceType, Status
from .keys import KEYS, Key, Scale, parse_unit
from .measurements import Measurements, Source, decode, net_power, unit

__all__ = [
    "KEYS",
    "Class",
    "Configuration",
    "DeviceType",
    "Key",
    "Measurements",
    "Scale",
    "Source",
    "SourceConfiguration",
    "Status",
    "ValueConfiguration",
    "decode",
    "dump",
    "load",
    "net_power",
    "parse_unit",
    "unit",
]
