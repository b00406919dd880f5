"""What the web page of an ECU-R-Pro and ECU-C can do beside the protocol.

The vendor has taken the page away with one firmware, and given parts of it back with
the next; and it answers 404 now and then, and works again (ecu_reader #122, #131, #135).
Each feature stands alone: one that is gone is told once, is tried again, and no poll
depends on any of them.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import orjson

from ...const import LOGGER
from ...errors import CommandError, ConnectError, Issue, Reason
from ...protocols import InputError
from ...protocols.ecu import EcuInfo
from ...protocols.inputs import check_number
from ...transports.http import DONE, HttpClient
from ..sink import MAIN_DEVICE, Sink

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_WITH_PAGE: Final = frozenset({"ECU-R-Pro", "ECU-C"})
_WITH_METER: Final = frozenset({"ECU-C"})
# Whether there was a page at all, before an update of the ECU took it away.
_SEEN: Final = "web_page"

# Also what a login page or a redirect to one would be.
_THERE: Final = range(200, 400)
_HEADERS: Final = {"X-Requested-With": "XMLHttpRequest"}

# Answers in a row that there is no such page, until that is believed and told.
_MISSES: Final = 3
# Polls until a page that is not there is looked for again: about an hour.
_SELDOM: Final = 12

# W for each channel; below that an inverter does not work.
MAX_POWER: Final = range(20, 501)
# W that may be exported.
MOST_EXPORT: Final = 100_000


class Feature(StrEnum):
    """What may be there or not; the name is that of the value that says so."""

    SWITCH = "can_switch"
    SWITCH_ALL = "can_switch_all"
    MAX_POWER = "can_limit"
    ZERO_EXPORT = "can_stop_export"
    METER = "can_meter"
    RESTART = "can_restart"


_PATHS: Final = {
    Feature.SWITCH: "/index.php/configuration/set_switch_state",
    Feature.SWITCH_ALL: "/index.php/configuration/set_switch_all",
    Feature.MAX_POWER: "/index.php/configuration/set_maxpower",
    Feature.ZERO_EXPORT: "/index.php/meter/set_meter_display_funcs",
    Feature.METER: "/index.php/meter/old_meter_power_graph",
    Feature.RESTART: "/index.php/management/set_wlan_ap",
}
_OF_METER: Final = {Feature.ZERO_EXPORT, Feature.METER}


def check_max_power(watts: float) -> int:
    """Give a limit [W] that an inverter can have. Raises InputError."""
    whole = int(check_number(watts, "max_power", whole=True))
    if whole and whole not in MAX_POWER:
        raise InputError(
            "max_power_invalid", lowest=MAX_POWER[0], highest=MAX_POWER[-1]
        )
    return whole


class WebPage:
    """The web page of one ECU."""

    def __init__(self, hass: HomeAssistant, host: str, port: int, sink: Sink) -> None:
        """Prepare; nothing is asked yet."""
        self._host = host
        self._http = HttpClient(hass, host, port, headers=_HEADERS)
        self._sink = sink
        self._looked_at: str | None = None
        """The firmware whose page was found."""
        self._missed: str | None = None
        """The firmware whose page was not."""
        self._misses = 0
        self._rest = 0
        self._gone: set[Feature] = set()
        self._graph_misses = 0
        self.features: set[Feature] = set()

    @property
    def offered(self) -> set[Feature]:
        """What works, as far as is known."""
        return self.features - self._gone

    async def look(self, info: EcuInfo) -> None:
        """See, once for each firmware, whether there is a page.

        One that is not there is looked for again: an ECU may be busy, or restart.
        """
        found = self._looked_at is not None
        if info.model not in _WITH_PAGE or (
            found and info.firmware in ("", self._looked_at)
        ):
            return
        if info.firmware != self._missed:
            self._missed, self._misses, self._rest = info.firmware, 0, 0
        if self._rest:
            self._rest -= 1
            return
        try:
            await self._http.request("GET", "/", accept=_THERE, reads=True)
        except ConnectError as err:
            LOGGER.debug("No web page at %s: %s", err.host, err.detail)
            if err.reason in (Reason.NOT_FOUND, Reason.REFUSED):
                self._missed_again()
            return
        self._misses = 0
        self._looked_at = info.firmware
        self._gone.clear()
        self._sink.remember(_SEEN, True)
        self._sink.issue(Issue.WEB_GONE, present=False, part=_SEEN)
        self.features = set(Feature)
        if info.model not in _WITH_METER:
            self.features -= _OF_METER
        for feature in Feature:
            self._sink.issue(Issue.WEB_GONE, present=False, part=feature)

    def _missed_again(self) -> None:
        """Believe, after some misses, that the page is gone, and look more seldom."""
        self._misses += 1
        if self._misses >= _MISSES:
            self._rest = _SELDOM
            if self._sink.recall(_SEEN):
                self._sink.issue(Issue.WEB_GONE, part=_SEEN, page="/")

    async def switch(self, wanted: Mapping[str, bool]) -> None:
        """Switch inverters on or off, within five minutes. Raises WattbusError."""
        form = [("ids[]", f"{each}{1 if on else 2}") for each, on in wanted.items()]
        await self._post(Feature.SWITCH, form)

    async def switch_all(self, on: bool) -> None:
        """Switch all inverters on or off. Raises WattbusError."""
        await self._post(Feature.SWITCH_ALL, {}, "_on" if on else "_off")

    async def set_max_power(self, inverter_id: str, watts: int) -> None:
        """Limit each channel of an inverter [W]; 0 is no limit. Raises WattbusError."""
        form = {"id": inverter_id, "maxpower": str(watts)}
        await self._post(Feature.MAX_POWER, form)

    async def set_zero_export(self, on: bool, limit: int) -> None:
        """Let no more than `limit` [W] be exported, or anything. Raises WattbusError."""
        form = {
            "meter_func": "1" if on else "0",
            "this_func": "1",
            "power_limit": str(limit),
        }
        await self._post(Feature.ZERO_EXPORT, form)

    async def restart(self, ssid: str, password: str) -> None:
        """Save the access point's settings, which restarts the ECU.

        They are written: with an empty password the access point would be open.
        Raises WattbusError.
        """
        if self._looked_at is None and self._sink.recall(_SEEN):
            # An ECU that hangs cannot be looked at; that there was a page is enough.
            self.features.add(Feature.RESTART)
        form = {
            "SSID": ssid,
            "channel": "0",
            "method": "2",
            "psk_wep": "",
            "psk_wpa": password,
        }
        await self._post(Feature.RESTART, form)

    async def meter_graph(self) -> bytes | None:
        """Read what the current transformers have measured; None: there are none.

        Raises ConnectError, also while the page is not there.
        """
        if Feature.METER not in self.features:
            return None
        path = _PATHS[Feature.METER]
        answer = await self._http.request("GET", path, accept={200, 404}, reads=True)
        if answer.status == 404:
            self._graph_misses += 1
            if self._graph_misses >= _MISSES:
                self._lose(Feature.METER)
            raise ConnectError(Reason.NOT_FOUND, self._host, path)
        self._graph_misses = 0
        self._regain(Feature.METER)
        return answer.body

    async def _post(
        self,
        feature: Feature,
        form: Mapping[str, str] | Sequence[tuple[str, str]],
        suffix: str = "",
    ) -> None:
        """Give an order; also of a feature that was gone the last time."""
        if feature not in self.features:
            raise CommandError("web_gone", page=_name(feature))
        path = _PATHS[feature] + suffix
        answer = await self._http.request("POST", path, form=form, accept={*DONE, 404})
        if answer.status == 404:
            self._lose(feature)
            raise CommandError("web_gone", page=_name(feature))
        self._regain(feature)
        if reason := _refusal(answer.body):
            raise CommandError("web_refused", reason=reason)

    def _lose(self, feature: Feature) -> None:
        """Tell that a feature is gone."""
        self._gone.add(feature)
        self._sink.report(MAIN_DEVICE, {feature: False})
        self._sink.issue(Issue.WEB_GONE, part=feature, page=_name(feature))

    def _regain(self, feature: Feature) -> None:
        """Tell that a feature that was gone is back."""
        if feature in self._gone:
            self._gone.discard(feature)
            self._sink.report(MAIN_DEVICE, {feature: True})
            self._sink.issue(Issue.WEB_GONE, present=False, part=feature)


def _name(feature: Feature) -> str:
    return _PATHS[feature].rpartition("/")[2]


def _refusal(body: bytes) -> str:
    """Give why the page refuses, empty if it does not.

    It answers with a number, of which 0 is success (ecur #273), with JSON, or with
    nothing; its texts may be in any encoding. Another page, such as one for a login, has
    done nothing.
    """
    text = body.decode(errors="replace").strip()
    if text.startswith("<"):
        return "HTML"
    try:
        answer: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(answer, dict):
        return str(answer)[:100] if answer else ""
    if not answer.get("value"):
        return ""
    return str(answer.get("message") or answer["value"])[:100]
