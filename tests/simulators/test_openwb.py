"""The simulated openWB's topics and set topics, for each release."""

from collections.abc import Callable
import copy
from datetime import UTC
import json
from typing import Any

import pytest

from .openwb_model import OpenWb
from .openwb_retained import FIXTURE_TIME, load
from .openwb_versions import Version

OLD, MIDDLE, NEW = Version.V2_1_7, Version.V2_1_9, Version.V2_2_2
TEMPLATE = "chargepoint/3/set/charge_template"
OLD_TEMPLATE = "vehicle/template/charge_template/0"
TODO = "command/wattbus/todo"


def openwb(version: Version = NEW, **options: Any) -> OpenWb:
    """Return an openWB in the morning of a day in winter, 8:57."""
    return OpenWb(version, FIXTURE_TIME, UTC, **options)


def send(model: OpenWb, topic: str, value: object) -> list[tuple[str, str]]:
    """Send a set topic; return what is published then."""
    model.store.take()
    payload = value if isinstance(value, bytes) else json.dumps(value).encode()
    model.sets.handle(topic, payload)
    return [(message.topic, message.payload) for message in model.store.take()]


def edit(model: OpenWb, change: Callable[[dict[str, Any]], None], cp: int = 3) -> None:
    """Write a charge point's template back with a change."""
    topic = f"chargepoint/{cp}/set/charge_template"
    template = copy.deepcopy(model.store.get(topic))
    change(template)
    send(model, topic, template)


def select(mode: str) -> Callable[[dict[str, Any]], None]:
    """Return the change that selects a charge mode."""
    return lambda template: template["chargemode"].update(selected=mode)


# --- the topics


def test_topics_of_2_2_2_are_the_fixture() -> None:
    assert len(load(NEW)) == 331
    assert load(NEW)["system/version"] == "2.2.2"
    assert len(load(NEW)["system/datastore_version"]) == 123


def test_topics_of_2_1_9() -> None:
    values = load(MIDDLE)
    assert values["system/version"] == values["chargepoint/3/get/version"] == "2.1.9"
    assert len(values["system/datastore_version"]) == 107
    assert "eco_charging" in values[TEMPLATE]["chargemode"]
    assert "optional/ep/get/prices" in values
    assert values["general/temporary_charge_templates_active"] is False
    soc = values["chargepoint/3/get/connected_vehicle/soc"]
    assert soc["timestamp"] == "12/30/2025, 08:55:50"
    assert not [topic for topic in values if topic.startswith("system/security")]


def test_topics_of_2_1_7() -> None:
    values = load(OLD)
    assert values["system/datastore_version"] == 75
    assert TEMPLATE not in values
    template = values[OLD_TEMPLATE]
    assert template["et"] == {"active": False, "max_price": 0.0002}
    assert template["chargemode"]["pv_charging"]["max_soc"] == 80
    assert "eco_charging" not in template["chargemode"]
    assert "plans" not in template["time_charging"]
    plan = values[f"{OLD_TEMPLATE}/chargemode/scheduled_charging/plans/0"]
    assert (plan["id"], plan["name"]) == (0, "Zielladen-Standard")
    assert "optional/et/get/prices" in values
    assert not [topic for topic in values if topic.startswith(("mqtt", "optional/ep"))]
    assert "vehicle/1/get/odometer" not in values
    assert values["general/chargemode_config/pv_charging/phases_to_use"] == 0


# --- set topics


@pytest.mark.parametrize(
    ("version", "topic", "payload"),
    [
        (NEW, "chargepoint/3/set/manual_lock", b"true"),
        (NEW, "chargepoint/3/set/manual_lock", b"1"),
        (NEW, "chargepoint/3/set/rfid", b'"04A1B2C3"'),
        (MIDDLE, "chargepoint/3/set/rfid", b"1234"),
        (NEW, "general/chargemode_config/pv_charging/bat_mode", b"bat_mode"),
        (NEW, "general/chargemode_config/pv_charging/min_bat_soc", b"70"),
        (NEW, "general/prices/grid", b"1"),
        (NEW, "general/control_interval", b"20"),
        (NEW, "general/temporary_charge_templates_active", b"true"),
        (NEW, "vehicle/1/get/force_soc_update", b"true"),
        (NEW, "vehicle/1/get/odometer", b"14700"),
        (NEW, "vehicle/1/charge_template", b"1"),
        (NEW, "counter/0/config/max_currents", b"[32, 32, 32]"),
        (NEW, "bat/config/power_limit_mode", b'"mode_no_discharge"'),
        (NEW, "optional/ep/flexible_tariff/get/prices", b"{}"),
        (OLD, "counter/0/get/power", b"-1500.5"),
        (OLD, f"{OLD_TEMPLATE}/chargemode/selected", b"standby"),
        (OLD, f"{OLD_TEMPLATE}/chargemode/pv_charging/min_current", b"0"),
        (OLD, f"{OLD_TEMPLATE}/chargemode/pv_charging/max_soc", b"101"),
        # The test for min_soc catches it first, so that 3 A pass.
        (OLD, f"{OLD_TEMPLATE}/chargemode/pv_charging/min_soc_current", b"3"),
        (OLD, f"{OLD_TEMPLATE}/et/max_price", b"0.0003"),
        (OLD, "optional/et/get/prices", b"{}"),
    ],
)
def test_accepted(version: Version, topic: str, payload: bytes) -> None:
    """The value is published, and the set topic cleared."""
    model = openwb(version)
    published = send(model, topic, payload)
    assert [write.topic for write in model.sets.accepted] == [topic]
    assert not model.sets.refused
    assert len(published) >= 2
    assert published[-1] == (f"set/{topic}", "")


@pytest.mark.parametrize(
    ("version", "topic", "payload"),
    [
        (NEW, "chargepoint/3/set/manual_lock", b"True"),
        (NEW, "chargepoint/3/set/manual_lock", b"on"),
        (NEW, "chargepoint/3/config/ev", b'"1"'),
        (NEW, "chargepoint/3/config/ev", b"-1"),
        (NEW, "chargepoint/3/set/current", b"5"),
        (NEW, "chargepoint/3/set/rfid", b"1234"),
        (MIDDLE, "chargepoint/3/set/rfid", b'"04A1B2C3"'),
        (NEW, "general/control_interval", b"30"),
        (NEW, "general/chargemode_config/pv_charging/min_bat_soc", b"101"),
        (NEW, "general/prices/grid", b'"cheap"'),
        (NEW, "counter/0/config/max_currents", b"[32, null, 32]"),
        (NEW, "vehicle/1/get/soc", b"100.1"),
        (NEW, "mqtt/pv/1/get/dc_power", b"3"),
        (NEW, "mqtt/inverter/1/get/power", b"-3"),
        (NEW, f"{OLD_TEMPLATE}/chargemode/selected", b'"stop"'),
        (MIDDLE, f"{OLD_TEMPLATE}/chargemode/pv_charging/max_soc", b"80"),
        (NEW, "optional/et/get/prices", b"{}"),
        (OLD, "general/temporary_charge_templates_active", b"true"),
        (OLD, "vehicle/1/get/odometer", b"14700"),
        (OLD, f"{OLD_TEMPLATE}/chargemode/instant_charging/current", b"5"),
        (OLD, f"{OLD_TEMPLATE}/chargemode/instant_charging/limit/amount", b"999"),
        (OLD, f"{OLD_TEMPLATE}/chargemode/pv_charging/min_current", b"17"),
    ],
)
def test_refused(version: Version, topic: str, payload: bytes) -> None:
    """Nothing is published but the cleared set topic."""
    model = openwb(version)
    assert send(model, topic, payload) == [(f"set/{topic}", "")]
    assert [refusal.topic for refusal in model.sets.refused] == [topic]
    assert not model.sets.accepted


@pytest.mark.parametrize(
    ("version", "topic"),
    [
        (NEW, "chargepoint/9/set/manual_lock"),
        (NEW, "counter/9/get/power"),
        (NEW, "consumer/1/set"),
        (OLD, "mqtt/counter/0/get/power"),
    ],
)
def test_ignored(version: Version, topic: str) -> None:
    """What does not exist is not even cleared."""
    model = openwb(version)
    assert send(model, topic, 1) == []
    assert not model.sets.refused[0].cleared


def test_single_fields_have_no_effect_with_2_1_8() -> None:
    model = openwb(Version.V2_1_8)
    before = copy.deepcopy(model.store.get(OLD_TEMPLATE))
    topic = f"{OLD_TEMPLATE}/chargemode/selected"
    assert send(model, topic, "stop")[0] == (topic, '"stop"')
    assert model.store.get(OLD_TEMPLATE) == before


def test_empty_payload_is_nothing() -> None:
    assert send(openwb(), "chargepoint/3/set/manual_lock", b"") == []


def test_vehicle_is_merged_into_the_configuration() -> None:
    model = openwb()
    send(model, "chargepoint/3/config/ev", 0)
    config = model.store.get("chargepoint/3/config")
    assert (config["ev"], config["_ev"], config["name"]) == (0, 1, "Interne openWB")
    # It brings its template with it.
    assert model.store.get(TEMPLATE)["name"] == "Gast-Profil"


# --- templates


def test_template_is_shared_unless_temporary() -> None:
    model = openwb()
    send(model, "vehicle/0/charge_template", 0)
    edit(model, select("eco_charging"))
    for topic in (TEMPLATE, TEMPLATE.replace("3", "4"), OLD_TEMPLATE):
        assert model.store.get(topic)["chargemode"]["selected"] == "eco_charging"


@pytest.mark.parametrize("version", [Version.V2_1_8, NEW])
def test_temporary_template_ends_with_the_session(version: Version) -> None:
    model = openwb(version)
    model.store.values["general/temporary_charge_templates_active"] = True
    edit(model, select("eco_charging"))
    assert model.store.get(OLD_TEMPLATE)["chargemode"]["selected"] == "pv_charging"
    model.unplug(3)
    assert model.store.get(TEMPLATE)["chargemode"]["selected"] == "pv_charging"


def test_back_to_the_standard_vehicle() -> None:
    model = openwb()
    edit(model, lambda template: template.update(load_default=True))
    model.unplug(3)
    assert model.store.get("chargepoint/3/config")["ev"] == 0


@pytest.mark.parametrize("key", ["chargemode", "prio", "time_charging"])
def test_what_a_template_lacks_has_its_default(key: str) -> None:
    """`dataclass_from_dict` gives it, and openWB's control goes on."""
    model = openwb()
    edit(model, lambda template: template.pop(key))
    assert model.broken == []
    model.step(10)


@pytest.mark.parametrize("key", ["chargemode", "prio", "time_charging"])
def test_a_template_of_another_type_stops_control(key: str) -> None:
    model = openwb()
    edit(model, lambda template: template.update({key: "5"}))
    assert model.broken == [3]
    model.step(10)
    assert model.store.get("chargepoint/3/get/power") == 0


def test_other_clients_write_at_the_same_moment() -> None:
    model = openwb()

    def theirs(template: dict[str, Any]) -> None:
        template["prio"] = True

    def now() -> tuple[bool, str]:
        template = model.store.get(TEMPLATE)
        return template["prio"], template["chargemode"]["selected"]

    model.sets.rival(3, theirs, "before")
    edit(model, select("stop"))
    assert now() == (False, "stop")
    model.sets.rival(3, theirs, "instead")
    edit(model, select("instant_charging"))
    assert now() == (True, "stop")
    edit(model, select("instant_charging"))
    assert now() == (True, "instant_charging")


def test_lost_echo_and_lost_write() -> None:
    model = openwb()
    topic = "chargepoint/3/set/manual_lock"
    model.sets.lost_echoes = 1
    assert send(model, topic, True) == [(f"set/{topic}", "")]
    assert model.store.values[topic] is True
    model.sets.dropped_writes = 1
    assert send(model, topic, False) == [(f"set/{topic}", "")]
    assert model.store.values[topic] is True
    assert (topic, "false") in send(model, topic, False)


# --- commands


@pytest.mark.parametrize("version", [OLD, NEW])
def test_plans_are_added_and_removed(version: Version) -> None:
    model = openwb(version)
    todo = TODO
    plans = f"{OLD_TEMPLATE}/chargemode/scheduled_charging/plans/1"

    def known() -> bool:
        if version is OLD:
            return plans in model.store.values
        template = model.store.get(OLD_TEMPLATE)
        several = template["chargemode"]["scheduled_charging"]["plans"]
        return [plan["id"] for plan in several] == [0, 1]

    order = {"command": "addChargeTemplateSchedulePlan", "data": {"template": 0}}
    answer = send(model, todo, order)
    assert "success" in next(p for t, p in answer if "/messages/" in t)
    assert known()
    data = {"template": 0, "plan": 1}
    send(model, todo, {"command": "removeChargeTemplateSchedulePlan", "data": data})
    assert not known()
    answer = send(model, todo, {"command": "makeCoffee", "data": {}})
    assert "Unbekannter Befehl" in answer[-1][1]
    order = {"command": "chargepointReboot", "data": {"chargepoint": 9}}
    assert "interner Fehler" in send(model, todo, order)[-1][1]
    assert len(model.commands.done) == 2


def test_what_goes_to_a_charge_point_is_answered_only_if_it_fails() -> None:
    """Its topic is cleared in any case; an internal one has no address to send to."""
    model = openwb()

    def restart(number: int) -> list[tuple[str, str]]:
        data = {"chargepoint": number}
        return send(model, TODO, {"command": "chargepointReboot", "data": data})

    assert restart(4) == [(f"set/{TODO}", "")]
    model.commands.unreachable.add(4)
    for number, reason in ((3, "ip_address"), (4, "No route"), (9, "cp9")):
        cleared, answer = restart(number)
        assert cleared == (f"set/{TODO}", "")
        assert '"danger"' in answer[1]
        assert reason in answer[1]
    assert model.commands.done == ["chargepointReboot"]


def test_the_topic_names_the_command_where_users_are_managed() -> None:
    """Else it is left as it is; where they are not, it may or may not (setdata.py)."""
    model = openwb()
    order = {"command": "systemReboot", "data": {}}
    named = f"{TODO}/systemReboot"
    for topic in (TODO, named):
        assert send(model, topic, order)[0] == (f"set/{topic}", "")
    assert send(model, "command/wattbus/systemReboot", order) == [
        ("set/command/wattbus/systemReboot", "")
    ]
    assert model.commands.done == ["systemReboot"] * 2
    model.store.values["system/security/user_management_active"] = True
    for topic in (TODO, f"{TODO}/getChargeLog"):
        assert send(model, topic, order) == []
    assert len(send(model, named, order)) == 2
