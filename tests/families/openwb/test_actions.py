"""What automations can ask of an openWB, once per version."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from custom_components.wattbus.families.openwb import commands, todo
from custom_components.wattbus.families.sink import DeviceKey
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ...helpers import ask, until
from ...simulators.openwb_versions import Version
from .conftest import CARPORT, MAIN, POINT, VEHICLE, House

VERSIONS = [Version.V2_1_7, Version.V2_1_9, Version.V2_2_2]
every_version = pytest.mark.parametrize("version", VERSIONS)


async def run(
    house: House, action: str, of: DeviceKey = POINT, /, **data: Any
) -> dict[str, Any]:
    """Run an action, and give its answer."""
    answer = await ask(house.hass, house.entry, action, of, **data)
    assert isinstance(answer, dict)
    return answer


def plans(house: House, kind: str) -> list[dict[str, Any]]:
    """Give the plans of charge point 3, as openWB has them."""
    simulator = house.simulator
    place = "chargemode/scheduled_charging" if kind == "schedule" else "time_charging"
    template = simulator.value("chargepoint/3/set/charge_template")
    if template is None:
        base = f"vehicle/template/charge_template/0/{place}/plans"
        numbers = simulator.model.store.ids(rf"{base}/(\d+)")
        return [simulator.value(f"{base}/{number}") for number in numbers]
    for part in place.split("/"):
        template = template[part]
    found: list[dict[str, Any]] = template["plans"]
    return found


@every_version
async def test_schedule_plans(house: House, version: Version) -> None:
    """Change one by its name, add one, rename it, switch it off, remove it."""
    await run(
        house, "set_schedule_plan", name="Zielladen-Standard", time="05:30", soc=70
    )
    plan = plans(house, "schedule")[0]
    assert plan["time"] == "05:30"
    assert plan["limit"]["soc_scheduled"] == 70
    await run(
        house,
        "set_schedule_plan",
        name="Urlaub",
        time="04:00",
        frequency="once",
        date="2026-07-01",
        limit="amount",
        energy=12.5,
        current=10,
    )
    assert [plan["name"] for plan in plans(house, "schedule")] == [
        "Zielladen-Standard",
        "Urlaub",
    ]
    plan = plans(house, "schedule")[1]
    assert plan["active"] is True
    assert plan["frequency"]["selected"] == "once"
    assert plan["frequency"]["once"] == "2026-07-01"
    assert (plan["limit"]["selected"], plan["limit"]["amount"]) == ("amount", 12500)
    await run(
        house,
        "set_schedule_plan",
        name="Urlaub",
        new_name="Ferien",
        active=False,
        frequency="weekly",
        days=["monday", "sunday"],
    )
    plan = plans(house, "schedule")[1]
    assert (plan["name"], plan["active"]) == ("Ferien", False)
    assert plan["frequency"]["weekly"] == [True, *[False] * 5, True]
    answer = await run(house, "remove_schedule_plan", name="Ferien")
    assert answer == {"name": "Ferien"}
    assert [plan["name"] for plan in plans(house, "schedule")] == ["Zielladen-Standard"]
    assert not house.simulator.refused
    assert not house.simulator.broken


@pytest.mark.parametrize("version", [Version.V2_1_7])
@pytest.mark.parametrize("action", ["schedule", "time"])
async def test_a_plan_keeps_the_id_in_it(
    house: House, version: Version, action: str
) -> None:
    """The control up to 2.1.7 finds a plan by it; a plan without gets none."""
    standard = {"schedule": "Zielladen-Standard", "time": "Zeitladen-Standard"}[action]
    await run(house, f"set_{action}_plan", name=standard, current=11)
    await run(house, f"set_{action}_plan", name="Nacht", current=12)
    assert [(plan["id"], plan["current"]) for plan in plans(house, action)] == [
        (0, 11),
        (1, 12),
    ]
    assert not house.simulator.broken
    topic = house.simulator.accepted[-1].topic
    bare = {key: value for key, value in plans(house, action)[1].items() if key != "id"}
    await house.simulator.put(topic, bare)
    known = house.entry.runtime_data.driver.state.templates.plans[0, action]
    await until(lambda: "id" not in known[1])
    await run(house, f"set_{action}_plan", name="Nacht", current=13)
    assert plans(house, action)[1] == bare | {"current": 13}


@pytest.mark.parametrize("version", [Version.V2_1_7])
@pytest.mark.parametrize(
    "data", [{"phases": "3"}, {"phases_pv": "auto"}, {"use_prices": True}]
)
async def test_what_old_plans_do_not_have_is_refused_before(
    house: House, version: Version, data: dict[str, Any]
) -> None:
    for name in ("Zielladen-Standard", "Neu"):
        with pytest.raises(
            ServiceValidationError, match="Plans of this openWB do not have it"
        ):
            await run(house, "set_schedule_plan", name=name, **data)
    assert not house.simulator.accepted


@pytest.mark.parametrize("version", [Version.V2_1_7])
async def test_a_plan_that_is_other_than_expected_is_removed_again(
    house: House, version: Version
) -> None:
    model = house.simulator.model.commands._model  # what it makes new plans of
    del model["chargemode"]["scheduled_charging"]["plans"][0]["limit"]["soc_limit"]
    for _ in range(2):
        with pytest.raises(
            ServiceValidationError, match="Plans of this openWB do not have it"
        ):
            await run(house, "set_schedule_plan", name="Neu", soc_limit=90)
        assert len(plans(house, "schedule")) == 1


@every_version
async def test_time_plans(house: House, version: Version) -> None:
    await run(
        house,
        "set_time_plan",
        name="Nacht",
        start="22:00",
        end="05:00",
        limit="soc",
        soc=60,
        start_date="2026-07-01",
        end_date="2026-07-02",
    )
    plan = plans(house, "time")[1]
    assert plan["time"] == ["22:00", "05:00"]
    assert (plan["limit"]["selected"], plan["limit"]["soc"]) == ("soc", 60)
    await run(house, "set_time_plan", name="Nacht", active=False)
    assert plans(house, "time")[1]["active"] is False
    await run(house, "remove_time_plan", name="Nacht")
    assert len(plans(house, "time")) == 1
    assert not house.simulator.refused


@pytest.mark.parametrize("version", [Version.V2_1_9, Version.V2_2_2])
async def test_phases_of_a_plan(house: House, version: Version) -> None:
    await run(
        house,
        "set_schedule_plan",
        name="Zielladen-Standard",
        phases="1",
        phases_pv="auto",
        use_prices=True,
    )
    plan = plans(house, "schedule")[0]
    assert (plan["phases_to_use"], plan["phases_to_use_pv"]) == (1, 0)
    assert plan["et_active"] is True


WRONG: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("remove_schedule_plan", {"name": "nie"}),
    ("remove_time_plan", {"name": "nie"}),
    ("set_time_plan", {"name": ""}),
    ("update_charge_template", {"template": {"unknown": 1}}),
    (
        "update_charge_template",
        {"template": {"prio": True, "time_charging": {"active": 5}}},
    ),
)


@every_version
async def test_what_cannot_be_is_refused(house: House, version: Version) -> None:
    for name, data in WRONG:
        with pytest.raises(ServiceValidationError):
            await run(house, name, **data)
        assert not house.simulator.accepted, (name, data)


@every_version
async def test_part_of_a_template(house: House, version: Version) -> None:
    answer = await run(
        house,
        "update_charge_template",
        template={"prio": True, "chargemode": {"pv_charging": {"min_soc": 25}}},
    )
    assert answer["template"]["prio"] is True
    assert answer["template"]["chargemode"]["pv_charging"]["min_soc"] == 25
    assert not house.simulator.refused


RELEASES = pytest.mark.parametrize("version", list(Version))


@RELEASES
async def test_a_tag_does_what_one_at_the_reader_does(
    house: House, version: Version
) -> None:
    """OpenWB checks it and links it to the car (control/chargepoint/rfid.py).

    openWB/core #2832; a number on `set/rfid` ends the control of 2.1.8 and 2.1.9.
    """
    simulator = house.simulator
    await simulator.put("optional/rfid/active", True)
    for tag in ("4711", "04A1B2C3"):
        await simulator.unplug(4)
        await simulator.put("vehicle/1/tag_id", [tag])
        await run(house, "scan_rfid", CARPORT, tag=tag)
        sent = simulator.accepted[-1]
        assert (sent.topic, sent.value) == ("chargepoint/4/get/rfid", tag)
        await simulator.cycle()
        assert simulator.value("chargepoint/4/get/rfid") == tag, "it waits for a car"
        await simulator.plug(4)
        await simulator.cycle()
        assert simulator.value("chargepoint/4/get/rfid") is None
        assert simulator.value("chargepoint/4/set/rfid") == tag
        assert not simulator.refused
        assert not simulator.broken


async def test_a_tag_that_openwb_does_not_know(house: House) -> None:
    """It was held to the reader; openWB drops it with its next cycle."""
    await house.simulator.put("optional/rfid/active", True)
    await run(house, "scan_rfid", CARPORT, tag="nobody")
    # The same once more is told again, and so is done, too.
    await run(house, "scan_rfid", CARPORT, tag="nobody")
    await house.simulator.cycle()
    assert house.simulator.value("chargepoint/4/get/rfid") is None
    assert house.simulator.value("chargepoint/4/set/rfid") is None


async def test_a_tag_that_is_not_taken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An emptied topic, or another tag that is read meanwhile, is no sign of it."""
    monkeypatch.setattr(commands, "CONFIRM_TIMEOUT", 0.5)
    house.simulator.drop_writes()
    scan = asyncio.create_task(run(house, "scan_rfid", CARPORT, tag="4711"))
    await house.simulator.scan(4, "0815")
    with pytest.raises(HomeAssistantError, match="did not accept it: RFID tag"):
        await scan


def session(month: int, costs: float) -> dict[str, Any]:
    """Give an entry of the charge log, as openWB keeps it."""
    return {
        "chargepoint": {"id": 3, "name": "Interne openWB"},
        "vehicle": {"id": 1, "name": "Tesla3"},
        "time": {
            "begin": f"{month:02}/29/2025, 20:00:00",
            "end": f"{month:02}/29/2025, 23:00:00",
        },
        "data": {
            "range_charged": 40,
            "imported_since_mode_switch": 8000,
            "costs": costs,
        },
    }


@pytest.mark.parametrize(
    ("version", "managed"),
    [*((version, False) for version in VERSIONS), (Version.V2_2_2, True)],
)
async def test_the_charge_log_of_a_month(
    house: House, version: Version, managed: bool
) -> None:
    """Also where users are managed, and of a month with one digit.

    openWB/core: process_command_topic (setdata.py, 2.2.0), get_log_data.
    """
    if managed:
        await house.simulator.manage_users()
    house.simulator.model.commands.charge_log += [session(12, 2.1), session(1, 3.4)]
    answer = await run(house, "get_charge_log", MAIN, year=2025, month=12)
    assert [entry["data"]["costs"] for entry in answer["entries"]] == [2.1]
    assert answer["totals"]["costs"] == 2.1
    answer = await run(house, "get_charge_log", VEHICLE, year=2025, month=1)
    assert [entry["data"]["costs"] for entry in answer["entries"]] == [3.4]
    empty = await run(house, "get_charge_log", VEHICLE, year=2025, month=11)
    assert empty["entries"] == []
    assert not house.simulator.refused


async def test_an_action_of_charge_points_is_not_of_vehicles(house: House) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await run(house, "scan_rfid", VEHICLE, tag="4711")
    assert caught.value.translation_key == "other_kind"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_openwb_says_why_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that fails is answered on the client's error topic."""

    def fail(*_: Any) -> str:
        raise KeyError("no such thing")

    monkeypatch.setitem(
        house.simulator.model.commands._orders, "systemReboot", fail
    )  # a fault to meet
    with pytest.raises(HomeAssistantError, match="no such thing") as caught:
        await house.act(MAIN, "button", "reboot", None)
    assert caught.value.translation_key == "openwb_failed"


ORDERS: dict[str, Callable[[House], Awaitable[Any]]] = {
    "systemReboot": lambda house: house.act(MAIN, "button", "reboot", None),
    "chargepointReboot": lambda house: house.act(CARPORT, "button", "reboot", None),
    "getChargeLog": lambda house: run(
        house, "get_charge_log", MAIN, year=2025, month=12
    ),
}


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("managed", [False, True])
async def test_an_order_arrives(house: House, managed: bool) -> None:
    """With user management only if its topic ends in its name (setdata.py, 2.2.0)."""
    if managed:
        await house.simulator.manage_users()
    for name, order in ORDERS.items():
        house.simulator.commands.clear()
        await order(house)
        assert house.simulator.commands[0] == name
        assert not house.simulator.refused, name


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_message_of_danger_is_a_failure(house: House) -> None:
    """That is how openWB answers what it does not know."""
    house.simulator.model.commands._orders.clear()
    for name, order in ORDERS.items():
        with pytest.raises(HomeAssistantError, match="Unbekannter Befehl") as caught:
            await order(house)
        assert caught.value.translation_key == "openwb_failed", name


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_charge_point_that_is_away_is_not_restarted(house: House) -> None:
    """OpenWB tries to connect, and tells only that it failed (command.py, 2.2.2)."""
    house.simulator.model.commands.unreachable.add(4)
    with pytest.raises(HomeAssistantError, match="No route") as caught:
        await ORDERS["chargepointReboot"](house)
    assert caught.value.translation_key == "openwb_failed"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_an_order_without_the_right_to_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker drops it: nothing is answered, nor is the topic emptied."""
    monkeypatch.setattr(todo, "ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr(house.simulator.model.sets, "handle", lambda *_: None)
    for name, order in ORDERS.items():
        with pytest.raises(HomeAssistantError) as caught:
            await order(house)
        assert caught.value.translation_key == "openwb_no_answer", name


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_an_emptied_topic_is_no_answer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenWB empties it when it passes the order on, and when it refuses it.

    (process_command_topic and _validate_value in helpermodules/setdata.py of openWB/core,
    2.1.7 to 2.2.2)
    """
    monkeypatch.setattr(todo, "ANSWER_TIMEOUT", 0.3)
    for name, order in ORDERS.items():
        house.simulator.model.sets.dropped_writes = 2
        with pytest.raises(HomeAssistantError) as caught:
            await order(house)
        assert caught.value.translation_key == "openwb_no_answer", name


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_an_answer_that_cannot_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = house.simulator.model.store
    for answer in ("no json", "[]", '{"type": "danger"}'):
        monkeypatch.setattr(
            house.simulator.model.sets,
            "_order",
            lambda topic, _, answer=answer: store.send(
                f"command/{topic.split('/')[1]}/messages/1", answer
            ),
        )
        for order in ORDERS.values():
            with pytest.raises(HomeAssistantError) as caught:
                await order(house)
            assert caught.value.translation_key == "bad_answer", answer


async def test_a_charge_log_that_is_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = house.simulator.model.store
    monkeypatch.setattr(
        house.simulator.model.sets,
        "_order",
        lambda topic, _: store.send(f"log/{topic.split('/')[1]}/data", "[]"),
    )
    with pytest.raises(HomeAssistantError) as caught:
        await ORDERS["getChargeLog"](house)
    assert caught.value.translation_key == "bad_answer"


async def test_a_late_answer_is_not_taken_for_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each order has a name of its own, which openWB answers to.

    (`connection_id` in helpermodules/command.py of openWB/core, 2.1.7 to 2.2.2)
    """
    monkeypatch.setattr(todo, "ANSWER_TIMEOUT", 0.3)
    model, asked = house.simulator.model, []

    def answer_the_first(topic: str, _: Any) -> None:
        asked.append(topic.split("/")[1])
        if len(asked) > 1:
            model.store.send(f"log/{asked[0]}/data", '{"entries": [{}]}')

    monkeypatch.setattr(model.sets, "_order", answer_the_first)
    for _ in range(2):
        with pytest.raises(HomeAssistantError) as caught:
            await ORDERS["getChargeLog"](house)
        assert caught.value.translation_key == "openwb_no_answer"
    assert len(set(asked)) == 2
