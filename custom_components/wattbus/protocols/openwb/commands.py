"""openWB's own commands (`openWB/set/command/<client>/todo/<command>`), and their answers.

openWB carries them out one after the other. It empties the set topic of those that it
takes and of those that it refuses, and with user management (2.2.0) leaves those alone
that the topic does not name: only an answer says that one was done (setdata.py,
command.py, 2.1.7 to 2.2.2).
"""

from collections.abc import Mapping
import re
from typing import Any, Final

from .. import ProtocolError
from ..payload import decode_object, quote
from ..publication import Publication
from .settings import publication

_CLIENT: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_ENTRIES: Final = 10_000
FIRST_YEAR: Final = 2010
_LAST_YEAR: Final = 2099
_LONGEST_REASON: Final = 200

type Json = Mapping[str, Any]


def command(root: str, client: str, name: str, data: Json | None = None) -> Publication:
    """Order something; answers come on `<root>/command/<client>/`.

    The topic ends in the command's name, for the rights of user management (2.2.0) go by
    it. Every version takes it so: each looks for `todo` anywhere in the topic.

    Raises:
        ProtocolError: If the client's name does not fit into a topic.
    """
    if not _CLIENT.fullmatch(client):
        raise ProtocolError(f"not a client's name: {quote(client)}")
    return publication(
        root,
        f"command/{client}/todo/{name}",
        {"command": name, "data": dict(data or {})},
    )


def reboot(root: str, client: str) -> Publication:
    """Restart openWB."""
    return command(root, client, "systemReboot")


def reboot_charge_point(root: str, client: str, charge_point: int) -> Publication:
    """Restart an external charge point; it is answered only if that fails."""
    return command(root, client, "chargepointReboot", {"chargepoint": charge_point})


def add_plan(root: str, client: str, template: int, kind: str) -> Publication:
    """Add a plan with openWB's defaults to a template, up to 2.1.7."""
    name = f"addChargeTemplate{_PLAN_WORDS[kind]}Plan"
    return command(root, client, name, {"template": template})


def remove_plan(
    root: str, client: str, template: int, kind: str, plan: int
) -> Publication:
    """Remove a plan from a template, up to 2.1.7."""
    name = f"removeChargeTemplate{_PLAN_WORDS[kind]}Plan"
    return command(root, client, name, {"template": template, "plan": plan})


_PLAN_WORDS: Final = {"schedule": "Schedule", "time": "TimeCharging"}


def charge_log(root: str, client: str, year: int, month: int) -> Publication:
    """Ask for a month's charging sessions; the answer comes on `charge_log_topic`.

    Raises:
        ProtocolError: If there is no such month.
    """
    if not FIRST_YEAR <= year <= _LAST_YEAR or not 1 <= month <= 12:
        raise ProtocolError("no such month")
    data = {
        "year": str(year),
        # openWB makes the name of its file of the two, which is `202501`.
        "month": f"{month:02}",
        "filter": {"chargepoint": {"id": []}, "vehicle": {"id": []}},
    }
    return command(root, client, "getChargeLog", data)


def charge_log_topic(root: str, client: str) -> str:
    """Give the topic that a charge log comes on, not retained."""
    return f"{root}/log/{client}/data"


def error_topic(root: str, client: str) -> str:
    """Give the topic that says why a command was not done."""
    return f"{root}/command/{client}/error"


def messages_topic(root: str, client: str) -> str:
    """Give what the topics of messages to a user begin with."""
    return f"{root}/command/{client}/messages/"


def answered_client(root: str, topic: str) -> str | None:
    """Give the name of the client that a topic answers; None if it is no answer."""
    parts = topic.removeprefix(f"{root}/").split("/")
    return parts[1] if len(parts) > 2 and parts[0] in ("command", "log") else None


def decode_charge_log(payload: bytes) -> Json:
    """Read a charge log: `entries`, in openWB's own form, and `totals`.

    Raises:
        ProtocolError: If it is something else.
    """
    document = decode_object(payload)
    entries = document.get("entries", [])
    if not isinstance(entries, list) or len(entries) > _MOST_ENTRIES:
        raise ProtocolError("a charge log without entries")
    totals = document.get("totals")
    return {
        "entries": [entry for entry in entries if isinstance(entry, dict)],
        "totals": totals if isinstance(totals, dict) else {},
    }


def decode_error(payload: bytes) -> str:
    """Read why a command was not done.

    Raises:
        ProtocolError: If it is something else.
    """
    document = decode_object(payload)
    reason = document.get("error")
    if not isinstance(reason, str):
        raise ProtocolError("an error without words")
    return reason[:_LONGEST_REASON]


def decode_refusal(payload: bytes) -> str | None:
    """Read from a message why a command was not done; None if it was.

    Raises:
        ProtocolError: If it is something else.
    """
    document = decode_object(payload)
    if document.get("type") != "danger":
        return None
    reason = document.get("message")
    if not isinstance(reason, str):
        raise ProtocolError("a message without words")
    return reason[:_LONGEST_REASON]
