"""Each family's documents with a text that is none: it costs that text alone.

Bytes of an empty chip (`evse_serial`, firstof9/openevse #183 and #117), a name in Latin-1
(as an editor in the vendor's page has stored it), a control character (evcc #3685, a NUL
of a charger): what is read is the same as with null in the place of the text.
"""

from collections.abc import Callable
import json
from typing import Any, Final

import pytest

from custom_components.wattbus.families.apsystems.meter import decode_graph
from custom_components.wattbus.protocols import aps2mqtt, em420, openevse, openwb, sofar

_MARK: Final = "~text~"


def _em420(payload: bytes) -> object:
    return em420.decode(payload)


# What reads a document, and the document, with a text to spoil in one or more places.
DOCUMENTS: Final[dict[str, tuple[Callable[[bytes], object], Any]]] = {
    "openevse config": (
        openevse.decode_config,
        {"version": "v5.1.5", "evse_serial": _MARK, "max_current_hard": 32},
    ),
    "openevse status": (
        openevse.decode_status,
        {"amp": 16_000, "ipaddress": _MARK, "state": 3, "unknown": _MARK},
    ),
    "openevse claim": (
        openevse.decode_claim,
        {"state": "active", "charge_current": 16, "comment": _MARK},
    ),
    "openevse schedule": (
        openevse.decode_schedule,
        [
            {"id": 1, "state": "active", "time": "07:00:00", "days": ["monday"]},
            {"id": 2, "state": "disabled", "time": "09:00:00", "feature": _MARK},
        ],
    ),
    "openevse announce": (
        openevse.decode_announce,
        {"state": "connected", "id": "c44f", "name": _MARK, "mqtt": "openevse"},
    ),
    "openwb consumer": (
        lambda payload: openwb.decode("openWB/consumer/8/module", payload),
        {"name": _MARK, "type": "mypv", "id": 8, "info": {"model": _MARK}},
    ),
    "openwb inputs": (
        lambda payload: openwb.decode("openWB/io/states/0/get/digital_input", payload),
        {"DI1": True, "DI2": False, "DI3": _MARK},
    ),
    "em420 configuration": (
        _em420,
        {
            "s0": {
                "id": "a" * 40,
                "configuration": {
                    "label": _MARK,
                    "meta": {"serial": _MARK, "phase": "L1"},
                    "values": {"active_power_+": {"unit": "mW"}},
                },
            },
            "s1": {"id": "b" * 40, "configuration": {"label": "House"}},
        },
    ),
    "em420 values": (
        _em420,
        {"s0": {"voltage_L1": 230_000, "status": _MARK}, "s1": {"voltage_L1": 1000}},
    ),
    "sofar reply": (
        sofar.decode_reply,
        {
            "requestTime": 1_700_000_000,
            "siteNodeId": _MARK,
            "data": {
                "message_type": "get_schedule_ack",
                "responseCode": 0,
                "state": {"id": 12, "name": _MARK},
            },
        },
    ),
    "aps2mqtt inverter": (
        lambda payload: aps2mqtt.decode("aps/216000123456/801000012345", payload),
        {"online": True, "power": 230, "model": _MARK},
    ),
    "graph of an ECU": (
        decode_graph,
        {
            "total": _MARK,
            "power1": [{"time": 1_700_000_000_000, "powerA": 5}],
            "power2": [{"time": 1_700_000_000_000, "powerA": 6}],
        },
    ),
}


@pytest.mark.parametrize(
    "spoilt",
    [b"X\xff\xff\xff", b"Gro\xdfe Stra\xdfe", b"\xc3", b"a\x01b", b"\\ud800"],
    ids=repr,
)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_text_that_cannot_be_read_costs_itself(name: str, spoilt: bytes) -> None:
    read, document = DOCUMENTS[name]
    text = json.dumps(document)
    assert _MARK in text
    bad = text.encode().replace(_MARK.encode(), spoilt)
    without = text.replace(f'"{_MARK}"', "null").encode()
    found = read(without)
    assert found
    assert read(bad) == found
