"""What a door's transports count is told once."""

from __future__ import annotations

from relay.node.tallies import Tallies
from relay.wire.frames import Heard


def test_what_happened_is_told_once_each_transport_apart() -> None:
    tallies = Tallies()
    for _ in range(3):
        tallies.turning("mail")()
    tallies.serving("phone")()
    tallies.living("phone")()
    tallies.living("chat")()
    assert sorted(tallies.told(), key=lambda one: one.name) == [
        Heard("chat", 0, 0, alive=True),
        Heard("mail", 3, 0),
        Heard("phone", 0, 1, alive=True),
    ]
    assert list(tallies.told()) == []
