"""Tests of the OpenEVSE gateway's messages."""
