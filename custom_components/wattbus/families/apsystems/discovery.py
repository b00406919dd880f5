"""How an ECU makes itself known: by the maker's part of its MAC address."""

from typing import TYPE_CHECKING, Final

from homeassistant.const import CONF_HOST, CONF_PORT

from ...protocols.ecu import PORT
from ..family import Discovered

if TYPE_CHECKING:
    from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

# Altenergy Power System, of the Ethernet port. The Wi-Fi modules are of other makers.
_MAKER: Final = "80971b"


def by_dhcp(info: DhcpServiceInfo) -> Discovered | None:
    """Recognise an address of the maker; only the ECU itself can say who it is."""
    if not info.macaddress.lower().startswith(_MAKER):
        return None
    return Discovered(
        connection="tcp",
        data={CONF_HOST: info.ip, CONF_PORT: PORT},
        unique_id=None,
        name=f"APsystems ECU ({info.ip})",
    )
