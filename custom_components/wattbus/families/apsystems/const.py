"""What more than one module of this family uses."""

from datetime import timedelta
from typing import Final

INVERTER: Final = "inverter"
"""The kind of device that an inverter is."""

MOST_POWER_OF_INVERTER: Final = 10_000.0
"""Several times that of the largest [W]."""

# Keys of the entry's data.
CONF_ECU_ID: Final = "ecu_id"
CONF_PREFIX: Final = "prefix"
CONF_WEB_PORT: Final = "web_port"

# Keys of the options.
CONF_ZONE: Final = "ecu_zone"
CONF_COUNT: Final = "count_energy"
CONF_NIGHT: Final = "stop_at_night"
CONF_PLACE: Final = "place"
CONF_RESTART: Final = "allow_restart"
CONF_RESTART_AFTER: Final = "restart_after"
CONF_SSID: Final = "restart_ssid"
CONF_RESTART_PASSWORD: Final = "restart_password"

CONF_PUBLISH: Final = "publish"
CONF_PUBLISH_HOST: Final = "publish_host"
CONF_PUBLISH_PORT: Final = "publish_port"
CONF_PUBLISH_USERNAME: Final = "publish_username"
CONF_PUBLISH_PASSWORD: Final = "publish_password"
CONF_PUBLISH_TLS: Final = "publish_tls"
CONF_PUBLISH_VERIFY: Final = "publish_verify"
CONF_PUBLISH_CA: Final = "publish_ca"
CONF_PUBLISH_CLIENT_ID: Final = "publish_client_id"
CONF_PUBLISH_PREFIX: Final = "publish_prefix"
CONF_PUBLISH_RETAIN: Final = "publish_retain"
CONF_PUBLISH_DISCOVERY: Final = "publish_discovery"
CONF_PUBLISH_DISCOVERY_PREFIX: Final = "publish_discovery_prefix"

DEFAULT_DISCOVERY_PREFIX: Final = "homeassistant"
DEFAULT_PUBLISH_PORT: Final = 1883
DEFAULT_INTERVAL: Final = 300
DEFAULT_WEB_PORT: Final = 80

# Values that the driver adds to those of the device.
POLLING: Final = "polling"
STALE: Final = "stale"
COUNTED: Final = "counted_energy"

KEPT_FOR: Final = timedelta(minutes=20)
"""For so long, values are shown though the ECU gives no new ones."""

LONGEST_GAP: Final = timedelta(minutes=30)
"""Between two powers of an inverter, for its energy."""
