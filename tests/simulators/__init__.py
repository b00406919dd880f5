"""Devices that speak their real protocol, one per family; each runs by itself."""
