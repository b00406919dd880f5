"""A simulated aps2mqtt 2.0.2, round by round, that can fall silent as the real one does.

Rules of silence, from its main.py, apsystems/ECU.py and mqtthandler.py (PyPI, 2.0.2):

- `aps/status` is retained, and `online` for as long as the program runs: it says nothing
  of the ECU. The broker says `offline` when it has gone (the last will).
- An ECU that does not answer is asked again each minute, and nothing at all is published
  meanwhile, also not that nothing is known.
- With STOP_AT_NIGHT it asks nothing between sunset and sunrise once a report had no
  inverter online. After a failure it forgets that report, and asks through the night.
- States are retained only with MQTT_RETAIN. The ECU comes first, then its inverters; one
  that is offline says only that.
"""

import json
from typing import Any

import aiomqtt

ECU = "216053089840"
INVERTERS = ("408903477644", "703000112233")


class Aps2Mqtt:
    """The program, its ECU and two inverters; tests turn its clock.

    Attributes:
        hangs: Whether the ECU does not answer.
        night: Whether the sun is down.
        retain: Its setting MQTT_RETAIN.
    """

    def __init__(
        self, client: aiomqtt.Client, *, retain: bool = False, stops: bool = True
    ) -> None:
        """Prepare; `stops` is its setting STOP_AT_NIGHT."""
        self.hangs = False
        self.night = False
        self.retain = retain
        self._client = client
        self._stops = stops
        self._online: int | None = None
        self._power = 2500

    async def start(self) -> None:
        """Connect to the broker."""
        await self._client.publish("aps/status", "online", retain=True)

    async def round(self) -> None:
        """Do what it does once its next reading is due."""
        if self._stops and self.night and self._online == 0:
            return
        if self.hangs:
            self._online = None
            return
        self._power += 1
        self._online = 0 if self.night else len(INVERTERS)
        ecu = {"current_power": 0, "today_energy": 9.1, "lifetime_energy": 15144.9}
        if not self.night:
            ecu["current_power"] = self._power
        await self._publish(f"aps/{ECU}", ecu)
        for inverter_id in INVERTERS:
            await self._publish(f"aps/{ECU}/{inverter_id}", self._inverter())

    def _inverter(self) -> dict[str, Any]:
        if self.night:
            return {"online": False}
        return {
            "online": True,
            "signal": 80,
            "temperature": 31,
            "frequency": 50.0,
            "power": self._power // 2,
            "voltage": 239,
            "panel_1_power": self._power // 2,
            "panel_1_voltage": 239,
        }

    async def _publish(self, topic: str, document: dict[str, Any]) -> None:
        await self._client.publish(topic, json.dumps(document), retain=self.retain)
