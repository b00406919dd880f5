"""What the gateway's web interface has: documents, commands, and the way to RAPI."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, override

import orjson

from ...const import LOGGER
from ...errors import CommandError
from ...protocols import ProtocolError, openevse
from ...protocols.openevse import CLEAR, FEEDS, GatewayError
from ...protocols.publication import Publication
from ...protocols.rapi import COMMANDS, Kind, Reply
from ...transports.http import DONE, HttpClient
from .claims import CLAIM, OVERRIDE
from .const import SEEN_AS
from .rapi import Rapi

# In place of a base topic, which is cut off again from what is to be sent.
BASE: Final = "http"
# Our number among the gateway's clients; those that it has itself are above 0xFFFF.
CLIENT: Final = 0x5742

_ANY: Final = range(200, 600)


class Document(NamedTuple):
    """Where something is, and which counter in `/status` tells that it has changed."""

    path: str
    decode: Callable[[bytes], Any]
    counter: str


DOCUMENTS: Final[Mapping[str, Document]] = {
    "override": Document("/override", openevse.decode_claim, "override_version"),
    "claim": Document(f"/claims/{CLIENT}", openevse.decode_claim, "claims_version"),
    "limit": Document("/limit", openevse.decode_limit, "limit_version"),
    # Who wins among all claims.
    "target": Document("/claims/target", openevse.decode_target, "claims_version"),
    "schedule": Document("/schedule", openevse.decode_schedule, "schedule_version"),
}


class HttpRapi(Rapi):
    """RAPI through `/r`, where every answer is to its own command."""

    tells_blocked = True

    def __init__(self, http: HttpClient) -> None:
        """Ask a gateway."""
        super().__init__()
        self._http = http

    @override
    async def _exchange(
        self, command: str, parameters: tuple[str, ...]
    ) -> Reply | None:
        line = " ".join((f"${command}", *parameters))
        answer = await self._http.request(
            "GET",
            "/r",
            params={"json": "1", "rapi": line},
            accept={200, 400, 500},
            reads=COMMANDS[command].kind is Kind.READ,
        )
        try:
            return openevse.decode_rapi(answer.body)
        except GatewayError as err:
            if err.reason == "BLOCKED":
                raise CommandError("rapi_blocked", command=command) from err
            if err.reason == "NK":
                return Reply(False, (), None)
            LOGGER.debug("$%s: %s", command, err)
        except ProtocolError as err:
            LOGGER.debug("An answer to $%s that cannot be read: %s", command, err)
        return None


async def read(http: HttpClient, name: str, *, claims: bool) -> dict[str, Any]:
    """Read a document: its name and what it says; nothing where it cannot be read.

    Where the gateway has claims, the page of one that is not there is missing (that of
    the override up to 4.x). Raises ConnectError.
    """
    path, decode, _ = DOCUMENTS[name]
    answer = await http.request("GET", path, accept={200, 404}, reads=True)
    if answer.status == 404:
        return {name: None} if claims and name in (OVERRIDE, CLAIM) else {}
    try:
        return {name: decode(answer.body)}
    except ProtocolError as err:
        LOGGER.debug("%s cannot be read: %s", path, err)
        return {}


async def order(http: HttpClient, publication: Publication) -> None:
    """Post what would be published over MQTT. Raises WattbusError."""
    name, payload = publication.topic.removeprefix(f"{BASE}/"), publication.payload
    subject = name.partition("/")[0]
    method, path, body = _request(name, payload)
    field = SEEN_AS.get(subject, subject)
    if subject == "config":
        field = openevse.seen_as(next(iter(body["json"])))
    await _ask(http, method, path, field, **body)


def _request(name: str, payload: str) -> tuple[str, str, dict[str, Any]]:
    """Give method, address and body for a message by its topic's end."""
    claim = DOCUMENTS["claim"].path
    match name, payload:
        case "override/set", "clear":
            return "DELETE", "/override", {}
        case "override/set", "toggle":
            return "PATCH", "/override", {}
        case "override/set", _:
            return "POST", "/override", {"json": _properties(payload)}
        case "claim/set", "release":
            return "DELETE", claim, {}
        case "claim/set", _:
            return "POST", claim, {"json": _properties(payload)}
        case "limit/set", "clear":
            return "DELETE", "/limit", {}
        case "schedule/clear", _:
            return "DELETE", f"/schedule/{payload}", {}
        case (("divertmode/set" | "shaper/set"), _):
            key = name.removesuffix("/set")
            return "POST", f"/{key}", {"form": {key: payload}}
        case _:
            path = f"/{name.removesuffix('/set')}"
            return "POST", path, {"json": orjson.loads(payload)}


def _properties(payload: str) -> dict[str, Any]:
    """Give those of a claim, which a post replaces: what is dropped is left out."""
    return {k: v for k, v in orjson.loads(payload).items() if v != CLEAR}


async def feed(http: HttpClient, name: str, value: float) -> None:
    """Tell the gateway a measurement. Raises WattbusError or ProtocolError."""
    body = {FEEDS[name].status_key: openevse.feed_value(name, value)}
    await _ask(http, "POST", "/status", f"feed_{name}", json=body)


async def _ask(
    http: HttpClient, method: str, path: str, field: str, **body: Any
) -> None:
    """Command something, which is `field` for the user. Raises WattbusError."""
    status = (await http.request(method, path, accept=_ANY, **body)).status
    # What cannot be removed because it is not there is where it was to be.
    if status in DONE or (method == "DELETE" and status in (404, 500)):
        return
    if status in (404, 405):
        raise CommandError("not_offered", field=field)
    raise CommandError("openevse_refused", field=field, reason=f"HTTP {status}")
