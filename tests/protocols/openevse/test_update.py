"""A release of the gateway's firmware, and what is told of an installation."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openevse import (
    Update,
    UpdateStage,
    decode_release,
    decode_update,
    is_newer,
    is_same,
)
from custom_components.wattbus.protocols.openevse.update import MAX_NOTES

RELEASE = Path(__file__).parents[2] / "fixtures" / "openevse" / "release.json"
OURS = "https://github.com/OpenEVSE/openevse_esp32_firmware/releases"


def document(**changes: Any) -> bytes:
    """Give a release with something else in it."""
    return orjson.dumps(orjson.loads(RELEASE.read_bytes()) | changes)


def test_release() -> None:
    """The images are those of the gateways' builds; other files are none."""
    release = decode_release(RELEASE.read_bytes())
    assert release.version == "v5.2.0"
    assert release.page == f"{OURS}/tag/v5.2.0"
    assert release.notes
    assert release.notes.startswith("## What's changed")
    assert set(release.images) == {
        *("openevse_wifi_v1", "openevse_wifi_tft_v1", "openevse_huzzah32"),
        *("nodemcu-32s", "olimex_esp32-gateway-e"),
    }
    assert release.images["openevse_wifi_v1"] == (
        f"{OURS}/download/v5.2.0/openevse_wifi_v1.bin"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"tag_name": None},
        {"tag_name": 5},
        {"tag_name": "latest"},
        {"tag_name": "v5.2.0 <b>"},
        {"tag_name": "v5.2.0" + "x" * 40},
        {"draft": True},
        {"prerelease": True},
        {"assets": None},
        {"assets": {}},
        {"assets": [{}] * 201},
        {"body": "x" * 300_000},
    ],
)
def test_what_is_no_release(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        decode_release(document(**changes))


@pytest.mark.parametrize(
    "url",
    [
        None,
        5,
        "",
        "https://example.com/x.bin",
        "http://github.com/OpenEVSE/openevse_esp32_firmware/releases/download/1/x.bin",
        "https://github.com.example.com/OpenEVSE/x.bin",
        "https://github.com/other/openevse_esp32_firmware/releases/download/1/x.bin",
        f"{OURS}/../../../other/x.bin",
        f"{OURS}/download/1/y.bin",
        f"{OURS}/download/1/x.bin?y",
        f"{OURS}/download/1/x.bin\n",
        f"{OURS}@example.com/x.bin",
        f"{OURS}/{'x' * 400}/x.bin",
    ],
)
def test_images_from_elsewhere(url: object) -> None:
    """No gateway is given the address of an image that is not of these releases."""
    assets = [{"name": "x.bin", "browser_download_url": url}, None, {"name": 5}]
    release = decode_release(document(assets=assets, html_url=url))
    assert not release.images
    assert release.page in (None, url if url == f"{OURS}/download/1/y.bin" else None)


@pytest.mark.parametrize("body", [None, "", 5, ["x"]])
def test_no_notes(body: object) -> None:
    assert decode_release(document(body=body)).notes is None


def test_long_notes() -> None:
    assert decode_release(document(body="x" * 100_000)).notes == "x" * MAX_NOTES


@pytest.mark.parametrize(
    ("message", "update"),
    [
        ({"ota": "started"}, Update(UpdateStage.STARTED)),
        ({"ota_progress": 0}, Update(UpdateStage.STARTED, 0)),
        ({"ota_progress": 37}, Update(UpdateStage.STARTED, 37)),
        ({"ota_progress": "37"}, Update(UpdateStage.STARTED, 37)),
        ({"ota": "completed"}, Update(UpdateStage.COMPLETED)),
        ({"ota": "failed"}, Update(UpdateStage.FAILED)),
        ({"ota": "exploded"}, None),
        ({"ota": ["started"]}, None),
        ({"ota_progress": 101}, None),
        ({"ota_progress": -1}, None),
        ({"ota_progress": "much"}, None),
        ({"ota_update": 1}, None),
        ({}, None),
    ],
)
def test_progress(message: dict[str, object], update: Update | None) -> None:
    assert decode_update(message) == update


@pytest.mark.parametrize(
    ("release", "installed", "newer"),
    [
        ("v5.2.0", "v5.1.5", True),
        ("v5.2.0", "5.1.5", True),
        ("v5.10.0", "v5.9.0", True),
        ("v6.0.0", "4.1.7", True),
        ("v5.2.0", "v5.2.0", False),
        ("v5.2.0", "v5.2.1", False),
        # A developer's build.
        ("v5.2.0", "v5.2.0_dev_1a2b3c4", False),
        ("v5.1.5", "v5.2.0_dev_1a2b3c4", False),
        ("v5.2.1", "v5.2.0_dev_1a2b3c4", True),
        ("v5.2.0", "local_master_1a2b3c4_modified", False),
        ("v5.2.0", "", False),
    ],
)
def test_newer(release: str, installed: str, newer: bool) -> None:
    assert is_newer(release, installed) is newer


def test_same() -> None:
    assert is_same("v5.2.0", "v5.2.0")
    assert is_same("v5.2.0", "5.2.0")
    assert not is_same("v5.2.0", "v5.2.0_dev_1a2b3c4")
    assert not is_same("v5.2.0", None)
