"""One charger, however it is reached: what it says, and what only RAPI tells of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ...errors import CommandError
from ...protocols import rapi
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
from .cards import Cards
from .const import (
    CAN_PRESS,
    CAN_READ_CARDS,
    CAN_RESET_ENERGY,
    CAN_RESTART_CHARGER,
    CAN_RESTART_GATEWAY,
    CAN_WAKE,
    CHARGE_CURRENT,
    CURRENT_MAXIMUM,
    RFID,
    SEEN_AS,
    SERVICE_LEVEL,
)
from .deduced import Deduced
from .rapi import Rapi
from .standing import CLAIM, OVERRIDE, Standing
from .values import can_be_set, configured, hottest, levels, shown

CONFIRM_TIMEOUT: Final = 5.0
_OLDEST: Final = (4, 8, 0)
_HEX_STATES_SINCE: Final = (6, 0, 0)
# In km.
_MILE: Final = 1.609344
# What `$G7` answers, which only a fork knows.
_PHASES: Final = {"0": "1", "1": "3"}

type Send = Callable[[Publication], Awaitable[None]]


class Charger:
    """Collects what is known of a charger, reports it, and waits for confirmations."""

    def __init__(self, sink: Sink, control: Rapi, send: Send, base: str) -> None:
        """Report to a sink; ask through RAPI; publish, or post, what gateways take."""
        self.sink = sink
        self.rapi = control
        self.send = send
        self.base = base
        self.config: Config | None = None
        self.documents: set[str] = set()
        self.standing = Standing()
        self.cards = Cards()
        self.limit: Limit | None = None
        self.schedule: tuple[ScheduleEvent, ...] = ()
        self.values: dict[str, Value] = {}
        self._new_gateway = False
        self._published: set[str] = set()
        self._deduced = Deduced()
        self.energy: rapi.Energy | None = None
        self._confirmations = Confirmations()

    @property
    def offers(self) -> frozenset[Capability]:
        """What the gateway can do, as far as it is known."""
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
        return self.standing.override

    @property
    def claim(self) -> Claim | None:
        """The claim of this connection that is in force."""
        return self.standing.claim

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
        self.standing.revise(told, retained=retained)
        happened = list(self.cards.revise(told, retained=retained))
        self.documents |= {OVERRIDE, CLAIM} & told.keys()
        for name in ("limit", "schedule", "config"):
            if name in told and not (name == "limit" and isinstance(told[name], bool)):
                self.documents.add(name)
                setattr(self, name, told[name])
        if isinstance(config := told.get("config"), Config):
            self._configured(config)
            if self.configures:
                told |= configured(config)
        if not self.documents.isdisjoint(told) and (self.config or self.rapi.version):
            # Of the retained documents any may be the first; one alone says too little.
            told |= self._abilities()
        if self.cards.are_read(told, self.config):
            told[CAN_READ_CARDS] = True
        if by_gateway:
            if not self._trusts(told):
                told.pop("state", None)
            self._published |= told.keys()
        if (wh := told.pop("wh", None)) is not None:
            told |= resolve_wh(wh, version=self.rapi.gateway.number)
        if isinstance(distance := told.get("vehicle_range"), int | float):
            told["vehicle_range"] = distance * self._kilometres
        self._deduced.revise(told, self.values, self.config, self._published)
        values = shown(told)
        values |= self._set_point(values)
        if SERVICE_LEVEL in values or "config" in told:
            known = values.get(SERVICE_LEVEL, self.values.get(SERVICE_LEVEL))
            values |= levels(known, self.config)
        if "temperature" not in self._published:
            values |= hottest(values)
        self.values |= values
        offers = self.offers
        self.sink.report(
            MAIN_DEVICE,
            {name: value for name, value in values.items() if can_be_set(name, offers)},
        )
        for what, tag in happened:
            self.sink.happened(MAIN_DEVICE, RFID, what, {"tag": tag})
        self._confirmations.look()

    def forget(self) -> None:
        """Be in doubt about what the gateway may have done unheard."""
        self.standing.forget()
        self.cards.forget()

    def _set_point(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Give the charge current that was asked for.

        The pilot is that only where RAPI sets it: elsewhere surplus, shaper and
        temperature change it, too.
        """
        current = values.get("pilot_current")
        if OVERRIDE in self.documents:
            override = self.override or Claim()
            most = values.get(CURRENT_MAXIMUM, self.values.get(CURRENT_MAXIMUM))
            current = override.charge_current or override.max_current or most or current
        return {} if current is None else {CHARGE_CURRENT: current}

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
            CAN_RESTART_GATEWAY: restart,
            CAN_RESTART_CHARGER: restart or writes,
            CAN_WAKE: writes,
            CAN_PRESS: writes and (self.firmware or _HEX_STATES_SINCE) >= (5, 0, 0),
            CAN_RESET_ENERGY: writes,
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
            raise CommandError("not_offered", field=SEEN_AS.get(what, what))


def unconfirmed(what: str) -> CommandError:
    """Say that something was not confirmed, by the name that the user knows."""
    return CommandError("not_confirmed", field=SEEN_AS.get(what, what))
