"""X-Forwarded-For: whose request it is, and what is not believed."""

from __future__ import annotations

import pytest

from relay.serving.forwarded import Proxies

OURS = Proxies(["127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("::ffff:127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7,10.1.2.3,2001:db8:ffff::9", "192.0.2.7"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        # what stands before the first stranger is what that stranger claimed
        ("127.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "nonsense, 192.0.2.7", "192.0.2.7"),
        # a stranger is not believed
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("127.0.0.2", "198.51.100.1", "127.0.0.2"),
        # nothing that is an address: the last proxy speaks for itself
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.7:4711", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.7, ,10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", ",", "127.0.0.1"),
        ("127.0.0.1", "10.1.2.4, 10.1.2.3", "10.1.2.4"),
        ("127.0.0.1", "," * 16_000, "127.0.0.1"),
        ("", "192.0.2.7", ""),
    ],
)
def test_the_last_hop_that_is_no_proxy_of_ours_is_the_client(
    peer: str, forwarded: str, client: str
) -> None:
    assert OURS.client(peer, forwarded) == client


def test_without_proxies_nobody_is_believed() -> None:
    assert Proxies().client("127.0.0.1", "192.0.2.7") == "127.0.0.1"
    assert "127.0.0.1" not in Proxies()
