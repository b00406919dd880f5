"""Tests of the APsystems ECU's protocol."""
