"""python-openevse-http at a gateway: what it reads, and what becomes of its calls.

Argument: the gateway's address. Standard input has the calls, each a name with its
arguments. Printed are the values of all its properties before and after them, what each
call gave, and the names of all there are.
"""

import asyncio
import inspect
import json
import sys
from typing import Any
import warnings

import aiohttp
from openevsehttp.client import OpenEVSE
from openevsehttp.exceptions import UnsupportedFeature

warnings.simplefilter("ignore")  # some of its properties are deprecated


def properties(charger: OpenEVSE) -> dict[str, Any]:
    """Read all that it has of a gateway; what the firmware lacks is left out."""
    read = {}
    for name, member in inspect.getmembers(type(charger)):
        if isinstance(member, property) and not name.startswith("_"):
            try:
                read[name] = getattr(charger, name)
            except UnsupportedFeature:
                pass
            except Exception as error:  # noqa: BLE001 # that is what is looked for
                read[name] = {"error": repr(error)}
    return read


async def call(charger: OpenEVSE, name: str, arguments: dict[str, Any]) -> Any:
    """Make one call; gives its result or its error."""
    try:
        result = await getattr(charger, name)(**arguments)
        await charger.update(force_status=True)
    except Exception as error:  # noqa: BLE001 # that is what is looked for
        return {"error": repr(error)}
    return {"result": result, "seen": {**charger._config, **charger._status}}  # noqa: SLF001 # as the library keeps it


async def listened(charger: OpenEVSE) -> bool:
    """Whether something comes over the WebSocket."""
    came = asyncio.Event()
    charger.callback = came.set
    await charger.ws_start()
    try:
        async with asyncio.timeout(5):
            await came.wait()
    except TimeoutError:
        return False
    finally:
        await charger.ws_disconnect()
    return True


async def main(host: str) -> None:
    """Do what Home Assistant's integration does, and all the rest."""
    async with aiohttp.ClientSession() as session:
        charger = OpenEVSE(host, session=session)
        told: dict[str, Any] = {}
        await charger.update(force_status=True)
        told["before"] = properties(charger)
        told["identity"] = await call(charger, "test_and_get", {})
        told["calls"] = [
            await call(charger, name, arguments)
            for name, arguments in json.load(sys.stdin)
        ]
        told["after"] = properties(charger)
        told["methods"] = [
            name
            for name, member in inspect.getmembers(OpenEVSE)
            if inspect.iscoroutinefunction(member) and not name.startswith("_")
        ]
        told["listened"] = await listened(charger)
    json.dump(told, sys.stdout, default=str)


asyncio.run(main(*sys.argv[1:]))
