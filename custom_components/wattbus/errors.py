"""The errors of Wattbus: raised where they are known, readable where they arrive.

Every error carries the key of a translated text, so that a config flow, a repair, the
log and an automation say the same thing about the same cause.
"""

from enum import StrEnum

from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN


class Reason(StrEnum):
    """Why a connection does not work: key of the flow's error and of the exception."""

    HOST_UNKNOWN = "host_unknown"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    INVALID_AUTH = "invalid_auth"
    LOGIN_NEEDED = "login_needed"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_FAILED = "tls_failed"
    CA_INVALID = "ca_invalid"
    MQTT_NOT_READY = "mqtt_not_ready"
    BROKER_REJECTED = "broker_rejected"
    NO_WEBSOCKET = "no_websocket"
    CONNECTION_LOST = "connection_lost"
    NOT_FOUND = "not_found"
    BAD_ANSWER = "bad_answer"
    NEEDS_HTTPS = "needs_https"
    NOT_EM420 = "not_em420"
    IS_EM300 = "is_em300"
    OTHER_DEVICE = "other_device"


class Issue(StrEnum):
    """What a user should repair: key of the issue's text."""

    TOO_MANY = "too_many"
    TLS_UNVERIFIED = "tls_unverified"
    OLD_CONTROLLER = "old_controller"
    FEED_PAUSED = "feed_paused"
    FEED_SILENT = "feed_silent"
    FEED_FAILING = "feed_failing"
    FEED_IGNORED = "feed_ignored"
    WEB_GONE = "web_gone"
    PUBLISHED_TO_SELF = "published_to_self"
    SHARED_TEMPLATE = "shared_template"
    LOGIN_NEEDED = "login_needed"


class WattbusError(HomeAssistantError):
    """Base of all errors; `key` names the text in the translations' `exceptions`."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Raise the text `key`, filled with `placeholders`."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
        )


class ConnectError(WattbusError):
    """The device or the broker cannot be reached, or not be understood."""

    def __init__(self, reason: Reason, host: str, detail: str = "") -> None:
        """Say why `host` cannot be used; `detail` goes to the debug log only."""
        super().__init__(reason, host=host)
        self.reason = reason
        self.host = host
        self.detail = detail

    @property
    def is_auth(self) -> bool:
        """Whether new credentials would help."""
        return self.reason is Reason.INVALID_AUTH


class CommandError(WattbusError):
    """The device did not do what it was asked."""
