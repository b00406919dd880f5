"""Versions, however they are written."""

import pytest

from custom_components.wattbus.protocols.rapi import parse_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("D4.10.4.EU", (4, 10, 4)),
        ("8.2.3.CGMI", (8, 2, 3)),
        ("8.2.3", (8, 2, 3)),
        ("v5.1.2", (5, 1, 2)),
        ("V2.7.4", (2, 7, 4)),
        ("4.1.0.dev", (4, 1, 0)),
        ("5.1.2_modified", (5, 1, 2)),
        ("2.9", (2, 9, 0)),
        ("-", None),
        ("", None),
        (None, None),
        ("master_0145bc1", None),
        ("5", None),
        ("5.", None),
        ("5.12345.1", None),
        ("٤.١.٠", None),
    ],
)
def test_versions(text: str | None, version: tuple[int, int, int] | None) -> None:
    """Of controllers, gateways and the protocol."""
    assert parse_version(text) == version
