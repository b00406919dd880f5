"""The simulated ECU's web page, of the models that have one (2162 and 215).

Rules that it follows, and from where (HAEdwin is homeassistant-apsystems_ecu_reader,
ksheumaker is homeassistant-apsystems_ecur):

- It knows no login. Answers are JSON, but their content type says HTML, as PHP does.
- Dropping: what is posted while the ECU still hands the last order to its inverters is
  answered like any other, and lost (HAEdwin #60: of several switches of a group, others
  followed each time; the maintainer advises 10 seconds between two). The form field for
  switching is `ids[]`: one request may name several inverters.
- Merging: of an order that names an inverter it does not have, it does nothing.
- The switch of zero export answers a bare `0` for success (ksheumaker #273).
- Refusing: a page may answer 404 once and work again (HAEdwin #122, #131, #135, #157),
  or be gone with a firmware.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
import json
from typing import Final

from aiohttp import web

from .ecu_inverter import Inverter
from .ecu_model import Ecu, MeterPoint
from .ecu_quirks import Quirk, Quirks

_LATER: Final = "See the results 5 minutes later !"
_INVALID: Final = "Invalid parameter !"
_MAXIMA: Final = range(20, 501)
_NO_LIMIT: Final = 0
# For so long, the ECU loses what else it is told.
BUSY_SECONDS: Final = 9.0

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Post:
    """What a client posted; `form` has all values of each field."""

    path: str
    form: dict[str, list[str]] = field(default_factory=dict)
    requested_with: str = ""

    def value(self, name: str) -> str:
        """Return a field's first value, empty if it is not there."""
        return next(iter(self.form.get(name, ())), "")


class Pages:
    """The pages of an ECU.

    Attributes:
        posts: What clients have posted, also to pages that are not there.
        gets: The paths that clients have got.
        lost: The posts that were answered, and came too soon after another.
    """

    def __init__(self, ecu: Ecu, quirks: Quirks) -> None:
        """Serve an ECU."""
        self.posts: list[Post] = []
        self.gets: list[str] = []
        self.lost: list[Post] = []
        self._busy_until = datetime.min
        self._ecu = ecu
        self._quirks = quirks

    def app(self) -> web.Application:
        """Return the application, with the pages that the model has."""
        app = web.Application(middlewares=[self._door])
        router = app.router
        router.add_get("/", self._home)
        router.add_post("/index.php/management/set_wlan_ap", self._set_wlan_ap)
        configuration = "/index.php/configuration"
        router.add_post(f"{configuration}/set_switch_state", self._set_switch_state)
        router.add_post(f"{configuration}/set_switch_all_on", self._all_on)
        router.add_post(f"{configuration}/set_switch_all_off", self._all_off)
        router.add_post(f"{configuration}/set_maxpower", self._set_maxpower)
        if self._ecu.who.has_meter:
            meter = "/index.php/meter"
            router.add_post(f"{meter}/set_meter_display_funcs", self._set_zero_export)
            router.add_route("*", f"{meter}/old_meter_power_graph", self._graph)
        return app

    @web.middleware
    async def _door(
        self, request: web.Request, handler: _Handler
    ) -> web.StreamResponse:
        """Note who comes, and let nobody in while there is no page."""
        if self._ecu.restarting:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        self._ecu.advance()
        if request.method == "POST":
            self.posts.append(await _post(request))
        else:
            self.gets.append(request.path)
        page = request.path.rpartition("/")[2]
        if self._quirks.take(Quirk.WEB_REMOVED, page):
            raise web.HTTPNotFound
        if self._quirks.take(Quirk.WEB_LOGIN, page):
            return web.Response(text="<html>Login</html>", content_type="text/html")
        return await handler(request)

    def _loses(self) -> bool:
        """Whether the post at hand comes too soon; it keeps the ECU busy if not."""
        now = self._ecu.local_time()
        if now < self._busy_until:
            self.lost.append(self.posts[-1])
            return True
        self._busy_until = now + timedelta(seconds=BUSY_SECONDS)
        return False

    async def _home(self, _: web.Request) -> web.Response:
        """Show the page that a browser sees."""
        who = self._ecu.who
        return web.Response(
            text=f"<html><title>Altenergy Power Control Software</title>"
            f"<body>{who.ecu_id} {who.firmware}</body></html>",
            content_type="text/html",
        )

    async def _set_wlan_ap(self, request: web.Request) -> web.Response:
        """Change the access point's name and password; then the ECU starts anew."""
        post = await _post(request)
        self._ecu.access_point = (post.value("SSID"), post.value("psk_wpa"))
        self._ecu.restart()
        return _json({"value": 0})

    async def _set_switch_state(self, request: web.Request) -> web.Response:
        """Switch inverters: each id has a 1 (on) or a 2 (off) at its end."""
        wanted: list[tuple[Inverter, bool]] = []
        for text in (await _post(request)).form.get("ids[]", []):
            inverter = self._ecu.inverter(text[:-1])
            if inverter is None or text[-1] not in "12":
                return self._say(_INVALID, 1)
            wanted.append((inverter, text[-1] == "1"))
        if not wanted:
            return self._say(_INVALID, 1)
        if not self._loses():
            for inverter, enabled in wanted:
                inverter.enabled = enabled
        return self._say(_LATER)

    async def _all_on(self, _: web.Request) -> web.Response:
        return self._switch_all(True)

    async def _all_off(self, _: web.Request) -> web.Response:
        return self._switch_all(False)

    def _switch_all(self, enabled: bool) -> web.Response:
        if not self._loses():
            for inverter in self._ecu.inverters:
                inverter.enabled = enabled
        return self._say(_LATER)

    async def _set_maxpower(self, request: web.Request) -> web.Response:
        """Limit an inverter's channels [W]; 0 lifts the limit."""
        post = await _post(request)
        inverter = self._ecu.inverter(post.value("id"))
        watts = _number(post.value("maxpower"))
        if inverter is None or watts not in {_NO_LIMIT, *_MAXIMA}:
            return self._say(_INVALID, 1)
        if not self._loses():
            inverter.maximum = watts
        return self._say(_LATER)

    async def _set_zero_export(self, request: web.Request) -> web.Response:
        """Switch zero export, with the power that may yet be exported [W]."""
        post = await _post(request)
        limit = _number(post.value("power_limit"))
        if post.value("meter_func") not in {"0", "1"} or limit < 0:
            return self._say(_INVALID, 1)
        if not self._loses():
            self._ecu.export_limit = limit if post.value("meter_func") == "1" else None
        return _json(0)

    async def _graph(self, request: web.Request) -> web.Response:
        """Show a day: power1 is the production, power2 the grid, import positive."""
        day = self._ecu.local_time().date()
        form = (await _post(request)).form
        if text := request.query.get("date") or "".join(form.get("date", [])):
            try:
                day = date.fromisoformat(text)
            except ValueError:
                return self._say(_INVALID, 1)
        points = self._ecu.meter.get(day, [])
        if self._quirks.take(Quirk.NO_METER):
            points = []
        if self._quirks.take(Quirk.METER_ZERO):
            points = [MeterPoint(point.at, 0, 0) for point in points]
        return _json(
            {
                "power1": [_graph_point(p.at, p.production) for p in points],
                "power2": [_graph_point(p.at, p.grid) for p in points],
            }
        )

    def _say(self, message: str, value: int = 0) -> web.Response:
        """Answer with a text, unless the firmware has forgotten it."""
        if self._quirks.take(Quirk.NO_MESSAGE):
            return _json({"value": value})
        return _json({"value": value, "message": message})


def _graph_point(seconds: int, power: int) -> dict[str, int]:
    """Return a point of a house with three phases, half of it on A; the time in ms."""
    half, quarter = power // 2, power // 4
    return {
        "time": seconds * 1000,
        "powerA": half,
        "powerB": quarter,
        "powerC": power - half - quarter,
    }


def _json(value: object) -> web.Response:
    """Answer as PHP does: no blanks, and nobody has set the content type."""
    text = json.dumps(value, separators=(",", ":"))
    return web.Response(text=text, content_type="text/html")


def _number(text: str) -> int:
    """Return a number, -1 if it is none."""
    return int(text) if text.isdecimal() else -1


async def _post(request: web.Request) -> Post:
    """Return what was posted."""
    form = await request.post()
    return Post(
        request.path,
        {name: [str(value) for value in form.getall(name)] for name in form},
        request.headers.get("X-Requested-With", ""),
    )
