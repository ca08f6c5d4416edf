"""A stripped mail to a message: which part is its text, and what is kept aside.

The text is the first text/plain part that is not empty, else the first text/html part as text.
Other forms of the same alternative go; every other part is kept aside as a medium, whatever it is,
so that a person sees it: a picture, a second text, a mail in the mail. Names of files are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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

from relay.model import Mark, Media, Message, Unreadable
from relay.reader.charset import DAMAGED, Decoded, decode
from relay.reader.counted import Counted, parse
from relay.reader.html import to_text
from relay.reader.subject import decode_words
from relay.reader.text import CUT, MAX_TITLE, MEDIA, clean_line, fitted, unflow
from relay.rules.danger import marks
from relay.rules.heading import with_heading
from relay.rules.script import language_of

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


@dataclass(frozen=True, slots=True, repr=False)
class _Leaf:
    """A part that holds no parts: its type, its bytes (transfer encoding undone as far as it can
    be), whether it is marked as an attachment, and the containers around it, outermost first."""

    part: Counted
    type: str
    content: bytes
    attached: bool
    around: tuple[Counted, ...]


@dataclass(frozen=True, slots=True, repr=False)
class _Chosen:
    """The leaf that is the text, if one is; and the leaves of plain text that were blank."""

    leaf: _Leaf | None
    decoded: Decoded
    blank: tuple[_Leaf, ...]


def read_mail(content: bytes) -> Message | Unreadable:
    """What a stripped mail says. Raises TooMuch."""
    mail = parse(content)
    leaves = tuple(_leaves(mail, ()))
    chosen = _choose(leaves)
    subject = decode_words(_field(mail, "subject"))
    text, was_cut = fitted(chosen.decoded.text)
    title, aside = clean_line(subject.text), []
    if len(title) > MAX_TITLE or not (text or was_cut):
        text, title_was_cut = fitted(with_heading(title, text))
        if title_was_cut:
            aside.append(Media("text/plain", title.encode()))
        was_cut, title = was_cut or title_was_cut, ""
    if was_cut and chosen.leaf is not None:
        aside.append(_medium(chosen.leaf))
    media = (*aside, *(_medium(leaf) for leaf in leaves if _kept_aside(leaf, chosen)))
    if not (text or media):
        return Unreadable("empty")
    flags = {*subject.flags, *chosen.decoded.flags}
    flags.update([CUT] * was_cut, [MEDIA] * bool(media), [DAMAGED] * _torn(mail, chosen))
    return Message(
        text=text,
        title=title,
        language=language_of(f"{title}\n{text}", _declared_language(mail, chosen)),
        marks=marks(text) + _marks_of_title(title),
        media=media,
        flags=tuple(sorted(flags)),
    )


def _leaves(part: Counted, around: tuple[Counted, ...]) -> Iterator[_Leaf]:
    # Of a leaf the payload is never asked for undecoded: that applies any codec it names.
    if part.is_multipart():
        inner: Any = part.get_payload()
        for one in inner:
            yield from _leaves(one, (*around, part))
        return
    content = part.get_payload(decode=True)
    kind = part.true_type()
    yield _Leaf(
        part,
        # A container without parts is read as text rather than lost.
        "text/plain" if kind.startswith("multipart/") else kind,
        content if isinstance(content, bytes) else b"",
        _field(part, "content-disposition").strip().lower().startswith("attachment"),
        around,
    )


def _choose(leaves: tuple[_Leaf, ...]) -> _Chosen:
    """The text. Of HTML only the first part that has anything in it is tried: it costs most."""
    blank: list[_Leaf] = []
    shown = [leaf for leaf in leaves if not leaf.attached and leaf.content.strip()]
    plain = [leaf for leaf in shown if leaf.type == "text/plain"]
    for leaf in [*plain, *[leaf for leaf in shown if leaf.type == "text/html"][:1]]:
        decoded = _html(leaf) if leaf.type == "text/html" else _plain(leaf)
        text, was_cut = fitted(decoded.text)
        if text or was_cut:
            return _Chosen(leaf, decoded, tuple(blank))
        if leaf.type == "text/plain":  # HTML without a word shows pictures from elsewhere: kept
            blank.append(leaf)
    return _Chosen(None, Decoded(""), tuple(blank))


def _plain(leaf: _Leaf) -> Decoded:
    decoded = decode(leaf.content, _parameter(leaf.part, "charset"))
    if _parameter(leaf.part, "format").lower() != "flowed":
        return decoded
    delete_space = _parameter(leaf.part, "delsp").lower() == "yes"
    return Decoded(unflow(decoded.text, delete_space=delete_space), decoded.flags)


def _html(leaf: _Leaf) -> Decoded:
    charset = _parameter(leaf.part, "charset")
    if not charset and (said := _META_CHARSET.search(leaf.content[:2048])):
        charset = said[1].decode("ascii", "replace")
    decoded = decode(leaf.content, charset)
    return Decoded(_EMPTY_LINES.sub("\n\n", to_text(decoded.text)), decoded.flags)


def _kept_aside(leaf: _Leaf, chosen: _Chosen) -> bool:
    """Whether it is a medium: not the text, not empty, not the text in another form.

    HTML with pictures written into it (RFC 2397) is kept in any case, for their sake.
    """
    if leaf.type == "text/html" and _WRITTEN_IN.search(leaf.content):
        return True
    if not leaf.content.strip() or leaf is chosen.leaf or leaf in chosen.blank:
        return False
    if leaf.attached or not leaf.type.startswith("text/") or chosen.leaf is None:
        return True
    return not any(
        one in leaf.around and one.true_type() == "multipart/alternative"
        for one in chosen.leaf.around
    )


def _medium(leaf: _Leaf) -> Media:
    known = _TYPE.fullmatch(leaf.type)
    return Media(leaf.type if known else "application/octet-stream", leaf.content)


def _field(part: Counted, name: str) -> str:
    """The first field of that name as it came (8-bit bytes as surrogates), or empty."""
    return next((str(value) for key, value in part.raw_items() if key.lower() == name), "")


def _parameter(part: Counted, name: str) -> str:
    """A parameter of Content-Type; RFC 2231 gives it as charset, language and value."""
    value = part.get_param(name, "")
    return str(value[2] if isinstance(value, tuple) else value or "")


def _declared_language(mail: Counted, chosen: _Chosen) -> str:
    own = _field(chosen.leaf.part, "content-language") if chosen.leaf else ""
    return own or _field(mail, "content-language")


def _torn(mail: Counted, chosen: _Chosen) -> bool:
    looked_at = [part for part in mail.walk() if part.get_content_maintype() == "multipart"]
    if chosen.leaf is not None:
        looked_at.append(chosen.leaf.part)
    return any(isinstance(defect, _TORN) for part in looked_at for defect in part.defects)


def _marks_of_title(title: str) -> tuple[Mark, ...]:
    """Dangers of the title stand nowhere in the text: offset and length are 0."""
    return tuple(Mark(kind, 0, 0) for kind in sorted({mark.kind for mark in marks(title)}))
