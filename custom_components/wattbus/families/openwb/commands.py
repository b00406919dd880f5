"""What can be asked of an openWB.

openWB answers nothing but its own commands (`Todo`): every method ends when the state
shows what was asked for, or raises a WattbusError. A set topic that openWB has emptied
says nothing, for it does that to what it refuses, too. What cannot be sent raises
ProtocolError before.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
import contextlib
from typing import Any, Final

from ...errors import CommandError
from ...protocols import InputError, openwb
from ...protocols.openwb import FIELDS, Generation, Kind, State, Template
from ..confirmation import Confirmations
from ..sink import DeviceKey
from .state import OpenWb
from .todo import Send
from .told import Place

CONFIRM_TIMEOUT: Final = 10.0
_ALONG_TIMEOUT: Final = 2.0

# What errors name: plans belong to the template, and some values have another name than
# their control.
TEMPLATE: Final = "charge_template"
SEEN_AS: Final = {
    "manual_lock": "locked",
    "rfid": "rfid_tag",
    "force_soc_update": "refresh_soc",
}

type Edit = Callable[[Template], Template]


class Commands:
    """Asks an openWB for something, and waits until its state shows it."""

    def __init__(self, state: OpenWb, send: Send, root: str) -> None:
        """Publish with `send`, below a root topic."""
        self.root = root
        self.send = send
        self._told = state.told
        self._templates = state.templates
        self._confirmations = Confirmations()
        self._arrivals: dict[Place, asyncio.Queue[Template]] = {}
        self._echoed: dict[tuple[Kind, int | None, str, object], bool] = {}
        """What is waited for because it is told again, even if it was so before."""
        self.documents = defaultdict[Place, asyncio.Lock](asyncio.Lock)
        """Each is written as a whole, so by one after the other, whoever asks."""

    @property
    def waits(self) -> bool:
        """Whether something is waited for, so that no message may be passed over."""
        return bool(self._confirmations or self._arrivals)

    def look(self, state: State) -> None:
        """See whether what a topic said is what is waited for."""
        place = (state.kind, state.id)
        for key in self._echoed:
            if key[:2] == place and state.values.get(key[2]) == key[3]:
                self._echoed[key] = True
        if arrivals := self._arrivals.get(place):
            template = state.values.get("charge_template")
            if isinstance(template, Mapping):
                arrivals.put_nowait(template)
        self._confirmations.look()

    async def confirmed(
        self, name: str, holds: Callable[[], bool], *, more: float = 0
    ) -> None:
        """Wait until something holds, `more` seconds longer than most things take."""
        try:
            await self._confirmations.wait(holds, CONFIRM_TIMEOUT + more)
        except TimeoutError:
            field = SEEN_AS.get(name, name)
            raise CommandError("openwb_not_accepted", field=field) from None

    # --- single values --------------------------------------------------------------

    async def set(self, place: Place, name: str, value: Any) -> None:
        """Set a value, in openWB's units, of openWB itself or of one of its devices."""
        kind, number = place
        if kind is Kind.CHARGE_POINT and name in FIELDS:
            await self.change(place, {name: value})
            return
        publication = openwb.set_value(
            self.root,
            kind,
            name,
            value,
            number=number,
            version=self._told.version,
            told=self._told.topic(kind, name),
        )
        await self.send(publication)
        await self.confirmed(
            name, lambda: self._told.value(kind, name, number) == value
        )

    async def set_rank(self, kind: Kind, number: int, rank: int) -> None:
        """Put a vehicle or a consumer at another place of the list of priorities."""
        async with self.documents[Kind.SYSTEM, None]:
            known = self._told.value(Kind.SYSTEM, "priorities")
            if not isinstance(known, tuple):
                raise InputError("openwb_without", field="priority_rank")
            wanted = tuple(openwb.ranked(known, kind, number, rank))
            await self.send(openwb.set_priorities(self.root, wanted))
            await self.confirmed(
                "priority_rank",
                lambda: self._told.value(Kind.SYSTEM, "priorities") == wanted,
            )

    async def refresh_soc(self, vehicle: int) -> None:
        """Have the state of charge read."""
        await self._trigger(Kind.VEHICLE, "force_soc_update", True, vehicle)

    async def scan_rfid(self, point: int, tag: str) -> None:
        """Do as if a tag was held to a charge point."""
        await self._trigger(Kind.CHARGE_POINT, "rfid", tag, point)

    async def _trigger(self, kind: Kind, name: str, value: Any, number: int) -> None:
        """Set what may be the same as before: only its echo shows that it was taken."""
        publication = openwb.set_value(
            self.root, kind, name, value, number=number, version=self._told.version
        )
        key = (kind, number, name, value)
        self._echoed[key] = False
        try:
            await self.send(publication)
            await self.confirmed(name, lambda: self._echoed[key])
        finally:
            self._echoed.pop(key, None)

    async def set_output(self, module: int, key: str, value: bool) -> None:
        """Switch an output of an io module by hand; `key` is that of its state."""
        terminal = key.removeprefix("digital_output_")
        await self.send(openwb.set_output(self.root, module, terminal, value))
        # openWB switches it with its next control cycle.
        await self.confirmed(
            terminal,
            lambda: self._told.value(Kind.IO, key, module) is value,
            more=self._told.control_interval,
        )

    async def set_smart_home(self, number: int, name: str, on: bool) -> None:
        """Take a smart-home device over by hand, or switch it then."""
        await self.send(openwb.set_smart_home(self.root, number, name, on))
        await self.confirmed(
            f"smart_home_{name}",
            lambda: self._told.value(Kind.SMART_HOME, name, number) is on,
            more=self._told.control_interval,
        )

    # --- charge templates -----------------------------------------------------------

    async def change(self, place: Place, changes: Mapping[str, Any]) -> None:
        """Change fields of a template, by their names."""
        now, version = self._templates.generation, self._told.version
        for name in changes:
            if now is None or not openwb.field_of(name, now, version):
                raise InputError("openwb_without", field=name)
        if now is not Generation.FIELDS:
            await self.edit(place, lambda known: openwb.changed(known, changes))
            return
        number = self.number(place)
        # All are made, and so checked, before the first is sent.
        publications = [
            openwb.set_field(self.root, number, name, value)
            for name, value in changes.items()
        ]
        for (name, value), publication in zip(
            changes.items(), publications, strict=True
        ):
            await self.send(publication)
            path = FIELDS[name][0].path
            await self.confirmed(
                name,
                lambda path=path, value=value: (  # type: ignore[misc]  # bound here
                    openwb.find(self._templates.lasting.get(number, {}), path) == value
                ),
            )

    async def edit(self, place: Place, edit: Edit) -> None:
        """Write the template of a place, made from the newest one, from 2.1.8 on.

        `edit` changes nothing in a template that has the change. If another client
        writes in between, it is done once more, on what that client wrote.
        """
        async with self.documents[self._templates.document(place)]:
            await self._edit(place, edit)
            await self._along(place)

    async def _along(self, place: Place) -> None:
        """Wait until all who have the same template have got it, too, or never will.

        openWB tells the one that was written first, and the next change may be at
        another one.
        """
        written = self._templates.at(place)
        others = self._templates.copies(self._templates.document(place))
        with contextlib.suppress(TimeoutError):
            await self._confirmations.wait(
                lambda: all(self._templates.at(one) == written for one in others),
                _ALONG_TIMEOUT,
            )

    async def _edit(self, place: Place, edit: Edit) -> None:
        known = self.known(place)
        wanted = self._edited(place, known, edit)
        if wanted == known:
            return
        arrivals = self._arrivals[place] = asyncio.Queue()
        first: Template | None = None
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT):
                await self._write(place, wanted)
                while True:
                    newest = await arrivals.get()
                    if newest == first != wanted:
                        continue  # it has been overwritten since
                    edited = self._edited(place, newest, edit)
                    if edited == newest:
                        return
                    if newest != known and first is None:
                        first, wanted = wanted, edited
                        await self._write(place, wanted)
        except TimeoutError:
            raise CommandError("openwb_not_accepted", field=TEMPLATE) from None
        finally:
            del self._arrivals[place]

    async def _write(self, place: Place, template: Template) -> None:
        kind, number = place
        assert number is not None
        write = openwb.write if kind is Kind.CHARGE_POINT else openwb.write_lasting
        await self.send(write(self.root, number, template))

    def _edited(self, place: Place, known: Template, edit: Edit) -> Template:
        """Change a template that has lost nothing: what it lacks would be lost for good."""
        if lost := self._templates.lost(place, known):
            raise InputError("openwb_template_lost", member=".".join(lost)[:64])
        return edit(known)

    def place(self, device: DeviceKey) -> Place:
        """Give where the template of a charge point is, or the one of a vehicle."""
        kind, number = Kind(device.kind), int(device.id)
        if kind is Kind.CHARGE_POINT:
            return kind, number
        template = self._told.value(kind, "charge_template", number)
        return Kind.CHARGE_TEMPLATE, template if isinstance(template, int) else None

    def known(self, place: Place) -> Template:
        """Give the template of a place, which has to have one."""
        if (known := self._templates.at(place)) is None:
            raise InputError("openwb_without", field=TEMPLATE)
        return known

    def number(self, place: Place) -> int:
        """Give the number of the lasting template of a place."""
        kind, number = place
        if kind is Kind.CHARGE_POINT and number is not None:
            number = self._templates.number_at(number)
        if number is None:
            raise InputError("openwb_without", field=TEMPLATE)
        return number

    async def update_template(self, place: Place, partial: Template) -> None:
        """Merge parts into a template."""
        if self._templates.generation is not Generation.FIELDS:
            await self.edit(place, lambda known: openwb.merged(known, partial))
            return
        await self.change(place, openwb.named_fields(partial))
