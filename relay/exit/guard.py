"""review: the marks of a message by its channel's rules, and what is taken out of it before a post.

A reader marks what is danger everywhere; it knows no channel, and may have been taken over by what
it read. So the words of a channel's list are looked for here, and where a channel redacts the whole
search is made once more. It is always made on the words as they were written: a message that goes
to another channel, or is asked for again, gets what its channel wants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from relay.exit.record import Record, Written
from relay.model import Mark, Message
from relay.rules.danger import word_marks
from relay.rules.policy import Policy
from relay.rules.redact import NOTHING_LEFT, can_be_cut, redacted


def guarded(record: Record, policy: Policy) -> Record:
    """The record as this channel may publish it; itself, where there is nothing to change. One that
    was never read stays as it is."""
    if record.message is None:
        return record
    message = as_written(record)
    if policy.danger == "redact":
        return _redacted(record, message, policy)
    if policy.danger != "off":
        message = _with_words(message, policy)
    if record.written is None and message == record.message:
        return record
    return replace(record, message=message, written=None)


def as_written(record: Record) -> Message:
    """The message with the words of its sender. ``record`` was read."""
    message, written = record.message, record.written
    assert message is not None
    if written is None:
        return message
    whole = len(written.alts) == len(message.media)  # a person may have left some of them out
    alts = dict(enumerate(written.alts)) if whole else {}
    return replace(
        message,
        text=written.text,
        title=written.title,
        marks=written.marks,
        media=tuple(
            replace(one, alt=alts.get(at, one.alt)) for at, one in enumerate(message.media)
        ),
        flags=tuple(flag for flag in message.flags if flag != NOTHING_LEFT),
    )


def taken_out(record: Record) -> Mapping[str, int]:
    """How many of each kind were taken out of it."""
    return counted(can_be_cut(record.written.marks)) if record.written is not None else {}


def counted(marks: Iterable[Mark]) -> Mapping[str, int]:
    """How many of each kind, by name."""
    return dict(sorted(Counter(mark.kind for mark in marks).items()))


def _redacted(record: Record, message: Message, policy: Policy) -> Record:
    made, found = redacted(message, policy.words)
    if not can_be_cut(found):
        same = record.written is None and made == record.message
        return record if same else replace(record, message=made, written=None)
    alts = tuple(medium.alt for medium in message.media)
    written = Written(message.text, message.title, alts, found)
    return replace(record, message=made, written=written)


def _with_words(message: Message, policy: Policy) -> Message:
    """With marks on the words of the channel's list, and none on those of another's."""
    titled = (replace(mark, where="title") for mark in word_marks(message.title, policy.words))
    found = (*word_marks(message.text, policy.words), *titled)
    others = tuple(mark for mark in message.marks if mark.kind != "word")
    if not found and len(others) == len(message.marks):
        return message
    return replace(message, marks=(*others, *found))
