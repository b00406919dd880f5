"""The forms that the flows share, and the checks of what was entered."""

from collections.abc import Iterable, Mapping, Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
    Platform,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    DeviceSelector,
    DeviceSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig as Filter,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
)

from .const import (
    CONF_BROKER,
    CONF_CA,
    CONF_CLIENT_ID,
    CONF_CONNECTION,
    CONF_FAMILY,
    CONF_TLS,
    CONF_TRANSPORT,
    CONF_VERIFY,
    CONF_WS_PATH,
    DOMAIN,
)
from .errors import Reason
from .families.family import FEED_METER, Connection, Family, Feed, Option
from .families.fields import BOOLEAN, HOST, MULTILINE, PASSWORD, PORT
from .transports.mqtt.settings import MQTT_3, MQTT_5, TCP, WEBSOCKETS, valid_path
from .transports.mqtt.topics import valid_filter

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

_METER: Final = DeviceSelector(
    DeviceSelectorConfig(
        filter={"integration": DOMAIN}, entity={"device_class": "power"}
    )
)

_ADVANCED: Final = "advanced"
_ADVANCED_FIELDS: Final = (
    *(CONF_CA, CONF_CLIENT_ID, CONF_PROTOCOL),
    *(CONF_TRANSPORT, CONF_WS_PATH),
)
_FEEDS: Final = "feeds"

# The field that a reason is about, of those that the form has.
_FIELDS: Final[dict[Reason, tuple[str, ...]]] = {
    Reason.HOST_UNKNOWN: (CONF_HOST,),
    Reason.REFUSED: (CONF_HOST,),
    Reason.TIMEOUT: (CONF_HOST,),
    Reason.INVALID_AUTH: (CONF_PASSWORD, "token"),
    Reason.LOGIN_NEEDED: (CONF_PASSWORD,),
    Reason.TLS_UNTRUSTED: (CONF_TLS,),
    Reason.TLS_FAILED: (CONF_TLS,),
    Reason.NEEDS_HTTPS: (CONF_TLS,),
    Reason.CA_INVALID: (CONF_CA,),
}

BROKER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): HOST,
        vol.Required(CONF_PORT, default=1883): PORT,
        vol.Optional(CONF_USERNAME): TextSelector(),
        vol.Optional(CONF_PASSWORD): PASSWORD,
        vol.Required(CONF_TLS, default=False): BOOLEAN,
        vol.Required(CONF_VERIFY, default=True): BOOLEAN,
        vol.Required(_ADVANCED): section(
            vol.Schema(
                {
                    vol.Optional(CONF_CA): MULTILINE,
                    vol.Optional(CONF_CLIENT_ID): TextSelector(),
                    vol.Required(CONF_PROTOCOL, default=MQTT_3): SelectSelector(
                        SelectSelectorConfig(options=[MQTT_3, MQTT_5])
                    ),
                    vol.Required(CONF_TRANSPORT, default=TCP): SelectSelector(
                        SelectSelectorConfig(
                            options=[TCP, WEBSOCKETS], translation_key=CONF_TRANSPORT
                        )
                    ),
                    vol.Optional(CONF_WS_PATH): TextSelector(),
                }
            ),
            {"collapsed": True},
        ),
    }
)


def without_sections(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Take the form's section apart: data and options are one level."""
    data = dict(user_input)
    for name in (_ADVANCED, _FEEDS):
        data |= data.pop(name, {})
    return data


def in_sections(data: Mapping[str, Any]) -> dict[str, Any]:
    """Put data into the form's section."""
    return {
        **{key: value for key, value in data.items() if key not in _ADVANCED_FIELDS},
        _ADVANCED: {key: data[key] for key in _ADVANCED_FIELDS if data.get(key)},
    }


def options_schema(family: Family, connection: str) -> vol.Schema:
    """Ask for what can be tuned with this kind of connection, and for the feeds."""
    fields: dict[vol.Marker, Any] = {
        (
            vol.Optional(option.key)
            if option.may_be_empty
            else vol.Required(option.key, default=option.default)
        ): option.selector
        for option in family.options_of(connection)
    }
    feeds: dict[vol.Marker, Any] = {}
    if any(feed.meter_key for feed in family.feeds):
        feeds[vol.Optional(FEED_METER)] = _METER
    for feed in family.feeds:
        feeds[vol.Optional(feed.name)] = _source_selector(feed)
        if feed.inverted_by:
            feeds[vol.Required(feed.inverted_by, default=False)] = BOOLEAN
    if feeds:
        fields[vol.Required(_FEEDS)] = section(vol.Schema(feeds), {"collapsed": True})
    return vol.Schema(fields)


def _source_selector(feed: Feed) -> EntitySelector:
    """Offer the entities that a feed may be taken from."""
    helpers = Filter(domain="input_number")  # which have no class
    known = Filter(domain=[Platform.SENSOR, Platform.NUMBER])
    if feed.device_class in (None, SensorDeviceClass.BATTERY):
        # A percentage that is set, as a charge limit, has no class.
        known["unit_of_measurement"] = feed.unit
    elif feed.device_class is SensorDeviceClass.DURATION:
        known["device_class"] = [feed.device_class, SensorDeviceClass.TIMESTAMP]
    else:
        known["device_class"] = feed.device_class
    return EntitySelector(EntitySelectorConfig(filter=[known, helpers]))


def check_base_topics(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Find topics below which nothing can be published; gives an error per field."""
    return {
        name: "base_topic_invalid"
        for name in names
        if (topic := data.get(name))
        and (not valid_filter(topic) or set(topic) & set("+#$"))
    }


def stored_options(
    given: Mapping[str, Any], old: Mapping[str, Any], options: Iterable[Option]
) -> dict[str, Any]:
    """Give what is to be kept of a form: secrets are not shown, so empty is as before.

    What belongs to something that is off is not kept.
    """
    stored = {key: _tidy(key, value) for key, value in given.items()}
    for option in options:
        same = option.recipient is None or stored.get(option.recipient) == old.get(
            option.recipient
        )
        if option.secret and same and not stored.get(option.key):
            stored[option.key] = old.get(option.key)
        if (option.needs and not stored.get(option.needs)) or (
            option.may_be_empty and stored.get(option.key) in (None, "")
        ):
            stored.pop(option.key, None)
    return stored


def suggested_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Put options into the form; a section takes the ones that it has fields for."""
    return {**options, _FEEDS: options}


def keep_password(
    given: Mapping[str, Any], old: Mapping[str, Any], secrets: AbstractSet[str]
) -> dict[str, Any]:
    """Read a form, and fill an empty secret with the old one, which no form shows.

    A password goes with its user and its host: it is not sent to another.
    """
    data = {key: _tidy(key, value) for key, value in without_sections(given).items()}
    same = all(
        (data.get(key) or None) == (old.get(key) or None)
        for key in (CONF_HOST, CONF_USERNAME)
    )
    for name in secrets:
        if same and not data.get(name) and old.get(name):
            data[name] = old[name]
    return data


def _tidy(key: str, value: Any) -> Any:
    """Take away what the forms add: space around texts, a fraction of whole numbers."""
    if isinstance(value, str) and key != CONF_PASSWORD:
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def check(
    data: Mapping[str, Any], connection: Connection | None = None
) -> dict[str, str]:
    """Find what cannot be right; gives an error per field."""
    errors = {}
    host = data.get(CONF_HOST)
    if host is not None and (not host or any(c in "/ \t\n@?#" for c in host)):
        errors[CONF_HOST] = "host_invalid"
    if not valid_path(data.get(CONF_WS_PATH) or ""):
        errors["base"] = "path_invalid"  # a field within a section shows no error
    if connection is None:
        return errors
    # A secret is optional in the form, where empty keeps the old one.
    secrets = connection.secrets - connection.optional_secrets
    for marker in connection.fields:
        needed = isinstance(marker, vol.Required) or marker in secrets
        if needed and data.get(str(marker)) in (None, "", []):
            errors[str(marker)] = "missing"
    errors |= check_base_topics(data, connection.base_topics)
    for name in connection.topics:
        if not all(valid_filter(topic) for topic in data.get(name, ())):
            errors[name] = "topic_invalid"
    return errors


def field_of(reason: Reason, known: AbstractSet[str]) -> str:
    """Name the field that a reason is about, of those that a form has, or its whole."""
    return next((name for name in _FIELDS.get(reason, ()) if name in known), "base")


def with_own(
    data: Mapping[str, Any], given: Mapping[str, Any], connection: Connection
) -> dict[str, Any]:
    """Give the data with a connection's own fields; another one's are left behind.

    Forms leave out what was cleared, and would suggest it again.
    """
    common = (CONF_FAMILY, CONF_CONNECTION, CONF_BROKER)
    cleared = {str(field): "" for field in connection.fields if field.description}
    kept = {key: data[key] for key in common if key in data}
    return {**kept, **cleared, **given}
