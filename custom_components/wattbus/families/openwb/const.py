"""What more than one module of this family uses."""

from typing import Final

from ...protocols.openwb import Kind

CONF_ROOT: Final = "root"
DEFAULT_ROOT: Final = "openWB"

# Begins the options that say which of several MQTT devices is fed; the kind follows.
CONF_FED: Final = "fed_"

# Kinds of devices, beside the main one.
CHARGE_POINT: Final = Kind.CHARGE_POINT.value
COUNTER: Final = Kind.COUNTER.value
INVERTER: Final = Kind.INVERTER.value
BATTERY: Final = Kind.BATTERY.value
VEHICLE: Final = Kind.VEHICLE.value
CONSUMER: Final = Kind.CONSUMER.value
IO: Final = Kind.IO.value
SMART_HOME: Final = Kind.SMART_HOME.value

# Values that the driver adds to those of protocols.openwb.
VEHICLES: Final = "vehicles"
CHARGE_TEMPLATES: Final = "charge_templates"
PRICE: Final = "electricity_price"
RAW_TODAY: Final = "raw_today"
RAW_TOMORROW: Final = "raw_tomorrow"
RANK: Final = "priority_rank"
RANKS: Final = "priority_ranks"
# What a control needs, where its value may not be known.
CAN_REFRESH_SOC: Final = "can_refresh_soc"
CAN_SET_SOC: Final = "can_set_soc"
CAN_REBOOT: Final = "can_reboot"

FAULT: Final = 2
"""The `fault_state` of what openWB cannot read or use; 1 is a warning."""
