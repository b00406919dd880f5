"""Tests of the transports, with real servers."""
