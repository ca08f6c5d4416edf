"""read -> review or command: by what a message is found again, and whether a known sender wrote it.

A code that is the word of a known sender is a secret: it is taken off the message, bound to nothing
and shown to nobody. What only the exit or a door may say of a message is believed of no reader.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.exit.record import Record, store
from relay.model import Change, Command, Message, Queue, State
from relay.rules.policy import BY_SMS, KNOWN, MAY_READ
from relay.rules.words import is_weak, normal, perhaps
from relay.wire.keys import ExitKeys
from relay.wire.names import author_name, code_name, given_name, own_code_name

Knows = Callable[[str, Sequence[bytes]], Awaitable[str | None]]
"""Whose word a code is, asked for an author with these tags: a known sender's name, empty for
nobody's, None where it was not looked at, so that it must count as a secret."""

Means = Callable[[Record, Command], Awaitable[bool]]
"""Whether what may as well be a message is this command: there is such a channel, or such a code of
this sender."""

_PERHAPS: Final = "perhaps_command"
_NO_READERS: Final = frozenset({KNOWN, BY_SMS, MAY_READ})
_NO_DOORS: Final = frozenset({KNOWN})


async def knows_nobody(code: str, tags: Sequence[bytes]) -> str | None:
    """There are no known senders."""
    return ""


async def means_nothing(asker: Record, command: Command) -> bool:
    """It is a message."""
    return False


@dataclass(frozen=True, slots=True)
class Familiar:
    """What the exit is told of those who write."""

    knows: Knows = knows_nobody
    means: Means = means_nothing


STRANGERS: Final = Familiar()
"""Nobody is known, and a message is a message."""


def to_command(id: bytes, record: Record, command: Command, keys: ExitKeys) -> Change:
    """What becomes of a submission that is nothing but a command."""
    asked = replace(record, content=b"", command=command)
    body = store(asked, keys.storage, id)
    return Change(Queue.COMMAND, State.WAITING, due=0, body=body)


async def to_review(
    id: bytes, record: Record, message: Message, keys: ExitKeys, familiar: Familiar
) -> Change:
    """What becomes of a message that was read: it has its names, and is kept without its content
    as it came, and without its way back: only a command is ever answered."""
    meant = perhaps(message.text) if _PERHAPS in message.flags else None
    if meant is not None and await familiar.means(record, meant):
        return to_command(id, record, meant, keys)
    sender = await familiar.knows(message.code, record.author_tags) if message.code else ""
    code = message.code if sender == "" else ""
    flags = {*message.flags} - _NO_READERS | {*record.flags} - _NO_DOORS
    if sender:
        flags.add(KNOWN)
    whole = replace(
        record,
        content=b"",
        return_token=b"",
        answer_key=b"",
        message=replace(message, flags=tuple(sorted(flags)), code=code),
        sender=sender or "",
    )
    return Change(
        Queue.REVIEW,
        State.WAITING,
        due=0,
        body=store(whole, keys.storage, id),
        names=tuple(names_of(whole, code, keys.desk_secret)),
    )


def names_of(record: Record, code: str, desk_secret: bytes) -> Iterator[bytes]:
    """Of its author, of the code that the sender chose, of the one that a transport gave."""
    for tag in record.author_tags:
        yield author_name(desk_secret, tag)
    if code and not is_weak(code):
        yield from names_of_code(record, code, desk_secret)
    if record.code:
        yield given_name(desk_secret, normal(record.code))


def names_of_code(record: Record, code: str, desk_secret: bytes) -> Iterator[bytes]:
    """Of a code that its sender has chosen: for who may be anybody, and for its author."""
    plain = normal(code)
    yield code_name(desk_secret, plain)
    for tag in record.author_tags:
        yield own_code_name(desk_secret, tag, plain)
