"""What a charger and its gateway have told, however they are reached, put together."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ...errors import CommandError
from ...protocols.openevse import (
    Capability,
    Claim,
    Config,
    Gateway,
    Limit,
    ScheduleEvent,
    capabilities,
    resolve_wh,
)
from ...protocols.publication import Publication
from ..confirmation import Confirmations
from ..sink import MAIN_DEVICE, Facts, Sink, Value
from . import const
from .cards import Cards
from .claims import CLAIM, OVERRIDE, Claims
from .deduced import Deduced
from .rapi import Rapi
from .shown import SET_BY, can_be_set, configured, hottest, levels, shown

CONFIRM_TIMEOUT: Final = 5.0
_HEX_STATES_SINCE: Final = (6, 0, 0)
# In km.
_MILE: Final = 1.609344

# What is told as a whole, and shows what the gateway can do.
_DOCUMENTS: Final = frozenset((OVERRIDE, CLAIM, "limit", "schedule", "config"))
# What shows whether the gateway reads the controller's state right, and that.
_SIGNS: Final = frozenset(("state", "wifi_signal", "service_state"))
# What a limit of the session follows.
_SESSION: Final = frozenset(("limit", "vehicle_connected"))
# What the charge current follows from.
_SET_POINT: Final = frozenset(("pilot_current", OVERRIDE, const.CURRENT_MAXIMUM))

type Send = Callable[[Publication], Awaitable[None]]


class State:
    """Collects what is known of a charger, reports it, and waits for confirmations."""

    def __init__(self, sink: Sink, control: Rapi, send: Send, base: str) -> None:
        """Report to a sink; ask through RAPI; publish, or post, what gateways take."""
        self.sink = sink
        self.rapi = control
        self.send = send
        self.base = base
        self.follow: Callable[[Mapping[str, Any]], None] = lambda _: None
        """Is called with what was told of the session or its limit."""
        self.unsettled = False
        """Whether it is called with all else, too, for something has to be tried again."""
        self.config: Config | None = None
        self.documents: set[str] = set()
        self.claims = Claims()
        self.cards = Cards()
        self.limit: Limit | None = None
        self.schedule: tuple[ScheduleEvent, ...] = ()
        self.values: dict[str, Value] = {}
        self._new_gateway = False
        self.published: set[str] = set()
        self._deduced = Deduced()
        self._confirmations = Confirmations()
        self.offers = self._offered()
        """What the gateway can do, as far as it is known."""

    def _offered(self) -> frozenset[Capability]:
        """Give what the gateway can do, as far as it is known."""
        return capabilities(config=self.config, documents=self.documents)

    @property
    def configures(self) -> bool:
        """Whether the controller's settings go by the configuration, for want of RAPI.

        Where RAPI writes, the gateway may not know: its configuration is not believed.
        """
        offers = self.offers
        return Capability.CONFIG in offers and Capability.RAPI_WRITE not in offers

    @property
    def firmware(self) -> tuple[int, int, int] | None:
        """The version of the controller's firmware."""
        return self.rapi.version.firmware_version if self.rapi.version else None

    @property
    def override(self) -> Claim | None:
        """The manual override that is in force."""
        return self.claims.override

    @property
    def claim(self) -> Claim | None:
        """The claim of this connection that is in force."""
        return self.claims.claim

    # --- what is said -------------------------------------------------------------

    def take(
        self,
        told: Mapping[str, Any],
        *,
        by_gateway: bool = False,
        retained: bool = False,
    ) -> None:
        """Take values of the protocol in, and report what the entities show."""
        told = dict(told)
        self.claims.revise(told, retained=retained)
        if not _DOCUMENTS.isdisjoint(told):
            self._take_documents(told)
        happened = self.cards.revise(told, self.config, retained=retained)
        if by_gateway:
            if not (_SIGNS.isdisjoint(told) or self._trusts(told)):
                told.pop("state", None)
            self.published |= told.keys()
        if (wh := told.pop("wh", None)) is not None:
            told |= resolve_wh(wh, version=self.rapi.gateway.number)
        if isinstance(distance := told.get("vehicle_range"), int | float):
            told["vehicle_range"] = distance * self._kilometres
        self._deduced.revise(told, self.values, self.config, self.published)
        values = self._shown(told)
        self.values |= values
        offers = self.offers
        self.sink.report(
            MAIN_DEVICE,
            {
                name: value
                for name, value in values.items()
                if name not in SET_BY or can_be_set(name, offers)
            },
        )
        for what, tag in happened:
            self.sink.happened(MAIN_DEVICE, const.RFID, what, {"tag": tag})
        self._confirmations.look()
        if self.unsettled or not _SESSION.isdisjoint(told):
            self.follow(told)

    def _shown(self, told: dict[str, Any]) -> dict[str, Value]:
        """Give the values of the entities for what was told, and what follows for them."""
        values = shown(told)
        if not _SET_POINT.isdisjoint(values.keys() | told.keys()):
            values |= self._set_point(values)
        if const.SERVICE_LEVEL in values or "config" in told:
            known = values.get(
                const.SERVICE_LEVEL, self.values.get(const.SERVICE_LEVEL)
            )
            values |= levels(known, self.config)
        if "temperature" not in self.published:
            values |= hottest(values)
        return values

    def _take_documents(self, told: dict[str, Any]) -> None:
        """Take in what the gateway is, has and offers, and add what follows."""
        for name in ("limit", "schedule", "config"):
            if name in told:
                setattr(self, name, told[name])
        config, found = told.get("config"), _DOCUMENTS & told.keys()
        if config is None and found <= self.documents:
            return
        self.documents |= found
        if config is not None:
            self._configured(config)
        self.offers = self._offered()
        if config is not None and self.configures:
            told |= configured(config)
        if self.config or self.rapi.version:
            # Of the retained documents any may be the first; one alone says too little.
            told |= self._abilities()

    def report_abilities(self) -> None:
        """Report what buttons need."""
        self.take(self._abilities())

    def forget(self) -> None:
        """Be in doubt about what the gateway may have done unheard."""
        self.claims.forget()
        self.cards.forget()

    def _set_point(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Give the charge current that was asked for.

        The pilot is that only where RAPI sets it: elsewhere surplus, shaper and
        temperature change it, too.
        """
        current = values.get("pilot_current")
        if OVERRIDE in self.documents:
            override = self.claims.override or Claim()
            most = values.get(
                const.CURRENT_MAXIMUM, self.values.get(const.CURRENT_MAXIMUM)
            )
            current = override.charge_current or override.max_current or most or current
        return {} if current is None else {const.CHARGE_CURRENT: current}

    @property
    def _kilometres(self) -> float:
        """What the gateway's unit of distance is in km: it may be set to miles."""
        miles = self.config is not None and self.config.mqtt_vehicle_range_miles
        return _MILE if miles else 1.0

    def in_its_units(self, feed: str, value: float) -> float:
        """Give a feed's value as this gateway reads it."""
        if feed == "vehicle_range":
            return round(value / self._kilometres)
        return value

    def _trusts(self, told: Mapping[str, Any]) -> bool:
        """Whether the gateway reads the controller's state right.

        ESP8266 gateways up to 2.8 read the hexadecimal state of newer controllers as a
        decimal one; 2.9 publishes two keys that they do not have.
        """
        if self.documents or {"wifi_signal", "service_state"} & told.keys():
            self._new_gateway = True
        if self._new_gateway or self.firmware is None:
            return self._new_gateway
        return self.firmware < _HEX_STATES_SINCE

    def _configured(self, config: Config) -> None:
        self.rapi.gateway = Gateway(config.version, config.buildenv)
        self.sink.describe(
            MAIN_DEVICE,
            Facts(
                sw_version=config.version,
                hw_version=config.firmware,
                # Announcements have the same id in small letters.
                serial_number=config.wifi_serial and config.wifi_serial.lower(),
            ),
        )

    def _abilities(self) -> dict[str, Value]:
        """Tell what buttons need, and only where it is so."""
        offers = self.offers
        writes = Capability.RAPI_WRITE in offers
        restart = Capability.RESTART in offers
        able = {
            const.CAN_RESTART_GATEWAY: restart,
            const.CAN_RESTART_CHARGER: restart or writes,
            const.CAN_WAKE: writes,
            const.CAN_PRESS: writes
            and (self.firmware or _HEX_STATES_SINCE) >= (5, 0, 0),
            const.CAN_RESET_ENERGY: writes,
        }
        return {name: True for name, can in able.items() if can}

    async def confirmed(
        self, what: str, holds: Callable[[], bool], *, within: float | None = None
    ) -> None:
        """Wait until the charger says that something is so. Raises CommandError."""
        seconds = CONFIRM_TIMEOUT if within is None else within
        try:
            await self._confirmations.wait(holds, seconds)
        except TimeoutError:
            raise unconfirmed(what) from None

    def require(self, capability: Capability, what: str) -> None:
        """Refuse what the gateway does not offer. Raises CommandError."""
        if capability not in self.offers:
            raise CommandError("not_offered", field=const.SEEN_AS.get(what, what))


def unconfirmed(what: str) -> CommandError:
    """Say that something was not confirmed, by the name that the user knows."""
    return CommandError("not_confirmed", field=const.SEEN_AS.get(what, what))
