"""0032: the alarms of a day."""

from dataclasses import dataclass
from datetime import time
from typing import Final

from .fields import Reader
from .framing import Command, unwrap_checked

_STAGES: Final = (1, 2, 3, 4)

# After the ECU's own language file (firmware 2.1.29D, as bolkedebruin/apsystems-sunspec
# has it in docs/EVENTS.md); bits that are not here have no known meaning. 9 and 11 stay
# set once they were, until the inverter restarts.
ALARMS: Final = {
    0: "ac_frequency_high",
    1: "ac_frequency_low",
    2: "ac_voltage_high_phase_a",
    3: "ac_voltage_low_phase_a",
    4: "ac_voltage_high_phase_b",
    5: "ac_voltage_low_phase_b",
    6: "ac_voltage_high_phase_c",
    7: "ac_voltage_low_phase_c",
    8: "dc_voltage_high_channel_a",
    9: "dc_voltage_low_channel_a",
    10: "dc_voltage_high_channel_b",
    11: "dc_voltage_low_channel_b",
    16: "over_temperature",
    17: "ground_fault_locked",
    18: "remote_shutdown",
    19: "ac_disconnected",
    21: "active_anti_islanding",
    22: "cp_protection",
    23: "ac_voltage_high",
    24: "ac_voltage_low",
    25: "ac_voltage_high_ten_minutes",
    26: "bus_voltage_low",
    27: "bus_voltage_high",
    28: "relay_failed",
    29: "ac_frequency_high_stage_1",
    30: "ac_frequency_low_stage_1",
    31: "ac_frequency_high_stage_2",
    32: "ac_frequency_low_stage_2",
    33: "ac_voltage_high_stage_2",
    34: "ac_voltage_low_stage_2",
    35: "ac_voltage_high_stage_3",
    36: "ac_voltage_low_stage_3",
    37: "ac_voltage_high_stage_4",
    38: "ac_voltage_low_stage_4",
    39: "dc_voltage_high_channel_c",
    40: "dc_voltage_low_channel_c",
    41: "dc_voltage_high_channel_d",
    42: "dc_voltage_low_channel_d",
    43: "no_data_from_inverter",
    44: "ac_voltage_high_stage_1",
    45: "ac_voltage_low_stage_1",
    46: "ac_parameter_setting_error",
    47: "varistor_protection",
    # Between two phases. The file goes on with the third pair, beyond the 64 bits that
    # 0032 has.
    **{
        48 + 8 * pair + 2 * place + low: f"ac_voltage_{level}_stage_{stage}_{lines}"
        for pair, lines in enumerate(("phases_a_b", "phases_b_c"))
        for place, stage in enumerate(_STAGES)
        for low, level in enumerate(("high", "low"))
    },
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What an inverter reported at one time."""

    inverter_id: str
    time: time
    """In the ECU's zone."""
    names: tuple[str, ...]
    """Of `ALARMS`, and `bit_<n>` for what is not there."""


def decode_alarms(frame: bytes) -> tuple[Alarm, ...]:
    """Read the answer to 0032: the alarms of the day and page that were asked for.

    Raises:
        NoDataError: If there are none.
        ProtocolError: If this is no such answer.
    """
    fields = Reader(unwrap_checked(frame, Command.ALARMS).payload)
    return tuple(
        fields.each(
            17,
            lambda entry: Alarm(entry.bcd(6), entry.clock(3), _names(entry.number(8))),
        )
    )


def _names(flags: int) -> tuple[str, ...]:
    """Name the flags that are set; the first is the highest bit."""
    return tuple(
        ALARMS.get(bit, f"bit_{bit}") for bit in range(64) if flags >> (63 - bit) & 1
    )
