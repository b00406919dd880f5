"""The openWB releases that the simulator can be, and in what they differ."""

from dataclasses import dataclass
from enum import StrEnum


class Version(StrEnum):
    """A release, as `system/version` names it."""

    V2_1_7 = "2.1.7"
    V2_1_8 = "2.1.8"
    V2_1_9 = "2.1.9"
    V2_2_2 = "2.2.2"


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
        odometer: Vehicles have an odometer.
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
        datastore_list=False,
    ),
    Version.V2_1_8: Features(
        96,
        temporary_setting=False,
        et_prices=True,
        odometer=False,
        datastore_list=False,
    ),
    Version.V2_1_9: Features(107),
    Version.V2_2_2: Features(
        123, rfid_text=True, user_management=True, soc_time_text=False
    ),
}
