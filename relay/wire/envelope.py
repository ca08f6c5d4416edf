"""The envelope, version 1: a submission sealed to one or more exits. ``docs/wire.md`` specifies it.

::

    magic 4 | version 1 | suite 1 | flags 1 | id 16 | size class 1 | arrival 4 | expiry 4 | slots 1
    then a slot for each exit:  key id 8 | wrapped content key 1168
    then:                       commitment 32
    then the body:              ChaCha20-Poly1305 of the padded inside, all the above bound

Who holds the bytes learns: that they are an envelope, its size class, the hours of its arrival and
expiry, and which keys open it. Not: who wrote, by what way, when to the minute, how much.

Nothing of it is believed before it was authenticated: an altered byte, wherever it stands, is
``Damaged`` or ``NotMine``, and no other exception leaves this file.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from secrets import token_bytes
from typing import Any, Final, get_args

import msgpack

from relay.errors import Damaged, NotMine
from relay.model import HOUR, Instant, Kind
from relay.wire import primitives
from relay.wire.epochs import EpochKey, EpochPublic
from relay.wire.padding import CLASSES, class_for, pad, unpad
from relay.wire.primitives import KEY, TAG, WRAP

MAGIC: Final = b"OUTW"
VERSION: Final = 1
SUITE: Final = 1
ID = 16
KEY_ID = 8
COMMITMENT = 32
MAX_SLOTS = 4
MAX_KEYS_INSIDE = 24
TAGS = 16
"""Bytes of a repeat key, an author tag and a join key."""

MOST_TAGS = 8
"""Of each kind: a submission has at most three repeat keys, and two of the others."""

MOST_FLAGS = 16
MAX_NAME = 64
"""Characters of a transport's or a channel's name; relay.toml allows half of that."""

MAX_TOKEN = 1024
MOST_SEGMENTS = 255
"""A concatenated SMS counts its segments in one octet (3GPP TS 23.040, 9.2.3.24.1)."""

MAX_CODE = 32
"""Characters of a code; ours have ten."""

_FLAG = re.compile(r"[!-~]{1,64}")

_LATEST: Final = HOUR << 32
_CORE = struct.Struct(">4sBBB16sBIIB")
_SLOT = KEY_ID + WRAP
BEGINNING: Final = _CORE.size + MAX_SLOTS * _SLOT
"""Bytes at the beginning of an envelope that hold all that its clear header says."""
CLEAR: Final = _CORE.size + MAX_SLOTS * _SLOT
"""Bytes of the longest clear header that names keys."""


@dataclass(frozen=True, slots=True, repr=False)
class Inside:
    """What is sealed. ``kind`` is a ``model.Kind``; ``content`` the stripped bytes.

    A segment of a long SMS has ``segment`` of ``segments`` (from 1) and two ``join_keys``; the way
    back is ``return_token`` and ``answer_key``. Both are empty where there is none. ``code`` is
    what the transport gave the sender to ask by. Raises ValueError for what no reader would take,
    so that it is never sealed.
    """

    kind: str
    transport: str
    content: bytes
    channel: str
    flags: tuple[str, ...] = ()
    repeat_keys: tuple[bytes, ...] = ()
    author_tags: tuple[bytes, ...] = ()
    network_tags: tuple[bytes, ...] = ()
    segment: int = 0
    segments: int = 0
    join_keys: tuple[bytes, ...] = ()
    return_token: bytes = b""
    answer_key: bytes = b""
    code: str = ""

    def __post_init__(self) -> None:
        tags = (self.repeat_keys, self.author_tags, self.network_tags, self.join_keys)
        holds = (
            self.kind in get_args(Kind)
            and 1 <= len(self.transport) <= MAX_NAME
            and 1 <= len(self.channel) <= MAX_NAME
            and len(self.flags) <= MOST_FLAGS
            and all(_FLAG.fullmatch(flag) for flag in self.flags)
            and all(len(some) <= MOST_TAGS for some in tags)
            and all(len(one) == TAGS for some in tags for one in some)
            and (self.segment == self.segments == 0 or 1 <= self.segment <= self.segments)
            and self.segments <= MOST_SEGMENTS
            and len(self.return_token) <= MAX_TOKEN
            and len(self.answer_key) in (0, KEY)
            and len(self.code) <= MAX_CODE
        )
        if not holds:
            raise ValueError("no envelope carries such an inside")


@dataclass(frozen=True, slots=True)
class Header:
    """What the clear header says. Times are whole hours, in seconds since 1970."""

    id: bytes
    size_class: int
    arrival: Instant
    expiry: Instant
    key_ids: tuple[bytes, ...]
    flags: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """An opened envelope. ``secret`` is the message secret: the same at every exit."""

    id: bytes
    inside: Inside
    secret: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """A new envelope and its id."""

    id: bytes
    envelope: bytes


def seal(
    inside: Inside,
    recipients: Sequence[EpochPublic],
    *,
    arrival: Instant,
    expiry: Instant,
    id: bytes = b"",
) -> Sealed:
    """Seal to 1 to 4 exits. The hours that contain ``arrival`` and ``expiry`` are what is shown.

    Raises TooLarge; ValueError for no or too many recipients, an id of another length, or an
    instant whose hour does not fit 32 bits.
    """
    if not 1 <= len(recipients) <= MAX_SLOTS:
        raise ValueError("an envelope is sealed to one to four exits")
    if len(id) not in (0, ID) or not all(0 <= one < _LATEST for one in (arrival, expiry)):
        raise ValueError("no envelope has such an id or such a time")
    plain = _packed(inside)
    around = _CORE.size + len(recipients) * _SLOT + COMMITMENT + TAG
    index = class_for(len(plain), around)
    id = id or token_bytes(ID)
    hours = (arrival // HOUR, expiry // HOUR)
    core = _CORE.pack(MAGIC, VERSION, SUITE, 0, id, index, *hours, len(recipients))
    content_key = token_bytes(KEY)
    slots = b"".join(
        one.id + primitives.wrap(content_key, one.public, _info(core, one.id)) for one in recipients
    )
    clear = core + slots + _commitment(content_key, core, slots)
    body = primitives.seal_once(_body_key(content_key, core), pad(plain, index, around), clear)
    return Sealed(id, clear + body)


def name_of(envelope: bytes) -> bytes:
    """16 bytes by which an exit tells an envelope from all others: of its bytes, not of the id that
    it shows. Whoever carries it reads that id, and could bring something else under it."""
    return primitives.digest(envelope)[:ID]


def look(envelope: bytes) -> Header:
    """Read the clear header: lengths, magic, version, classes. Needs no key. Raises Damaged."""
    header = look_at(envelope)
    if len(envelope) != CLASSES[header.size_class]:
        raise Damaged
    return header


def look_at(beginning: bytes) -> Header:
    """As ``look``, at the first ``BEGINNING`` bytes of one, or all where it is shorter; whether the
    rest of it is there is not asked. Raises Damaged."""
    if len(beginning) < _CORE.size:
        raise Damaged
    magic, version, suite, flags, id, index, arrival, expiry, slots = _CORE.unpack_from(beginning)
    if (magic, version, suite, flags) != (MAGIC, VERSION, SUITE, 0):
        raise Damaged
    starts = [_CORE.size + n * _SLOT for n in range(slots)]
    if index >= len(CLASSES) or not 1 <= slots <= MAX_SLOTS or len(beginning) < starts[-1] + KEY_ID:
        raise Damaged
    key_ids = tuple(beginning[start : start + KEY_ID] for start in starts)
    return Header(id, index, arrival * HOUR, expiry * HOUR, key_ids, flags)


def keys_named(beginning: bytes) -> tuple[bytes, ...]:
    """The ids of the keys to which an envelope is sealed that begins so; ``CLEAR`` bytes of it are
    enough. None of them for what is no envelope."""
    if len(beginning) < _CORE.size or not beginning.startswith(MAGIC):
        return ()
    slots = min(beginning[_CORE.size - 1], MAX_SLOTS)
    starts = (_CORE.size + n * _SLOT for n in range(slots))
    return tuple(beginning[start : start + KEY_ID] for start in starts)


def open_envelope(envelope: bytes, keys: Mapping[bytes, EpochKey]) -> Opened:
    """Open with whichever key fits. Raises NotMine if none is here, Damaged for all else."""
    header = look(envelope)
    core = envelope[: _CORE.size]
    end = _CORE.size + len(header.key_ids) * _SLOT
    slots, commitment = envelope[_CORE.size : end], envelope[end : end + COMMITMENT]
    content_key = _content_key(header, core, slots, keys)
    if not primitives.same(commitment, _commitment(content_key, core, slots)):
        raise Damaged
    clear, body = envelope[: end + COMMITMENT], memoryview(envelope)[end + COMMITMENT :]
    plain = unpad(primitives.open_once(_body_key(content_key, core), body, clear))
    secret = primitives.derive(content_key, b"outword/1/message", salt=header.id)
    return Opened(header.id, _unpacked(plain), secret)


def _content_key(
    header: Header, core: bytes, slots: bytes, keys: Mapping[bytes, EpochKey]
) -> bytes:
    for n, key_id in enumerate(header.key_ids):
        key = keys.get(key_id)
        if key is not None:
            wrapped = slots[n * _SLOT + KEY_ID : (n + 1) * _SLOT]
            return primitives.unwrap(wrapped, key.seed, _info(core, key_id))
    raise NotMine


def _info(core: bytes, key_id: bytes) -> bytes:
    return b"outword/1/wrap" + core + key_id


def _body_key(content_key: bytes, core: bytes) -> bytes:
    return primitives.derive(content_key, b"outword/1/body", salt=core)


def _commitment(content_key: bytes, core: bytes, slots: bytes) -> bytes:
    """Binds the content key: one ciphertext cannot open to two texts under two keys."""
    key = primitives.derive(content_key, b"outword/1/commit", salt=core)
    return primitives.mac(key, core, slots)


# ---------------------------------------------------------------- inside

_TYPES: Final = {"content": bytes, "segment": int, "segments": int} | {
    name: bytes
    for name in (
        "repeat_keys",
        "author_tags",
        "network_tags",
        "join_keys",
        "return_token",
        "answer_key",
    )
}
_JOINED = {"repeat_keys", "author_tags", "network_tags", "join_keys"}
_SPACED = {"flags"}
_ALWAYS = {"kind", "transport", "content", "channel"}


def _packed(inside: Inside) -> bytes:
    """One flat map; what is empty is left out; lists of tags are one string of bytes."""
    shown: dict[str, Any] = {}
    for field in fields(inside):
        value = getattr(inside, field.name)
        if field.name in _JOINED:
            value = b"".join(value)
        elif field.name in _SPACED:
            value = " ".join(value)
        if value or field.name in _ALWAYS:
            shown[field.name] = value
    return bytes(msgpack.packb(shown, use_bin_type=True))


def _unpacked(plain: bytes) -> Inside:
    try:
        shown = msgpack.unpackb(
            plain,
            raw=False,
            max_map_len=MAX_KEYS_INSIDE,
            max_array_len=0,
            max_ext_len=0,
            object_pairs_hook=_flat,
        )
        if type(shown) is not dict:
            raise Damaged
        return Inside(**{key: _field(key, value) for key, value in shown.items()})
    # All that msgpack raises is one of these; TypeError: a key that is unknown, missing or no text.
    except (ValueError, TypeError, msgpack.UnpackException):
        raise Damaged from None


def _flat(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    made = dict(pairs)
    if len(made) != len(pairs) or any(isinstance(value, dict) for value in made.values()):
        raise Damaged
    return made


def _field(key: str, value: Any) -> Any:
    kind: Any = type(value)
    if kind is not _TYPES.get(key, str):  # not isinstance: True is no int here
        raise Damaged
    if key in _JOINED:  # a rest that is shorter than a tag is refused by Inside
        return tuple(value[at : at + TAGS] for at in range(0, len(value), TAGS))
    if key in _SPACED:
        return tuple(value.split(" ")) if value else ()
    return value
