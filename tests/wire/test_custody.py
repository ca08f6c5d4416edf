"""A record in the spool opens at its own row, under its own storage key, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Damaged, TooLarge
from relay.wire import primitives
from relay.wire.custody import keep, reveal
from relay.wire.epochs import StorageKey
from relay.wire.padding import CLASSES

OLD, NEW = StorageKey(b"old-key!", bytes(range(32))), StorageKey(b"new-key!", bytes(32))
AROUND = 1 + 8 + 60 + 16


def refused(kept, keys=(OLD, NEW), bind=b"row 1"):
    with pytest.raises(Damaged):
        reveal(kept, keys, bind=bind)
    return True


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=5000), st.binary(max_size=40), st.booleans())
def test_what_was_kept_is_what_is_revealed(record, bind, padded):
    kept = keep(record, NEW, bind=bind, padded=padded)
    assert reveal(kept, [OLD, NEW], bind=bind) == record
    assert len(kept) in CLASSES if padded else len(kept) == len(record) + AROUND


def test_the_size_of_a_record_says_only_its_class():
    assert {len(keep(bytes(n), NEW, bind=b"")) for n in (0, 1, 140, 3900)} == {4000}


@pytest.mark.parametrize("n", range(3))
def test_a_record_fills_a_class_to_the_last_byte(n):
    most = CLASSES[n] - AROUND - 1
    for size, room in ((most, CLASSES[n]), (most + 1, CLASSES[n + 1])):
        kept = keep(b"\x80" * size, NEW, bind=b"")
        assert len(kept) == room
        assert reveal(kept, [NEW], bind=b"") == b"\x80" * size


def test_a_record_past_the_largest_class_is_refused():
    with pytest.raises(TooLarge):
        keep(bytes(CLASSES[-1] - AROUND), NEW, bind=b"")


@pytest.mark.parametrize("padded", [True, False])
def test_every_flipped_byte_and_every_truncation_is_found(padded):
    kept = keep(b"what was said", NEW, bind=b"row 1", padded=padded)
    for at in range(len(kept)):
        forged = bytearray(kept)
        forged[at] ^= 1 << at % 8
        assert refused(bytes(forged)), at
        assert refused(kept[:at]), at
    assert refused(kept + b"\x00")


def test_a_record_moved_to_another_row_does_not_open():
    kept = keep(b"what was said", NEW, bind=b"row 1")
    for bind in (b"row 2", b"row 1 ", b""):
        assert refused(kept, bind=bind)


def test_a_wrapped_key_moved_to_another_record_does_not_open_it():
    one, two = keep(b"one", NEW, bind=b"row 1"), keep(b"two", NEW, bind=b"row 1")
    assert refused(one[:69] + two[69:])


def test_a_storage_key_can_be_rolled_by_wrapping_anew_without_touching_the_record():
    """What docs/wire.md promises: 60 bytes change, the sealed record does not."""
    kept = keep(b"what was said", OLD, bind=b"row 1")
    info, row = b"outword/1/record-key\x01", b"row 1"
    record_key = primitives.open_(OLD.key, kept[9:69], info + OLD.id + row)
    wrapped = primitives.seal(NEW.key, record_key, info + NEW.id + row)
    rolled = kept[:1] + NEW.id + wrapped + kept[69:]
    assert reveal(rolled, [NEW], bind=b"row 1") == b"what was said"
    assert refused(rolled, keys=(OLD,))


def test_without_its_storage_key_a_record_is_gone():
    kept = keep(b"what was said", OLD, bind=b"row 1")
    assert refused(kept, keys=(NEW,)) and refused(kept, keys=())
    assert refused(kept, keys=(StorageKey(OLD.id, NEW.key),))


def test_two_records_of_one_text_have_no_byte_of_their_keys_in_common():
    one, two = (keep(b"same", NEW, bind=b"row 1") for _ in range(2))
    assert one[:9] == two[:9] and one[9:] != two[9:] and one[69:] != two[69:]
    assert b"same" not in one


def test_a_padded_record_cannot_pass_for_a_plain_one():
    kept = keep(b"what was said", NEW, bind=b"row 1")
    assert refused(b"\x02" + kept[1:]) and refused(b"\x03" + kept[1:])
