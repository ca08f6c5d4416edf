"""Insides that no door of ours makes, under a good seal: whoever has an exit's public key can."""

from __future__ import annotations

import random
from secrets import token_bytes

import msgpack
from corpus import Corpus, filled

from relay.model import hour_of
from relay.wire import primitives
from relay.wire.epochs import EpochPublic
from relay.wire.padding import CLASSES, pad

INSIDES = Corpus()

_CORE, _SLOT, _COMMITMENT = 33, 8 + primitives.WRAP, 32
_AROUND = _CORE + _SLOT + _COMMITMENT + primitives.TAG
MOST = CLASSES[-1] - _AROUND - 1
"""Bytes of the largest inside that has room in an envelope."""

GOOD = {"kind": "text", "transport": "mail", "content": b"words", "channel": "news"}


def sealed_as_is(plain: bytes, to: EpochPublic, *, id: bytes = b"", now: int = 0) -> bytes:
    """A valid envelope (docs/wire.md) around bytes that need not be an inside."""
    index = next(n for n, room in enumerate(CLASSES) if len(plain) + 1 + _AROUND <= room)
    hour = hour_of(now) // 3600
    core = b"OUTW\x01\x01\x00" + (id or token_bytes(16)) + bytes([index])
    core += hour.to_bytes(4, "big") + (hour + 240).to_bytes(4, "big") + b"\x01"
    content_key = token_bytes(32)
    wrapped = primitives.wrap(content_key, to.public, b"outword/1/wrap" + core + to.id)
    slots = to.id + wrapped
    commit = primitives.derive(content_key, b"outword/1/commit", salt=core)
    clear = core + slots + primitives.mac(commit, core, slots)
    body_key = primitives.derive(content_key, b"outword/1/body", salt=core)
    return clear + primitives.seal_once(body_key, pad(plain, index, _AROUND), clear)


def packed(**changed: object) -> bytes:
    """A good inside, with this changed."""
    return bytes(msgpack.packb(GOOD | changed, use_bin_type=True))


def twice(key: str, value: object) -> bytes:
    """A good inside that says this as well, at its end."""
    more = bytes(msgpack.packb(key)) + bytes(msgpack.packb(value))
    return bytes([0x85]) + packed()[1:] + more


INSIDES.each(
    {
        "a hundred thousand maps in maps": lambda: b"\x81\xa1a" * 100_000,
        "a hundred thousand lists in lists": lambda: b"\x91" * 100_000,
        "ten million nothings": lambda: b"\xdd\x00\x98\x96\x80" + b"\xc0" * 10_000_000,
        "sixteen million empty maps": lambda: filled(b"\xdd\x00\xff\x00\x00", b"\x80", most=MOST),
        "sixteen million empty lists in a map": lambda: filled(
            b"\x81\xa1a\xdd\x00\xff\x00\x00", b"\x90", most=MOST
        ),
        "a list of 4 billion": lambda: b"\xdd\xff\xff\xff\xff",
        "a map of 4 billion": lambda: b"\xdf\xff\xff\xff\xff",
        "a text of 4 billion letters": lambda: b"\xdb\xff\xff\xff\xff",
        "an extension of 4 billion bytes": lambda: b"\xc9\xff\xff\xff\xff\x01",
        "sixteen megabytes of one text": lambda: b"\xdb\x00\xf0\x00\x00" + b"a" * 0xF00000,
        "sixteen megabytes of an extension": lambda: b"\xc9\x00\xf0\x00\x00\x01" + b"a" * 0xF00000,
        "a map of four million keys": lambda: filled(
            b"\xdf\x00\x3f\x00\x00", b"\xa1a\xc0", most=MOST
        ),
        "the same key twice": lambda: twice("channel", "other"),
        "a key that nobody knows": lambda: twice("colour", "red"),
        "a key that is a number": lambda: b"\x85" + packed()[1:] + b"\x01\x02",
        "a key that is a list": lambda: b"\x85" + packed()[1:] + b"\x90\x02",
        "not a number as a text": lambda: twice("code", float("nan")),
        "without end as a segment": lambda: twice("segment", float("inf")),
        "a time as a code": lambda: twice("code", msgpack.Timestamp(1)),
        "a number for a text": lambda: packed(channel=7),
        "a text for a number": lambda: twice("segment", "1"),
        "true for a number": lambda: twice("segments", True),
        "a number past 63 bits": lambda: twice("segments", 2**64 - 1),
        "a number below nothing": lambda: twice("segment", -1),
        "an unknown kind": lambda: packed(kind="fax"),
        "a kind that is bytes": lambda: packed(kind=b"text"),
        "content that is a text": lambda: packed(content="words"),
        "content that is nothing": lambda: packed(content=None),
        "no content": lambda: bytes(
            msgpack.packb({k: v for k, v in GOOD.items() if k != "content"})
        ),
        "a channel of a megabyte": lambda: packed(channel="a" * 1_000_000),
        "a channel that is no UTF-8": lambda: packed().replace(b"news", b"\xff\xfe\xfd!"),
        "a transport without a name": lambda: packed(transport=""),
        "flags of lines": lambda: twice("flags", "a\nb"),
        "ten thousand flags": lambda: twice("flags", "a " * 10_000),
        "join keys of 15 bytes": lambda: twice("join_keys", bytes(15)),
        "a thousand repeat keys": lambda: twice("repeat_keys", bytes(16_000)),
        "a token of a megabyte": lambda: twice("return_token", bytes(1_000_000)),
        "nothing": lambda: b"",
        "nil": lambda: b"\xc0",
        "half of it": lambda: packed()[:-4],
        "more than it": lambda: packed() + b"\x00",
        "noise": lambda: random.Random(7).randbytes(2000),
    }
)

READABLE = Corpus(
    {
        "thirty megabytes of text in ten that are none": lambda: packed(
            content=b"\xff" * 10_000_000
        ),
        "four megabytes of septets": lambda: packed(kind="gsm", content=b"\x1be" * 2_000_000),
        "a mail of nothing but borders": lambda: packed(
            kind="mail",
            content=b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 1_000_000,
        ),
        "a channel that nobody has": lambda: packed(channel="nowhere"),
        "a transport that nobody has": lambda: packed(transport="\u202etropsnart"),
        "a segment of 255 alone": lambda: bytes(
            msgpack.packb(
                GOOD | {"kind": "ucs2", "segment": 9, "segments": 255, "join_keys": bytes(32)}
            )
        ),
        "flags that only an exit gives": lambda: twice("flags", "known answered perhaps_command"),
        "a command of another": lambda: packed(content=b"DELETE 1234567890"),
        "an empty mail": lambda: packed(kind="mail", content=b""),
    }
)
"""Well made, and against who reads them: each becomes whatever it is, and ends no process."""
