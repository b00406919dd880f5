"""Who is charged first: `counter/get/loadmanagement_prios`, from 2.3.

The list has vehicles and consumers, and groups that share a place. openWB takes any list
(`_validate_value(msg, None)`), and passes over nothing that it does not know: so what is
in it stays in it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .. import InputError
from ..inputs import check_number
from ..publication import Publication
from .hierarchy import Kind
from .settings import publication

type Priorities = Sequence[Any]

_TOPIC: Final = "counter/get/loadmanagement_prios"
RANKED: Final = (Kind.VEHICLE, Kind.CONSUMER)
"""What can be in the list."""
_GROUP: Final = "group"


def ranks(priorities: Priorities) -> dict[tuple[Kind, int | None], int]:
    """Give the place of each vehicle and consumer; the first is 1."""
    found: dict[tuple[Kind, int | None], int] = {}
    for place, entry in enumerate(priorities, 1):
        for one in _group(entry) or [entry]:
            if (key := _key(one)) is not None:
                found.setdefault(key, place)
    return found


def ranked(priorities: Priorities, kind: Kind, number: int, place: int) -> list[Any]:
    """Return the list with one at another place; it leaves its group.

    Raises:
        InputError: If it is not in the list, or there is no such place.
    """
    entry = {"type": kind.value, "id": number}
    rest = []
    taken = False
    for known in priorities:
        if _key(known) == (kind, number):
            taken = True
        elif (group := _group(known)) and any(_key(x) == (kind, number) for x in group):
            taken = True
            left = [one for one in group if _key(one) != (kind, number)]
            if left:
                rest.append({**known, "children": left})
        else:
            rest.append(known)
    if not taken:
        raise InputError("openwb_not_ranked")
    check_number(place, "priority_rank", minimum=1, maximum=len(rest) + 1)
    return [*rest[: place - 1], entry, *rest[place - 1 :]]


def set_priorities(root: str, priorities: Priorities) -> Publication:
    """Set who is charged first."""
    return publication(root, _TOPIC, list(priorities))


def _group(entry: Any) -> list[Any] | None:
    """Give those that share a place; None if the entry is no group."""
    if isinstance(entry, Mapping) and entry.get("type") == _GROUP:
        children = entry.get("children")
        return children if isinstance(children, list) else None
    return None


def _key(entry: Any) -> tuple[Kind, int] | None:
    """Say whom an entry is of; None if it is of nobody we know."""
    if not isinstance(entry, Mapping) or type(number := entry.get("id")) is not int:
        return None
    return next(((k, number) for k in RANKED if k.value == entry.get("type")), None)
