"""A stripped mail to a message: its text without what others wrote, and what is kept aside.

An encrypted mail is not opened here: what is to be opened is given back, with what stands beside it
in the clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.model import Ciphertext, Command, Encrypted, Kind, Media, Message, Unreadable
from relay.reader.charset import DAMAGED
from relay.reader.counted import Counted, parse
from relay.reader.encrypted import Found, found_in, found_in_text
from relay.reader.lines import without_borders
from relay.reader.parts import (
    Chosen,
    Leaf,
    choose,
    field,
    is_added,
    kept_aside,
    leaves_of,
    medium,
    torn,
)
from relay.reader.quotes import REMOVED, Stripped, quote_marks, stripped
from relay.reader.said import said
from relay.reader.subject import decode_words
from relay.reader.text import CUT, MAX_TITLE, MEDIA, clean_line, fitted
from relay.rules.heading import with_heading
from relay.rules.words import command_of, perhaps

_OF_THE_SENDER: Final = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-keys",
    }
)
"""Signatures and keys that mail programs attach: they say who wrote, and nothing else."""

_PROTECTED_FIELDS: Final = "text/rfc822-headers"
"""A part that repeats the header inside what was encrypted, as programs did before RFC 9788."""

ASIDE: Final = "whole_aside"
"""Flag: what was taken off may be the person's own words; the whole text is kept as a medium."""


@dataclass(frozen=True, slots=True, repr=False)
class _Mail:
    """A mail that was parsed: its title, and the leaves that may be text or media. ``found`` is
    what is encrypted in it; ``removed``: something that names the sender was left out."""

    whole: Counted
    title: str
    title_flags: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    found: Found
    removed: bool


def read_mail(content: bytes, kind: Kind = "mail") -> Message | Command | Encrypted | Unreadable:
    """What a stripped mail says, or ("multipart") an entity that a transport of ours made: of that
    nothing is taken off. Raises TooMuch."""
    parts, draft = drafted(content, kind)
    return Encrypted(parts, draft) if parts else finished(draft)


def drafted(
    content: bytes, kind: Kind, *, opened: bool = False
) -> tuple[tuple[Ciphertext, ...], Message]:
    """What is encrypted in a mail, and the rest of it as a draft for ``finished``: a message whose
    language is the one that is declared, and that may be empty. ``opened``: it was encrypted
    itself, and nothing more in it is opened. Raises TooMuch."""
    mail = _parsed(content, kind, opened)
    chosen = choose(mail.leaves)
    found, text = mail.found, chosen.decoded.text
    if kind == "mail" and not opened:
        found, text = found_in_text(found, text)
    aside = [leaf for leaf in mail.leaves if kept_aside(leaf, chosen)]
    media = tuple(medium(leaf) for leaf in aside if kind != "mail" or not is_added(leaf))
    words = Stripped(without_borders(text))
    if kind == "mail":
        words = stripped(text, title=mail.title, alone=not (media or found.parts))
        removed = mail.removed or len(media) < len(aside)
        mail = replace(mail, removed=removed)
    return found.parts, _draft(mail, chosen, words, media)


def finished(draft: Message) -> Message | Command | Unreadable:
    """A message, or the command that it is."""
    if not (draft.text or draft.title or draft.media):
        return Unreadable("empty")
    title, text = draft.title, draft.text
    made = said(
        text or title,
        title=title if text else "",
        media=draft.media,
        flags=draft.flags,
        declared=draft.language,
    )
    if isinstance(made, Command):
        return made
    return replace(made, marks=(*made.marks, *quote_marks(made.text, made.flags)))


def _parsed(content: bytes, kind: Kind, opened: bool) -> _Mail:
    whole = parse(content)
    leaves = tuple(leaves_of(whole))
    subject = decode_words(field(whole, "subject"))
    title = clean_line(subject.text)
    found, removed = Found(leaves), False
    if kind == "mail":
        kept = tuple(leaf for leaf in leaves if leaf.type not in _OF_THE_SENDER)
        removed = len(kept) < len(leaves)
        found = Found(kept) if opened else found_in(kept)
    if opened:
        inside, rest = _protected(found.leaves)
        title, found = title or inside, Found(rest)
    return _Mail(whole, title, subject.flags, found.leaves, found, removed)


def _protected(leaves: Sequence[Leaf]) -> tuple[str, tuple[Leaf, ...]]:
    """The Subject in a part of protected fields, and the leaves without that part."""
    rest = tuple(leaf for leaf in leaves if leaf.type != _PROTECTED_FIELDS)
    for leaf in leaves:
        if leaf not in rest:
            inside = field(parse(leaf.content[:MAX_PROTECTED]), "subject")
            return clean_line(decode_words(inside).text), rest
    return "", rest


MAX_PROTECTED: Final = 16 * 1024
"""Bytes of a part of protected fields that are looked at."""


def _draft(mail: _Mail, chosen: Chosen, words: Stripped, media: tuple[Media, ...]) -> Message:
    text, was_cut = fitted(words.text)
    title, aside = mail.title, []
    if len(title) > MAX_TITLE:
        text, title_was_cut = fitted(with_heading(title, text))
        if title_was_cut:
            aside.append(Media("text/plain", title.encode()))
        was_cut, title = was_cut or title_was_cut, ""
    # Of a command nothing is missing, and with a medium it would be none.
    unsure = words.unsure and command_of(text) is None and perhaps(text) is None
    if (was_cut or unsure) and chosen.leaf is not None:
        aside.append(medium(chosen.leaf))
    media = (*aside, *media)
    flags = {*mail.title_flags, *chosen.decoded.flags, *words.flags, *[ASIDE] * unsure}
    flags.update([CUT] * was_cut, [MEDIA] * bool(media), [DAMAGED] * torn(mail.whole, chosen))
    flags.update([REMOVED] * mail.removed)
    language = _declared_language(mail.whole, chosen)
    return Message(text, title, language, media=media, flags=tuple(sorted(flags)))


def _declared_language(mail: Counted, chosen: Chosen) -> str:
    own = field(chosen.leaf.part, "content-language") if chosen.leaf else ""
    return own or field(mail, "content-language")
