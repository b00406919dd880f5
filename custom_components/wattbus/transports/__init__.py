"""Bytes in, bytes out: connections that know no device."""
