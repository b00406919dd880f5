"""Tests of the protocol codecs: tables of facts, real payloads, hostile input."""
