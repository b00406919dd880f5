"""Taking an installation's secrets out of what is shown of it."""

from collections.abc import Mapping
from typing import Any, Final, cast

from homeassistant.components.diagnostics import REDACTED

from .const import SECRETS

# A shorter one would be found in words that have nothing to do with it.
_SHORTEST: Final = 6


def secrets_of(data: Mapping[str, Any]) -> list[str]:
    """Give the secrets of an entry, some of which are parts of ids and topics."""
    found = []
    for key, value in data.items():
        if isinstance(value, Mapping):
            found += secrets_of(value)
        elif key in SECRETS and isinstance(value, str) and len(value) >= _SHORTEST:
            found.append(value)
    return found


def without[T](given: T, secrets: list[str]) -> T:
    """Take secrets out of names and texts, too."""
    result: Any = given
    match given:
        case str():
            for secret in secrets:
                result = result.replace(secret, REDACTED)
        case dict():
            result = {
                without(key, secrets): without(value, secrets)
                for key, value in given.items()
            }
        case list():
            result = [without(item, secrets) for item in given]
    return cast(T, result)
