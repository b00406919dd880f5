"""Real processes for tests, the demo and benchmarks: a broker and Home Assistant.

Nothing here depends on pytest. Everything listens on loopback only, and ends only
the processes that it started.
"""
