"""aps2mqtt asked once: it reads an ECU and publishes; prints what it has read.

Arguments: the ECU's port, the broker's port, the topic prefix.
"""

import json
import sys
import time

from aps2mqtt.apsystems.ECU import ECU
from aps2mqtt.config import ECUConfig, MQTTConfig
from aps2mqtt.mqtthandler import MQTTHandler

HOST = "127.0.0.1"


def main(ecu_port: str, broker_port: str, prefix: str) -> None:
    """Do what its main loop does in one round."""
    ecu = ECU(ECUConfig({"APS_ECU_IP": HOST}))
    ecu.socket.port = int(ecu_port)  # its own setting does not get there
    ecu.socket.socket_sleep_time = 0.1  # not the five seconds that a real one needs
    handler = MQTTHandler(
        MQTTConfig(
            {
                "MQTT_BROKER_HOST": HOST,
                "MQTT_BROKER_PORT": broker_port,
                "MQTT_TOPIC_PREFIX": prefix,
                "MQTT_RETAIN": True,
            }
        )
    )
    handler.connect_mqtt()
    while not handler.client.is_connected():
        time.sleep(0.02)
    read = ecu.update()
    handler.publish_values(read)  # it says good-bye by itself when this ends
    json.dump(read, sys.stdout)


main(*sys.argv[1:])
