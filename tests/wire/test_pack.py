"""What is packed comes back as it was, and nothing else comes out, whatever the bytes are."""

from __future__ import annotations

import tracemalloc
import types
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Literal, Union, get_args, get_origin, get_type_hints

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay import model
from relay.errors import Damaged
from relay.model import Later, Mark, Message, NewRow, Once, Part, Posted, Queue, Row, Unreadable
from relay.wire import frames
from relay.wire.batch import Batch, Carried, Returned
from relay.wire.mailkeys import MailKeys, MailPublic
from relay.wire.pack import MAX_BYTES, pack, unpack, unpack_any

VALUES = [
    one
    for module in (model, frames)
    for one in vars(module).values()
    if isinstance(one, type)
    and is_dataclass(one)
    and one is not NewRow  # it has others of its kind in it, and goes nowhere
    and f"{one.__module__}.".startswith(f"{module.__name__}.")
]
PLAIN = {
    int: st.integers(-(2**63), 2**64 - 1),
    str: st.text(max_size=20),
    bytes: st.binary(max_size=20),
    bool: st.booleans(),
    types.NoneType: st.none(),
}


STRICT = {
    MailPublic: st.builds(
        MailPublic,
        certificate=st.text(min_size=1, max_size=20),
        fingerprint=st.from_regex(r"[0-9A-F]{40}", fullmatch=True),
        recipient=st.from_regex(r"age1[02-9ac-hj-np-z]{58}", fullmatch=True),
    ),
}
STRICT[Batch] = st.builds(
    Batch,
    envelopes=st.lists(st.builds(Carried, st.binary(), st.booleans()), max_size=3).map(tuple),
    heard=st.lists(st.binary(min_size=16, max_size=16), max_size=3).map(tuple),
    serial=st.integers(0, 2**63 - 1),
    durable=st.lists(st.binary(min_size=16, max_size=16), max_size=3).map(tuple),
    whole=st.sampled_from([b"", b"w" * 32]),
    answers=st.lists(st.builds(Returned, st.binary(), st.binary()), max_size=3).map(tuple),
    bundle=st.binary(max_size=20),
)
STRICT[MailKeys] = st.builds(
    MailKeys,
    openpgp=st.binary(min_size=1, max_size=20),
    age=st.text(min_size=1, max_size=20),
    public=STRICT[MailPublic],
)
"""Values that look at their own fields when they are made."""


def values_of(hint):
    """A strategy for whatever a field may be annotated with."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return st.one_of([values_of(arg) for arg in args])
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        assert args[1] is Ellipsis
        return st.lists(values_of(args[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(values_of(args[0]), values_of(args[1]), max_size=3)
    if hint in STRICT:
        return STRICT[hint]
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{f.name: values_of(hints[f.name]) for f in fields(hint)})
    return st.sampled_from(hint) if issubclass(hint, StrEnum) else PLAIN[hint]


@dataclass(frozen=True, slots=True)
class Sample:
    """One field of each plain kind."""

    count: int
    name: str
    raw: bytes
    sure: bool
    many: tuple[int, ...] = ()
    perhaps: int | None = None


SAMPLE = {"_": "Sample", "count": 1, "name": "n", "raw": b"r", "sure": True}


def packed(**changed):
    """The sample's map with some of it changed; None takes a key away."""
    shown = {key: value for key, value in (SAMPLE | changed).items() if value is not None}
    return msgpack.packb(shown)


def test_the_values_that_are_tried_are_those_of_the_model_and_all_frames():
    assert {Message, Row, Posted, Once, Mark, Unreadable, frames.Put, frames.Ended} <= set(VALUES)
    assert len(VALUES) > 40


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_every_value_comes_back_as_it_was(kind):
    @settings(max_examples=15, deadline=None, database=None)
    @given(values_of(kind))
    def round_trip(value):
        back = unpack(kind, pack(value))
        assert back == value and type(back) is kind
        assert pack(back) == pack(value)

    round_trip()


def test_the_members_of_a_union_are_told_apart_by_their_tag():
    assert unpack_any((Posted, Later), pack(Later("full"))) == Later("full")
    assert unpack_any((Posted, Later), pack(Posted("1"))) == Posted("1")
    with pytest.raises(Damaged):
        unpack_any((Posted, Later), pack(Unreadable("no")))


def test_the_sample_itself_is_read():
    assert unpack(Sample, packed()) == Sample(1, "n", b"r", True)


def test_a_missing_key_takes_its_default_so_that_older_records_can_be_read():
    assert unpack(Sample, packed(many=None)).many == ()


@pytest.mark.parametrize("key", ["_", "count", "name", "raw", "sure"])
def test_a_missing_key_without_a_default_is_damaged(key):
    with pytest.raises(Damaged):
        unpack(Sample, packed(**{key: None}))


@pytest.mark.parametrize(
    "changed",
    [
        {"count": True},  # a bool is no int
        {"count": 1.0},
        {"count": "1"},
        {"sure": 1},  # and an int no bool
        {"name": b"n"},
        {"raw": "r"},
        {"many": [1, "2"]},
        {"many": [[1]]},
        {"many": {"0": 1}},
        {"many": 1},
        {"perhaps": False},
        {"perhaps": "1"},
        {"_": "Simple"},
        {"_": 1},
        {"_": ["Sample"]},
        {"more": 1},
    ],
    ids=str,
)
def test_a_wrong_type_tag_or_key_is_damaged(changed):
    with pytest.raises(Damaged):
        unpack(Sample, packed(**changed))


def test_of_two_equal_keys_none_wins():
    twice = b"\x86" + packed()[1:] + msgpack.packb("count") + msgpack.packb(2)
    with pytest.raises(Damaged):
        unpack(Sample, twice)


def test_a_word_that_is_none_of_an_enumeration_or_of_a_literal_is_damaged():
    good = pack(model.Change(Queue.READ, "waiting", None))
    assert unpack(model.Change, good).queue is Queue.READ
    for kind, whole, word, other in [
        (model.Change, good, b"read", b"rear"),
        (Once, pack(Once("exact")), b"exact", b"exbct"),
    ]:
        with pytest.raises(Damaged):
            unpack(kind, whole.replace(word, other))


@pytest.mark.parametrize(
    "bomb",
    [
        b"",
        b"\xc1",
        b"\x81" * 100_000,  # a map in a map in a map
        b"\x91" * 100_000,
        b"\xdd\xff\xff\xff\xff",  # an array of 4 billion, none of them there
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdd\x00\x0f\x42\x40" + b"\xc0" * 1_000_000,
        b"\xd4\x01\x00",
        b"\xc7\x0c\xff" + bytes(12),  # a timestamp, which msgpack would make an object of
        b"\x81\x90\x01",  # a key that is a list
        b"\x81\x01\x01",
        b"\xa1\xff",  # text that is no UTF-8
        b"\xcb\x7f\xf8" + bytes(6),  # not a number
        packed() + b"\xc0",
    ],
    ids=lambda bomb: bomb[:6].hex() or "nothing",
)
def test_a_bomb_is_damaged_and_takes_no_memory(bomb):
    tracemalloc.start()
    try:
        with pytest.raises(Damaged):
            unpack(Sample, bomb)
        assert tracemalloc.get_traced_memory()[1] < 40 * len(bomb) + 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "filler", [b"\x80", b"\x90", b"\xc0", b"\x91\x90", b"\xa0", b"\x81\xa0\x80"]
)
def test_millions_of_values_in_a_frame_are_damaged_before_they_take_memory(filler):
    many = 4_000_000
    bomb = b"\xdd" + many.to_bytes(4, "big") + filler * many
    rows = b"\xdc\x00\x3c" + (b"\xdc\xff\xff" + filler * 0xFFFF) * 60
    for one in (bomb, rows):
        tracemalloc.start()
        try:
            with pytest.raises(Damaged):
                unpack(Sample, one)
            assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
        finally:
            tracemalloc.stop()


def test_as_many_values_as_a_message_may_have_are_read():
    marks = tuple(Mark("phone", n, 1) for n in range(20_000))
    assert unpack(Message, pack(Message("x" * 20_000, marks=marks))).marks == marks


def test_the_depth_is_that_of_the_type():
    deep = [1]
    for _ in range(500):
        deep = [deep]
    with pytest.raises(Damaged):
        unpack(Sample, packed(many=deep))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_noise_is_damaged(noise):
    with pytest.raises(Damaged):
        unpack(Part, noise)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_an_altered_byte_gives_damaged_or_a_value_of_the_same_type(data):
    whole = bytearray(pack(Message("text", marks=(Mark("phone", 1, 2),), flags=("a",))))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        back = unpack(Message, bytes(whole))
    except Damaged:
        return
    assert type(back.text) is str and all(type(mark.offset) is int for mark in back.marks)


def test_what_is_larger_than_any_value_is_not_looked_at():
    with pytest.raises(Damaged):
        unpack(Sample, memoryview(bytearray(MAX_BYTES + 1)))


def test_a_value_of_exactly_the_largest_size_is_read():
    around = len(pack(frames.Keeps(1, bytes(70_000)))) - 70_000
    largest = frames.Keeps(1, bytes(MAX_BYTES - around))
    assert unpack(frames.Keeps, pack(largest)) == largest
    with pytest.raises(Damaged):
        unpack(frames.Keeps, pack(frames.Keeps(1, largest.kept + b"x")))


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
@settings(max_examples=3, deadline=None, database=None)
@given(data=st.data())
def test_of_every_value_a_truncation_and_a_byte_more_are_damaged(kind, data):
    whole = pack(data.draw(values_of(kind)))
    for bad in [whole[:size] for size in range(len(whole))] + [whole + b"\xc0"]:
        with pytest.raises(Damaged):
            unpack(kind, bad)


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
@settings(max_examples=2, deadline=None, database=None)
@given(data=st.data())
def test_of_every_value_only_a_key_with_a_default_may_be_missing_and_none_may_be_new(kind, data):
    shown = msgpack.unpackb(pack(data.draw(values_of(kind))))
    with pytest.raises(Damaged):
        unpack(kind, msgpack.packb({**shown, "colour": 1}))
    for field in fields(kind):
        less = msgpack.packb({key: one for key, one in shown.items() if key != field.name})
        if field.default is MISSING and field.default_factory is MISSING:
            with pytest.raises(Damaged):
                unpack(kind, less)
        else:
            assert getattr(unpack(kind, less), field.name) == field.default
