"""What can be asked of an openWB.

openWB answers nothing but its own commands (`Orders`): every method ends when the state
shows what was asked for, or raises a WattbusError. A set topic that openWB has emptied
says nothing, for it does that to what it refuses, too. What cannot be sent raises
ProtocolError before.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
import contextlib
from typing import Any, Final, override

from ...errors import CommandError
from ...protocols import InputError, ProtocolError, openwb
from ...protocols.openwb import FIELDS, PLANS, Generation, Kind, Plan, State, Template
from ..confirmation import Confirmations
from ..sink import DeviceKey, Sink
from .known import Place
from .orders import Orders, Send
from .station import Note, Station

CONFIRM_TIMEOUT: Final = 10.0
_ALONG_TIMEOUT: Final = 2.0

# What errors name: plans belong to the template, and some values have another name than
# their control.
_TEMPLATE: Final = "charge_template"
SEEN_AS: Final = {
    "manual_lock": "locked",
    "rfid": "rfid_tag",
    "force_soc_update": "refresh_soc",
}

type Edit = Callable[[Template], Template]


class Commands(Station):
    """An openWB that can be controlled."""

    def __init__(
        self, sink: Sink, seen: Note, left: Note, send: Send, root: str
    ) -> None:
        """Publish with `send`, below a root topic."""
        super().__init__(sink, seen, left)
        self.root = root
        self._send = send
        self._confirmations = Confirmations()
        self._arrivals: dict[Place, asyncio.Queue[Template]] = {}
        self._echoed: dict[tuple[Kind, int | None, str, object], bool] = {}
        """What is waited for because it is told again, even if it was so before."""
        self.orders = Orders(root, send)
        self._documents = defaultdict[Place, asyncio.Lock](asyncio.Lock)
        """Each is written as a whole, so by one after the other, whoever asks."""

    @property
    def waits(self) -> bool:
        """Whether something is waited for, so that no message may be passed over."""
        return bool(self._confirmations or self._arrivals or self.orders)

    @override
    def take(self, state: State) -> None:
        super().take(state)
        place = (state.kind, state.id)
        for key in self._echoed:
            if key[:2] == place and state.values.get(key[2]) == key[3]:
                self._echoed[key] = True
        if arrivals := self._arrivals.get((state.kind, state.id)):
            template = state.values.get("charge_template")
            if isinstance(template, Mapping):
                arrivals.put_nowait(template)
        self._confirmations.look()

    async def _confirmed(
        self, name: str, holds: Callable[[], bool], *, more: float = 0
    ) -> None:
        """Wait until something holds, `more` seconds longer than most things take."""
        try:
            await self._confirmations.wait(holds, CONFIRM_TIMEOUT + more)
        except TimeoutError:
            field = SEEN_AS.get(name, name)
            raise CommandError("openwb_not_accepted", field=field) from None

    # --- single values --------------------------------------------------------------

    async def set(self, device: DeviceKey, name: str, value: Any) -> None:
        """Set a value, in openWB's units, of openWB itself or of one of its devices."""
        if device.kind == Kind.CHARGE_POINT and name in FIELDS:
            await self.change(self.place(device), {name: value})
            return
        place = (
            (Kind(device.kind), int(device.id)) if device.id else (Kind.SYSTEM, None)
        )
        kind, number = place
        if (setting := self.setting(kind, name)) is None:
            raise InputError("openwb_without", field=name)
        wanted = setting.rule.check(value, name)
        publication = openwb.set_value(
            self.root,
            kind,
            name,
            wanted,
            number=number,
            version=self.version,
            told=setting.topic,
        )
        await self._send(publication)
        await self._confirmed(name, lambda: self.value(kind, name, number) == wanted)

    async def set_rank(self, kind: Kind, number: int, rank: int) -> None:
        """Put a vehicle or a consumer at another place of the list of priorities."""
        async with self._documents[Kind.SYSTEM, None]:
            known = self.value(Kind.SYSTEM, "priorities")
            if not isinstance(known, tuple):
                raise InputError("openwb_without", field="priority_rank")
            wanted = tuple(openwb.ranked(known, kind, number, rank))
            await self._send(openwb.set_priorities(self.root, wanted))
            await self._confirmed(
                "priority_rank", lambda: self.value(Kind.SYSTEM, "priorities") == wanted
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
            self.root, kind, name, value, number=number, version=self.version
        )
        key = (kind, number, name, value)
        self._echoed[key] = False
        try:
            await self._send(publication)
            await self._confirmed(name, lambda: self._echoed[key])
        finally:
            self._echoed.pop(key, None)

    async def set_output(self, module: int, key: str, value: bool) -> None:
        """Switch an output of an io module by hand; `key` is that of its state."""
        terminal = key.removeprefix("digital_output_")
        await self._send(openwb.set_output(self.root, module, terminal, value))
        # openWB switches it with its next control cycle.
        await self._confirmed(
            terminal,
            lambda: self.value(Kind.IO, key, module) is value,
            more=self.control_interval,
        )

    async def set_smart_home(self, number: int, name: str, on: bool) -> None:
        """Take a smart-home device over by hand, or switch it then."""
        await self._send(openwb.set_smart_home(self.root, number, name, on))
        await self._confirmed(
            f"smart_home_{name}",
            lambda: self.value(Kind.SMART_HOME, name, number) is on,
            more=self.control_interval,
        )

    # --- charge templates -----------------------------------------------------------

    async def change(self, place: Place, changes: Mapping[str, Any]) -> None:
        """Change fields of a template, by their names."""
        for name in changes:
            if name in FIELDS and not self._counts(name):
                raise InputError("openwb_without", field=name)
        if self.generation is not Generation.FIELDS:
            await self.edit(place, lambda known: openwb.changed(known, changes))
            return
        number = self._number(place)
        # All are made, and so checked, before the first is sent.
        publications = [
            openwb.set_field(self.root, number, name, value)
            for name, value in changes.items()
        ]
        for (name, value), publication in zip(
            changes.items(), publications, strict=True
        ):
            await self._send(publication)
            path = FIELDS[name][0].path
            await self._confirmed(
                name,
                lambda path=path, value=value: (  # type: ignore[misc]  # bound here
                    openwb.find(self.lasting.get(number, {}), path) == value
                ),
            )

    def _counts(self, name: str) -> bool:
        """Whether a field means something; not while that cannot be known."""
        now = self.generation
        return now is not None and openwb.field_of(name, now, self.version) is not None

    async def edit(self, place: Place, edit: Edit) -> None:
        """Write the template of a place, made from the newest one, from 2.1.8 on.

        `edit` changes nothing in a template that has the change. If another client
        writes in between, it is done once more, on what that client wrote.
        """
        async with self._documents[self._document(place)]:
            await self._edit(place, edit)
            await self._along(place)

    def _document(self, place: Place) -> Place:
        """Give the place of what is changed: a lasting template is one for all."""
        template = self.template_at(place)
        number = self.lasting_number(template) if template else None
        return place if number is None else (Kind.CHARGE_TEMPLATE, number)

    async def _along(self, place: Place) -> None:
        """Wait until all who have the same template have got it, too, or never will.

        openWB tells the one that was written first, and the next change may be at
        another one.
        """
        written = self.template_at(place)
        others = self.copies(self._document(place))
        with contextlib.suppress(TimeoutError):
            await self._confirmations.wait(
                lambda: all(self.template_at(one) == written for one in others),
                _ALONG_TIMEOUT,
            )

    async def _edit(self, place: Place, edit: Edit) -> None:
        known = self._known(place)
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
            raise CommandError("openwb_not_accepted", field=_TEMPLATE) from None
        finally:
            del self._arrivals[place]

    async def _write(self, place: Place, template: Template) -> None:
        kind, number = place
        assert number is not None
        write = openwb.write if kind is Kind.CHARGE_POINT else openwb.write_lasting
        await self._send(write(self.root, number, template))

    def _edited(self, place: Place, known: Template, edit: Edit) -> Template:
        """Change a template that has lost nothing: what it lacks would be lost for good."""
        if lost := self.lost(place, known):
            raise InputError("openwb_template_lost", member=".".join(lost)[:64])
        return edit(known)

    def place(self, device: DeviceKey) -> Place:
        """Give where the template of a charge point is, or the one of a vehicle."""
        kind, number = Kind(device.kind), int(device.id)
        if kind is Kind.CHARGE_POINT:
            return kind, number
        template = self.value(kind, "charge_template", number)
        return Kind.CHARGE_TEMPLATE, template if isinstance(template, int) else None

    def _known(self, place: Place) -> Template:
        if (known := self.template_at(place)) is None:
            raise InputError("openwb_without", field=_TEMPLATE)
        return known

    def _number(self, place: Place) -> int:
        """Give the number of the lasting template of a place."""
        kind, number = place
        if kind is Kind.CHARGE_POINT and number is not None:
            number = self.template_number(number)
        if number is None:
            raise InputError("openwb_without", field=_TEMPLATE)
        return number

    async def update_template(self, place: Place, partial: Template) -> None:
        """Merge parts into a template."""
        if self.generation is not Generation.FIELDS:
            await self.edit(place, lambda known: openwb.merged(known, partial))
            return
        await self.change(place, openwb.named_fields(partial))

    # --- plans ----------------------------------------------------------------------

    async def set_plan(
        self, place: Place, kind: str, name: str, changes: Mapping[str, Any]
    ) -> None:
        """Change a plan, by its name, or add one."""
        if self.generation is Generation.FIELDS:
            number = self._number(place)
            async with self._documents[Kind.CHARGE_TEMPLATE, number]:
                await self._set_old_plan(number, kind, name, changes)
            return
        path = PLANS[kind]
        renamed = changes.get("name", name)

        def edit(known: Template) -> Template:
            plans = openwb.find(known, path) or []
            # A new plan, or one that has its new name already.
            now = name if openwb.named(plans, name) else renamed
            return openwb.merged(
                known,
                openwb.nested(
                    path, openwb.put(kind, plans, now, changes, self.version)
                ),
            )

        await self.edit(place, edit)

    async def remove_plan(self, place: Place, kind: str, name: str) -> None:
        """Remove a plan, by its name."""
        if self.generation is Generation.FIELDS:
            number = self._number(place)
            async with self._documents[Kind.CHARGE_TEMPLATE, number]:
                await self._remove_old_plan(number, kind, name)
            return
        path = PLANS[kind]
        openwb.remove(openwb.find(self._known(place), path) or [], name)

        def edit(known: Template) -> Template:
            plans = openwb.find(known, path) or []
            if not openwb.named(plans, name):
                return known
            return openwb.merged(known, openwb.nested(path, openwb.remove(plans, name)))

        await self.edit(place, edit)

    def _old_plans(self, template: int, kind: str) -> list[dict[str, Any]]:
        """Give the plans that have topics, each with the number that its topic has."""
        return [
            {**plan, "id": number}
            for number, plan in self.plans.get((template, kind), {}).items()
        ]

    async def _set_old_plan(
        self, template: int, kind: str, name: str, changes: Mapping[str, Any]
    ) -> None:
        plans = self._old_plans(template, kind)
        plan = openwb.named(plans, name)
        # What it cannot be is refused before one is added.
        openwb.put(kind, plans, name, changes)
        if plan is not None:
            await self._write_old_plan(template, kind, plan, changes)
            return
        openwb.check_old(changes)
        plan = await self._add_old_plan(template, kind)
        changes = {"active": True, **changes, "name": changes.get("name", name)}
        try:
            await self._write_old_plan(template, kind, plan, changes)
        except ProtocolError:
            # This version's plans are other ones than expected.
            await self._drop_old_plan(template, kind, plan["id"])
            raise

    async def _add_old_plan(self, template: int, kind: str) -> Plan:
        """Have openWB add a plan, as it makes them itself."""
        before = set(self.plans.get((template, kind), {}))
        await self.orders.add_plan(template, kind)
        known = self.plans.setdefault((template, kind), {})
        await self._confirmed(_TEMPLATE, lambda: bool(known.keys() - before))
        number = max(known.keys() - before)
        return {**known[number], "id": number}

    async def _write_old_plan(
        self, template: int, kind: str, plan: Plan, changes: Mapping[str, Any]
    ) -> None:
        """Write a plan with changes to its topic."""
        name, number = str(plan.get("name", "")), plan["id"]
        wanted = openwb.named(
            openwb.put(kind, [plan], name, changes), changes.get("name", name)
        )
        assert wanted is not None
        # openWB's control finds a plan by the id in it: one that has it keeps it.
        stored = self.plans[template, kind][number]
        document = {
            key: value for key, value in wanted.items() if key != "id" or "id" in stored
        }
        await self._send(openwb.set_plan(self.root, template, kind, number, document))
        await self._confirmed(
            _TEMPLATE,
            lambda: self.plans.get((template, kind), {}).get(number) == document,
        )

    async def _remove_old_plan(self, template: int, kind: str, name: str) -> None:
        plan = openwb.named(self._old_plans(template, kind), name)
        if plan is None:
            raise InputError("openwb_no_plan", name=name)
        await self._drop_old_plan(template, kind, plan["id"])

    async def _drop_old_plan(self, template: int, kind: str, number: int) -> None:
        await self.orders.remove_plan(template, kind, number)
        await self._confirmed(
            _TEMPLATE, lambda: number not in self.plans.get((template, kind), {})
        )
