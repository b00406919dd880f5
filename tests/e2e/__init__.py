"""Tests with a real Home Assistant process, a real broker and simulated devices."""
