"""What is asked over the link between two nodes: what is written is read, and nothing else is."""

from __future__ import annotations

import pytest

from relay.errors import Damaged
from relay.links.https.wishes import (
    PIECE,
    SMALL,
    HowMuch,
    Piece,
    Rest,
    Whole,
    most_body,
    wish_of,
    written,
)
from relay.wire.batch import MAX_BATCH

DIGEST = bytes(range(32))
NAME = DIGEST.hex()


@pytest.mark.parametrize(
    "wish",
    [
        Whole(),
        HowMuch(DIGEST),
        Piece(DIGEST, 0, 1),
        Piece(DIGEST, MAX_BATCH, MAX_BATCH),
        Rest(DIGEST, 0),
        Rest(DIGEST, 12345678),
    ],
    ids=repr,
)
def test_a_wish_is_read_as_it_was_written(wish):
    method, target = written(wish)
    assert wish_of(method.encode(), target.encode()) == wish


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/batch"),
        ("POST", "/batch/"),
        ("POST", "/batch?"),
        ("POST", "//batch"),
        ("POST", "http://exit/batch"),
        ("OPTIONS", "*"),
        ("CONNECT", "exit:443"),
        ("HEAD", "/batch"),
        ("PUT", f"/pieces/{NAME}"),
        ("PUT", f"/pieces/{NAME}?at=2&of=1"),
        ("PUT", f"/pieces/{NAME}?at=0&of=0"),
        ("PUT", f"/pieces/{NAME}?at=-1&of=1"),
        ("PUT", f"/pieces/{NAME}?at=0&of={MAX_BATCH + 1}"),
        ("PUT", f"/pieces/{NAME}?of=1&at=0"),
        ("PUT", f"/pieces/{NAME}?at=0&of=1&more"),
        ("PUT", f"/pieces/{NAME}?at=٣&of=9"),
        ("PUT", f"/pieces/{NAME[:-1]}?at=0&of=1"),
        ("PUT", f"/pieces/../{NAME}?at=0&of=1"),
        ("POST", f"/pieces/{NAME}?at=0&of=1"),
        ("HEAD", f"/pieces/{NAME.upper()}"),
        ("HEAD", f"/pieces/{NAME}?at=0&of=1"),
        ("GET", f"/answers/{NAME}"),
        ("GET", f"/answers/{NAME}?at=123456789"),
        ("GET", f"/pieces/{NAME}"),
    ],
)
def test_nothing_else_is_a_wish(method, target):
    with pytest.raises(Damaged):
        wish_of(method.encode(), target.encode())


def test_a_wish_brings_along_no_more_than_it_says():
    assert most_body(Whole()) == SMALL
    assert most_body(Piece(DIGEST, 0, MAX_BATCH)) == PIECE
    assert most_body(Piece(DIGEST, 90, 100)) == 10
    assert most_body(HowMuch(DIGEST)) == most_body(Rest(DIGEST, 0)) == 0
