"""What a user should repair, by entry: told while it is so, and ignored for good."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .errors import Issue


def _issue_id(entry: ConfigEntry, issue: Issue, part: str = "") -> str:
    return "_".join(filter(None, (issue, entry.entry_id, part)))


@callback
def raise_issue(
    hass: HomeAssistant,
    entry: ConfigEntry,
    issue: Issue,
    part: str,
    placeholders: dict[str, str],
) -> None:
    """Put something into the user's repairs; one that was ignored stays ignored."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry, issue, part),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=issue,
        translation_placeholders={"name": entry.title, **placeholders},
    )


@callback
def end_issue(hass: HomeAssistant, entry: ConfigEntry, issue: Issue, part: str) -> None:
    """Take it away, for it is so no more; if it comes back, the user is told anew."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, issue, part))


@callback
def end_issues(
    hass: HomeAssistant, entry: ConfigEntry, *, ignored: bool = False
) -> None:
    """Take away all of an entry that ends; the driver tells anew what is still so.

    Those that the user ignores are seen nowhere. They stay, as the registry knows them
    as ignored for as long as it has them, until they are `ignored` no more either.
    """
    ours = tuple(_issue_id(entry, issue) for issue in Issue)
    for (domain, name), issue in list(ir.async_get(hass).issues.items()):
        if domain == DOMAIN and name.startswith(ours):
            if ignored or issue.dismissed_version is None:
                ir.async_delete_issue(hass, DOMAIN, name)
