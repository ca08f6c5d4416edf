"""reply: what is written under our posts, and what of it, or instead of it, a sender may fetch.

What strangers write is kept sealed with its message and goes nowhere by itself. A person releases
one, without links, numbers and mentions, or writes a text of their own; the sender fetches it by
``ANSWERS``, in pieces that each fit into one answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from relay.errors import Asked, Damaged
from relay.exit.kin import rows_of
from relay.exit.record import Heard, Record, restore, store
from relay.exit.withdraw import is_gone
from relay.model import Change, Reply, Row
from relay.ports import Spool
from relay.rules.gsm import fits
from relay.rules.harmless import found, harmless
from relay.wire.keys import ExitKeys
from relay.wire.names import ref_name, replied_name

WAIT: Final = "replies wait"
"""How the note of a message begins that has replies nobody has decided about; their number
follows."""

MOST_WAITING: Final = 100
"""Replies of one message that wait; of more the oldest go."""

MOST_KNOWN: Final = 1000
"""Replies of one message that are known again, if the platform tells them twice."""

MOST_PIECES: Final = 8
"""Of one text: eight answers have to be asked for."""

MOST_ANSWERS: Final = 64
"""Pieces that one message keeps; of more the oldest go."""

TRIES: Final = 20

_WHAT: Final = {"link": "a link", "number": "a number", "mention": "a mention or an address"}
_COUNT: Final = "99/99 "


async def hear(spool: Spool, keys: ExitKeys, destination: str, reply: Reply) -> None:
    """Keep a reply with the message it was written to; one to a correction with the first text,
    whose sender may ask for it. It is dropped where nothing is kept of that, or its sender took it
    back; a reply that is known is no news."""
    name = ref_name(keys.desk_secret, destination, reply.to)
    for _ in range(TRIES):
        rows = await spool.named(name)
        if not rows or is_gone(rows[-1]):
            return
        row, record = rows[-1], await _record(spool, keys, rows[-1])
        if record is not None and record.corrects is not None:
            row = next(iter(await rows_of(spool, record.corrects)), row)
            record = None if is_gone(row) else await _record(spool, keys, row)
        if record is None or _is_known(record, destination, reply.ref):
            return
        heard = Heard(destination, reply.ref, reply.text)
        after = replace(record, replies=_bounded([*record.replies, heard]))
        if await spool.change(row, _kept(row, after, keys)):
            return


async def record_of(spool: Spool, keys: ExitKeys, message: Row) -> Record:
    """What is kept of a message that a person speaks of. Raises Asked."""
    record = None if is_gone(message) else await _record(spool, keys, message)
    if record is None or record.message is None:
        raise Asked("nothing is kept of it, or its sender took it back")
    return record


async def waiting(spool: Spool, keys: ExitKeys) -> list[Row]:
    """The messages that have replies nobody has decided about."""
    rows = await spool.named(replied_name(keys.desk_secret))
    return [row for row in rows if row.why.startswith(WAIT)]


def answered(message: Row, record: Record, text: str, keys: ExitKeys) -> Change:
    """A person's own words, released. Raises Asked where they may lead a sender astray."""
    plain = _lines(text)
    if not plain:
        raise Asked("there is no text on standard input")
    kinds = found(plain)
    if kinds:
        has = " and ".join(_WHAT[kind] for kind in kinds)
        raise Asked(
            f"it has {has}, which is not sent to a person inside: say it in words; after a full "
            "stop put a blank"
        )
    return _kept(message, _with(record, plain), keys)


def released(message: Row, record: Record, n: int, keys: ExitKeys) -> Change:
    """The reply of this number (from 1, as ``unreleased`` has them), without what may lead a
    sender astray. Raises Asked."""
    heard = dict(unreleased(record)).get(n)
    if heard is None:
        raise Asked("there is no reply of that number: see `relay queue show`")
    plain = _lines(harmless(heard.text))
    if not plain:
        raise Asked("without links, numbers and mentions nothing is left of it")
    replies = tuple(replace(one, text="") if one is heard else one for one in record.replies)
    return _kept(message, _with(replace(record, replies=replies), plain), keys)


def dismissed(message: Row, record: Record, keys: ExitKeys) -> Change:
    """None of the replies that wait is released. Raises Asked."""
    if not unreleased(record):
        raise Asked("no reply to it waits")
    replies = tuple(replace(one, text="") for one in record.replies)
    return _kept(message, replace(record, replies=replies), keys)


def unreleased(record: Record) -> list[tuple[int, Heard]]:
    """The replies that wait, each with its number, which stays the same while they do."""
    return [(n, one) for n, one in enumerate(record.replies, 1) if one.text]


def pieces(text: str) -> tuple[str, ...]:
    """The text in pieces that fit into one answer each, numbered if there are several. Raises
    Asked for a text that is too long."""
    if fits(text):
        return (text,)
    made = list(_parted(text))
    if len(made) > MOST_PIECES:
        raise Asked(f"it is too long: at most {MOST_PIECES} short answers, about 1,000 characters")
    return tuple(f"{n}/{len(made)} {piece}" for n, piece in enumerate(made, 1))


# ---------------------------------------------------------------- one record


def _with(record: Record, text: str) -> Record:
    """With a text to fetch: its first piece is the next one."""
    return replace(record, answers=(*record.answers, *reversed(pieces(text)))[-MOST_ANSWERS:])


def _parted(text: str) -> Iterator[str]:
    piece = ""
    for word in _words(text):
        longer = f"{piece} {word}" if piece else word
        if fits(_COUNT + longer):
            piece = longer
            continue
        yield piece
        piece = word
    yield piece


def _words(text: str) -> Iterator[str]:
    """Its words; one that fits into no answer (a language without blanks) in parts that do."""
    for word in text.split():
        while not fits(_COUNT + word):
            most = next(size for size in range(len(word), 0, -1) if fits(_COUNT + word[:size]))
            yield word[:most]
            word = word[most:]
        yield word


def _lines(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def _kept(message: Row, record: Record, keys: ExitKeys) -> Change:
    """The message with this record, where it stands."""
    waits = len(unreleased(record))
    why = message.why if message.why and not message.why.startswith(WAIT) else ""
    return Change(
        message.queue,
        message.state,
        due=message.due,
        why=why or (f"{WAIT}: {waits}" if waits else ""),
        body=store(record, keys.storage, message.id),
        names=(replied_name(keys.desk_secret),) if waits else (),
    )


def _bounded(replies: Sequence[Heard]) -> tuple[Heard, ...]:
    """Those that wait, but for the oldest of too many, and those that are known."""
    waits = [one for one in replies if one.text]
    over = {id(one) for one in waits[:-MOST_WAITING]}
    kept = [replace(one, text="") if id(one) in over else one for one in replies]
    return tuple(kept[-MOST_KNOWN:])


def _is_known(record: Record, destination: str, ref: str) -> bool:
    return any((one.destination, one.ref) == (destination, ref) for one in record.replies)


async def _record(spool: Spool, keys: ExitKeys, message: Row) -> Record | None:
    try:
        body = await spool.body(message.seq)
        return restore(body, keys.storage, message.id) if body else None
    except Damaged:
        return None
