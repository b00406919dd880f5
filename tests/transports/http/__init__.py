"""Tests of a device's web interface, with a real server."""
