"""The corpus of hostile media, each through a real cleaner process with its real limits.

Something new comes out, or a reason of our own; the process may end, but never by itself: what it
costs is bounded. Nothing that a medium names is fetched.
"""

from __future__ import annotations

import random
import select
import socket
from collections.abc import Iterator

import pytest
from hostile_media import FILMS, MEDIA, PICTURES, drawn, gif, wav
from reading_apart import Apart, Cost

from relay.node.cleaner import FILM_CPU_S, MEMORY_BYTES, PICTURE_CPU_S

LONG = {
    "a GIF of a thousand frames of 2,000 by 2,000",
    "an AMR of silence for a day",
    "a PNG of forty million laced pixels of 16 bits",
    "a PNG of forty million pixels",
    "a JPEG of eighty scans of forty million pixels",
}
"""What takes a second of CPU and more, as a true one of that size would."""

NAMES = [pytest.param(one, marks=[pytest.mark.slow] * (one in LONG)) for one in MEDIA]
QUICK_S = 5
"""CPU seconds that none of the others needs (measured: 1.3)."""


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with Apart("cleaner") as started:
        yield started


@pytest.fixture(scope="module")
def nobody() -> Iterator[socket.socket]:
    """A server of this machine that media name, and that nobody is to call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def is_well(cost: Cost) -> bool:
    """Whether a cleaner ended with something new, or with a reason of ours."""
    return cost.end == "media" or (cost.end == "unclean" and bool(cost.why))


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_medium_is_made_anew_or_refused_within_the_limits(
    apart: Apart, nobody: socket.socket, name: str
) -> None:
    port = str(nobody.getsockname()[1]).encode()
    cost = apart.costs(MEDIA[name]().replace(b"{port}", port), "media")
    assert is_well(cost) and cost.odd == "", cost
    moves = name in FILMS or "GIF" in name
    bound = QUICK_S if name not in LONG else FILM_CPU_S if moves else PICTURE_CPU_S
    assert cost.cpu_s < bound and cost.memory < MEMORY_BYTES, cost
    assert select.select([nobody], [], [], 0) == ([], [], [])


def test_they_are_more_than_a_hundred() -> None:
    assert len(PICTURES) + len(FILMS) > 100


GOOD = {
    "a JPEG": drawn("JPEG"),
    "a JPEG that is progressive": drawn("JPEG", progressive=True),
    "a PNG": drawn("PNG"),
    "a WebP": drawn("WEBP"),
    "a GIF": gif(3, 40, 40, delay=10),
    "a WAV": wav(),
}
CHANGES = 25
NUMBERS = [b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0"]


@pytest.mark.parametrize("name", GOOD)
def test_what_was_changed_anywhere_is_made_anew_or_refused(apart: Apart, name: str) -> None:
    chance = random.Random(name)
    for _ in range(CHANGES):
        changed = bytearray(GOOD[name])
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(changed))
            match chance.randrange(4):
                case 0:
                    del changed[at : at + chance.choice([1, 4, 40])]
                case 1:
                    changed[at:at] = changed[at : at + chance.choice([1, 8, 200])]
                case 2:
                    changed[at : at + 4] = chance.choice(
                        [b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"]
                    )
                case _:
                    changed[at] ^= 1 << chance.randrange(8)
        cost = apart.costs(bytes(changed), "media")
        assert is_well(cost), (cost, bytes(changed))
