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


class InputError(ProtocolError):
    """Something that cannot be sent to a device, said to the person who wants it sent.

    `key` names the text in the translations' `exceptions`, `placeholders` fill it. The
    placeholder `field` is what is wrong, by the key of the action's field or of the
    entity; the user reads the name that stands beside it.
    """

    def __init__(self, key: str, **placeholders: object) -> None:
        """Refuse an input."""
        self.key = key
        self.placeholders = {name: str(value) for name, value in placeholders.items()}
        detail = ", ".join(f"{name} {text}" for name, text in self.placeholders.items())
        super().__init__(f"{key}: {detail}" if detail else key)
