"""What more than one module of this family uses."""

from typing import Final

MOST_POWER: Final = 5_000_000.0
"""What no site of this controller has [W], generously."""

# Of the connection.
CONF_SERIAL: Final = "serial"
CONF_SUFFIX: Final = "suffix"
CONF_COMMAND_TOPIC: Final = "command_topic"
CONF_FEEDBACK_TOPIC: Final = "feedback_topic"

# What may be tuned.
CONF_DEVICE_TYPES: Final = "device_types"
CONF_POLICIES: Final = "policies"
CONF_POWER_POLICIES: Final = "power_policies"
CONF_INVERT: Final = "invert"
CONF_REFRESH: Final = "refresh"
CONF_FEEDBACK_INTERVAL: Final = "feedback_interval"
CONF_FEEDBACK_LEVEL: Final = "feedback_level"
CONF_HORIZON: Final = "horizon"
CONF_TIMEOUT: Final = "timeout"
CONF_SPACING: Final = "spacing"
CONF_MILLISECONDS: Final = "milliseconds"
CONF_AS_TEXT: Final = "schedules_as_text"
CONF_LIVE_POLICY: Final = "live_policy_field"
CONF_LIVE_POWER: Final = "live_power_field"
CONF_LIVE_MESSAGE: Final = "live_message_type"
CONF_LIVE_TOPIC: Final = "live_topic"
CONF_LIVE_INTERVAL: Final = "live_interval"
CONF_LIVE_STOP: Final = "live_stop_policy"

# Kinds of devices beside the site: all devices of a type, and a node of the topology.
GROUP: Final = "group"
NODE: Final = "node"

# Values of the site.
LAST_ERROR: Final = "last_error"

# Values of groups, and of nodes that have schedules.
SCHEDULES: Final = "schedules"
ACTIVE: Final = "active_schedule"
NEXT: Final = "next_schedule"
NEXT_START: Final = "next_start"
SETPOINT: Final = "setpoint"
SCHEDULE_ID: Final = "schedule_id"
START: Final = "start"
END: Final = "end"
CREATED_AT: Final = "created_at"
SITE_IMPORT: Final = "site_import"
SITE_EXPORT: Final = "site_export"
TAG: Final = "tag"
# What belongs to the active schedule.
OF_ACTIVE: Final = (
    SETPOINT,
    SCHEDULE_ID,
    START,
    END,
    CREATED_AT,
    SITE_IMPORT,
    SITE_EXPORT,
    TAG,
)
HAPPENED: Final = "schedule_event"
LIVE: Final = "live_control"
LIVE_POLICY: Final = "live_policy"
LIVE_POWER: Final = "live_power"
POLICIES: Final = "policies"

# Values of nodes.
NODE_TYPE: Final = "node_type"
NOMINAL_CURRENT: Final = "nominal_current"

# Powers whose energy is worth having, in the vendor's own words, and what it is called.
POWERS: Final = {
    "actualPowerTot_W": "actual",
    "childrenStoragePower_W": "storage",
    "childrenProducedPower_W": "produced",
    "childrenEVPower_W": "ev",
    "childrenConsumedPower_W": "consumed",
}
POSITIVE: Final = "positive"
NEGATIVE: Final = "negative"

# Stands before the names of values that come as feedback, so that they are no others.
FEEDBACK: Final = "feedback."
# Stands before the names of energies made of powers.
ENERGY: Final = "energy."

NO_SCHEDULE: Final = "none"
"""What the sensors show while there is no schedule, which is known."""


# What can happen to a schedule.
ADDED: Final = "added"
REMOVED: Final = "removed"
STARTED: Final = "started"
ENDED: Final = "ended"
REFUSED: Final = "refused"
EVENTS: Final = (ADDED, REMOVED, STARTED, ENDED, REFUSED)
