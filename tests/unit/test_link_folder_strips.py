"""Strips: a batch on paper, and off it, in whatever order and with whatever was misread."""

from __future__ import annotations

import base64
import random
import zlib

import pytest
from folder_parts import ENTRY, EXIT, some

from relay.links.folder.strips import LENGTH, MOST_LINES, cut, join, name_of
from relay.wire.batch import make_batch
from relay.wire.linkkeys import link_key_of

TO = link_key_of(EXIT)


def made(count: int = 1) -> bytes:
    return make_batch(some(count), ENTRY, TO)


def test_a_short_message_is_five_strips_that_a_code_has_room_for() -> None:
    strips = cut(made())
    assert len(strips) == 5
    assert all(len(one) <= LENGTH + 15 <= 1451 for one in strips)
    assert all(one == one.upper() and one.isascii() for one in strips)


def test_strips_are_put_together_in_any_order_and_amid_anything() -> None:
    first, second = made(), made()
    lines = [*cut(first), *cut(second), *cut(first), "QR-Code:", "", "https://example.org"]
    random.Random(1).shuffle(lines)
    joined = join(f"QR-Code:{one}\r\n" for one in lines)
    assert joined.wholes == {name_of(first): first, name_of(second): second}
    assert (joined.lacking, joined.bad) == ({}, ())


def test_a_reader_that_writes_small_letters_is_understood() -> None:
    batch = made()
    assert list(join(one.lower() for one in cut(batch)).wholes.values()) == [batch]


def test_what_is_missing_is_told_by_its_numbers() -> None:
    batch = made()
    strips = cut(batch)
    joined = join([strips[0], strips[2], strips[4]])
    assert joined.lacking == {name_of(batch): ((2, 4), 5)}
    assert joined.wholes == {}


def test_strips_that_do_not_fit_together_are_told() -> None:
    batch = made()
    first, *others = cut(batch)
    sign = "A" if first[-1] != "A" else "B"
    assert join([first[:-1] + sign, *others]).bad == (name_of(batch),)


@pytest.mark.parametrize(
    "line",
    ["", "ABCDEFGH:1:5", "ABCDEFGH:0:5:AAAA", "ABCDEFGH:6:5:AAAA", "ABCDEFG1:1:5:AAAA", ":::"],
)
def test_what_is_no_strip_is_passed_over(line: str) -> None:
    joined = join([line])
    assert (joined.wholes, joined.lacking, joined.bad) == ({}, {}, ())


def test_a_bomb_is_no_batch() -> None:
    bomb = zlib.compress(bytes(40 << 20), 9)
    text = base64.b32encode(bomb).decode().rstrip("=")
    pieces = [text[at : at + LENGTH] for at in range(0, len(text), LENGTH)][:99]
    strips = [f"ABCDEFGH:{n}:{len(pieces)}:{one}" for n, one in enumerate(pieces, 1)]
    assert join(strips).bad == ("ABCDEFGH",)


def test_a_batch_that_is_too_large_for_paper_is_not_cut() -> None:
    assert cut(made(60)) == ()


def test_no_more_lines_are_read_than_may_be() -> None:
    def endless():
        while True:
            yield "x"

    assert join(endless()).wholes == {}
    assert MOST_LINES <= 100_000
