"""One flow for all families: pick, connect, see that it answers, name."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partialmethod
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import (
    SOURCE_MQTT,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import CONF_BROKER, CONF_CONNECTION, CONF_FAMILY, CONF_TLS, DOMAIN, LOGGER
from .credentials import credentials_schema, share_credentials, with_credentials
from .discovery import new_address, recognise
from .errors import ConnectError, Reason
from .families import FAMILIES
from .families.family import Connection, Discovered, Family
from .forms import BROKER_SCHEMA, check, field_of, in_sections, keep_password, with_own
from .options_flow import WattbusOptionsFlow
from .probe import Found, probe

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

# Home Assistant's own MQTT, which is not imported: it may not be set up.
MQTT_DOMAIN: Final = "mqtt"

# How long the first look waits for the device; the user may then wait on.
PATIENCE: Final = 30.0


class WattbusConfigFlow(ConfigFlow, domain=DOMAIN):
    """Sets up, reconfigures and reauthenticates an installation."""

    VERSION = 1

    def __init__(self) -> None:
        """Start with nothing known."""
        self._data: dict[str, Any] = {}
        self._old: Mapping[str, Any] = {}
        self._errors: dict[str, str] = {}
        self._placeholders: dict[str, str] = {"host": "", "detail": ""}
        self._task: asyncio.Task[Found | None] | None = None
        self._found: Found | None = None
        self._discovery: Mapping[str, Any] | None = None

    @property
    def _family(self) -> Family:
        return FAMILIES[self._data[CONF_FAMILY]]

    @property
    def _connection(self) -> Connection:
        return self._family.connections[self._data[CONF_CONNECTION]]

    async def async_step_dhcp(
        self, discovery_info: DhcpServiceInfo
    ) -> ConfigFlowResult:
        """Take up a device that got an address, once it has said who it is."""
        return await self._discovered(lambda family: family.by_dhcp(discovery_info))

    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Take up a device that announces itself in the network."""
        return await self._discovered(lambda family: family.by_zeroconf(discovery_info))

    async def async_step_mqtt(
        self, discovery_info: MqttServiceInfo
    ) -> ConfigFlowResult:
        """Take up a device that announces itself at Home Assistant's broker."""
        self._data[CONF_BROKER] = None
        return await self._discovered(lambda family: family.by_mqtt(discovery_info))

    async def _discovered(
        self, look: Callable[[Family], Discovered | None]
    ) -> ConfigFlowResult:
        """Let the user confirm what was found; one that is set up may have moved."""
        if (recognised := await recognise(self.hass, look, PATIENCE)) is None:
            return self.async_abort(reason="not_supported")
        family, found, unique_id = recognised
        entry = await self.async_set_unique_id(unique_id)
        self._abort_if_unique_id_configured(new_address(entry, found))
        self.context["title_placeholders"] = {"name": found.name}
        self._data |= found.data
        self._discovery = found.data
        return await self._step_connection(family.key, found.connection)

    @property
    def _own_step(self) -> str:
        return f"{self._data[CONF_FAMILY]}_{self._data[CONF_CONNECTION]}"

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Pick the family."""
        return self.async_show_menu(step_id="user", menu_options=list(FAMILIES))

    async def _step_family(
        self, family: str, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Pick the way to connect; a family's only one is not asked for."""
        self._data[CONF_FAMILY] = family
        ways = list(FAMILIES[family].connections)
        if len(ways) == 1:
            return await self._step_connection(family, ways[0])
        return self.async_show_menu(
            step_id=family, menu_options=[f"{family}_{way}" for way in ways]
        )

    async def _step_connection(
        self, family: str, way: str, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for what this connection needs, beside a broker."""
        self._data |= {CONF_FAMILY: family, CONF_CONNECTION: way}
        connection = self._connection
        if user_input is not None:
            given = keep_password(user_input, self._old, connection.secrets)
            self._errors = check(given, connection)
            self._data = with_own(self._data, given, connection)
            if not self._errors:
                return await self._next_after_own(connection)
        return self._form(self._own_step, vol.Schema(dict(connection.fields)))

    async def _next_after_own(self, connection: Connection) -> ConfigFlowResult:
        if not connection.uses_broker:
            self._data.pop(CONF_BROKER, None)
            return await self.async_step_probe()
        if self.source == SOURCE_MQTT:
            return await self.async_step_home_assistant()
        if self.hass.config_entries.async_loaded_entries(MQTT_DOMAIN):
            return await self.async_step_client()
        return await self.async_step_broker()

    async def async_step_client(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Pick the MQTT connection."""
        return self.async_show_menu(
            step_id="client", menu_options=["home_assistant", "broker"]
        )

    async def async_step_home_assistant(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Use the MQTT connection that Home Assistant has."""
        self._data[CONF_BROKER] = None
        return await self.async_step_probe()

    async def async_step_broker(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a broker."""
        if user_input is not None:
            old = self._old.get(CONF_BROKER) or {}
            given = keep_password(user_input, old, {CONF_PASSWORD})
            self._errors = check(given)
            self._data[CONF_BROKER] = given
            if not self._errors:
                return await self.async_step_probe()
        return self._form("broker", BROKER_SCHEMA)

    async def async_step_probe(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Connect, and wait for the device."""
        if first := self._task is None:
            # Credentials are right when they are taken; the device may be silent.
            patience = 0 if self.source == SOURCE_REAUTH else PATIENCE
            self._task = self.hass.async_create_task(
                probe(self.hass, self._connection, self._data, patience)
            )
        # Once in any case: after "done", the flow manager would hand the input of the
        # form before this to the step that follows.
        if first or not self._task.done():
            return self.async_show_progress(
                step_id="probe",
                progress_action="probe",
                progress_task=self._task,
                description_placeholders={"name": self._family.name},
            )
        # A form or an abort cannot follow here directly: the dialog would hang.
        return self.async_show_progress_done(next_step_id=self._probed())

    def _probed(self) -> str:
        """Take the probe's result; gives the step that follows."""
        task, self._task = self._task, None
        assert task is not None
        try:
            self._found = task.result()
        except ConnectError as err:
            LOGGER.debug("Probe of %s failed: %s %s", err.host, err.reason, err.detail)
            self._placeholders = {"host": err.host, "detail": err.detail}
            return self._show_error(err.reason)
        except Exception:  # noqa: BLE001 # the user is told, the log says what it was
            LOGGER.exception("Probe failed")
            self._errors = {"base": "unknown"}
            return self._form_step
        return "silent" if self._found is None else "found"

    @property
    def _form_step(self) -> str:
        """The step whose form says where to connect."""
        if self.source == SOURCE_REAUTH:
            return "reauth_confirm"
        return "broker" if self._data.get(CONF_BROKER) else self._own_step

    def _show_error(self, reason: Reason) -> str:
        """Put an error at the field that it is about; gives the step of its form."""
        step = self._form_step
        known = {
            "broker": {CONF_HOST, CONF_PASSWORD, CONF_TLS},
            "reauth_confirm": set(self._connection.secrets) or {CONF_PASSWORD},
        }.get(step) or {str(marker) for marker in self._connection.fields}
        self._errors = {field_of(reason, known): reason.value}
        return step

    async def async_step_silent(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user decide about a device that says nothing."""
        broker = ["broker"] if self._data.get(CONF_BROKER) else []
        return self.async_show_menu(
            step_id="silent",
            menu_options=["probe", self._own_step, *broker, "found"],
            description_placeholders={"name": self._family.name},
        )

    async def async_step_found(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what is there, and finish."""
        if self.source == SOURCE_REAUTH:
            return self._finish_reauth()
        unique_id = self._unique_id()
        if self.source == SOURCE_RECONFIGURE:
            return await self._finish_reconfigure(unique_id)
        entry = await self.async_set_unique_id(unique_id)
        if entry and entry.data[CONF_CONNECTION] != self._data[CONF_CONNECTION]:
            return self.async_abort(
                reason="other_connection",
                description_placeholders={"name": entry.title},
            )
        self._abort_if_unique_id_configured()
        if user_input is not None:
            return self.async_create_entry(title=user_input[CONF_NAME], data=self._data)
        found = self._found or Found()
        return self.async_show_form(
            step_id="found",
            data_schema=vol.Schema(
                {vol.Required(CONF_NAME, default=self._family.name): str}
            ),
            description_placeholders={
                "model": found.facts.model or self._family.model,
                "firmware": found.facts.sw_version or "–",
                "devices": str(len(found.devices)),
            },
        )

    def _unique_id(self) -> str:
        serial = self._found.facts.serial_number if self._found else None
        if serial is None and self._connection.serial:
            serial = self._connection.serial(self._data)
        if serial is None and self._is_as_discovered:
            # It was discovered by its serial number; the probe may have missed it.
            serial = self.unique_id
        return serial or f"{self._own_step}|{self._connection.identity(self._data)}"

    @property
    def _is_as_discovered(self) -> bool:
        """Whether it is still the discovered device that is to be set up."""
        found = self._discovery
        return found is not None and found.items() <= self._data.items()

    # --- reconfigure, reauth ------------------------------------------------------

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go through the same steps again, with what is set up filled in."""
        self._old = self._get_reconfigure_entry().data
        self._data = dict(self._old)
        return await self._step_family(self._data[CONF_FAMILY])

    async def _finish_reconfigure(self, unique_id: str) -> ConfigFlowResult:
        entry = self._get_reconfigure_entry()
        if unique_id != entry.unique_id:
            old = self._old
            old_way = FAMILIES[old[CONF_FAMILY]].connections[old[CONF_CONNECTION]]
            # An id made of addresses may change; that of a device is another device.
            if not (entry.unique_id or "").endswith(f"|{old_way.identity(old)}"):
                return self.async_abort(reason="wrong_device")
            await self.async_set_unique_id(unique_id)
            self._abort_if_unique_id_configured()
        return self.async_update_reload_and_abort(
            entry, unique_id=unique_id, data=self._data
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for new credentials."""
        self._old = entry_data
        self._data = dict(entry_data)
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the new credentials."""
        if user_input is not None:
            self._data = with_credentials(self._data, user_input)
            return await self.async_step_probe()
        broker = self._data.get(CONF_BROKER)
        self._placeholders["name"] = self._get_reauth_entry().title
        schema = credentials_schema(self._connection, with_user=bool(broker))
        known = {CONF_USERNAME: (broker or {}).get(CONF_USERNAME)}
        return self._form("reauth_confirm", schema, known)

    @callback
    def _finish_reauth(self) -> ConfigFlowResult:
        entry = self._get_reauth_entry()
        if (old := self._old.get(CONF_BROKER)) is not None:
            others = (e for e in self._async_current_entries() if e is not entry)
            share_credentials(self.hass, others, old, self._data[CONF_BROKER])
        return self.async_update_reload_and_abort(entry, data=self._data)

    def _form(
        self,
        step_id: str,
        schema: vol.Schema,
        suggested: Mapping[str, Any] | None = None,
    ) -> ConfigFlowResult:
        """Show a form with what is known filled in, and the errors of the last try."""
        if suggested is None:
            suggested = (
                in_sections(self._data.get(CONF_BROKER) or self._connection.broker)
                if step_id == "broker"
                else self._data
            )
        secrets = self._connection.secrets | {CONF_PASSWORD}
        errors, self._errors = self._errors, {}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                schema, {k: v for k, v in suggested.items() if k not in secrets}
            ),
            errors=errors,
            description_placeholders=self._placeholders,
        )

    # --- options ------------------------------------------------------------------

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry) -> bool:
        """Say whether there is anything to tune, with this way to connect."""
        family = FAMILIES[config_entry.data[CONF_FAMILY]]
        return bool(
            family.feeds or family.options_of(config_entry.data[CONF_CONNECTION])
        )

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Give the options flow."""
        return WattbusOptionsFlow()


# One step for each family, and one for each of its ways to connect.
for _key, _family in FAMILIES.items():
    setattr(
        WattbusConfigFlow,
        f"async_step_{_key}",
        partialmethod(WattbusConfigFlow._step_family, _key),  # noqa: SLF001 # its own
    )
    for _way in _family.connections:
        setattr(
            WattbusConfigFlow,
            f"async_step_{_key}_{_way}",
            partialmethod(WattbusConfigFlow._step_connection, _key, _way),  # noqa: SLF001 # its own
        )
