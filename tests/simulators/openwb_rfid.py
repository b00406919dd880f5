"""Tags held to a charge point of the simulated openWB (control/chargepoint/rfid.py).

A tag is on `get/rfid`, whoever wrote it: the reader, or a client at `set/…/get/rfid`, which
takes a text in all releases (setdata.py, 2.1.7 to 2.2.2). The next control cycle looks at
it: it is dropped without a word unless identification is on, the charge point's template
or a vehicle knows it, and nothing was charged yet. With a car there it goes to `set/rfid`,
else it waits for one. `set/rfid` itself is not checked; a number there, which is all that
2.1.8 and 2.1.9 take, ends the charge point's control ("float has no attribute lower").
"""

from .openwb_point import ChargePoint
from .openwb_store import Store
from .openwb_versions import Features


def take_tag(point: ChargePoint, store: Store, moment: float) -> None:
    """Look at the tag that was read at a charge point, if any."""
    if (tag := point.get("get/rfid")) is None:
        return
    if not _is_allowed(point, store, tag):
        _forget(point)
    elif point.get("get/plug_state"):
        _forget(point)
        point.set("set/rfid", tag)
    elif point.get("get/rfid_timestamp") is None:
        point.set("get/rfid_timestamp", round(moment, 3))


def _forget(point: ChargePoint) -> None:
    point.set("get/rfid", None)
    point.set("get/rfid_timestamp", None)


def _is_allowed(point: ChargePoint, store: Store, tag: str) -> bool:
    number = point.get("config")["template"]
    template = store.get(f"chargepoint/template/{number}", {})
    known = list(template.get("valid_tags", []))
    for vehicle in store.vehicles:
        known += store.get(f"vehicle/{vehicle}/tag_id", [])
    charged = point.get("set/log", {}).get("imported_since_plugged", 0)
    return bool(store.get("optional/rfid/active")) and tag in known and not charged


def breaks_control(point: ChargePoint, features: Features) -> bool:
    """Return whether what is on `set/rfid` stops a charge point's control."""
    is_number = isinstance(point.get("set/rfid"), int | float)
    return is_number and features.whole_template and not features.rfid_text
