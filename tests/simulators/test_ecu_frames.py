"""The simulated ECU's frames are the very bytes of real ones.

The frames are from users' reports; their serial numbers are not.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from .ecu import EcuModel, EcuSimulator, Layout, Options, Quirk, Reading, Report
from .ecu_client import ask
from .ecu_report import IDENTITIES, info_frame

pytestmark = pytest.mark.usefixtures("socket_enabled")

NOON = datetime(2026, 6, 21, 12)


@dataclass
class Frame:
    """A real answer to 0002: its head, then its entries and what they say."""

    head: str
    entries: tuple[tuple[str, Reading], ...] = ()

    @property
    def raw(self) -> bytes:
        """Return the whole frame, with `END` and line feed."""
        body = "".join(entry for entry, _ in self.entries)
        return bytes.fromhex(f"{self.head}{body}454e440a")


DS3 = Frame(
    "4150533131303035303030303230303031000120240913125932",
    (
        (
            "70220265037101303101f3009700d300f000d600f0",
            Reading("702202650371", "01", True, 499, 151, (211, 240, 214, 240)),
        ),
    ),
)
QT2 = Frame(
    "4150533131303139313030303230303031000620231120151934",
    (
        (
            "90151056878901303201f3007b001a0186001a0187001b017f0019",
            Reading(
                "901510568789", "02", True, 499, 123, (26, 390, 26, 391, 27, 383, 25)
            ),
        ),
        (
            "90164216662001303201f30078001a0182001b0186001d0185001d",
            Reading(
                "901642166620", "02", True, 499, 120, (26, 386, 27, 390, 29, 389, 29)
            ),
        ),
        (
            "90184482524101303201f30079001c0180001d0185001e0187001e",
            Reading(
                "901844825241", "02", True, 499, 121, (28, 384, 29, 389, 30, 391, 30)
            ),
        ),
        (
            "90108374479201303201f3007900180186001d0183001c0189001c",
            Reading(
                "901083744792", "02", True, 499, 121, (24, 390, 29, 387, 28, 393, 28)
            ),
        ),
        (
            "90122561784601303201f30076001b0187001a0182001e0183001d",
            Reading(
                "901225617846", "02", True, 499, 118, (27, 391, 26, 386, 30, 387, 29)
            ),
        ),
        (
            "90111862350501303201f30077001a0188001a018600160182001b",
            Reading(
                "901118623505", "02", True, 499, 119, (26, 392, 26, 390, 22, 386, 27)
            ),
        ),
    ),
)
QS1 = Frame(
    "4150533131303139303030303230303031000720201229151253",
    (
        (
            "80275195320201303302570065000200f1000100070006",
            Reading("802751953202", "03", True, 599, 101, (2, 241, 1, 7, 6)),
        ),
        (
            "80236969272401303302570064000100f2000100060006",
            Reading("802369692724", "03", True, 599, 100, (1, 242, 1, 6, 6)),
        ),
        (
            "80265323001501303302570065000100f1000100060006",
            Reading("802653230015", "03", True, 599, 101, (1, 241, 1, 6, 6)),
        ),
        (
            "80203243490201303302570064000100f1000000060006",
            Reading("802032434902", "03", True, 599, 100, (1, 241, 0, 6, 6)),
        ),
        (
            "80266100164001303302570065000000ef000100050006",
            Reading("802661001640", "03", True, 599, 101, (0, 239, 1, 5, 6)),
        ),
        (
            "80269859754201303302570065000400f0000000000000",
            Reading("802698597542", "03", True, 599, 101, (4, 240, 0, 0, 0)),
        ),
        (
            "80223679052201303302570066000100f1000100060006",
            Reading("802236790522", "03", True, 599, 102, (1, 241, 1, 6, 6)),
        ),
    ),
)
YC600 = Frame(
    "4150533131303333323030303230303031000f20220616145251",
    (
        (
            "4091335333460130310258008f00c200f3002f00f3",
            Reading("409133533346", "01", True, 600, 143, (194, 243, 47, 243)),
        ),
        (
            "4095993303080130310258009300be00f0003300f0",
            Reading("409599330308", "01", True, 600, 147, (190, 240, 51, 240)),
        ),
        (
            "4094815303950130310258009300c300f200c200f2",
            Reading("409481530395", "01", True, 600, 147, (195, 242, 194, 242)),
        ),
        (
            "4090706510050130310258009700c200f100c800f1",
            Reading("409070651005", "01", True, 600, 151, (194, 241, 200, 241)),
        ),
        (
            "4099913725740130310258009500c100f300c000f3",
            Reading("409991372574", "01", True, 600, 149, (193, 243, 192, 243)),
        ),
        (
            "4095618656800130310258008e00c300f300c700f3",
            Reading("409561865680", "01", True, 600, 142, (195, 243, 199, 243)),
        ),
        (
            "4095568371050130310257009100c000f0002f00f0",
            Reading("409556837105", "01", True, 599, 145, (192, 240, 47, 240)),
        ),
        (
            "4090774381410130310258008b00c400f1000000f1",
            Reading("409077438141", "01", True, 600, 139, (196, 241, 0, 241)),
        ),
        (
            "4099222252120130310258009500c600f000c400f0",
            Reading("409922225212", "01", True, 600, 149, (198, 240, 196, 240)),
        ),
        (
            "4090372846110130310258008400c400f3002e00f3",
            Reading("409037284611", "01", True, 600, 132, (196, 243, 46, 243)),
        ),
        (
            "4090223200390130310257009400c500f200c300f2",
            Reading("409022320039", "01", True, 599, 148, (197, 242, 195, 242)),
        ),
        (
            "4091651317840130310258008b00c100f0002e00f0",
            Reading("409165131784", "01", True, 600, 139, (193, 240, 46, 240)),
        ),
        (
            "409047276820003031000000640000000000000000",
            Reading("409047276820", "01", False, 0, 100, (0, 0, 0, 0)),
        ),
        (
            "4095346214120130310257009400c100f200c200f2",
            Reading("409534621412", "01", True, 599, 148, (193, 242, 194, 242)),
        ),
        ("216036302323003030", Reading("216036302323")),
    ),
)
QS1_NIGHT = Frame(
    "4150533131303138303030303230303031000920220517224122",
    (
        (
            "8026908034330030330000000000000000000000000000",
            Reading("802690803433", "03", False, 0, 0, (0, 0, 0, 0, 0)),
        ),
        (
            "8024075132060030330000000000000000000000000000",
            Reading("802407513206", "03", False, 0, 0, (0, 0, 0, 0, 0)),
        ),
        (
            "8026399329250030330000000000000000000000000000",
            Reading("802639932925", "03", False, 0, 0, (0, 0, 0, 0, 0)),
        ),
        (
            "8029427624680030330000000000000000000000000000",
            Reading("802942762468", "03", False, 0, 0, (0, 0, 0, 0, 0)),
        ),
        (
            "8026931430400030330000000000000000000000000000",
            Reading("802693143040", "03", False, 0, 0, (0, 0, 0, 0, 0)),
        ),
        ("806928661755003030", Reading("806928661755")),
        ("806079503169003030", Reading("806079503169")),
        ("806944200640003030", Reading("806944200640")),
        ("806927804114003030", Reading("806927804114")),
    ),
)
NO_INVERTERS = Frame(
    "4150533131303032393030303230303031000020260426152000",
    (),
)

INFOS = {
    # One DS3 at an ECU-B: 425 W, 3.10 kWh today, 1995.5 kWh in its life.
    "ecu-b": (
        EcuModel.ECU_B,
        {},
        Report(NOON, 425, 310, 19955, registered=1, online=1),
        "41505331313030393430303031323136333235343130393433303100004df3000001a9"
        "00000136d0d0d0d0d0d0d00001000131303031324543555f425f312e322e3333303039"
        "4574632f474d542d3880971ba26931000000000000454e440a",
    ),
    # 654 W, 0.17 kWh, 4358.1 kWh.
    "ecu-r": (
        EcuModel.ECU_R,
        {},
        Report(NOON, 654, 17, 43581, registered=6, online=6),
        "4150533131303039343030303132313630353330383938343030310000aa3d0000028e"
        "00000011d0d0d0d0d0d0d00006000631303031324543555f525f312e332e3643303039"
        "4574632f474d542d3880971ba8f116000000000000454e440a",
    ),
    # 1349 W, 1.39 kWh, 15144.9 kWh; at the cloud at 10:11:35.
    "ecu-r-pro": (
        EcuModel.ECU_R_PRO,
        {},
        Report(NOON, 1349, 139, 151449, (), 6, 6, datetime(2026, 4, 23, 10, 11, 35)),
        "41505331323031313830303031323136323736323735363538303100024f9900000545"
        "0000008b202604231011350006000631303031374543555f525f50524f5f322e312e32"
        "39413031364575726f70652f416d7374657264616d80971b5756b860c5a88a74df3030"
        "00000000000000000000454e440a",
    ),
    # A glitch: nothing made today and no inverters, but 241 W and 6 online.
    "ecu-r-pro with a glitch": (
        EcuModel.ECU_R_PRO,
        {
            "ecu_id": "216286652226",
            "firmware": "ECU_R_PRO_2.1.17",
            "timezone": "US/Pacific",
            "mac": "80971bbdb8c8",
            "wifi_mac": "60c5a836568e",
        },
        Report(NOON, 241, 0, 236398, (), 0, 6, datetime(2024, 3, 25, 18, 25, 24)),
        "41505331323031313130303031323136323836363532323236303100039b6e000000f1"
        "00000000202403251825240000000631303031364543555f525f50524f5f322e312e31"
        "3730313055532f5061636966696380971bbdb8c860c5a836568e303000000000000000"
        "000000454e440a",
    ),
    # Just installed: two inverters that have not answered yet.
    "ecu-c": (
        EcuModel.ECU_C,
        {"firmware": "ECU-C-Z_C1.2.1"},
        Report(NOON, registered=2, online=0),
        "4150533132303131313030303132313530323238353131373030310000000000000000"
        "00000000000000000000000002000031303031344543552d432d5a5f43312e322e3130"
        "31324575726f70652f506172697380971bfb930e60c5a8725deb303000000000000000"
        "000000454e440a",
    ),
}


@pytest.mark.parametrize("name", INFOS)
def test_info(name: str) -> None:
    model, changes, report, real = INFOS[name]
    changed: dict[str, Any] = dict(changes)
    assert info_frame(replace(IDENTITIES[model], **changed), report).hex() == real


async def test_info_with_a_line_feed_in_it() -> None:
    # Ten inverters are 000a: readers that stop at a line feed saw 48 of 113 bytes.
    real = bytes.fromhex(
        "415053313230313132303030313231363231323732383231323031000000c100000180"
        "000002b020220206150041000a"
    )
    options = Options(
        EcuModel.ECU_R_PRO,
        ecu_id="216212728212",
        firmware="ECU_R_PRO_2.0.5p",
        timezone="Europe/Rome",
    )
    uploaded = datetime(2022, 2, 6, 15, 0, 41)
    report = Report(NOON, 0x180, 0x2B0, 0xC1, (), 10, 10, uploaded)
    async with EcuSimulator(options) as simulator:
        simulator.pin(report)
        answer = await ask(simulator, "0001")
    assert answer.startswith(real)
    assert len(answer) == 113


@pytest.mark.parametrize(
    ("frame", "stamp"),
    [
        (DS3, datetime(2024, 9, 13, 12, 59, 32)),
        (QT2, datetime(2023, 11, 20, 15, 19, 34)),
        (QS1, datetime(2020, 12, 29, 15, 12, 53)),
        (YC600, datetime(2022, 6, 16, 14, 52, 51)),
        (QS1_NIGHT, datetime(2022, 5, 17, 22, 41, 22)),
        (NO_INVERTERS, datetime(2026, 4, 26, 15, 20)),
    ],
    ids=["ds3", "qt2", "qs1", "yc600", "qs1 at night", "no inverters"],
)
async def test_inverters(frame: Frame, stamp: datetime) -> None:
    for entry, reading in frame.entries:
        assert reading.entry().hex() == entry
    async with EcuSimulator() as simulator:
        simulator.pin(Report(stamp, readings=tuple(r for _, r in frame.entries)))
        assert await ask(simulator, "0002") == frame.raw


async def test_no_data() -> None:
    # It has no END; the length does not count one.
    async with EcuSimulator() as simulator:
        simulator.misbehave(Quirk.NO_DATA)
        answer = await ask(simulator, "0002")
        assert answer.hex() == "4150533131303031353030303230320a"
        simulator.misbehave(Quirk.NO_DATA_WITH_END)
        assert await ask(simulator, "0002") == b"APS110018000202END\n"
        assert len(await ask(simulator, "0002")) > 30


async def test_signals() -> None:
    levels = {
        "704679341630": 0xD8,
        "704472229149": 0xE4,
        "704262334599": 0xE2,
        "704672183403": 0xCA,
        "704251944453": 0,
        "704724661517": 0,
        "704873296153": 0,
        "704339559391": 0,
    }
    readings = tuple(Reading(key, signal=level) for key, level in levels.items())
    async with EcuSimulator() as simulator:
        simulator.pin(Report(NOON, readings=readings))
        answer = await ask(simulator, "0030")
    assert answer.hex() == (
        "415053313130303734303033303030704679341630d8704472229149e4704262334599"
        "e2704672183403ca704251944453007047246615170070487329615300704339559391"
        "00454e440a"
    )


async def test_time() -> None:
    # This ECU-B sends no line feed.
    moment = datetime(2023, 8, 1, 17, 30, 37)
    options = Options(EcuModel.ECU_B)
    async with EcuSimulator(options, now=lambda: moment) as simulator:
        simulator.misbehave(Quirk.MISSING_LF)
        assert (
            await ask(simulator, "0012", wait=0.5)
            == b"APS11003200120020230801173037END"
        )


async def test_oldest_layout() -> None:
    # No channel in 0001; no count, type and state in 0002. Entries have 18 bytes.
    options = Options(layout=Layout.OLDEST, firmware="ECU_R_1.2.2")
    reading = Reading("408903477644", "01", True, 499, 111, (20, 228, 21, 229))
    async with EcuSimulator(options) as simulator:
        simulator.pin(Report(NOON, readings=(reading, reading)))
        info = await ask(simulator, "0001")
        inverters = await ask(simulator, "0002")
    assert info[50:64] == b"011ECU_R_1.2.2"
    assert info[64:76] == b"009Etc/GMT-8"
    assert (
        inverters.hex()[26:]
        == ("30303031" + "20260621120000" + 2 * "40890347764401f3006f001400e4001500e5")
        + "454e440a"
    )


async def test_rapid_shutdown_layout() -> None:
    # ECU-R-RS: model 02, 57 bytes per optimizer. Known from the vendor's tool only.
    options = Options(layout=Layout.RSD, firmware="ECU_R_RS_1.0")
    reading = Reading("102000000001", "01", True, 0, 130, (200, 35, 210, 36), 0x50)
    async with EcuSimulator(options) as simulator:
        simulator.pin(Report(NOON, 410, 123, 4567, (reading, reading)))
        info = await ask(simulator, "0001")
        inverters = await ask(simulator, "0002")
    assert info[25:27] == b"02"
    assert info[39:43].hex() == "00020002"
    assert info[48:] == b"1012ECU_R_RS_1.0END\n"
    assert inverters[15:17] == b"02"
    assert len(inverters) == 26 + 2 * 57 + 4
    entry = inverters[26:83]
    assert entry[:8].hex() == "1020000000010103"
    assert entry[13:31].hex() == "0023002400060006" + "00c800d2" + "00470006019a"
    assert entry[31] == 0x50
    assert entry[48] == 130
