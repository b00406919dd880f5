"""Tests of RAPI, the controller's language."""
