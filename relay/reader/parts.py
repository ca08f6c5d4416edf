"""The parts of a mail: which is its text, and what is kept aside.

The text is the first text/plain part that is not empty, else the first text/html part as text.
Other forms of the same alternative go; every other part is kept aside as a medium, whatever it is,
so that a person sees it: a picture, a second text, a mail in the mail. Names of files are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from typing import Any, Final

from relay.model import Media
from relay.reader.charset import Decoded, decode
from relay.reader.counted import Counted
from relay.reader.html import to_text
from relay.reader.lines import BORDER, is_blank, lines_of, without_borders
from relay.reader.tails import own_words
from relay.reader.text import fitted, unflow

_TORN: Final = (
    CloseBoundaryNotFoundDefect,
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
"""Defects after which something of the text may be missing."""

_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}")
_META_CHARSET: Final = re.compile(rb"""<meta[^<>]{0,200}?charset=["']?([\w-]{1,40})""", re.I)
_WRITTEN_IN: Final = re.compile(rb"""=\s{0,9}["']?\s{0,9}data:""", re.I)
_EMPTY_LINES: Final = re.compile(r"\n[ \t\n]*\n")
_FIRST_PARAGRAPH: Final = re.compile(r"\A(?:\S[^\n]{0,1000}\n){1,20}[ \t]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True, repr=False)
class Leaf:
    """A part that holds no parts: its type, its bytes (transfer encoding undone as far as it can
    be), whether it is marked as an attachment, and the containers around it, outermost first."""

    part: Counted
    type: str
    content: bytes
    attached: bool
    around: tuple[Counted, ...]

    @property
    def name(self) -> str:
        """The name of the file it says it is: only looked at for its ending, and never kept."""
        named = parameter(self.part, "name")
        said: Any = self.part.get_param("filename", "", "content-disposition")
        return str(said[2] if isinstance(said, tuple) else said or "") or named


@dataclass(frozen=True, slots=True, repr=False)
class Chosen:
    """The leaf that is the text, if one is; and the leaves of plain text that were blank. The text
    has borders in it where it was made of HTML."""

    leaf: Leaf | None
    decoded: Decoded
    blank: tuple[Leaf, ...]


def leaves_of(part: Counted, around: tuple[Counted, ...] = ()) -> Iterator[Leaf]:
    """Every part that holds none, in order."""
    # Of a leaf the payload is never asked for undecoded: that applies any codec it names.
    if part.is_multipart():
        inner: Any = part.get_payload()
        for one in inner:
            yield from leaves_of(one, (*around, part))
        return
    content = part.get_payload(decode=True)
    kind = part.true_type()
    yield Leaf(
        part,
        # A container without parts is read as text rather than lost.
        "text/plain" if kind.startswith("multipart/") else kind,
        content if isinstance(content, bytes) else b"",
        field(part, "content-disposition").strip().lower().startswith("attachment"),
        around,
    )


def choose(leaves: Sequence[Leaf]) -> Chosen:
    """The text. Of HTML only the first part that has anything in it is tried: it costs most."""
    blank: list[Leaf] = []
    shown = [leaf for leaf in leaves if not leaf.attached and leaf.content.strip()]
    plain = [leaf for leaf in shown if leaf.type == "text/plain"]
    for leaf in [*plain, *[leaf for leaf in shown if leaf.type == "text/html"][:1]]:
        decoded = _html(leaf) if leaf.type == "text/html" else _plain(leaf)
        text, was_cut = fitted(without_borders(decoded.text))
        if text or was_cut:
            return Chosen(leaf, decoded, tuple(blank))
        if leaf.type == "text/plain":  # HTML without a word shows pictures from elsewhere: kept
            blank.append(leaf)
    return Chosen(None, Decoded(""), tuple(blank))


def _plain(leaf: Leaf) -> Decoded:
    decoded = decode(leaf.content, parameter(leaf.part, "charset"))
    text = decoded.text.replace(BORDER, "")
    if parameter(leaf.part, "format").lower() == "flowed":
        delete_space = parameter(leaf.part, "delsp").lower() == "yes"
        text = unflow(text, delete_space=delete_space)
    if parameter(leaf.part, "hp-legacy-display") == "1":  # RFC 9788 section 4.5.3.2
        text = _FIRST_PARAGRAPH.sub("", text.replace("\r\n", "\n"))
    return Decoded(text, decoded.flags)


def _html(leaf: Leaf) -> Decoded:
    charset = parameter(leaf.part, "charset")
    if not charset and (said := _META_CHARSET.search(leaf.content[:2048])):
        charset = said[1].decode("ascii", "replace")
    decoded = decode(leaf.content, charset)
    return Decoded(_EMPTY_LINES.sub("\n\n", to_text(decoded.text)), decoded.flags)


def kept_aside(leaf: Leaf, chosen: Chosen) -> bool:
    """Whether it is a medium: not the text, not a blank one, not the text in another form.

    HTML with pictures written into it (RFC 2397) is kept in any case, for their sake. So is an
    attachment with nothing in it: a person attached it, and its file was lost on the way.
    """
    if leaf.type == "text/html" and _WRITTEN_IN.search(leaf.content):
        return True
    if not leaf.content.strip():
        return leaf.attached
    if leaf is chosen.leaf or leaf in chosen.blank:
        return False
    if leaf.attached or not leaf.type.startswith("text/") or chosen.leaf is None:
        return True
    return not any(
        one in leaf.around and one.true_type() == "multipart/alternative"
        for one in chosen.leaf.around
    )


MOST_ADDED: Final = 4000
"""Bytes of a part that a program or a list has added."""


def is_added(leaf: Leaf) -> bool:
    """Whether it is a second text with nothing in it but what programs write: phones put theirs
    after a picture, lists their footer after everything."""
    if leaf.type != "text/plain" or leaf.attached or len(leaf.content) > MOST_ADDED:
        return False
    own = own_words(lines_of(_plain(leaf).text))
    return is_blank(own.lines) and not own.unsure


def medium(leaf: Leaf) -> Media:
    """The leaf as it is kept aside."""
    known = _TYPE.fullmatch(leaf.type)
    return Media(leaf.type if known else "application/octet-stream", leaf.content)


def field(part: Counted, name: str) -> str:
    """The first field of that name as it came (8-bit bytes as surrogates), or empty."""
    return next((str(value) for key, value in part.raw_items() if key.lower() == name), "")


def parameter(part: Counted, name: str) -> str:
    """A parameter of Content-Type; RFC 2231 gives it as charset, language and value."""
    value = part.get_param(name, "")
    return str(value[2] if isinstance(value, tuple) else value or "")


def torn(mail: Counted, chosen: Chosen) -> bool:
    """Whether something of the text may be missing."""
    looked_at = [part for part in mail.walk() if part.get_content_maintype() == "multipart"]
    if chosen.leaf is not None:
        looked_at.append(chosen.leaf.part)
    return any(isinstance(defect, _TORN) for part in looked_at for defect in part.defects)
