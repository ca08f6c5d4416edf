"""What comes in: as a transport heard it, without its sender, and as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Kind = Literal["mail", "text", "multipart", "gsm", "ucs2"]
"""How a content is written: the raw DATA of a mail (RFC 5322); UTF-8; a MIME entity that a
transport of ours made (RFC 2046: text and media); the septets of an SMS, one in each octet (3GPP TS
23.038); UTF-16BE, perhaps with half a pair at an end (segments are cut anywhere)."""

MAX_WAY_BACK = 440
"""Bytes of a way back: with a transport's name it fits into a return token."""


@dataclass(frozen=True, slots=True, repr=False)
class Arrival:
    """What a transport heard, with everything that names a person. Never leaves a door's memory.

    ``content`` is as its ``kind`` says; ``channels`` are the channels it goes to; ``sender`` and
    ``recipient`` are opaque bytes; ``provider_id`` is the id under which the provider repeats it,
    empty if there is none; ``claimed_at`` is the provider's own time as it wrote it;
    ``repeats_without_id`` says that this gateway sends old messages again under new ids, so that
    sender, text and time make a second key. ``recipients`` says for each channel, in the same
    order, to whom a mail went there (RCPT TO); ``unknown`` are the channels for which only
    ``*@domain`` stood; ``flags`` go with every channel.

    A part of a long SMS is ``segment`` of ``segments`` (from 1) under the sender's ``reference``
    (as the network wrote it, width included). ``way_back`` is what the transport needs to answer
    (at most MAX_WAY_BACK bytes, its own format), empty where it may not. ``code`` is a handle that
    the transport has given its client. ``network`` is the client's, for limits and for a
    tag; empty if unknown.
    """

    transport: str
    kind: Kind
    content: bytes
    channels: tuple[str, ...]
    sender: bytes
    recipient: bytes
    provider_id: bytes = b""
    claimed_at: bytes = b""
    repeats_without_id: bool = False
    recipients: tuple[bytes, ...] = ()
    unknown: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    segment: int = 0
    segments: int = 0
    reference: bytes = b""
    way_back: bytes = b""
    code: str = ""
    network: bytes = b""


@dataclass(frozen=True, slots=True, repr=False)
class Submission:
    """An arrival without the person: what may be sealed. One for each channel."""

    transport: str
    kind: Kind
    content: bytes
    channel: str
    flags: tuple[str, ...]
    repeat_keys: tuple[bytes, ...]
    author_tags: tuple[bytes, ...] = ()
    network_tags: tuple[bytes, ...] = ()
    segment: int = 0
    segments: int = 0
    join_keys: tuple[bytes, ...] = ()
    return_token: bytes = b""
    answer_key: bytes = b""
    code: str = ""


class Verdict(StrEnum):
    """The answer to an arrival. TAKEN and KNOWN are both yes; BUSY is 451/503; REFUSED is final."""

    TAKEN = "taken"
    KNOWN = "known"
    BUSY = "busy"
    FULL = "full"
    REFUSED = "refused"


# ---------------------------------------------------------------- what was read


@dataclass(frozen=True, slots=True, repr=False)
class Mark:
    """A danger in a message: what kind it is and where: offset and length in characters of its text
    or title. Of the words that say what a medium shows both are 0."""

    kind: str
    offset: int
    length: int
    where: Literal["text", "title", "alt"] = "text"


@dataclass(frozen=True, slots=True, repr=False)
class Media:
    """Something other than text: its type (RFC 6838), its bytes, and what it shows, in words.

    What a reader gives is as it came. What a message has after the step ``read``, and a post
    carries, was made anew by a cleaner: ``poster`` is then one picture of a film (JPEG), ``width``
    and ``height`` pixels as they are shown, ``seconds`` how long it lasts, rounded up. ``lacks`` is
    what could not be made anew with it (our own words): for who reviews it, and never published."""

    type: str
    content: bytes
    alt: str = ""
    poster: bytes = b""
    width: int = 0
    height: int = 0
    seconds: int = 0
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Unclean:
    """Nothing may be published of a medium, for this reason (our own words)."""

    why: str


@dataclass(frozen=True, slots=True, repr=False)
class Original:
    """What is remembered of something that came along: its type as it was declared, its bytes
    (a number), their SHA-256, and why nothing is published of it; empty where a cleaner made
    something of it. Its content lies in a row of its own until it is destroyed
    (``Queue.ORIGINAL``).
    """

    type: str
    size: int
    sha256: bytes
    why: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """A submission that was read: clean text (NFC), its language (BCP 47, "und" if unknown), and
    the sender's code for it, normalised, if its last line was one."""

    text: str
    title: str = ""
    language: str = "und"
    marks: tuple[Mark, ...] = ()
    media: tuple[Media, ...] = ()
    flags: tuple[str, ...] = ()
    code: str = ""


Word = Literal["code", "status", "delete", "answers", "read", "again", "to", "help"]
"""What a sender can say (section "What a sender can say" of docs/path.md)."""


@dataclass(frozen=True, slots=True, repr=False)
class Command:
    """A submission that is nothing but a command. ``argument`` is a normalised code, a topic or a
    channel's name, empty where there is none; ``language`` that of its word (BCP 47), empty for a
    sign."""

    word: Word
    argument: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The content cannot be read: it goes to quarantine with this reason (our own words)."""

    why: str


Reading = Message | Command | Unreadable
"""What a reader makes of a submission."""


@dataclass(frozen=True, slots=True, repr=False)
class Ciphertext:
    """Something encrypted to the exit, as it came: by which scheme; and what is in it: the entity
    of a mail (RFC 3156), text, or a file. Once it was opened, ``content`` is the plaintext."""

    scheme: Literal["openpgp", "age"]
    form: Literal["entity", "text", "file"]
    content: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Encrypted:
    """What a reader without keys makes of a mail that is encrypted: what is to be opened, and what
    stood beside it in the clear, if anything did. No step of the exit sees this value: a reader
    that does nothing else opens it, and a third reads what came out."""

    parts: tuple[Ciphertext, ...]
    clear: Message | None = None
