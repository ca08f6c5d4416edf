"""What the exit keeps of a message once its envelope is opened: sealed under a key of its own.

The step unseal changes custody: from the epoch key that will be destroyed to a random key for this
record alone, wrapped by the storage key. So review and windows may last as long as they must, and
deleting a record deletes its key with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relay.model import Command, Instant, Kind, Mark, Message, Original
from relay.rules.join import Segment
from relay.wire.custody import keep, reveal
from relay.wire.epochs import StorageKey
from relay.wire.pack import pack, unpack


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """A reply to a post of ours, until its message is purged: its own id at the destination, and
    its text, which is empty once it was released (it is an answer then)."""

    destination: str
    ref: str
    text: str


CORRECTION = b"correction"
"""The note of a row that corrects another, so that nobody has to open all the others to see it."""


@dataclass(frozen=True, slots=True, repr=False)
class First:
    """The message that a correction puts right, as it was first posted: the id and the seq of its
    row, and its message secret."""

    id: bytes
    seq: int
    secret: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """Words that stood in a message before others did: of its text, its title and its media, and
    marks that say what was found in them and where."""

    text: str
    title: str
    alts: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Going:
    """What a person wants left out when a message goes: where ``chosen``, all media but those of
    the numbers ``only``; and the destinations ``without``. ``not_before``: an instant before which
    it does not go, however it came to be due."""

    chosen: bool = False
    only: tuple[int, ...] = ()
    without: tuple[str, ...] = ()
    not_before: Instant = 0


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """An opened submission. ``secret`` (32 bytes) is the message secret; ``content`` is what was
    sealed until it is read, ``message`` or ``command`` what the reader made of it afterwards.
    ``answers`` are what its sender may fetch by its code, the next one last, as an editor released
    them; ``replies`` what was written under its posts, oldest first. ``sender`` is the name of the
    known sender who wrote it, empty for anybody else; the other fields are as they came in the
    envelope. ``return_token`` and ``answer_key`` are gone once it was read as a message.

    What was joined has its ``pieces``, one of each number that came. ``corrects`` says that it is
    the whole text of a message that was posted without a piece, ``revision`` (from 1) how often
    that has happened. ``held`` is why a person must see it whatever the channel's policy says.
    ``originals`` say what came along with it: without them the media of ``message`` are as they
    came, with them as a cleaner made them. ``written`` is what a rule took something out of to make
    ``message``; None where none did. ``theirs`` is what its sender wrote, once a person has put
    other words in its place: from then on the person's are what every rule goes by. ``hides`` is of
    a correction: what stood there before is not to be seen any more. ``going`` is how it goes out,
    where that is not as its channel says. ``since`` is the hour in which an entry took it: before
    that nobody can have posted it."""

    secret: bytes
    kind: Kind
    transport: str
    channel: str
    flags: tuple[str, ...] = ()
    author_tags: tuple[bytes, ...] = ()
    network_tags: tuple[bytes, ...] = ()
    content: bytes = b""
    message: Message | None = None
    segment: int = 0
    segments: int = 0
    join_keys: tuple[bytes, ...] = ()
    return_token: bytes = b""
    answer_key: bytes = b""
    code: str = ""
    command: Command | None = None
    answers: tuple[str, ...] = ()
    sender: str = ""
    replies: tuple[Heard, ...] = ()
    pieces: tuple[Segment, ...] = ()
    corrects: First | None = None
    revision: int = 1
    held: str = ""
    originals: tuple[Original, ...] = ()
    written: Written | None = None
    theirs: Written | None = None
    hides: bool = False
    going: Going | None = None
    since: Instant = 0


def store(record: Record, storage: Sequence[StorageKey], id: bytes) -> bytes:
    """The record as it lies on the disk, bound to its row by the id."""
    return keep(pack(record), storage[-1], bind=id)


def restore(kept: bytes, storage: Sequence[StorageKey], id: bytes) -> Record:
    """The record again. Raises Damaged."""
    return unpack(Record, reveal(kept, storage, bind=id))
