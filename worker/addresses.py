"""Which addresses on the internet webhooks may go to. Pure rules; opens no socket.

IPv6 is an allow-list (global unicast minus its special blocks), because what the standard library calls global includes
NAT64, 6to4 and multicast ranges through which a private IPv4 address can be reached. Source: IANA special-purpose
address registries.
"""

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address
from ipaddress import IPv4Network
from ipaddress import IPv6Address
from ipaddress import IPv6Network
from ipaddress import ip_address
from ipaddress import ip_network

Network = IPv4Network | IPv6Network

NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "168.63.129.16/32",  # a cloud's host agent
        "192.0.0.0/24",  # protocol assignments, a cloud's metadata among them
        "192.88.99.0/24",  # 6to4 relays
        "100.64.0.0/10",  # carrier-grade NAT, a cloud's metadata among them
    )
)
PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


@dataclass(frozen=True)
class Address:
    """One resolved address as text, e.g. `203.0.113.7`; an IPv6 zone is cut off."""

    text: str

    @cached_property
    def value(self) -> IPv4Address | IPv6Address:
        return ip_address(self.text.partition("%")[0])

    @property
    def is_public(self) -> bool:
        """Whether this is an ordinary address of the public internet."""
        value = self.value
        if isinstance(value, IPv4Address):
            special = value.is_multicast or any(value in network for network in NOT_PUBLIC_4)
            return value.is_global and not special
        return value in PUBLIC_6 and not any(value in network for network in NOT_PUBLIC_6)


class Networks:
    """The public internet plus the networks an operator opened (development only, see kit.settings)."""

    def __init__(self, opened: tuple[str, ...] = ()) -> None:
        self._opened: tuple[Network, ...] = ()
        self.configure(opened)

    def configure(self, opened: tuple[str, ...]) -> None:
        """Set the opened networks, as CIDR texts."""
        self._opened = tuple(ip_network(text) for text in opened)

    @property
    def has_opened(self) -> bool:
        return bool(self._opened)

    def is_opened(self, address: Address) -> bool:
        """Whether the operator opened this address; scheme and port are then free."""
        return any(address.value in network for network in self._opened)

    def may_reach(self, address: Address) -> bool:
        return address.is_public or self.is_opened(address)


networks = Networks()
