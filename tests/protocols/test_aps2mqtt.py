"""What aps2mqtt publishes, read and written."""

from dataclasses import replace
import json
import random

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.aps2mqtt import (
    EcuState,
    InverterState,
    SingleValue,
    Status,
    decode,
    ecu_state,
    inverter_state,
    status,
)
from custom_components.wattbus.protocols.payload import quote
from custom_components.wattbus.protocols.publication import Publication

ECU = "216000123456"
QS1 = "801234567890"
DS3 = "703000112233"
TOPIC = f"aps/{ECU}"

# As aps2mqtt 2.0.2 writes them.
ECU_PAYLOAD = (
    '{"current_power": 1349, "today_energy": 1.39, "lifetime_energy": 15144.9}'
)
DS3_PAYLOAD = (
    '{"online": true, "signal": 80, "temperature": 16, "frequency": 50.0, '
    '"power": 16, "voltage": 239, "panel_1_power": 16, "panel_2_power": 0, '
    '"panel_1_voltage": 239, "panel_2_voltage": 239}'
)
OFFLINE_PAYLOAD = '{"online": false}'

ECU_STATE = EcuState(
    ECU, current_power=1349, today_energy=1.39, lifetime_energy=15144.9
)
DS3_STATE = InverterState(
    ECU,
    DS3,
    online=True,
    signal=80,
    temperature=16,
    frequency=50.0,
    power=16,
    voltage=239,
    panel_powers=(16, 0),
    panel_voltages=(239, 239),
)
QS1_STATE = InverterState.measured(
    ECU,
    QS1,
    signal=67,
    temperature=-1,
    frequency=49.9,
    panel_powers=(101, 100, 0, 99),
    panel_voltages=(242,),
)
OFFLINE = InverterState(ECU, DS3, online=False)


@pytest.mark.parametrize(
    ("topic", "payload", "message"),
    [
        ("aps/status", "online", Status(online=True)),
        ("aps/status", "offline", Status(online=False)),
        (TOPIC, ECU_PAYLOAD, ECU_STATE),
        (TOPIC, '{"current_power": null}', EcuState(ECU)),
        (f"{TOPIC}/{DS3}", DS3_PAYLOAD, DS3_STATE),
        (f"{TOPIC}/{DS3}", OFFLINE_PAYLOAD, OFFLINE),
        # What else is said of an inverter that is offline is old.
        (f"{TOPIC}/{DS3}", '{"online": false, "power": 16}', OFFLINE),
        (f"{TOPIC}/{DS3}", '{"online": true}', InverterState(ECU, DS3, online=True)),
        # A mean of three phases.
        (
            f"{TOPIC}/{QS1}",
            '{"online": true, "voltage": 229.66666666666666, "new": {"a": 1}}',
            InverterState(ECU, QS1, online=True, voltage=229.66666666666666),
        ),
    ],
)
@pytest.mark.parametrize("prefix", ["", "home/roof", "+"])
def test_version_2(topic: str, payload: str, message: object, prefix: str) -> None:
    topic = f"{prefix}/{topic}" if prefix else topic
    assert decode(topic, payload, prefix) == message
    assert decode(topic, payload.encode(), prefix) == message


@pytest.mark.parametrize(
    ("topic", "payload", "message"),
    [
        ("power", "1349", SingleValue(ECU, None, None, "current_power", 1349)),
        ("energy/today", "1.39", SingleValue(ECU, None, None, "today_energy", 1.39)),
        (
            "energy/lifetime",
            "15144.9",
            SingleValue(ECU, None, None, "lifetime_energy", 15144.9),
        ),
        (f"{DS3}/online", "True", SingleValue(ECU, DS3, None, "online", True)),
        (f"{DS3}/online", "False", SingleValue(ECU, DS3, None, "online", False)),
        (f"{DS3}/signal", "80", SingleValue(ECU, DS3, None, "signal", 80)),
        (f"{DS3}/temperature", "-4", SingleValue(ECU, DS3, None, "temperature", -4)),
        (f"{DS3}/frequency", "49.9", SingleValue(ECU, DS3, None, "frequency", 49.9)),
        (f"{DS3}/power", "16", SingleValue(ECU, DS3, None, "power", 16)),
        (f"{DS3}/voltage", "239.5", SingleValue(ECU, DS3, None, "voltage", 239.5)),
        (f"{DS3}/1/power", "16", SingleValue(ECU, DS3, 1, "power", 16)),
        (f"{DS3}/2/voltage", "239", SingleValue(ECU, DS3, 2, "voltage", 239)),
        (f"{DS3}/4/power", "1e-05", SingleValue(ECU, DS3, 4, "power", 1e-05)),
    ],
)
def test_before_version_2(topic: str, payload: str, message: SingleValue) -> None:
    """A value per topic, which later got the names of the JSON's keys."""
    assert decode(f"{TOPIC}/{topic}", payload) == message
    assert decode(f"x/{TOPIC}/{topic}", payload.encode(), "x") == message


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "aps",
        "aps/",
        "aps//",
        f"aps/{ECU}/",
        "aps/other",
        "aps/status/more",
        "aps/12345",
        f"aps/{ECU}0",
        "aps/２１６０００１２３４５６",
        f"aps/{ECU}|",
        f"aps/{ECU}\n",
        f"home/aps/{ECU}",
        f"APS/{ECU}",
        f"{TOPIC}/inverter",
        f"{TOPIC}/energy",
        f"{TOPIC}/energy/week",
        f"{TOPIC}/current_power",
        f"{TOPIC}/{DS3}/more",
        f"{TOPIC}/{DS3}/1",
        f"{TOPIC}/{DS3}/0/power",
        f"{TOPIC}/{DS3}/9/power",
        f"{TOPIC}/{DS3}/10/power",
        f"{TOPIC}/{DS3}/1/signal",
        f"{TOPIC}/{DS3}/1/power/more",
        f"{TOPIC}/{DS3}/online/more",
        "/" * 10_000,
        "\ud800",
    ],
)
def test_other_topics(topic: str) -> None:
    assert decode(topic, b"1") is None


def test_the_prefix_belongs_to_the_topic() -> None:
    assert decode(TOPIC, ECU_PAYLOAD, "home") is None
    assert decode(f"home/{TOPIC}", ECU_PAYLOAD) is None
    # As aps2mqtt does it: spaces are no prefix, and a slash at the end is one more.
    assert decode(TOPIC, ECU_PAYLOAD, "  ") == ECU_STATE
    assert decode(f"home//{TOPIC}", ECU_PAYLOAD, "home/") == ECU_STATE


@pytest.mark.parametrize("topic", ["aps/status", TOPIC, f"{TOPIC}/{DS3}/power"])
def test_a_retained_message_is_cleared(topic: str) -> None:
    assert decode(topic, b"") is None


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("aps/status", b"Online", "neither"),
        ("aps/status", b"\xff", "neither"),
        ("aps/status", "\ud800", "neither"),
        (TOPIC, b"1349", "not a JSON object"),
        (TOPIC, b"\xff", "not UTF-8"),
        (TOPIC, "\ud800", "not UTF-8"),
        (TOPIC, b"{}", "no value"),
        (TOPIC, b'{"power": 1}', "no value"),
        (TOPIC, b'{"current_power": 1' + b"0" * 4096 + b"}", "larger"),
        (f"{TOPIC}/{DS3}", b"{}", "online is not a boolean"),
        (f"{TOPIC}/{DS3}", b'{"online": 1}', "online is not a boolean"),
        (f"{TOPIC}/{DS3}", b'{"online": "true"}', "online is not a boolean"),
        (f"{TOPIC}/{DS3}/online", b"true", "neither"),
        (f"{TOPIC}/{DS3}/online", b"1", "neither"),
        (f"{TOPIC}/power", b"None", "not a number"),
        (f"{TOPIC}/power", b"nan", "not a number"),
        (f"{TOPIC}/power", b"inf", "not a number"),
        (f"{TOPIC}/power", b"1e999", "not a number"),
        (f"{TOPIC}/power", b"1_000", "not a number"),
        (f"{TOPIC}/power", b" 1", "not a number"),
        (f"{TOPIC}/power", "\u0661".encode(), "not a number"),
        (f"{TOPIC}/power", b"1" * 4096, "not a number"),
        (f"{TOPIC}/power", b"[1]", "not a number"),
        (f"{TOPIC}/{DS3}/1/power", b"\x00", "not a number"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_refused(topic: str, payload: bytes | str, reason: str) -> None:
    """The reason is readable and repeats little of the payload."""
    with pytest.raises(ProtocolError, match=reason) as caught:
        decode(topic, payload)
    assert len(str(caught.value)) < 150


WRONG = ("16", True, [], {}, [1], {"a": 1}, "")


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("key", json.loads(DS3_PAYLOAD))
def test_a_value_of_a_wrong_type_costs_that_value(key: str, wrong: object) -> None:
    """And it is said why; all others are read."""
    if key == "online" and wrong is True:
        return
    document = json.loads(DS3_PAYLOAD)
    state = decode(f"{TOPIC}/{DS3}", json.dumps(document | {key: wrong}))
    assert isinstance(state, InverterState)
    (reason,) = state.unread
    assert reason.startswith(f"{key} is not a")
    without = decode(f"{TOPIC}/{DS3}", json.dumps(document | {key: None}))
    assert isinstance(without, InverterState)
    assert state == without
    values = [
        *(state.signal, state.temperature, state.frequency, state.power),
        *(state.voltage, *state.panel_powers, *state.panel_voltages),
    ]
    assert values.count(None) == (key != "online")


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("key", json.loads(ECU_PAYLOAD))
def test_the_same_of_an_ecu(key: str, wrong: object) -> None:
    state = decode(TOPIC, json.dumps(json.loads(ECU_PAYLOAD) | {key: wrong}))
    assert state == replace(ECU_STATE, **{key: None})
    assert isinstance(state, EcuState)
    assert state.unread == (f"{key} is not a number: {quote(wrong)}",)


NOTHING = {
    "online": True,
    "signal": 0,
    "temperature": -100,
    "frequency": 0.0,
    "power": 3,
    "voltage": 0,
    "panel_1_power": 1,
    "panel_2_power": 2,
    "panel_1_voltage": 0,
    "panel_2_voltage": 0,
}


def test_what_aps2mqtt_publishes_of_what_it_does_not_know() -> None:
    """APSystemsSocket.py of 2.0.2: 0 for no signal, and the bare zeros of the ECU.

    With them for those who read aps2mqtt, and read as unknown.
    """
    state = InverterState.measured(
        ECU,
        DS3,
        signal=None,
        temperature=None,
        frequency=None,
        panel_powers=(1, 2),
        panel_voltages=(None, None),
    )
    assert json.loads(inverter_state(state).payload) == NOTHING
    assert decode(f"{TOPIC}/{DS3}", json.dumps(NOTHING)) == state
    for key, value in {"signal": 0, "temperature": -100, "voltage": 0.0}.items():
        found = decode(f"{TOPIC}/{DS3}/{key}", str(value))
        assert found == SingleValue(ECU, DS3, None, key, None)
    assert decode(f"{TOPIC}/{DS3}/2/voltage", "0") == SingleValue(
        ECU, DS3, 2, "voltage", None
    )


def test_an_inverter_that_just_starts() -> None:
    """A waking QS1 tells 65.0 Hz and 5 V: no grid yet (ecur #74)."""
    waking = {"voltage": 5, "panel_1_voltage": 5, "frequency": 65.0}
    document = json.loads(DS3_PAYLOAD)
    del document["panel_2_voltage"]
    state = decode(f"{TOPIC}/{DS3}", json.dumps(document | waking))
    assert isinstance(state, InverterState)
    assert (state.voltage, state.frequency, state.panel_voltages) == (
        *(None, None),
        (None,),
    )
    # Of two voltages that are not both known, the published mean is no voltage.
    half = {"voltage": 119.5, "panel_1_voltage": 0, "panel_2_voltage": 239}
    state = decode(f"{TOPIC}/{DS3}", json.dumps(document | half))
    assert isinstance(state, InverterState)
    assert (state.voltage, state.frequency) == (239, 50.0)


def test_more_panels_than_any_inverter_has() -> None:
    document = {"online": True} | {f"panel_{n}_power": n for n in range(1, 100)}
    state = decode(f"{TOPIC}/{DS3}", json.dumps(document))
    assert isinstance(state, InverterState)
    assert state.panel_powers == (1, 2, 3, 4, 5, 6, 7, 8)


def test_damaged_messages() -> None:
    """A value or ProtocolError, whatever comes on whatever topic."""
    rng = random.Random("aps2mqtt")
    payloads = [ECU_PAYLOAD, DS3_PAYLOAD, OFFLINE_PAYLOAD, "online", "True", "239.5"]
    levels = ["aps", "status", ECU, DS3, "1", "power", "energy", "today", "online", ""]
    values = refused = 0
    for _ in range(20_000):
        topic = "aps/" + "/".join(rng.choices(levels, k=rng.randint(1, 4)))
        payload = bytearray(rng.choice(payloads).encode())
        for _ in range(rng.randrange(4)):
            payload[rng.randrange(len(payload))] = rng.randrange(256)
        del payload[rng.randrange(1, 2 * len(payload)) :]
        try:
            values += decode(topic, bytes(payload)) is not None
        except ProtocolError:
            refused += 1
    # Both happen, or this shows nothing.
    assert values > 50
    assert refused > 500


def test_the_status_is_retained() -> None:
    """Whoever comes later has to know; the broker keeps the last will, too."""
    assert status(online=True) == Publication("aps/status", "online", retain=True)
    assert status(online=False, prefix="home") == Publication(
        "home/aps/status", "offline", retain=True
    )


@pytest.mark.parametrize("retain", [False, True])
def test_states_are_written_as_aps2mqtt_does(retain: bool) -> None:
    """To the letter: the order of the keys, the spaces, 50.0 and 239."""
    assert ecu_state(ECU_STATE, retain=retain) == Publication(
        TOPIC, ECU_PAYLOAD, retain
    )
    assert inverter_state(DS3_STATE, "home", retain=retain) == Publication(
        f"home/{TOPIC}/{DS3}", DS3_PAYLOAD, retain
    )
    offline = inverter_state(OFFLINE, retain=retain)
    assert offline == Publication(f"{TOPIC}/{DS3}", OFFLINE_PAYLOAD, retain)


def test_the_numbers_shapes() -> None:
    """Watts without a decimal point, kilowatt hours and hertz with one."""
    state = EcuState(ECU, current_power=0.0, today_energy=0, lifetime_energy=7)
    assert ecu_state(state).payload == (
        '{"current_power": 0, "today_energy": 0.0, "lifetime_energy": 7.0}'
    )
    unknown = '{"current_power": null, "today_energy": null, "lifetime_energy": null}'
    assert ecu_state(EcuState(ECU)).payload == unknown


@pytest.mark.parametrize(
    ("powers", "voltages", "power", "voltage"),
    [
        ((16, 0), (239, 239), "16", "239"),
        ((16, 1), (239, 240), "17", "239.5"),
        ((1, 2, 3, 4), (242,), "10", "242"),
        ((1, 2, 3, 4), (229, 230, 230), "10", "229.66666666666666"),
        # What is not known makes no sum; a mean of what is known is a voltage.
        ((1, None), (None, 230), "null", "230"),
        ((), (), "null", "0"),
    ],
)
def test_totals(
    powers: tuple[int | None, ...],
    voltages: tuple[int | None, ...],
    power: str,
    voltage: str,
) -> None:
    state = InverterState.measured(
        ECU,
        DS3,
        signal=None,
        temperature=None,
        frequency=None,
        panel_powers=powers,
        panel_voltages=voltages,
    )
    payload = inverter_state(state).payload
    assert f'"power": {power}, "voltage": {voltage}' in payload


@pytest.mark.parametrize("ids", [("1", DS3), (ECU, ""), (ECU, "+"), ("#", "#")])
def test_only_ids_get_into_a_topic(ids: tuple[str, str]) -> None:
    with pytest.raises(ProtocolError, match="twelve digits"):
        inverter_state(InverterState(*ids, online=False))


@pytest.mark.parametrize("prefix", ["", "home"])
@pytest.mark.parametrize(
    "state",
    [ECU_STATE, EcuState(ECU), DS3_STATE, QS1_STATE, OFFLINE],
    ids=["ecu", "unknown", "ds3", "qs1", "offline"],
)
def test_what_is_written_can_be_read(
    state: EcuState | InverterState, prefix: str
) -> None:
    if isinstance(state, EcuState):
        written = ecu_state(state, prefix)
    else:
        written = inverter_state(state, prefix)
    assert decode(written.topic, written.payload, prefix) == state
    said = status(online=True, prefix=prefix)
    assert decode(said.topic, said.payload, prefix) == Status(online=True)
