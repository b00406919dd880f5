"""What the simulated OpenEVSE's gateway makes of the topics that it subscribes to.

The rules of merging and silence of openevse_esp32_firmware's mqtt.cpp (`override_props`,
`claim_props`; 4.1.5 to 5.1.5 and the development of 2026):

- What `override/set` and `claim/set` have is merged into what MQTT has sent before, not
  into the override or claim in force, which others may have made, changed or released.
- That memory is emptied by `clear` and `release`, and only if something was released
  then; and by a restart. Neither the end of a session nor the web page empties it.
- `clear` and `release` of what is not there are answered by nothing.
- What is no JSON is ignored.
- The feeds of surplus and shaper are subscribed to when it connects, and only as far as
  the configuration has them in use then (4.1.9 to 5.1.5; in 2026 whenever a topic is
  set).
"""

import json
import re
from typing import Any, Final

from .openevse_claims import MQTT, Priority, Properties
from .openevse_gateway import Gateway

_FEEDS: Final = (
    "mqtt_solar",
    "mqtt_grid_ie",
    "mqtt_live_pwr",
    "mqtt_vrms",
    "mqtt_vehicle_soc",
    "mqtt_vehicle_range",
    "mqtt_vehicle_eta",
)
# What toInt() and toFloat() see of a text.
_INTEGER: Final = re.compile(r"\s*[+-]?\d+")
_FLOAT: Final = re.compile(r"\s*[+-]?\d+(\.\d*)?")


class Topics:
    """The commands and feeds of a gateway."""

    def __init__(self, gateway: Gateway) -> None:
        """Begin without claims of MQTT's."""
        self._gateway = gateway
        # Partial claims change the one that was set over MQTT before.
        self._claim, self._override = Properties(), Properties()
        gateway.on_restart.append(self._forget)

    def _forget(self) -> None:
        self._claim, self._override = Properties(), Properties()

    def subscribed(self) -> list[str]:
        """Return what it subscribes to."""
        profile, values = self._gateway.profile, self._gateway.config.values
        commands = ["rapi/in/#", "divertmode/set"]
        if profile.esp32:
            commands += ["shaper/set", "override/set", "claim/set"]
            commands += ["schedule/set", "schedule/clear"]
        if profile.limits:
            commands += ["limit/set", "config/set", "restart"]
        feeds = {values[key] for key in self._heard() if values.get(key)}
        base = self._gateway.base
        return [*(f"{base}/{command}" for command in commands), *sorted(feeds)]

    def _heard(self) -> list[str]:
        """Return the feeds that count by the settings of surplus and shaper."""
        values = self._gateway.config.values
        if not self._gateway.profile.esp32:
            return list(_FEEDS)
        unused = {"mqtt_solar", "mqtt_grid_ie"}
        if values["divert_enabled"]:
            unused.discard(
                {0: "mqtt_solar", 1: "mqtt_grid_ie"}.get(values["divert_type"], "")
            )
        same = values["mqtt_live_pwr"] == values["mqtt_grid_ie"]
        if not values["current_shaper_enabled"] or same:
            unused.add("mqtt_live_pwr")
        return [key for key in _FEEDS if key not in unused]

    def handle(self, topic: str, payload: str) -> str | None:
        """Do what a message says; return the RAPI command in it, if it has one.

        Raises:
            ValueError: If it cannot be read.
        """
        gateway = self._gateway
        for key in _FEEDS:
            if topic == gateway.config.values.get(key):
                number = _FLOAT if key == "mqtt_vrms" else _INTEGER
                match = number.match(payload)
                gateway.feed(key, float(match.group()) if match else 0)
        command = topic.removeprefix(f"{gateway.base}/")
        if command == topic:
            return None
        if "$" in command:
            text = command[command.index("$") :]
            # ESP8266 leaves a blank behind a command without parameters.
            return f"{text} {payload}" if payload or not gateway.profile.esp32 else text
        self._command(command, payload)
        gateway.notice()
        gateway.publish_documents()
        return None

    def _command(self, command: str, payload: str) -> None:
        gateway = self._gateway
        match command:
            case "divertmode/set":
                gateway.set_divert_mode(int(payload))
            case "shaper/set" if payload in ("0", "1"):
                gateway.set_shaper(payload == "1")
            case "override/set":
                self._set_override(payload)
            case "claim/set":
                self._set_claim(payload)
            case "schedule/set":
                gateway.schedule.set(json.loads(payload))
            case "schedule/clear":
                gateway.schedule.remove(int(payload))
            case "limit/set":
                gateway.set_limit({} if payload == "clear" else _object(payload))
            case "config/set":
                gateway.set_config(_object(payload))
            case "restart":
                gateway.restart(str(_object(payload).get("device")))

    def _set_override(self, payload: str) -> None:
        if payload == "clear":
            if self._gateway.release_override():
                self._override.clear()
        elif payload == "toggle":
            self._gateway.toggle_override()
        else:
            self._override.update(_object(payload))
            self._gateway.override(self._override)

    def _set_claim(self, payload: str) -> None:
        gateway = self._gateway
        if payload == "release":
            if not gateway.claims.release(MQTT):
                return
            self._claim.clear()
        else:
            self._claim.update(_object(payload))
            gateway.claims.make(MQTT, self._claim, Priority.API)
        gateway.publish_documents("claim")


def _object(payload: str) -> dict[str, Any]:
    """Read an object."""
    document = json.loads(payload)
    if not isinstance(document, dict):
        raise ValueError("not an object")  # noqa: TRY004
    return document
