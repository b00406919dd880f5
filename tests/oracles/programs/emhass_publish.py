"""What EMHASS publishes to Home Assistant: state and attributes, as JSON.

Standard input has a list of entities, each with the arguments of `post_data` and the
series of values that an optimisation would have found.
"""

import asyncio
import datetime as dt
import json
import logging
import sys
from typing import Any

from emhass.retrieve_hass import RetrieveHass
import orjson
import pandas as pd


async def publish(entity: dict[str, Any]) -> Any:
    """Give the body of the request that EMHASS makes to Home Assistant."""
    minutes = entity["minutes"]
    times = pd.date_range(
        entity["start"], periods=len(entity["values"]), freq=f"{minutes}min", tz="UTC"
    ).tz_convert(entity["zone"])
    series = pd.Series(entity["values"], index=times, name="plan")
    hass = RetrieveHass(
        "http://127.0.0.1/",
        "no token",
        pd.Timedelta(minutes=minutes),
        dt.UTC,
        None,
        {},
        logging.getLogger("emhass"),
    )
    _, data = await hass.post_data(
        series,
        0,
        entity["entity_id"],
        entity.get("device_class", "power"),
        entity.get("unit", "W"),
        entity.get("name", "Plan"),
        type_var=entity["type"],
        publish_prefix=entity.get("prefix", ""),
        dont_post=True,
    )
    return orjson.loads(orjson.dumps(data))  # as it is sent


async def main() -> None:
    """Publish all that is asked for."""
    bodies = [await publish(entity) for entity in json.load(sys.stdin)]
    json.dump(bodies, sys.stdout)


asyncio.run(main())
