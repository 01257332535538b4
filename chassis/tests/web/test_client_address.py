"""Where a request came from: what only a trusted proxy can have said, and nothing that a client made up."""

import pytest

from chassis.runtime.networks import Networks
from chassis.web.client_address import client_address

BALANCERS = Networks("10.0.0.0/8, 2001:db8:a::/48, 192.0.2.1")


@pytest.mark.parametrize(
    ("forwarded_for", "trusted", "client"),
    [
        ("203.0.113.7", Networks(), "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", Networks(), "203.0.113.7"),
        ("203.0.113.7, 10.1.2.3", Networks(), "10.1.2.3"),
        ("203.0.113.7, 10.1.2.3", BALANCERS, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.1.2.3", BALANCERS, "203.0.113.7"),
        ("203.0.113.7,192.0.2.1 ,\t10.1.2.3", BALANCERS, "203.0.113.7"),
        ("203.0.113.7, 192.0.2.2, 10.1.2.3", BALANCERS, "192.0.2.2"),
        ("2001:DB8::7, 2001:db8:a::1", BALANCERS, "2001:db8::7"),
        ("203.0.113.7:41234, 10.1.2.3", BALANCERS, "203.0.113.7"),
        ("[2001:db8::7]:41234, 10.1.2.3", BALANCERS, "2001:db8::7"),
        ("fe80::7%eth0", Networks(), "fe80::7"),
        ("203.0.113.7, ::ffff:10.1.2.3", BALANCERS, "203.0.113.7"),
        ("10.9.9.9, 10.1.2.3", BALANCERS, "10.9.9.9"),
        ("unknown, 10.1.2.3", BALANCERS, "10.1.2.3"),
        ("203.0.113.7, ???, 10.1.2.3", BALANCERS, "10.1.2.3"),
        ("", BALANCERS, None),
        ("unknown", Networks(), None),
    ],
)
def test_the_client_is_whoever_spoke_to_the_first_trusted_proxy(forwarded_for, trusted, client):
    assert client_address(forwarded_for, trusted) == client


@pytest.mark.parametrize("said", ["10.0.0.0/33", "10.0.0", "balancer", "10.0.0.1;10.0.0.2"])
def test_what_is_no_network_is_refused(said):
    with pytest.raises(ValueError, match="does not appear to be"):
        Networks(said)
