"""What more than one module of this family uses."""

from collections.abc import Mapping
from typing import Final

CONF_BASE: Final = "base"
CONF_POLL: Final = "poll"
DEFAULT_POLL: Final = 30
# Begins the options with the topics of feeds that the gateway's configuration does not
# tell; the feed's name follows.
CONF_FEED_TOPIC: Final = "topic_"
# Whether to ask for a newer firmware of the gateway.
CONF_FIRMWARE_CHECK: Final = "firmware_check"

# Values that the driver adds to those of protocols.openevse: what can be controlled,
# told only where the charger and its gateway can do it.
ENABLED: Final = "enabled"
CHARGE_CURRENT: Final = "charge_current"
CURRENT_MINIMUM: Final = "current_minimum"
CURRENT_MAXIMUM: Final = "current_maximum"
DIVERT_MODE: Final = "divert_mode"
CLAIMED_BY: Final = "claimed_by"
CURRENT_CLAIMED_BY: Final = "charge_current_claimed_by"
MOST_CLAIMED_BY: Final = "max_current_claimed_by"
SHAPER: Final = "shaper_active"
MANUAL_OVERRIDE: Final = "manual_override"
OVERRIDE_STATE: Final = "override_state"
ENERGY_LIMIT: Final = "energy_limit"
TIME_LIMIT: Final = "time_limit"
SERVICE_LEVEL: Final = "service_level_setting"
SERVICE_LEVELS: Final = "service_levels"
LCD_COLOUR: Final = "lcd_colour"
TIMER: Final = "timer"
TIMER_START: Final = "timer_start"
TIMER_END: Final = "timer_end"
LOCKED: Final = "locked"
SOCKET_LOCKED: Final = "socket_locked"
PHASES: Final = "phases"
CLOCK: Final = "clock"
FAULT: Final = "fault"
PROBLEM: Final = "problem"
LCD_TYPE: Final = "lcd_type"
AMMETER_SCALE: Final = "ammeter_scale"
AMMETER_OFFSET: Final = "ammeter_offset"
STORED_CAPACITY: Final = "stored_capacity"
FIRMWARE: Final = "gateway_firmware"
FIRMWARE_LATEST: Final = "gateway_firmware_latest"
FIRMWARE_PROGRESS: Final = "gateway_firmware_progress"
FIRMWARE_NOTES: Final = "gateway_firmware_notes"
FIRMWARE_PAGE: Final = "gateway_firmware_page"
RFID: Final = "rfid"
CAN_READ_CARDS: Final = "can_read_cards"
# What a button needs.
CAN_WAKE: Final = "can_wake"
CAN_PRESS: Final = "can_press"
CAN_RESTART_GATEWAY: Final = "can_restart_gateway"
CAN_RESTART_CHARGER: Final = "can_restart_charger"
CAN_RESET_ENERGY: Final = "can_reset_energy"

# What errors name: what has no entity of its own is known by its action.
SEEN_AS: Final[Mapping[str, str]] = {
    "override": MANUAL_OVERRIDE,
    "claim": "set_claim",
    "limit": "set_limit",
    "schedule": "set_schedule",
    "restart": "restart_gateway",
    "divertmode": DIVERT_MODE,
    "shaper": SHAPER,
}
