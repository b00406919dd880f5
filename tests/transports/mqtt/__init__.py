"""Tests of MQTT, with a real broker."""
