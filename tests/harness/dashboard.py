"""A dashboard for the demo: one card for each device of an integration."""

import asyncio
from itertools import groupby
from operator import itemgetter

from .api import HomeAssistantApi, Json

URL_PATH = "demo-devices"


async def has_dashboard(home_assistant: HomeAssistantApi) -> bool:
    """Tell whether it is there already."""
    dashboards = await home_assistant.command("lovelace/dashboards/list")
    return any(dashboard["url_path"] == URL_PATH for dashboard in dashboards)


async def add_dashboard(home_assistant: HomeAssistantApi, domain: str) -> None:
    """Add it, once the devices have told what they measure."""
    entities = await _settled_entities(home_assistant, domain)
    await home_assistant.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title="Devices",
        icon="mdi:meter-electric",
    )
    devices = {
        device["id"]: device["name"]
        for device in await home_assistant.command("config/device_registry/list")
    }
    cards = [
        {
            "type": "entities",
            "title": devices[device_id],
            "state_color": True,
            "entities": [
                {"entity": entity["entity_id"], "name": entity["original_name"]}
                for entity in of_device
                if not entity["entity_category"]
            ],
        }
        for device_id, of_device in groupby(
            sorted(entities, key=itemgetter("device_id")), itemgetter("device_id")
        )
    ]
    # The devices with most to tell come first; one that tells nothing has no card.
    cards = sorted(
        (card for card in cards if card["entities"]),
        key=lambda card: -len(card["entities"]),
    )
    await home_assistant.command(
        "lovelace/config/save",
        url_path=URL_PATH,
        config={"views": [{"title": "Devices", "cards": cards}]},
    )


async def _settled_entities(
    home_assistant: HomeAssistantApi, domain: str
) -> list[Json]:
    """Return the enabled entities when no more have come for a moment."""
    number = -1
    while True:
        await asyncio.sleep(2)
        entities = [
            entity
            for entity in (await home_assistant.entities(domain)).values()
            if not entity["disabled_by"]
        ]
        if number == (number := len(entities)):
            return entities
