"""0001, of every model."""

from datetime import datetime

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.ecu import (
    EcuInfo,
    Layout,
    decode_info,
    ecu_model,
)

from .frames import FRAMES, answer, words


@pytest.mark.parametrize(
    ("kind", "model", "info"),
    [
        (
            "ecu_0001_ecub",
            "ECU-B",
            EcuInfo(
                ecu_id="216325410943",
                layout=Layout.INVERTERS,
                lifetime_energy=1995.5,
                power=425,
                energy_today=3.10,
                inverters=1,
                inverters_online=1,
                firmware="ECU_B_1.2.33",
                channel="10",
                timezone="Etc/GMT-8",
                mac_ethernet="80:97:1b:a2:69:31",
            ),
        ),
        (
            "ecu_0001_ecur",
            "ECU-R",
            EcuInfo(
                ecu_id="216053089840",
                layout=Layout.INVERTERS,
                lifetime_energy=4358.1,
                power=654,
                energy_today=0.17,
                inverters=6,
                inverters_online=6,
                # The length of the zone's name stands right after it: 009.
                firmware="ECU_R_1.3.6C",
                channel="10",
                timezone="Etc/GMT-8",
                mac_ethernet="80:97:1b:a8:f1:16",
            ),
        ),
        (
            "ecu_0001_ecurpro_aps12",
            "ECU-R-Pro",
            EcuInfo(
                ecu_id="216276275658",
                layout=Layout.INVERTERS,
                lifetime_energy=15144.9,
                power=1349,
                energy_today=1.39,
                inverters=6,
                inverters_online=6,
                firmware="ECU_R_PRO_2.1.29A",
                last_upload=datetime(2026, 4, 23, 10, 11, 35),
                channel="10",
                timezone="Europe/Amsterdam",
                mac_ethernet="80:97:1b:57:56:b8",
                mac_wifi="60:c5:a8:8a:74:df",
            ),
        ),
        (
            "ecu_0001_ecurpro_aps12_today0",
            "ECU-R-Pro",
            EcuInfo(
                ecu_id="216286652226",
                layout=Layout.INVERTERS,
                lifetime_energy=23639.8,
                power=241,
                energy_today=0,
                # A glitch, as the frame has it: 6 are online.
                inverters=0,
                inverters_online=6,
                firmware="ECU_R_PRO_2.1.17",
                last_upload=datetime(2024, 3, 25, 18, 25, 24),
                channel="10",
                timezone="US/Pacific",
                mac_ethernet="80:97:1b:bd:b8:c8",
                mac_wifi="60:c5:a8:36:56:8e",
            ),
        ),
        (
            "ecu_0001_ecuc_aps12_fresh",
            "ECU-C",
            EcuInfo(
                ecu_id="215022851170",
                layout=Layout.INVERTERS,
                lifetime_energy=0,
                power=0,
                energy_today=0,
                inverters=2,
                inverters_online=0,
                firmware="ECU-C-Z_C1.2.1",
                channel="10",
                timezone="Europe/Paris",
                mac_ethernet="80:97:1b:fb:93:0e",
                mac_wifi="60:c5:a8:72:5d:eb",
            ),
        ),
    ],
)
def test_real(kind: str, model: str, info: EcuInfo) -> None:
    """What owners have published."""
    assert decode_info(FRAMES[kind]) == info
    assert info.model == model


FIXED = b"216012345678" + b"%s" + bytes.fromhex("0000aa3d 0000028e 00000011")


def test_oldest() -> None:
    """Without the Zigbee channel, and without addresses."""
    payload = FIXED % b"01" + b"\xd0" * 7 + words(6, 5)
    info = decode_info(answer("0001", payload + b"010ECU_R_1.1X009Etc/GMT-8"))
    assert (info.firmware, info.timezone) == ("ECU_R_1.1X", "Etc/GMT-8")
    assert (info.inverters, info.inverters_online) == (6, 5)
    assert info.channel is None
    assert info.mac_ethernet is None


def test_optimizers() -> None:
    """The ECU-R-RS is laid out in a way of its own."""
    payload = FIXED % b"02" + words(12, 11) + b"0871010" + b"10ECU_RS_1.0"
    info = decode_info(answer("0001", payload))
    assert info.model == "ECU-R-RS"
    assert (info.inverters, info.inverters_online, info.signal) == (12, 11, 87)
    assert info.firmware == "ECU_RS_1.0"
    assert info.lifetime_energy == 4358.1


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"21601234567X",
        FIXED % b"03" + bytes(50),
        FIXED % b"01" + bytes(7) + words(1),
    ],
)
def test_damaged(payload: bytes) -> None:
    """Not an id, an unknown layout, figures that are missing."""
    with pytest.raises(ProtocolError):
        decode_info(answer("0001", payload))


@pytest.mark.parametrize(
    ("texts", "firmware", "zone"),
    [
        (b"10999ECU", "", None),
        (b"10-04ECU_009Etc/GMT-8", "", None),
        (b"10004E\xffCU009Etc/GMT-8", "", "Etc/GMT-8"),
        (b"10004E\x00CU009Etc/GMT-8", "", "Etc/GMT-8"),
        (b"\xff\xff004ECU_009Etc/GMT-8", "ECU_", "Etc/GMT-8"),
        (b"10004ECU_009Etc/\xff\xff\xff-8", "ECU_", None),
        (b"", "", None),
    ],
)
def test_texts_that_are_none(texts: bytes, firmware: str, zone: str | None) -> None:
    """A text that cannot be read costs that text, and no figure."""
    payload = FIXED % b"01" + bytes(7) + words(3, 2) + texts
    info = decode_info(answer("0001", payload))
    assert (info.lifetime_energy, info.inverters, info.inverters_online) == (
        4358.1,
        3,
        2,
    )
    assert (info.firmware, info.timezone) == (firmware, zone)


@pytest.mark.parametrize(
    ("ecu_id", "model"),
    [
        ("216012345678", "ECU-R"),
        ("215000012345", "ECU-C"),
        ("203000012345", "ECU-3"),
        ("999912345678", None),
    ],
)
def test_models(ecu_id: str, model: str | None) -> None:
    """By how the id begins; an unknown one is read all the same."""
    assert ecu_model(ecu_id) == model
