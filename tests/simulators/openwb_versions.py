"""The openWB releases that the simulator can be, and in what they differ.

From `helpermodules/setdata.py` and `update_config.py` of each tag of openWB/core. 2.3 is
what its branches say: feature_move_feed_in_limit (#3812, data version 140),
feature_loadmanagement_prio_list (141) and feature_consumer (#3940, 142).
"""

from dataclasses import dataclass
from enum import StrEnum


class Version(StrEnum):
    """A release, as `system/version` names it."""

    V2_1_7 = "2.1.7"
    V2_1_8 = "2.1.8"
    V2_1_9 = "2.1.9"
    V2_2_2 = "2.2.2"
    V2_3_0 = "2.3.0-alpha.1"


@dataclass(frozen=True, slots=True)
class Features:
    """What a release has and how it takes commands.

    Attributes:
        datastore: The version of its data.
        whole_template: Charge templates are written as a whole, each charge point has
            its own (from 2.1.8); before there was a set topic for each field.
        temporary_setting: A setting says whether a charge point's template is temporary
            (from 2.1.9); 2.1.8 has only temporary ones.
        mqtt_devices: Feeds go to `set/mqtt/…` (from 2.1.8).
        et_prices: Prices are below `optional/et` (up to 2.1.8), not `optional/ep`.
        odometer: Vehicles have an odometer (from 2.1.9).
        odometer_input: It can be set (from 2.2.0).
        phase_delay: Where the phase switch delay is, and its range [min].
        max_bat_soc: There is a largest charge level of the battery (from 2.1.9).
        seconds_charged: How long a session has charged is told in seconds, and grows
            when charging pauses (from 2.1.9); before, it is a text.
        zero_energies: A battery and an inverter may have counted 0 (from 2.1.9).
        peak_filter: What an MQTT device is fed has to be plausible (from 2.2.0).
        battery_control: Batteries are controlled by more than a mode (from 2.2.0).
        surplus: Settings of PV mode are below `bat` and `surplus`, the feed-in limit is
            one for all, time plans know the battery, priorities are a list, and there
            are consumers (2.3).
        datastore_list: `system/datastore_version` lists all steps.
        rfid_text: `set/rfid` takes a text (from 2.2.0); before only a number.
        user_management: The `system/security` topics exist.
        soc_time_text: The connected vehicle's SoC has a date as text (up to 2.1.x).
    """

    datastore: int
    whole_template: bool = True
    temporary_setting: bool = True
    mqtt_devices: bool = True
    et_prices: bool = False
    odometer: bool = True
    odometer_input: bool = True
    phase_delay: tuple[str, int, int] = ("pv_charging/phase_switch_delay", 5, 180)
    max_bat_soc: bool = True
    seconds_charged: bool = True
    zero_energies: bool = True
    peak_filter: bool = True
    battery_control: bool = True
    surplus: bool = False
    datastore_list: bool = True
    rfid_text: bool = False
    user_management: bool = False
    soc_time_text: bool = True


FEATURES = {
    Version.V2_1_7: Features(
        75,
        whole_template=False,
        temporary_setting=False,
        mqtt_devices=False,
        et_prices=True,
        odometer=False,
        odometer_input=False,
        phase_delay=("phase_switch_delay", 5, 20),
        max_bat_soc=False,
        seconds_charged=False,
        peak_filter=False,
        battery_control=False,
        datastore_list=False,
    ),
    Version.V2_1_8: Features(
        96,
        temporary_setting=False,
        et_prices=True,
        odometer=False,
        odometer_input=False,
        phase_delay=("phase_switch_delay", 5, 60),
        max_bat_soc=False,
        seconds_charged=False,
        zero_energies=False,
        peak_filter=False,
        battery_control=False,
        datastore_list=False,
    ),
    Version.V2_1_9: Features(
        107,
        odometer_input=False,
        phase_delay=("pv_charging/phase_switch_delay", 5, 60),
        peak_filter=False,
        battery_control=False,
    ),
    Version.V2_2_2: Features(
        123, rfid_text=True, user_management=True, soc_time_text=False
    ),
    Version.V2_3_0: Features(
        142,
        rfid_text=True,
        user_management=True,
        soc_time_text=False,
        phase_delay=("surplus/vehicle/phase_switch_delay", 5, 180),
        surplus=True,
    ),
}

MODES = "general/chargemode_config/"
MOVED = {
    "bat_mode": "bat/mode",
    "min_bat_soc": "bat/min_soc",
    "max_bat_soc": "bat/max_soc",
    "bat_power_reserve": "bat/power_reserve",
    "bat_power_reserve_active": "bat/power_reserve_active",
    "bat_power_discharge": "bat/power_discharge",
    "bat_power_discharge_active": "bat/power_discharge_active",
    "feed_in_yield": "surplus/feed_in_yield",
    "control_range": "surplus/control_range",
    "switch_on_threshold": "surplus/vehicle/switch_on_threshold",
    "switch_on_delay": "surplus/vehicle/switch_on_delay",
    "switch_off_threshold": "surplus/vehicle/switch_off_threshold",
    "switch_off_delay": "surplus/vehicle/switch_off_delay",
    "retry_failed_phase_switches": "surplus/vehicle/retry_failed_phase_switches",
}
"""What 2.3 has moved from `pv_charging/` (upgrade_datastore_140)."""


def place(features: Features, name: str) -> str:
    """Give the topic of a setting of PV mode."""
    if name == "phase_switch_delay":
        return f"{MODES}{features.phase_delay[0]}"
    return f"{MODES}{MOVED[name] if features.surplus else f'pv_charging/{name}'}"
