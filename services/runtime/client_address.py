"""From where a request comes, as far as it can be believed."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Networks = Sequence[str]
# A household or a phone is given a whole /64: counted one by one, it would have no limit.
_IPV6_PREFIX = 64


def client_address(request: Request, proxies: Networks) -> str:
    """
    Return the address that asks, an IPv6 one by its network; "" where it cannot be told.

    `X-Forwarded-For` is read only where a proxy of ours wrote it: from its right end, each
    address is what the next hop saw; the first that is no proxy of ours is the client.
    """
    peer = _address(request.client.host) if request.client is not None else None
    if peer is None:
        return ""
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while _is_among(peer, proxies) and hops:
        before = _address(hops.pop().strip())
        if before is None:
            break
        peer = before
    return _counted(peer)


def is_of_nobody(address: str) -> bool:
    """Say whether an address stands for no single client: unknown, or this machine itself."""
    found = _address(address)
    return found is None or found.is_loopback


def is_among(address: str, networks: Networks) -> bool:
    """Say whether an address is one of the networks'."""
    found = _address(address)
    return found is not None and _is_among(found, networks)


def is_of_this_machine(address: str) -> bool:
    """Say whether an address is this machine itself."""
    found = _address(address)
    return found is not None and found.is_loopback


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_among(address: IPv4Address | IPv6Address, networks: Networks) -> bool:
    return any(address in ip_network(network) for network in networks)


def _counted(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address) or address.is_loopback:
        return str(address)
    return str(IPv6Network((address, _IPV6_PREFIX), strict=False).network_address)
