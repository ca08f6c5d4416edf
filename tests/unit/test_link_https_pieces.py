"""Large batches that are not whole yet: how much is kept, for whom, and for how long."""

from __future__ import annotations

import pytest

from relay.errors import Damaged
from relay.links.https.pieces import KEPT_S, Pieces
from relay.wire import primitives

ONE, OTHER, THIRD = b"1" * 32, b"2" * 32, b"3" * 32
BATCH = b"a batch of forty bytes, which is no more"
DIGEST = primitives.digest(BATCH)
LENGTH = len(BATCH)


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pieces(time: Time) -> Pieces:
    return Pieces(time, most_bytes=100)


def test_a_batch_is_whole_when_its_last_piece_has_come(pieces):
    assert pieces.add(ONE, DIGEST, LENGTH, 0, BATCH[:15])
    assert pieces.whole(ONE, DIGEST) is None
    assert pieces.there(ONE, DIGEST) == 15
    assert pieces.add(ONE, DIGEST, LENGTH, 15, BATCH[15:])
    assert pieces.whole(ONE, DIGEST) == BATCH
    pieces.forget(ONE, DIGEST)
    assert (pieces.there(ONE, DIGEST), pieces.held) == (0, 0)


@pytest.mark.parametrize("at", [0, 14, 16, LENGTH])
def test_a_piece_that_begins_elsewhere_changes_nothing(pieces, at):
    pieces.add(ONE, DIGEST, LENGTH, 0, BATCH[:15])
    assert not pieces.add(ONE, DIGEST, LENGTH, at, b"x")
    assert pieces.there(ONE, DIGEST) == 15


def test_nothing_grows_beyond_its_length(pieces):
    assert not pieces.add(ONE, DIGEST, LENGTH, 0, BATCH + b"x")
    assert pieces.held == 0


def test_what_is_not_what_its_digest_says_is_refused_and_forgotten(pieces):
    pieces.add(ONE, DIGEST, LENGTH, 0, b"x" * LENGTH)
    with pytest.raises(Damaged):
        pieces.whole(ONE, DIGEST)
    assert pieces.held == 0


def test_a_peer_has_one_batch_and_sees_none_of_another(pieces):
    pieces.add(ONE, DIGEST, LENGTH, 0, BATCH[:15])
    assert pieces.there(OTHER, DIGEST) == 0
    pieces.add(ONE, OTHER, LENGTH, 0, b"another")
    assert pieces.there(ONE, DIGEST) == 0
    assert pieces.held == 7


def test_what_does_not_grow_is_forgotten(pieces, time):
    pieces.add(ONE, DIGEST, LENGTH, 0, BATCH[:15])
    time.now = KEPT_S - 1
    pieces.add(ONE, DIGEST, LENGTH, 15, b"x")
    time.now = 2 * KEPT_S - 2
    pieces.forget_old()
    assert pieces.held == 16
    time.now += 2
    pieces.forget_old()
    assert pieces.held == 0


def test_all_peers_together_fill_no_more_than_there_is_room_for(pieces):
    assert pieces.add(ONE, DIGEST, 60, 0, b"x" * 60)
    assert not pieces.add(OTHER, DIGEST, 60, 0, b"x" * 60)
    assert pieces.add(OTHER, DIGEST, 60, 0, b"x" * 40)
    assert not pieces.add(THIRD, DIGEST, 60, 0, b"x")
    assert pieces.held == 100


def test_who_takes_too_long_makes_room_for_others_but_only_then(pieces, time):
    pieces.add(ONE, DIGEST, 100, 0, b"x" * 60)
    pieces.add(OTHER, DIGEST, 100, 0, b"x" * 30)
    time.now = KEPT_S - 10
    pieces.add(ONE, DIGEST, 100, 60, b"x")
    time.now = KEPT_S + 10
    pieces.add(ONE, DIGEST, 100, 61, b"x")  # it grows still, if slowly
    assert pieces.there(ONE, DIGEST) == 62
    assert pieces.add(THIRD, DIGEST, 100, 0, b"x" * 60)
    assert pieces.there(ONE, DIGEST) == 0
    assert pieces.held <= 100
