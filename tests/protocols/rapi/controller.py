"""What a controller writes, for the tests that read it."""

from custom_components.wattbus.protocols.rapi import Checksum, Notification, Reply


def line(message: Reply | Notification, checksum: Checksum = Checksum.XOR) -> str:
    """Return the line of a reply or a notification."""
    if isinstance(message, Notification):
        text = " ".join((f"${message.kind}", *message.values))
    else:
        text = " ".join(("$OK" if message.ok else "$NK", *message.values))
        if message.sequence is not None:
            text += f" :{message.sequence:02X}"
    return text + checksum.of(text)
