"""Texts for people, in Home Assistant's language, where it does not translate itself."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .protocols import InputError, ProtocolError


def label(hass: HomeAssistant, family: str, field: str) -> str:
    """Name a field of a family's actions, or an entity, as the user sees it."""
    for category in ("services", "entity"):
        texts = async_get_cached_translations(
            hass, hass.config.language, category, DOMAIN
        )
        prefix, ending = _PLACES[category]
        prefix = f"component.{DOMAIN}.{category}.{prefix.format(family=family)}"
        for name, text in texts.items():
            if name.startswith(prefix) and name.endswith(ending.format(field=field)):
                return text
    return field.replace("_", " ")


_PLACES = {
    "services": ("{family}_", ".fields.{field}.name"),
    "entity": ("", ".{field}.name"),
}


def refusal(
    hass: HomeAssistant, family: str, err: ProtocolError
) -> ServiceValidationError:
    """Say that something cannot be sent, and why."""
    if not isinstance(err, InputError):
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="invalid_input",
            translation_placeholders={"reason": str(err)},
        )
    placeholders = dict(err.placeholders)
    if field := placeholders.get("field"):
        placeholders["field"] = label(hass, family, field)
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=err.key,
        translation_placeholders=placeholders,
    )


def reason(hass: HomeAssistant, family: str, err: Exception) -> str:
    """Give an error's own sentence, to stand within another text."""
    if isinstance(err, ProtocolError):
        err = refusal(hass, family, err)
    if not isinstance(err, HomeAssistantError) or not err.translation_key:
        return str(err)
    texts = async_get_cached_translations(
        hass, hass.config.language, "exceptions", DOMAIN
    )
    name = f"component.{DOMAIN}.exceptions.{err.translation_key}.message"
    if (text := texts.get(name)) is None:
        return str(err)
    try:
        return text.format(**(err.translation_placeholders or {}))
    except KeyError:
        return text
