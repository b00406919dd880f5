"""The options of an entry."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload

from .const import CONF_CONNECTION, CONF_FAMILY
from .families import FAMILIES
from .forms import (
    check_base_topics,
    options_schema,
    stored_options,
    suggested_options,
    without_sections,
)


class WattbusOptionsFlow(OptionsFlowWithReload):
    """What the user may tune; the entry reloads when something changed."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the options that this entry has."""
        data = self.config_entry.data
        old: Mapping[str, Any] = self.config_entry.options
        family, connection = FAMILIES[data[CONF_FAMILY]], data[CONF_CONNECTION]
        options = family.options_of(connection)
        errors = {}
        if user_input is not None:
            given = without_sections(user_input)
            errors = check_base_topics(given, (o.key for o in options if o.topic))
            if not errors:
                return self.async_create_entry(data=stored_options(given, old, options))
            old = given
        hidden = {option.key for option in options if option.secret}
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                options_schema(family, connection),
                suggested_options({k: v for k, v in old.items() if k not in hidden}),
            ),
            errors=errors,
        )
