"""Tests of the EM420's data messages."""
