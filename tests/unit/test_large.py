"""What takes long where there is a film in it does not hold up the loop."""

from __future__ import annotations

import threading

import pytest
import trio.testing
from desk_parts import Core

from relay.errors import Damaged
from relay.node.large import LARGE, beside
from relay.wire.padding import CLASSES, pad, unpad


@pytest.mark.parametrize(("size", "own"), [(0, True), (LARGE - 1, True), (LARGE, False)])
async def test_only_what_is_large_has_a_thread(size: int, own: bool) -> None:
    assert (await beside(size, threading.get_ident) == threading.get_ident()) == own


async def test_what_fails_in_a_thread_is_raised_here() -> None:
    with pytest.raises(Damaged):
        await beside(LARGE, unpad, b"nothing that was padded")


@pytest.mark.parametrize("at", [-1, -70_000, 20_000, 100_000])
def test_what_is_not_zero_after_the_mark_is_found_wherever_it_is(at: int) -> None:
    padded = bytearray(pad(b"text", 2, 0))
    assert unpad(bytes(padded)) == b"text"
    padded[at] = 1
    with pytest.raises(Damaged):
        unpad(bytes(padded))


def test_a_text_that_fills_its_class_is_read_again() -> None:
    text = b"\x80\x00" * ((CLASSES[1] - 1) // 2)
    assert unpad(pad(text, 1, 0)) == text


async def test_cards_rest_while_doors_put(autojump_clock: trio.testing.MockClock) -> None:
    core, rested = Core(), []
    await core.message(1)

    async def rest(worked_s: float) -> None:
        rested.append(worked_s)

    core.arrivals.first = rest  # type: ignore[method-assign]
    assert (await core.told("cards"))[0]["cards"]
    assert rested
