"""Topics and topic filters, by the letter of MQTT 5.0, section 4.7."""

import pytest

from custom_components.wattbus.transports.mqtt import topics
from custom_components.wattbus.transports.mqtt.topics import (
    Router,
    matches,
    valid_filter,
)


@pytest.mark.parametrize(
    "topic_filter",
    [
        "em420/data",
        "#",
        "+",
        "+/tennis/#",
        "sport/+/player1",
        "/",
        "/finance",
        "//",
        "Accounts payable",
        "$SYS/#",
        "größe/Zähler",
        "a" * 65535,
    ],
)
def test_filters_that_can_be_subscribed_to(topic_filter: str) -> None:
    assert valid_filter(topic_filter)


@pytest.mark.parametrize(
    "topic_filter",
    [
        "",
        "sport/tennis#",
        "sport/tennis/#/ranking",
        "#/ranking",
        "sport+",
        "+sport",
        "sport/+tennis/x",
        "##",
        "++",
        "nul\0",
        "a" * 65536,
        "ü" * 32768,  # two bytes each
    ],
)
def test_filters_that_a_broker_would_refuse(topic_filter: str) -> None:
    assert not valid_filter(topic_filter)


@pytest.mark.parametrize(
    ("topic_filter", "topic"),
    [
        ("sport/tennis/player1", "sport/tennis/player1"),
        # 4.7.1.2: the multi-level wildcard stands for the parent, too.
        ("sport/tennis/player1/#", "sport/tennis/player1"),
        ("sport/tennis/player1/#", "sport/tennis/player1/ranking"),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"),
        ("sport/#", "sport"),
        ("#", "sport"),
        ("#", "/"),
        # 4.7.1.3: the single-level wildcard stands for one level, which may be empty.
        ("sport/tennis/+", "sport/tennis/player1"),
        ("sport/+", "sport/"),
        ("+/+", "/finance"),
        ("/+", "/finance"),
        ("+/tennis/#", "sport/tennis"),
        # 4.7.2: what begins with a dollar sign has to be asked for by name.
        ("$SYS/#", "$SYS/broker/uptime"),
        ("$SYS/monitor/+", "$SYS/monitor/Clients"),
        ("a/$b", "a/$b"),
        ("+/$b", "a/$b"),
    ],
)
def test_a_topic_fits(topic_filter: str, topic: str) -> None:
    assert matches(topic_filter, topic)


@pytest.mark.parametrize(
    ("topic_filter", "topic"),
    [
        ("sport/tennis/+", "sport/tennis/player1/ranking"),
        ("sport/+", "sport"),
        ("+", "/finance"),
        ("/finance", "finance"),
        ("finance", "finance/"),
        ("Sport", "sport"),
        ("sport/tennis/#", "sport/tennisplayer"),
        ("#", "$SYS/broker/uptime"),
        ("+/monitor/Clients", "$SYS/monitor/Clients"),
        ("+", "$SYS"),
        ("a/b/c", "a/b"),
    ],
)
def test_a_topic_does_not_fit(topic_filter: str, topic: str) -> None:
    assert not matches(topic_filter, topic)


def test_every_listener_that_fits_gets_a_message_once() -> None:
    router: Router[str] = Router()
    router.add("em420/data", "exact")
    router.add("em420/#", "wide")
    router.add("em420/+", "wide")
    router.add("openwb/#", "other")
    assert router.route("em420/data") == ("exact", "wide")
    assert router.filters == ("em420/data", "em420/#", "em420/+", "openwb/#")


def test_a_listener_that_comes_late_gets_what_others_got_before() -> None:
    router: Router[str] = Router()
    router.add("a", "first")
    assert router.route("a") == ("first",)
    router.add("#", "second")
    assert router.route("a") == ("first", "second")


def test_a_filter_is_free_when_its_last_listener_has_gone() -> None:
    router: Router[str] = Router()
    remove_first = router.add("a", "first")
    remove_second = router.add("a", "second")
    assert not remove_first()
    assert router.route("a") == ("second",)
    assert remove_second()
    assert router.route("a") == ()
    assert router.filters == ()
    assert not remove_second(), "gone already"


def test_a_broker_whose_topics_never_end_fills_no_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(topics, "_MOST_ROUTES", 10)
    router: Router[str] = Router()
    router.add("#", "all")
    for number in range(35):
        assert router.route(f"topic/{number}") == ("all",)
    assert len(router._routes) <= 10
