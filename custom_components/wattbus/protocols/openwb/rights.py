"""What openWB shows to everybody (data/config/mosquitto/public, 2.2.0 to 2.3.0-alpha.1).

With user management (from 2.2.0), a client without a user, or with one that has no roles
beside the basic ones, is answered and may subscribe to all, but receives only what is
below: `default-dynamic-security.json`. Without it, a client that names a user receives
nothing at all, for the rights in `mosquitto.acl` are those of clients without a name.
Either begins when openWB starts the next time, with another broker: 1883 is gone then.
"""

import re
from typing import Final

_PUBLIC: Final = re.compile(
    r"command/.*|counter/get/hierarchy|vehicle/\d+/(?:name|color)"
    "|general/(?:allow_unencrypted_access|extern|extern_display_mode|web_theme)"
    r"|(?:general/)?internal_chargepoint/(?:global_data|\d+/data/parent_cp)"
    "|optional/(?:dc_charging|int_display/.*|rfid/active)"
    "|system/(?:boot_done|current_branch|current_branch_commit|current_commit"
    "|dataprotection_acknowledged|installAssistantDone|ip_address|mac_address"
    "|messages/.*|security/.*|serial_number|time|update_in_progress"
    "|usage_terms_acknowledged|version)"
)


def is_public(path: str) -> bool:
    """Whether everybody may read a topic, which is given without its root."""
    return _PUBLIC.fullmatch(path) is not None
