"""The devices' protocols: bytes and text to frozen dataclasses, and back.

Pure Python: no Home Assistant, no sockets, no clock.
"""


class ProtocolError(ValueError):
    """A payload or frame that cannot be what the device sends.

    A decoder that is given any input returns a value or raises this, nothing else.
    The message is fit for a log: it never repeats more than a few words of the payload.
    """


class Unread(ProtocolError):
    """A part of a message cannot be what the device sends; the rest of it was taken."""
