"""A person puts other words in the place of what a sender wrote, before or after it is public.

What is danger is looked for again in the new words, and a channel that redacts takes it out of them
as it does of any. What the sender wrote is kept beside them until the message is purged: nobody
publishes it, and whoever looks sees what was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from relay.errors import Asked
from relay.exit.guard import as_written, guarded
from relay.exit.record import Record, Written
from relay.model import Mark, Media, Message
from relay.rules.danger import all_marks
from relay.rules.policy import Policy
from relay.rules.redact import CUT, NOTHING_LEFT, without

NOTHING: Final = "nothing would be left of it: drop it instead"
OUTSIDE: Final = "what is to be cut does not lie in its words: look at it again"


@dataclass(frozen=True, slots=True)
class Cut:
    """What a person takes out: characters of the text or the title, or the words that say what a
    medium shows: of medium ``n`` (from 1), of all of them where that is 0."""

    where: Literal["text", "title", "alt"]
    offset: int = 0
    length: int = 0
    n: int = 0


def with_cuts(record: Record, cuts: Sequence[Cut], policy: Policy | None) -> Record:
    """The record with "[…]" in these places. Raises Asked for a place that it does not have."""
    message = _message(record)
    if not cuts:
        raise Asked("say what is to be cut")
    for cut in cuts:
        _check(cut, message)
    made = replace(
        message,
        text=without(message.text, _marks(cuts, "text")),
        title=without(message.title, _marks(cuts, "title")),
        media=tuple(_undescribed(one, n, cuts) for n, one in enumerate(message.media, 1)),
    )
    return with_words(record, made, policy)


def with_text(record: Record, title: str | None, text: str | None, policy: Policy | None) -> Record:
    """The record with these words, which are clean; None stays what it is."""
    message = _message(record)
    made = replace(
        message,
        title=message.title if title is None else title,
        text=message.text if text is None else text,
    )
    return with_words(record, made, policy)


def with_words(record: Record, message: Message, policy: Policy | None) -> Record:
    """The record with the words of this message, as its channel may publish them; itself, where
    they are those it has. Raises Asked where nothing would be left of them."""
    if not (message.media or _says_something(message)):
        raise Asked(NOTHING)
    if message == record.message:
        return record
    quotes = tuple(Mark("quote", 0, 0) for one in message.marks if one.kind == "quote")
    bare = replace(
        message,
        marks=quotes[:1],  # where it stood says nothing any more
        flags=tuple(flag for flag in message.flags if flag != NOTHING_LEFT),
    )
    found = all_marks(bare) if policy is None else all_marks(bare, policy.words)
    made = replace(
        record,
        message=replace(bare, marks=found),
        written=None,
        theirs=record.theirs or _written(as_written(record)),
    )
    return made if policy is None else guarded(made, policy)


def _message(record: Record) -> Message:
    if record.message is None:
        raise Asked("it was not read yet")
    return record.message


def _says_something(message: Message) -> bool:
    return any(sign.isalnum() for sign in f"{message.title}{message.text}".replace(CUT, ""))


def _check(cut: Cut, message: Message) -> None:
    if cut.where == "alt":
        good = 0 <= cut.n <= len(message.media)
    else:
        words = message.text if cut.where == "text" else message.title
        good = cut.offset >= 0 and cut.length > 0 and cut.offset + cut.length <= len(words)
    if not good:
        raise Asked(OUTSIDE)


def _marks(cuts: Iterable[Cut], where: Literal["text", "title"]) -> list[Mark]:
    return [Mark("cut", one.offset, one.length, where) for one in cuts if one.where == where]


def _undescribed(medium: Media, n: int, cuts: Iterable[Cut]) -> Media:
    meant = any(one.where == "alt" and one.n in (0, n) for one in cuts)
    return replace(medium, alt=CUT) if meant and medium.alt else medium


def _written(message: Message) -> Written:
    alts = tuple(medium.alt for medium in message.media)
    return Written(message.text, message.title, alts, message.marks)
