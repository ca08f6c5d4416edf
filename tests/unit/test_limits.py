"""What strangers share: so much in all, and so much for each network."""

from __future__ import annotations

import pytest

from relay.serving.peers import is_loopback, network_of
from relay.serving.room import Room


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("::ffff:192.0.2.1", "192.0.2.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::1", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "nonsense", True),
    ],
)
def test_a_network_is_a_24_or_a_48(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_in_every_spelling(address: str, near: bool) -> None:
    assert is_loopback(address) is near


def test_room_ends_at_the_total_and_at_a_networks_share() -> None:
    room = Room(total=5, per_network=3)
    assert room.take("a", 3)
    assert not room.take("a")
    assert room.take("b", 2)
    assert not room.take("c")
    assert room.taken == 5


def test_what_was_not_taken_costs_nothing_and_what_was_given_back_is_there() -> None:
    room = Room(total=5, per_network=5)
    assert not room.take("a", 6)
    assert room.take("a", 5)
    room.give("a", 5)
    assert room.taken == 0
    assert room.take("b", 5)


def test_a_network_that_holds_nothing_is_forgotten() -> None:
    room = Room(total=5, per_network=5)
    for n in range(1000):
        assert room.take(str(n))
        room.give(str(n))
        assert not room.take(str(n), 6)
    assert not room._by_network
