"""Values to bytes and back, strictly: msgpack maps of a dataclass's fields, checked against it.

``unpack(Type, data)`` gives a ``Type`` whose every field has the annotated type, or raises
``Damaged``; nothing else comes out, whatever the bytes are. Lengths are bounded by the input and by
``MOST_VALUES``, duplicate and unknown keys are refused, depth is that of the type (msgpack alone
lets the last of two equal keys win and accepts 600 levels of nesting). A missing key takes the
field's default, so that a record of an older version can still be read.

The key ``"_"`` names the class, which tells the members of a union apart.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgpack

from relay.errors import Damaged

TAG = "_"

MAX_BYTES = 64 * 1024 * 1024
"""No packed value is larger: four times the largest envelope (16 MiB)."""

MOST_VALUES: Final = 200_000
"""Members of all the lists and maps in one value together. The largest that is ever made (a message
with a mark at every word) has a tenth; and each empty map costs 64 bytes of memory for the one that
it is packed in, so that 16 MiB of them would take a gigabyte."""

FEW_BYTES: Final = 64 * 1024
"""What is no larger is not counted: it cannot cost much, and most values are small."""

T = TypeVar("T")
Check = Callable[[Any], Any]


def pack(value: object) -> bytes:
    """The bytes of a dataclass value, its class named."""
    return bytes(msgpack.packb(_plain(value), use_bin_type=True))


def unpack(kind: type[T], data: bytes | memoryview) -> T:
    """A value of the dataclass ``kind`` from ``data``. Raises Damaged."""
    value: T = _checked(_check_of(kind), data)
    return value


def unpack_any(kinds: Sequence[type[T]], data: bytes | memoryview) -> T:
    """A value of one of the dataclasses ``kinds``, told apart by its tag. Raises Damaged."""
    value: T = _checked(_one_of(tuple(kinds)), data)
    return value


def _checked(check: Check, data: bytes | memoryview) -> Any:
    if len(data) > MAX_BYTES:
        raise Damaged
    try:
        return check(_plain_of(data))
    except Exception:  # msgpack raises a dozen types for bad input, some of them bare ValueError
        raise Damaged from None


def _plain_of(data: bytes | memoryview) -> Any:
    if len(data) <= FEW_BYTES:
        return msgpack.unpackb(
            data, raw=False, strict_map_key=True, object_pairs_hook=_no_duplicates
        )
    counted = _Counted()
    return msgpack.unpackb(
        data,
        raw=False,
        strict_map_key=True,
        max_array_len=MOST_VALUES,
        max_map_len=MOST_VALUES,
        list_hook=counted.members,
        object_pairs_hook=counted.pairs,
    )


class _Counted:
    """The lists and maps of one value: more than MOST_VALUES are damage while they are read."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def members(self, members: list[Any]) -> list[Any]:
        self._take(len(members))
        return members

    def pairs(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        self._take(len(pairs))
        return _no_duplicates(pairs)

    def _take(self, members: int) -> None:
        self._left -= 1 + members
        if self._left < 0:
            raise Damaged


def _no_duplicates(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Damaged
    return made


_SIMPLE: Final = frozenset({bytes, str, int, bool, type(None)})
"""Types packed as they are: most values, and asked first."""


def _plain(value: Any) -> object:
    if type(value) in _SIMPLE:
        return value
    if is_dataclass(value):
        shown = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {TAG: type(value).__name__, **shown}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, StrEnum):
        return value.value
    return value


_CHECKS: dict[Any, Check] = {}


def _check_of(kind: Any) -> Check:
    if kind not in _CHECKS:
        _CHECKS[kind] = _make_check(kind)
    return _CHECKS[kind]


def _make_check(kind: Any) -> Check:
    """The function that lets through values of ``kind`` and raises for all others."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(args)
    if origin is Literal:
        return _literal(args)
    if origin is tuple:
        return _tuple(args)
    if origin is dict:
        return _dict(*args)
    if is_dataclass(kind):
        return _dataclass(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    return _exactly(kind)


def _exactly(kind: type) -> Check:
    def check(plain: Any) -> Any:
        if type(plain) is not kind:  # not isinstance: True is no int here
            raise Damaged
        return plain

    return check


def _literal(allowed: tuple[Any, ...]) -> Check:
    def check(plain: Any) -> Any:
        if not isinstance(plain, str) or plain not in allowed:
            raise Damaged
        return plain

    return check


def _tuple(args: tuple[Any, ...]) -> Check:
    if len(args) == 2 and args[1] is Ellipsis:
        each, a_list = _check_of(args[0]), _exactly(list)
        return lambda plain: tuple([each(one) for one in a_list(plain)]) if plain != [] else ()
    checks = tuple(_check_of(arg) for arg in args)
    return lambda plain: tuple([c(one) for c, one in zip(checks, plain, strict=True)])


def _dict(key: Any, value: Any) -> Check:
    keys, values = _check_of(key), _check_of(value)
    return lambda plain: {keys(k): values(v) for k, v in _exactly(dict)(plain).items()}


def _one_of(kinds: tuple[Any, ...]) -> Check:
    tagged = {_name(k): _check_of(k) for k in kinds if is_dataclass(k)}
    others = {k: _check_of(k) for k in kinds if not is_dataclass(k)}

    def check(plain: Any) -> Any:
        if isinstance(plain, dict) and tagged:
            return tagged[plain[TAG]](plain)
        return others[type(plain)](plain)

    return check


def _name(kind: Any) -> str:
    return str(kind.__name__)


def _dataclass(kind: Any) -> Check:
    hints = get_type_hints(kind)
    checks = {f.name: _check_of(hints[f.name]) for f in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    name = _name(kind)

    exact = {key: hints[key] for key in checks if hints[key] in _SIMPLE}

    def check(plain: Any) -> Any:
        if plain.pop(TAG) != name or not needed <= plain.keys():
            raise Damaged
        for key, one in plain.items():
            if type(one) is not exact.get(key):
                plain[key] = checks[key](one)
        return kind(**plain)

    return check
