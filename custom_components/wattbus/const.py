"""Constants that more than one layer uses."""

import logging
from typing import Final

DOMAIN: Final = "wattbus"
LOGGER = logging.getLogger(__package__)

# Keys of a config entry's data.
CONF_FAMILY: Final = "family"
CONF_CONNECTION: Final = "connection"
CONF_BROKER: Final = "broker"

# Keys of the broker settings within the data, beside Home Assistant's own.
CONF_CA: Final = "ca"
CONF_CLIENT_ID: Final = "client_id"
CONF_TLS: Final = "tls"
CONF_TRANSPORT: Final = "transport"
CONF_VERIFY: Final = "verify"
CONF_WS_PATH: Final = "ws_path"

# Option that every family has: minutes without news until a device of unknown
# interval counts as unavailable.
CONF_PATIENCE: Final = "patience"
DEFAULT_PATIENCE: Final = 15

# Never shown in diagnostics, logs or errors.
SECRETS: Final = frozenset(
    {
        *("client_id", "password", "token", "username"),
        *("serial", "serial_number", "ecu_id"),
        *("publish_password", "publish_username", "publish_client_id"),
        *("restart_password", "restart_ssid"),
        *("latitude", "longitude"),
        # Whoever has a tag's number may charge.
        *("rfid", "rfid_tag", "set_rfid", "vehicle_id"),
    }
)

# Option of families with commands that can do harm.
CONF_EXPERT: Final = "expert"
