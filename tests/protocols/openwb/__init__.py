"""openWB's protocol."""
