"""A new firmware for an ESP32 gateway: its release, and what is told of its way in.

The gateway tells of no newer version. Its own pages read GitHub's releases,
`GET /repos/OpenEVSE/openevse_esp32_firmware/releases/latest` at its REST API; the image
for a gateway is the asset `<buildenv>.bin`. What the WebSocket tells while one is
installed is from http_update.cpp: `{"ota": "started"}`, `{"ota_progress": 0..100}`,
`{"ota": "completed"}` or `{"ota": "failed"}`. A download that stands still says nothing,
nor, up to 5.1.5, one that never began (web_server_update.cpp).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from .. import ProtocolError
from ..payload import decode_object, if_readable, quote
from ..rapi import parse_version
from .values import integer

# GitHub's answer has some fifteen images with 1.5 kB about each, and the notes.
MAX_RELEASE: Final = 262_144
MAX_NOTES: Final = 16_384
MAX_IMAGES: Final = 200

# Nothing else is shown to a user, and nothing else given to a gateway to install.
_OURS: Final = "https://github.com/OpenEVSE/openevse_esp32_firmware/releases/"
_URL: Final = re.compile(re.escape(_OURS) + r"[A-Za-z0-9._~%+/-]{1,300}")
_TAG: Final = re.compile(r"[A-Za-z0-9._+-]{1,40}")
_IMAGE: Final = ".bin"


@dataclass(frozen=True, slots=True)
class Release:
    """A released firmware."""

    version: str
    page: str | None
    """The address of the page that tells of it."""
    notes: str | None
    """What is new, in Markdown."""
    images: Mapping[str, str]
    """The addresses of its images, by `buildenv`."""


class UpdateStage(StrEnum):
    """How far an installation has come."""

    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Update:
    """What a gateway says of an installation; `progress` is in percent."""

    stage: UpdateStage
    progress: int | None = None


def decode_release(payload: bytes | str) -> Release:
    """Decode the latest release.

    Raises:
        ProtocolError: If it is not a release, or not a final one.
    """
    document = decode_object(payload, limit=MAX_RELEASE)
    version = document.get("tag_name")
    if not isinstance(version, str) or not _TAG.fullmatch(version):
        raise ProtocolError(f"tag_name is not a version: {quote(version)}")
    if parse_version(version) is None:
        raise ProtocolError(f"tag_name has no version number: {quote(version)}")
    if document.get("draft") or document.get("prerelease"):
        raise ProtocolError("not a final release")
    assets = document.get("assets")
    if not isinstance(assets, list) or len(assets) > MAX_IMAGES:
        raise ProtocolError("assets is not a list, or too long a one")
    notes = document.get("body")
    return Release(
        version,
        _url(document.get("html_url")),
        notes[:MAX_NOTES] if isinstance(notes, str) and notes else None,
        dict(filter(None, map(_image, assets))),
    )


def _image(asset: object) -> tuple[str, str] | None:
    """Read the build and the address of an image; None for what is none."""
    if not isinstance(asset, dict):
        return None
    name, url = asset.get("name"), _url(asset.get("browser_download_url"))
    if not isinstance(name, str) or not name.endswith(_IMAGE) or url is None:
        return None
    # The address has the name at its end: what is installed is what was looked for.
    return (name.removesuffix(_IMAGE), url) if url.endswith(f"/{name}") else None


def _url(value: object) -> str | None:
    """Read an address among the releases; None for any other."""
    if isinstance(value, str) and _URL.fullmatch(value) and ".." not in value:
        return value
    return None


def decode_update(document: Mapping[str, object]) -> Update | None:
    """Read what a message of the WebSocket says of an installation; None: nothing."""
    stage = document.get("ota")
    if isinstance(stage, str) and stage in tuple(UpdateStage):
        return Update(UpdateStage(stage))
    progress = if_readable(integer, document.get("ota_progress"), "ota_progress")
    if progress is None or not 0 <= progress <= 100:
        return None
    return Update(UpdateStage.STARTED, progress)


def is_newer(release: str, installed: str) -> bool:
    """Return whether a release is newer than the version that is installed.

    A developer's build has the number of the release that it leads to or comes from,
    as `v5.2.0_dev_1a2b3c4`, or none: only a release with a higher number is newer.
    """
    new, old = parse_version(release), parse_version(installed)
    return new is not None and old is not None and new > old


def is_same(release: str, installed: str | None) -> bool:
    """Return whether a version is that of a release; some are told without the `v`."""
    return installed is not None and (
        release.removeprefix("v") == installed.removeprefix("v")
    )
