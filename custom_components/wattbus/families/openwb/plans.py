"""The plans of charge templates: in the template, or up to 2.1.7 each with a topic."""

from collections.abc import Mapping
from typing import Any

from ...protocols import InputError, ProtocolError, openwb
from ...protocols.openwb import PLANS, Generation, Kind, Plan, Template
from .commands import TEMPLATE, Commands
from .state import OpenWb
from .todo import Todo
from .told import Place


class Plans:
    """Adds, changes and removes plans, by their names."""

    def __init__(self, state: OpenWb, commands: Commands, todo: Todo) -> None:
        """Ask with `commands` and, for plans that have topics, with `todo`."""
        self._told = state.told
        self._templates = state.templates
        self._commands = commands
        self._todo = todo

    async def set(
        self, place: Place, kind: str, name: str, changes: Mapping[str, Any]
    ) -> None:
        """Change a plan, by its name, or add one."""
        if self._templates.generation is Generation.FIELDS:
            number = self._commands.number(place)
            async with self._commands.documents[Kind.CHARGE_TEMPLATE, number]:
                await self._set_old(number, kind, name, changes)
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
                    path, openwb.put(kind, plans, now, changes, self._told.version)
                ),
            )

        await self._commands.edit(place, edit)

    async def remove(self, place: Place, kind: str, name: str) -> None:
        """Remove a plan, by its name."""
        if self._templates.generation is Generation.FIELDS:
            number = self._commands.number(place)
            async with self._commands.documents[Kind.CHARGE_TEMPLATE, number]:
                await self._remove_old(number, kind, name)
            return
        path = PLANS[kind]
        openwb.remove(openwb.find(self._commands.known(place), path) or [], name)

        def edit(known: Template) -> Template:
            plans = openwb.find(known, path) or []
            if not openwb.named(plans, name):
                return known
            return openwb.merged(known, openwb.nested(path, openwb.remove(plans, name)))

        await self._commands.edit(place, edit)

    def _old(self, template: int, kind: str) -> list[dict[str, Any]]:
        """Give the plans that have topics, each with the number that its topic has."""
        return [
            {**plan, "id": number}
            for number, plan in self._templates.plans.get((template, kind), {}).items()
        ]

    async def _set_old(
        self, template: int, kind: str, name: str, changes: Mapping[str, Any]
    ) -> None:
        plans = self._old(template, kind)
        plan = openwb.named(plans, name)
        # What it cannot be is refused before one is added.
        openwb.put(kind, plans, name, changes)
        if plan is not None:
            await self._write_old(template, kind, plan, changes)
            return
        openwb.check_old(changes)
        plan = await self._add_old(template, kind)
        changes = {"active": True, **changes, "name": changes.get("name", name)}
        try:
            await self._write_old(template, kind, plan, changes)
        except ProtocolError:
            # This version's plans are other ones than expected.
            await self._drop_old(template, kind, plan["id"])
            raise

    async def _add_old(self, template: int, kind: str) -> Plan:
        """Have openWB add a plan, as it makes them itself."""
        before = set(self._templates.plans.get((template, kind), {}))
        await self._todo.do(openwb.add_plan, template, kind)
        known = self._templates.plans.setdefault((template, kind), {})
        await self._commands.confirmed(TEMPLATE, lambda: bool(known.keys() - before))
        number = max(known.keys() - before)
        return {**known[number], "id": number}

    async def _write_old(
        self, template: int, kind: str, plan: Plan, changes: Mapping[str, Any]
    ) -> None:
        """Write a plan with changes to its topic."""
        name, number = str(plan.get("name", "")), plan["id"]
        wanted = openwb.named(
            openwb.put(kind, [plan], name, changes), changes.get("name", name)
        )
        assert wanted is not None
        # openWB's control finds a plan by the id in it: one that has it keeps it.
        stored = self._templates.plans[template, kind][number]
        document = {
            key: value for key, value in wanted.items() if key != "id" or "id" in stored
        }
        await self._commands.send(
            openwb.set_plan(self._commands.root, template, kind, number, document)
        )
        await self._commands.confirmed(
            TEMPLATE,
            lambda: (
                self._templates.plans.get((template, kind), {}).get(number) == document
            ),
        )

    async def _remove_old(self, template: int, kind: str, name: str) -> None:
        plan = openwb.named(self._old(template, kind), name)
        if plan is None:
            raise InputError("openwb_no_plan", name=name)
        await self._drop_old(template, kind, plan["id"])

    async def _drop_old(self, template: int, kind: str, number: int) -> None:
        await self._todo.do(openwb.remove_plan, template, kind, number)
        await self._commands.confirmed(
            TEMPLATE,
            lambda: number not in self._templates.plans.get((template, kind), {}),
        )
