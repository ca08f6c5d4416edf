"""Two persons: what both of them must want is exactly what goes out, to the last byte.

An approval is bound to a digest of what would be published. Whoever changes the words, the media or
the destinations afterwards has changed the digest, and the approvals before are worth nothing. The
same person twice is one person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from relay.exit.chosen import only_these
from relay.exit.clean import publishable
from relay.exit.record import Record
from relay.exit.sheet import Approval, Choice, Sheet
from relay.rules.policy import Policy
from relay.wire.pack import pack

WAITS: Final = "a second person"
"""For what something waits that one person wants published."""


def needs_two(policy: Policy, kinds: Iterable[str]) -> bool:
    """Whether two persons must want it; ``kinds`` are those of danger in it and in its equals."""
    match policy.two_persons:
        case "all":
            return True
        case "danger":
            return any(kinds)
    return False


def kinds_of(record: Record) -> frozenset[str]:
    """The kinds of danger in a message, those that were taken out of it among them: whether by a
    rule, or by a person, who could else do with other words what two are to look at."""
    before = [one for one in (record.message, record.written, record.theirs) if one is not None]
    return frozenset(mark.kind for one in before for mark in one.marks)


def digest_of(
    record: Record, channel: str, destinations: Iterable[str], choice: Choice, stage: str = ""
) -> bytes:
    """The digest of what would be published of a record as this choice wants it: words, media,
    destinations, not before when, and what it corrects. ``stage`` says what of it is held, where
    that is not all. Raises Asked for media that it does not have."""
    going = only_these(record, choice.only) if choice.chosen else record
    message = going.message
    assert message is not None
    places = sorted(set(destinations) - set(choice.without))
    said = [channel, message.title, message.text, message.language, stage, *places]
    shown = [_digest_of_media(medium.content, medium.alt) for medium in publishable(going)]
    numbers = [choice.not_before, going.revision, going.hides, len(places), len(shown)]
    corrects = b"" if going.corrects is None else pack(going.corrects)
    found = hashlib.sha256()
    for part in (*(one.encode(errors="surrogatepass") for one in said), *shown, corrects):
        found.update(len(part).to_bytes(8, "big") + part)
    found.update(b"".join(one.to_bytes(8, "big") for one in numbers))
    return found.digest()


def _digest_of_media(content: bytes, alt: str) -> bytes:
    return hashlib.sha256(content).digest() + alt.encode(errors="surrogatepass")


def approved(sheet: Sheet, one: Approval) -> tuple[Sheet, bool]:
    """The sheet with this approval, in place of an earlier one by the same person; and whether
    somebody else wants the very same."""
    others = tuple(other for other in sheet.approvals if other.handle != one.handle)
    both = any(other.digest == one.digest for other in others)
    return replace(sheet, approvals=(*others, one)), both


def as_the_first_wanted(sheet: Sheet, handle: str, choice: Choice) -> Choice:
    """The choice of a second person who asks for nothing of their own: that of the first. It is
    never more, and never earlier, than what they have looked at."""
    others = [one for one in sheet.approvals if one.handle != handle]
    if len(others) != 1 or replace(choice, joins=()) != Choice():
        return choice
    first = others[0].choice
    return replace(first, joins=choice.joins or first.joins)
