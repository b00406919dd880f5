"""Reading JSON from a network that is not trusted."""

import math

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.payload import (
    MAX_DEPTH,
    MAX_KEYS,
    decode_json,
    decode_object,
    identifier,
    number,
    quote,
    quote_name,
)

MAX_MESSAGE = 100


@pytest.mark.parametrize(
    "payload", [b'{"a": [1, {"b": null}]}', '{"a": [1, {"b": null}]}']
)
def test_an_object_is_decoded(payload: bytes | str) -> None:
    """Bytes and text are both fine."""
    assert decode_object(payload) == {"a": [1, {"b": None}]}


@pytest.mark.parametrize("payload", [b"{}", b'{"": {}, "b": [[]]}'])
def test_empty_containers_are_fine(payload: bytes) -> None:
    """An empty object has no longest key."""
    decode_object(payload)


NESTED_OBJECT = b'{"a":' * MAX_DEPTH + b"{}" + b"}" * MAX_DEPTH


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b" " * 1_048_577, "larger than 1048576 bytes"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "not JSON"),
        (b"unavailable", "not JSON"),
        ("online", "not JSON"),
        (b'{"a": 1', "not JSON"),
        (b"\x00" * 1000, "not JSON"),
        # A single value has no neighbours that it could take along.
        (b'"\xc3"', "not UTF-8"),
        (b"NaN", "not JSON"),
        (b"1e400", "not JSON"),
        (b'{"a": \xff}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, "nested too deep"),
        (b'{"a":' + b"[" * 100 + b"]" * 100 + b"}", "nested too deep"),
        (NESTED_OBJECT, "nested too deep"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"12", "not a JSON object"),
        (b'{"' + b"k" * 256 + b'": 1}', "a key is too long"),
        (b'{"a": {"' + b"k" * 10_000 + b'": 1}}', "a key is too long"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_refused(payload: bytes | str, reason: str) -> None:
    """Everything else is refused with a reason that fits into a log line."""
    with pytest.raises(ProtocolError, match=reason) as caught:
        decode_object(payload)
    assert len(str(caught.value)) <= MAX_MESSAGE


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        # The serial number of a charger's controller, as its gateway copies it
        # (firstof9/openevse #183 and #117: "evse_serial").
        (b'{"a": "X\xff\xff\xff", "b": 1}', {"a": None, "b": 1}),
        (b'{"a": "Wallbox M\xfcller", "b": "x"}', {"a": None, "b": "x"}),
        (b'{"a": "\xc3", "b": "\xc3\xbc"}', {"a": None, "b": "\u00fc"}),
        (b'{"a": "\x01\x02", "b": "x\ty\n"}', {"a": None, "b": "x\ty\n"}),
        ('{"a": "\ud800", "b": 1}', {"a": None, "b": 1}),
        (b'{"a": "\\ud800", "b": 1}', {"a": None, "b": 1}),
        (b'{"a\xff": 2, "b": 1}', {"b": 1}),
        (b'["\xff", {"a": ["\xff", 1]}]', [None, {"a": [None, 1]}]),
        # A text that tells of such bytes in UTF-8 is one.
        (b'{"a": "\xef\xbf\xbd"}', {"a": "\ufffd"}),
        (b'{"a": NaN, "b": -Infinity, "c": 1.5}', {"a": None, "b": None, "c": 1.5}),
        (b'{"a": 1e400, "b": 1e3}', {"a": None, "b": 1000.0}),
        (b'{"a": 1' + b"0" * 400 + b', "b": 12}', {"a": None, "b": 12}),
        (b'{"a": "\xff", "b": 1' + b"0" * 20 + b"}", {"a": None, "b": 1e20}),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_cannot_be_read_costs_itself(
    payload: bytes | str, expected: object
) -> None:
    """Its neighbours stay as they are."""
    assert decode_json(payload) == expected


@pytest.mark.parametrize("payload", [b'{"a": "\xff"', b'{"a": "\xff}', b"[\xff]"])
def test_what_cannot_be_read_and_is_no_json(payload: bytes) -> None:
    """The bytes themselves are part of the structure, or it is broken elsewhere, too."""
    with pytest.raises(ProtocolError, match="not UTF-8"):
        decode_json(payload)


def test_bounds_hold_for_what_cannot_be_read() -> None:
    """A bad byte is no way around them."""
    with pytest.raises(ProtocolError, match="nested too deep"):
        decode_json(b'["\xff", ' + b"[" * 100 + b"]" * 100 + b"]")
    with pytest.raises(ProtocolError, match="a key is too long"):
        decode_json(b'{"\xff' + b"k" * 256 + b'": 1}')


def test_the_deepest_allowed_nesting() -> None:
    """One level less than too deep."""
    decode_object(NESTED_OBJECT.replace(b"{}", b"1"))


def test_a_megabyte_of_keys() -> None:
    """The number of keys is bounded, also when they are spread over many objects."""
    keys = ",".join(f'"{i}":0' for i in range(MAX_KEYS + 1))
    with pytest.raises(ProtocolError, match="keys"):
        decode_object(f"{{{keys}}}")
    objects = ",".join(['{"a":0}'] * MAX_KEYS)
    with pytest.raises(ProtocolError, match="keys"):
        decode_object(f'{{"list":[{objects}]}}')


def test_the_limit_can_be_chosen() -> None:
    """A family may know that its messages are small."""
    assert decode_object(b'{"a":1}', limit=7) == {"a": 1}
    with pytest.raises(ProtocolError, match="larger than 6 bytes"):
        decode_object(b'{"a":1}', limit=6)


@pytest.mark.parametrize("value", [0, -5, 1.5, 2**64, None])
def test_numbers(value: float | None) -> None:
    """A number stays as it is, null stays null."""
    assert number(value, "voltage") is value


@pytest.mark.parametrize(
    "value",
    ["12", "", True, False, [], {}, math.inf, -math.inf, math.nan, 10**400],
    ids=lambda value: str(value)[:30],
)
def test_not_a_number(value: object) -> None:
    """No text, no boolean, no infinity; the error names what was read."""
    with pytest.raises(ProtocolError, match=r"^voltage is ") as caught:
        number(value, "voltage")
    assert len(str(caught.value)) <= MAX_MESSAGE


@pytest.mark.parametrize(
    "value", ["s0", "smart-meter", "active_power_+_L1", "ü 1", "x" * 64]
)
def test_identifiers(value: str) -> None:
    """What is printable and short may become a part of an id."""
    assert identifier(value, "a source id") == value


@pytest.mark.parametrize(
    "value",
    ["", "x" * 65, "x" * 10_000, "a|b", "a\nb", "\x00", "\u200b", 1, None, []],
    ids=lambda value: repr(value)[:30],
)
def test_not_an_identifier(value: object) -> None:
    """Everything else may not, and the error stays short."""
    with pytest.raises(ProtocolError, match=r"^a source id ") as caught:
        identifier(value, "a source id")
    assert len(str(caught.value)) <= MAX_MESSAGE


def test_quotes_are_short() -> None:
    """An error repeats little of the payload, and nothing of what is inside a container."""
    assert quote("abc") == "'abc'"
    assert quote("x" * 1000) == f"'{'x' * 24}'..."
    assert quote({"secret": 1}) == "dict"
    assert quote_name("voltage_L1") == "voltage_L1"
    assert quote_name("x" * 1000) == f"{'x' * 32}..."
