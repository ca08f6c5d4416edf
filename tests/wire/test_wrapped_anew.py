"""A storage key rolls: heads are wrapped anew, and records stay what they are."""

from __future__ import annotations

import pytest

from relay.errors import Damaged
from relay.model import HOUR
from relay.wire.custody import HEAD, keep, reveal, wrapped_anew, wrapped_by
from relay.wire.envelope import CLEAR, MAX_SLOTS, Inside, keys_named, seal
from relay.wire.epochs import StorageKey, make_epoch_key

OLD, NEW = StorageKey(b"old key.", b"o" * 32), StorageKey(b"new key.", b"n" * 32)
BIND = b"row 1"


@pytest.mark.parametrize("padded", [True, False])
def test_a_record_opens_with_either_key_until_its_head_is_put_anew_and_with_the_new_one_then(
    padded: bool,
) -> None:
    kept = keep(b"what was said", OLD, bind=BIND, padded=padded)
    head = wrapped_anew(kept[:HEAD], [OLD, NEW], bind=BIND)
    after = head + kept[HEAD:]
    assert len(head) == HEAD
    assert reveal(kept, [OLD, NEW], bind=BIND) == b"what was said"
    assert reveal(after, [NEW], bind=BIND) == b"what was said"
    with pytest.raises(Damaged):
        reveal(after, [OLD], bind=BIND)


def test_a_head_says_by_which_key_it_was_wrapped() -> None:
    kept = keep(b"what was said", OLD, bind=BIND)
    assert wrapped_by(kept) == wrapped_by(kept[:HEAD]) == OLD.id
    assert wrapped_by(wrapped_anew(kept, [OLD, NEW], bind=BIND)) == NEW.id


@pytest.mark.parametrize("other", [b"", b"after", b"set back", b"correction", b"OUTW" + bytes(80)])
def test_what_was_not_kept_was_wrapped_by_nothing(other: bytes) -> None:
    assert wrapped_by(other) == b""


@pytest.mark.parametrize("at", [0, 1, 9, 40, HEAD - 1])
def test_a_damaged_head_is_not_wrapped_anew(at: int) -> None:
    head = bytearray(keep(b"what was said", OLD, bind=BIND)[:HEAD])
    head[at] ^= 0x40
    with pytest.raises(Damaged):
        wrapped_anew(bytes(head), [OLD, NEW], bind=BIND)


def test_nor_is_one_of_another_row_or_of_a_key_that_is_gone() -> None:
    head = keep(b"what was said", OLD, bind=BIND)[:HEAD]
    with pytest.raises(Damaged):
        wrapped_anew(head, [OLD, NEW], bind=b"row 2")
    with pytest.raises(Damaged):
        wrapped_anew(head, [NEW], bind=BIND)


# ---------------------------------------------------------------- headers of envelopes


@pytest.mark.parametrize("slots", range(1, MAX_SLOTS + 1))
def test_the_beginning_of_an_envelope_names_all_its_keys(slots: int) -> None:
    to = [make_epoch_key().public for _ in range(slots)]
    inside = Inside("text", "mail", b"hello", "news")
    envelope = seal(inside, to, arrival=HOUR, expiry=2 * HOUR).envelope
    assert keys_named(envelope[:CLEAR]) == tuple(one.id for one in to)


@pytest.mark.parametrize("noise", [b"", b"OUTW", bytes(CLEAR), b"OUT" + b"\xff" * CLEAR])
def test_what_is_no_envelope_names_none(noise: bytes) -> None:
    assert keys_named(noise) == ()


def test_a_count_of_slots_that_cannot_be_asks_for_no_more_than_there_may_be() -> None:
    assert len(keys_named(b"OUTW" + b"\xff" * CLEAR)) == MAX_SLOTS
