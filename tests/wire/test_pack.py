"""Nothing comes out of ``unpack`` but the type that was asked for, whatever the bytes are."""

from __future__ import annotations

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
from relay.wire import frames
from relay.wire.pack import MAX_BYTES, TAG, pack, unpack, unpack_any

BASIC = {
    int: st.integers(-(2**63), 2**64 - 1),
    str: st.text(st.characters(codec="utf-8"), max_size=12),
    bytes: st.binary(max_size=12),
    bool: st.booleans(),
    types.NoneType: st.none(),
}


def values(kind):
    """Any value of an annotation, as the types of the project use them."""
    origin, args = get_origin(kind), get_args(kind)
    if kind in BASIC:
        return BASIC[kind]
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, types.UnionType):
        return st.one_of([values(arg) for arg in args])
    if origin is tuple and args[1:] == (Ellipsis,):
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*[values(arg) for arg in args])
    if origin is dict:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    assert is_dataclass(kind), kind
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(hints[field.name]) for field in fields(kind)})


KINDS = [
    kind
    for module in (model, frames)
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.data())
def test_every_value_that_travels_arrives_as_it_left(kind, data):
    value = data.draw(values(kind))
    packed = pack(value)
    arrived = unpack(kind, packed)
    assert arrived == value and type(arrived) is kind
    assert unpack_any([frames.Ready, kind], memoryview(packed)) == value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=3, deadline=None, derandomize=True)
@given(st.data())
def test_every_truncation_of_it_and_one_byte_more_is_damaged(kind, data):
    packed = pack(data.draw(values(kind)))
    for bad in [packed[:size] for size in range(len(packed))] + [packed + b"\xc0"]:
        with pytest.raises(Damaged):
            unpack(kind, bad)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=2, deadline=None, derandomize=True)
@given(st.data())
def test_a_key_too_many_is_damaged_and_one_too_few_only_where_it_has_a_default(kind, data):
    value = msgpack.unpackb(pack(data.draw(values(kind))))
    with pytest.raises(Damaged):
        unpack(kind, msgpack.packb({**value, "colour": 1}))
    for field in fields(kind):
        less = msgpack.packb({key: one for key, one in value.items() if key != field.name})
        if field.default is MISSING and field.default_factory is MISSING:
            with pytest.raises(Damaged):
                unpack(kind, less)
        else:
            assert getattr(unpack(kind, less), field.name) == field.default


@dataclass(frozen=True, slots=True)
class Small:
    count: int
    word: str = "w"
    raw: bytes = b""
    on: bool = False
    pair: tuple[int, str] = (0, "")
    one_of: Literal["a", "b"] = "a"
    maybe: int | None = None


GOOD = {TAG: "Small", "count": 1}


@pytest.mark.parametrize(
    "more",
    [
        {"count": True}, {"count": 1.0}, {"count": "1"}, {"count": None}, {"count": [1]},
        {"word": b"w"}, {"word": 1}, {"raw": "w"}, {"raw": [1]}, {"on": 1}, {"on": 0}, {"on": None},
        {"pair": [1]}, {"pair": [1, "x", 2]}, {"pair": ["x", 1]}, {"pair": {}}, {"pair": "ab"},
        {"one_of": "c"}, {"one_of": 1}, {"one_of": ["a"]}, {"maybe": "x"}, {"maybe": False},
        {TAG: "Other"}, {TAG: 1}, {TAG: None}, {TAG: ["Small"]},
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_damaged(more):
    with pytest.raises(Damaged):
        unpack(Small, msgpack.packb({**GOOD, **more}))


def test_what_these_tests_alter_is_good_before():
    assert unpack(Small, msgpack.packb(GOOD)) == Small(1)


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"\xc0", b"\x01", b"\x80", b"\x90", b"\xa5Small", b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 100_000, b"\x81\xa1a" * 2000,
        b"\x82\xa1_\xa5Small\xa5count\xd6\xff\x00\x00\x00\x00",
        b"\x82\xa1_\xa5Small\x01\x01", b"\x82\xa1_\xa5Small\x80\x01", b"\xc1",
        b"\x83\xa1_\xa5Small\xa5count\x01\xa5count\x02",
        b"\x83\xa1_\xa5Small\xa1_\xa5Small\xa5count\x02",
        b"\x82\xa1_\xa5Small\xa5count\x01\x00",
    ],
)  # fmt: skip
def test_bytes_that_are_no_value_are_damaged(bad):
    for read in (lambda: unpack(Small, bad), lambda: unpack_any([Small, frames.Ready], bad)):
        with pytest.raises(Damaged):
            read()


@given(st.binary(max_size=60))
def test_noise_is_damaged(noise):
    with pytest.raises(Damaged):
        unpack(Small, noise)


def test_a_value_that_was_not_asked_for_is_damaged():
    packed = pack(frames.Durable(1))
    assert unpack_any([frames.Full, frames.Durable], packed) == frames.Durable(1)
    with pytest.raises(Damaged):
        unpack_any([frames.Full, frames.Ready], packed)
    with pytest.raises(Damaged):
        unpack(frames.Full, packed)


def test_more_bytes_than_the_limit_are_damaged_and_as_many_are_not():
    around = len(pack(frames.Keeps(1, bytes(70_000)))) - 70_000
    at_limit = frames.Keeps(1, bytes(MAX_BYTES - around))
    assert unpack(frames.Keeps, pack(at_limit)) == at_limit
    with pytest.raises(Damaged):
        unpack(frames.Keeps, pack(frames.Keeps(1, at_limit.kept + b"x")))
