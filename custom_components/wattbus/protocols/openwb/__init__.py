"""openWB 2.x over MQTT, from 2.0 to 2.3 (github.com/openWB/core).

Every state is retained JSON below a root topic, `openWB` unless a bridge adds to it.
What is set goes below `<root>/set/` and is not answered: it shows in the state.
"""

from .commands import (
    Json,
    add_plan,
    answered_client,
    charge_log,
    charge_log_topic,
    command,
    decode_charge_log,
    decode_error,
    decode_refusal,
    error_topic,
    messages_topic,
    reboot,
    reboot_charge_point,
    remove_plan,
)
from .feeds import feed, takes
from .hierarchy import Kind, Place
from .plans import MEMBERS, Plan, check_old, named, put, remove, set_plan
from .priorities import RANKED, ranked, ranks, set_priorities
from .rights import is_public
from .settings import (
    SETTINGS,
    SMART_HOME_SWITCHES,
    Setting,
    set_output,
    set_smart_home,
    set_value,
    setting_of,
)
from .tables import TEMPERATURES
from .templates import (
    FIELDS,
    PLANS,
    Field,
    Template,
    changed,
    check,
    field_of,
    fields,
    find,
    members,
    merged,
    named_fields,
    nested,
    set_field,
    write,
    write_lasting,
)
from .topics import State, decode
from .values import PHASES, Value
from .version import CHARGE_POINT_REBOOT, Generation, Version, generation, parse_version

__all__ = [
    "CHARGE_POINT_REBOOT",
    "FIELDS",
    "MEMBERS",
    "PHASES",
    "PLANS",
    "RANKED",
    "SETTINGS",
    "SMART_HOME_SWITCHES",
    "TEMPERATURES",
    "Field",
    "Generation",
    "Json",
    "Kind",
    "Place",
    "Plan",
    "Setting",
    "State",
    "Template",
    "Value",
    "Version",
    "add_plan",
    "answered_client",
    "changed",
    "charge_log",
    "charge_log_topic",
    "check",
    "check_old",
    "command",
    "decode",
    "decode_charge_log",
    "decode_error",
    "decode_refusal",
    "error_topic",
    "feed",
    "field_of",
    "fields",
    "find",
    "generation",
    "is_public",
    "members",
    "merged",
    "messages_topic",
    "named",
    "named_fields",
    "nested",
    "parse_version",
    "put",
    "ranked",
    "ranks",
    "reboot",
    "reboot_charge_point",
    "remove",
    "remove_plan",
    "set_field",
    "set_output",
    "set_plan",
    "set_priorities",
    "set_smart_home",
    "set_value",
    "setting_of",
    "takes",
    "write",
    "write_lasting",
]
