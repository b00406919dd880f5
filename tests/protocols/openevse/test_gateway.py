"""What gateways of each version and build can do."""

from pathlib import Path

import pytest

from custom_components.wattbus.protocols.openevse import (
    Capability,
    Gateway,
    Generation,
    capabilities,
    decode_config,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "openevse"
CLAIMS = {
    Capability.OVERRIDE,
    Capability.CLAIM,
    Capability.SCHEDULE,
    Capability.SHAPER,
}
LIMITS = CLAIMS | {Capability.LIMIT, Capability.CONFIG, Capability.RESTART}
RAPI = {Capability.RAPI_WRITE, Capability.RAPI_TIMER, Capability.RAPI_DISPLAY}
V1, TFT = "openevse_wifi_v1", "openevse_wifi_tft_v1"


@pytest.mark.parametrize(
    ("version", "number", "generation"),
    [
        ("2.7.4", (2, 7, 4), Generation.ESP8266),
        ("V2.7.4", (2, 7, 4), Generation.ESP8266),
        ("2.9.1", (2, 9, 1), Generation.ESP8266),
        ("3.3.2", (3, 3, 2), Generation.ESP32),
        ("4.1.0.dev", (4, 1, 0), Generation.ESP32),
        ("v5.1.5", (5, 1, 5), Generation.ESP32),
        ("local_master_modified", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_versions(
    version: str | None,
    number: tuple[int, int, int] | None,
    generation: Generation | None,
) -> None:
    """ESP8266 ends with 2.x."""
    gateway = Gateway(version)
    assert (gateway.number, gateway.generation) == (number, generation)


@pytest.mark.parametrize(
    ("version", "build", "blocked"),
    [
        ("2.7.4", None, ""),
        ("3.3.2", None, ""),
        ("4.0.1", None, ""),
        ("4.1.0", None, "ST"),
        ("4.2.2", V1, "ST"),
        ("5.0.0", V1, "SC FE ST F0 FB SH"),
        ("5.1.1", V1, "SC FE ST F0 FB SH"),
        ("5.1.2", V1, ""),
        ("5.1.5", V1, ""),
        ("5.1.2", TFT, "SC FE ST F0 FB SH"),
        ("5.1.4", TFT, "SC FE ST F0 FB SH"),
        ("5.1.5", TFT, "SC FE ST SH"),
        ("5.1.5", "olimex_esp32-gateway-e", "SC FE ST SH"),
    ],
)
def test_blocked_rapi(version: str, build: str | None, blocked: str) -> None:
    """It depends on version and build; reading is never blocked."""
    gateway = Gateway(version, build)
    commands = ("SC", "FE", "ST", "F0", "FB", "SH", "GS", "G0")
    found = {command for command in commands if gateway.blocks(command)}
    assert found == set(blocked.split())


def test_blocked_rapi_of_unknown_gateways() -> None:
    """Nobody knows: not of an unknown version, not of a new one's unknown build."""
    assert Gateway().blocks("SC") is None
    assert Gateway().blocks("GS") is False
    assert Gateway("5.1.2").blocks("SC") is None
    assert Gateway("5.1.5").blocks("FB") is False


@pytest.mark.parametrize(
    ("version", "build", "expected"),
    [
        (None, None, RAPI),
        ("2.7.4", None, RAPI),
        ("2.8.2", None, RAPI),
        ("2.9.1", None, RAPI | {Capability.RAPI_BARE_REPLIES}),
        ("3.3.1", None, RAPI | {Capability.RAPI_BARE_REPLIES}),
        (
            "4.0.1",
            None,
            RAPI | {Capability.RAPI_BARE_REPLIES, Capability.ANNOUNCE},
        ),
        (
            "4.1.4",
            None,
            {
                Capability.RAPI_WRITE,
                Capability.RAPI_DISPLAY,
                Capability.RAPI_BARE_REPLIES,
                Capability.ANNOUNCE,
            },
        ),
        (
            "4.1.5",
            None,
            CLAIMS
            | {
                Capability.RAPI_WRITE,
                Capability.RAPI_DISPLAY,
                Capability.RAPI_BARE_REPLIES,
                Capability.ANNOUNCE,
            },
        ),
        ("5.0.0", V1, LIMITS | {Capability.RAPI_BARE_REPLIES, Capability.ANNOUNCE}),
        (
            "5.1.2",
            V1,
            LIMITS | RAPI | {Capability.RAPI_BARE_REPLIES, Capability.ANNOUNCE},
        ),
        ("5.1.2", None, LIMITS | {Capability.RAPI_BARE_REPLIES, Capability.ANNOUNCE}),
        (
            "5.1.5",
            TFT,
            LIMITS
            | {
                Capability.RAPI_DISPLAY,
                Capability.RAPI_BARE_REPLIES,
                Capability.ANNOUNCE,
            },
        ),
    ],
)
def test_capabilities(
    version: str | None, build: str | None, expected: set[Capability]
) -> None:
    """By the version alone; a gateway that says nothing is an old one."""
    found = capabilities(Gateway(version, build))
    assert found == expected | {Capability.DIVERT_MODE}


@pytest.mark.parametrize(
    ("documents", "present", "absent"),
    [
        (
            {"override"},
            CLAIMS | {Capability.RAPI_WRITE, Capability.ANNOUNCE},
            {Capability.LIMIT, Capability.RAPI_TIMER},
        ),
        ({"claim", "schedule"}, CLAIMS, {Capability.LIMIT}),
        ({"limit"}, LIMITS, RAPI),
        ({"config", "override"}, LIMITS, RAPI),
        ((), RAPI, LIMITS),
    ],
)
def test_documents_say_enough(
    documents: set[str], present: set[Capability], absent: set[Capability]
) -> None:
    """A retained document is proof, without any version."""
    found = capabilities(documents=documents)
    assert present <= found
    assert absent.isdisjoint(found)


@pytest.mark.parametrize(
    ("build", "full"),
    [
        (V1, True),
        ("openevse_wifi_tft_v1_dev", True),
        ("olimex_esp32-gateway-f_dev", True),
        ("espressif_esp-wrover-kit_latest", True),
        (TFT, False),
        ("olimex_esp32-gateway-f", False),
        ("openevse_wifi_v1_16mb", False),
    ],
)
def test_builds_with_all_of_rapi(build: str, full: bool) -> None:
    """Those with debug_flags in platformio.ini, from 5.1.2 on (firmware PR #702)."""
    assert (Capability.RAPI_WRITE in capabilities(Gateway("5.1.5", build))) is full
    assert Capability.RAPI_WRITE not in capabilities(Gateway("5.1.1", build))


def test_documents_of_a_developers_build() -> None:
    """A version without numbers."""
    found = capabilities(Gateway("master_0145bc1", V1), documents={"limit"})
    assert found >= LIMITS


def test_configurations() -> None:
    """The real thing: all of it from the retained document."""
    config = decode_config((FIXTURES / "config_esp32_5.1.json").read_bytes())
    found = capabilities(config=config, documents={"config", "limit"})
    assert found == frozenset(Capability)
    old = decode_config((FIXTURES / "config_esp8266_2.9.json").read_bytes())
    assert Capability.OVERRIDE not in capabilities(config=old)
