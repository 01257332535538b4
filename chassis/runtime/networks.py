"""Networks of addresses, as operators write them."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address


class Networks:
    """Networks and single addresses with commas between them: `10.0.0.0/8, 2001:db8::7`.

    Raises: ValueError, for what is none.
    """

    def __init__(self, said: str = "") -> None:
        self._networks = [ip_network(one.strip(), strict=False) for one in said.split(",") if one.strip()]

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self._networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __str__(self) -> str:
        return ",".join(map(str, self._networks))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Networks) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def parse_address(said: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, with a zone, or an IPv4 one in the clothes of IPv6."""
    text = said.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
