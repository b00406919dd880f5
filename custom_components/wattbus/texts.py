"""Texts for people, in Home Assistant's language, where it does not translate itself."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .errors import WattbusError
from .protocols import InputError, ProtocolError

# Where the names of fields stand: in the family's actions first, then in the entities.
# What has neither is known by an action's own name, or is an option.
_NAMES: Final = (
    ("services", "{family}_", ".fields.{field}.name"),
    ("entity", "", ".{family}_{field}.name"),
    ("entity", "", ".{field}.name"),
    ("services", "", ".{family}_{field}.name"),
    ("options", "", ".data.{field}"),
)


def texts(hass: HomeAssistant, category: str) -> dict[str, str]:
    """Give the texts of a category by their names, which begin with the category."""
    found = async_get_cached_translations(hass, hass.config.language, category, DOMAIN)
    prefix = f"component.{DOMAIN}."
    return {name.removeprefix(prefix): text for name, text in found.items()}


def label(hass: HomeAssistant, family: str, field: str) -> str:
    """Name a field of a family's actions, or an entity, as the user sees it."""
    for category, beginning, end in _NAMES:
        prefix = f"{category}.{beginning.format(family=family)}"
        ending = end.format(family=family, field=field)
        for name, text in texts(hass, category).items():
            if name.startswith(prefix) and name.endswith(ending):
                return text
    return field.replace("_", " ")


def name_field(hass: HomeAssistant, family: str, err: HomeAssistantError) -> None:
    """Name the field that an error is about as the user sees it."""
    placeholders = dict(err.translation_placeholders or {})
    if field := placeholders.get("field"):
        placeholders["field"] = label(hass, family, field)
        err.translation_placeholders = placeholders


def refusal(
    hass: HomeAssistant, family: str, err: ProtocolError
) -> ServiceValidationError:
    """Say that something cannot be sent, and why."""
    if isinstance(err, InputError):
        key, placeholders = err.key, dict(err.placeholders)
    else:
        key, placeholders = "invalid_input", {"reason": str(err)}
    refused = ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
    name_field(hass, family, refused)
    return refused


def reason(hass: HomeAssistant, family: str, err: Exception) -> str:
    """Give an error's own sentence, to stand within another text."""
    if isinstance(err, ProtocolError):
        err = refusal(hass, family, err)
    elif isinstance(err, WattbusError):
        name_field(hass, family, err)
    if not isinstance(err, HomeAssistantError) or not err.translation_key:
        return str(err)
    text = texts(hass, "exceptions").get(f"exceptions.{err.translation_key}.message")
    if text is None:
        return str(err)
    try:
        return text.format(**(err.translation_placeholders or {}))
    except KeyError:
        return text
