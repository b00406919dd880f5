"""What more than one module of this family uses."""

from typing import Final

SOURCE: Final = "source"
"""The kind of device that measures: the meter, a sensor, a group."""

# Values that the driver adds to those of the device.
STATUS: Final = "status"
TIMESTAMP: Final = "timestamp"
SOURCE_CLASS: Final = "source_class"
DEVICE_TYPE: Final = "device_type"
PHASE: Final = "phase"
MEMBERS: Final = "members"
CAN_REFRESH: Final = "can_refresh"

CONF_TOPICS: Final = "topics"
CONF_CONFIG_TOPICS: Final = "config_topics"
CONF_ENDPOINT: Final = "endpoint"
DEFAULT_ENDPOINT: Final = "local"
DEFAULT_INTERVAL: Final = 5
