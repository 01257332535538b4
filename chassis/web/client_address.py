"""Where a request came from, when proxies stand between."""

from chassis.runtime.networks import Networks, parse_address


def client_address(forwarded_for: str, trusted: Networks) -> str | None:
    """The last address in an X-Forwarded-For that is no trusted proxy's; None where not even a proxy said any.

    Each proxy adds at the end who spoke to it, and the gateway does so always: what stands before the first one that
    is not trusted, it may have made up. What is no address was nobody's, so that the proxy that passed it on stands
    for it.
    """
    nearest = None
    for said in reversed(forwarded_for.split(",")):
        address = parse_address(said)
        if address is None:
            break
        nearest = address
        if address not in trusted:
            break
    return None if nearest is None else str(nearest)
