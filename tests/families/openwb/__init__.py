"""The openWB family."""
