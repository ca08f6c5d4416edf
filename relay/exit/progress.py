"""How far a delivery has come, and its frozen parts: sealed in the note and the body of its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from relay.errors import Damaged
from relay.model import Instant, Part, Row
from relay.wire.custody import keep, reveal
from relay.wire.epochs import StorageKey
from relay.wire.pack import pack, unpack


@dataclass(frozen=True, slots=True, repr=False)
class Progress:
    """``index`` is the part under way and ``n`` its attempt; ``first`` when its first one began.

    ``tries`` counts the times it was told to wait; ``resent`` that a doubtful part was sent again
    blindly by rule; ``doubted`` that the wait before the next look is over when it is due;
    ``open`` that an earlier sending of it may be public, although its repeat was told to wait;
    ``absent`` and ``unknown`` count answers of look-ups; ``refs`` are the parts that are public;
    ``rest`` is until when its platform takes no more, where the thread stopped for that.
    ``date`` and ``revision`` are those of the text that was prepared, or that stands there now;
    ``corrects`` says that this one is to be put in the place of an earlier text, ``beside`` that
    its bridge will not do that, ``changing`` that its bridge was asked to, and that nobody knows
    yet what became of it. ``blind`` says that it was sent again as its operator wants it, although
    nobody could tell whether it was public; ``instead`` that it took the place of a delivery to
    another destination. ``unfit`` says that a person was told that some of its media do not fit
    there, ``bare`` that they are too large together: who releases it lets it go without these.
    ``taken``: what stood there before was taken back for this one, ``stays``: some of that could
    not be; ``replaced``: this one was taken back so that a correction takes its place.
    ``elsewhere``: another exit has it too, or may have. Before each try of this one it is looked
    for, where to send it again is not exact everywhere; ``ours``: it was given to this one first,
    ``mine``: a try of this one has begun, and nobody knows that nothing came of it.
    """

    index: int = 0
    n: int = 0
    first: Instant = 0
    tries: int = 0
    resent: bool = False
    doubted: bool = False
    open: bool = False
    absent: int = 0
    unknown: int = 0
    refs: tuple[str, ...] = ()
    url: str = ""
    kept: bytes = b""
    rest: Instant = 0
    date: Instant = 0
    revision: int = 1
    corrects: bool = False
    beside: bool = False
    changing: bool = False
    blind: bool = False
    instead: bool = False
    unfit: bool = False
    bare: bool = False
    taken: bool = False
    stays: bool = False
    replaced: bool = False
    elsewhere: bool = False
    ours: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Frozen:
    """The parts, as ``prepare`` of this bridge made them: never rebuilt for it. What an older
    version froze names none."""

    parts: tuple[Part, ...]
    bridge: str = ""


def progressed(progress: Progress, storage: Sequence[StorageKey], id: bytes) -> bytes:
    """The note of a delivery's row."""
    return keep(pack(progress), storage[-1], bind=id + b"progress", padded=False)


def seen_by_a_person(row: Row, url: str, storage: Sequence[StorageKey]) -> bytes:
    """The note of a delivery that somebody found on its platform: how it is called there is not
    known. Raises Damaged."""
    return progressed(replace(thaw(row, storage), url=url), storage, row.id)


def going_bare(row: Row, storage: Sequence[StorageKey]) -> bytes | None:
    """The note of a delivery that a person lets go without media; None where its parts were made
    already. Raises Damaged."""
    progress = thaw(row, storage)
    return None if progress.n else progressed(replace(progress, bare=True), storage, row.id)


def forgetting(row: Row, storage: Sequence[StorageKey]) -> bytes:
    """The note of a delivery without what its bridge kept, which may be words of the post; what it
    is called on its platform stays. One that is damaged is let go."""
    try:
        return progressed(replace(thaw(row, storage), kept=b""), storage, row.id)
    except Damaged:
        return b""


def thaw(row: Row, storage: Sequence[StorageKey]) -> Progress:
    """What the note of a row says; a new row has none. Raises Damaged."""
    if not row.note:
        return Progress()
    return unpack(Progress, reveal(row.note, storage, bind=row.id + b"progress"))


def frozen(parts: Frozen, storage: Sequence[StorageKey], id: bytes) -> bytes:
    """The body of a delivery's row."""
    return keep(pack(parts), storage[-1], bind=id + b"parts")


def thawed(body: bytes, storage: Sequence[StorageKey], id: bytes) -> Frozen:
    """The parts again. Raises Damaged."""
    return unpack(Frozen, reveal(body, storage, bind=id + b"parts"))
