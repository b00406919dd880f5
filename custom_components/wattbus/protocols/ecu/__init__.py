"""The APsystems ECU's own protocol, on TCP port 8899: reading only.

Facts are from the vendor's test tool (github.com/crawler-john/ECU-R-PC), from open
source clients and from real frames that their users have published.
"""

from .alarms import ALARMS, Alarm, decode_alarms
from .framing import (
    HEAD_LENGTH,
    PORT,
    Command,
    NoDataError,
    Period,
    WrongEcuError,
    encode_request,
    frame_length,
)
from .info import EcuInfo, Layout, decode_info
from .inverters import Channel, Inverter, InverterReport, decode_inverters
from .lists import (
    EnergyPoint,
    MaxPower,
    PowerPoint,
    decode_energy_history,
    decode_max_power,
    decode_power_history,
    decode_signal,
    decode_switch_states,
    signal_percent,
)
from .models import ecu_model, inverter_model

__all__ = [
    "ALARMS",
    "HEAD_LENGTH",
    "PORT",
    "Alarm",
    "Channel",
    "Command",
    "EcuInfo",
    "EnergyPoint",
    "Inverter",
    "InverterReport",
    "Layout",
    "MaxPower",
    "NoDataError",
    "Period",
    "PowerPoint",
    "WrongEcuError",
    "decode_alarms",
    "decode_energy_history",
    "decode_info",
    "decode_inverters",
    "decode_max_power",
    "decode_power_history",
    "decode_signal",
    "decode_switch_states",
    "ecu_model",
    "encode_request",
    "frame_length",
    "inverter_model",
    "signal_percent",
]
