"""openWB 2.x over MQTT, from 2.0 to 2.2 (github.com/openWB/core).

Every state is retained JSON below a root topic, `openWB` unless a bridge adds to it.
What is set goes below `<root>/set/` and is not answered: it shows in the state.
"""

from .commands import (
    add_plan,
    charge_log,
    charge_log_topic,
    command,
    decode_charge_log,
    decode_error,
    error_topic,
    reboot,
    reboot_charge_point,
    remove_plan,
)
from .feeds import INPUTS, feed, takes
from .hierarchy import Kind, Place
from .plans import MEMBERS, Plan, check_old, named, put, remove, set_plan
from .settings import (
    SETTINGS,
    SMART_HOME_SWITCHES,
    Setting,
    set_output,
    set_smart_home,
    set_value,
)
from .templates import (
    FIELDS,
    PLANS,
    Field,
    Template,
    changed,
    check,
    fields,
    find,
    merged,
    named_fields,
    nested,
    set_field,
    write,
    write_lasting,
)
from .topics import State, decode
from .values import PHASES, Value
from .version import (
    MQTT_INPUTS,
    TEMPORARY_TEMPLATES,
    TEXT_TAGS,
    WHOLE_TEMPLATES,
    Generation,
    Version,
    generation,
    parse_version,
)

__all__ = [
    "FIELDS",
    "INPUTS",
    "MEMBERS",
    "MQTT_INPUTS",
    "PHASES",
    "PLANS",
    "SETTINGS",
    "SMART_HOME_SWITCHES",
    "TEMPORARY_TEMPLATES",
    "TEXT_TAGS",
    "WHOLE_TEMPLATES",
    "Field",
    "Generation",
    "Kind",
    "Place",
    "Plan",
    "Setting",
    "State",
    "Template",
    "Value",
    "Version",
    "add_plan",
    "changed",
    "charge_log",
    "charge_log_topic",
    "check",
    "check_old",
    "command",
    "decode",
    "decode_charge_log",
    "decode_error",
    "error_topic",
    "feed",
    "fields",
    "find",
    "generation",
    "merged",
    "named",
    "named_fields",
    "nested",
    "parse_version",
    "put",
    "reboot",
    "reboot_charge_point",
    "remove",
    "remove_plan",
    "set_field",
    "set_output",
    "set_plan",
    "set_smart_home",
    "set_value",
    "takes",
    "write",
    "write_lasting",
]
