"""A post as mails, every byte of them: RFC 5322 and MIME, plain text and what it carries.

A mail has room for any text; where all media do not fit into one, others follow as answers to the
first (References, RFC 5322 3.6.4). All bytes are ASCII with CRLF, so that any server passes them on
as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_string
from email.charset import BASE64, QP, Charset
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32, default
from email.utils import format_datetime, formataddr
from typing import Any, Final, TypeAlias

import regex

from bridges import kit
from bridges.kit import words
from bridges.kit.counting import Counting
from bridges.kit.fitting import of_size
from bridges.kit.forms import file_name
from bridges.kit.splitting import shortened, split
from bridges.mail_out.addresses import domain
from bridges.mail_out.drafts import Draft
from relay.ports import Fits, Media, Post, Said

MOST_SUBJECT: Final = 70
MOST_ALT: Final = 500
_TYPE: Final = regex.compile(r"(image|video|audio)/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")

Mail: TypeAlias = "Message[Any, Any]"
"""One whose headers may be objects of ``email.header`` too."""

HEAD_BYTES: Final = 4096
"""More than all headers of a mail take."""

_POLICY: Final = compat32.clone(linesep="\r\n", cte_type="7bit", mangle_from_=False)
"""The newer policies fold headers so that a blank is doubled here and there (Python 3.11)."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator wants mails to be. ``to`` is what readers see; "" where the addresses are
    nobody else's business. ``largest``: bytes of one mail."""

    sender: str
    name: str
    to: str
    unsubscribe: str
    largest: int


def fits_of(largest: int) -> Fits:
    """What may come along in a mail of so many bytes, each by itself."""
    room = largest - 2 * HEAD_BYTES - 8 * MOST_ALT - 500
    return of_size(room * 75 // 103)  # ``_encoded`` the other way round


def written(post: Post, style: Style) -> list[Draft]:
    """The mails, at least one. A post that cannot be had as mail is one that says why."""
    text, title = words.clean(post.text), words.clean(post.title)
    refuse = _not_taken(post.media, style)
    if not text and not title and not post.media:
        refuse = "nothing is left of it to post"
    room = style.largest - HEAD_BYTES
    left = room - _encoded(len(text.encode()) + text.count("\n"))
    if left < 0:
        refuse = "it is longer than the mail server takes"
    if refuse:
        return [Draft("", refuse=refuse)]
    groups = _grouped(post.media, left, room)
    parts = split(text, len(text) + 1000, Counting("code points"), at_least=len(groups))
    drafts: list[Draft] = []
    for index, (part, media) in enumerate(zip(parts, groups, strict=True)):
        key = kit.part_key(post.secret, index)
        id = f"{key}@{domain(style.sender)}"
        before = [draft.id for draft in drafts]
        mail = _filled(part, media, key)
        _head(mail, post, style, id, before)
        said = mail.as_bytes(policy=_POLICY).decode("ascii")
        drafts.append(Draft(id, before[-1] if before else "", said))
    return drafts


def shown(draft: Draft, style: Style) -> Said:
    """What a reader sees of a mail: its subject and its text; counted in bytes of the whole."""
    if draft.refuse:
        return Said("", 0, style.largest, refuse=draft.refuse)
    mail = message_from_string(draft.mail, policy=default)
    text = mail.get_body(("plain",))
    said = "" if text is None else str(text.get_content()).replace("\r\n", "\n").strip("\n")
    kinds = [part.get_content_maintype() for part in mail.walk()]
    attached = sum(kind not in ("text", "multipart") for kind in kinds)
    whole = "\n\n".join([str(mail["Subject"]), said])
    return Said(whole, len(draft.mail), style.largest, attached)


def _filled(text: str, media: Sequence[Media], key: str) -> Mail:
    """A mail without headers of its own."""
    said = _plain(text)
    if not media:
        return said
    mail = MIMEMultipart("mixed", boundary=key, policy=_POLICY)
    mail.attach(said)
    for number, medium in enumerate(media, 1):
        mail.attach(_attached(medium, number))
    return mail


def _plain(text: str) -> Mail:
    charset = Charset("utf-8")
    charset.body_encoding = QP if _mostly_plain(text) else BASE64
    said = MIMENonMultipart("text", "plain", policy=_POLICY)
    # Inside base64 lines end as they do outside (RFC 2046, 4.1.1).
    said.set_payload(f"{text}\n" if charset.body_encoding == QP else _crlf(text), charset)
    return said


def _crlf(text: str) -> str:
    return "".join(f"{line}\r\n" for line in text.split("\n"))


def _attached(medium: Media, number: int) -> Mail:
    type = medium.type.lower()
    part: Mail = MIMEBase(*type.split("/", 1), policy=_POLICY)
    part.set_payload(medium.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "inline", filename=file_name(type, str(number)))
    alt = shortened(words.clean(medium.alt).replace("\n", " "), MOST_ALT)
    if alt:
        part["Content-Description"] = _coded(alt)
    return part


def _head(mail: Mail, post: Post, style: Style, id: str, before: Sequence[str]) -> None:
    """The headers of a mail that follows those with these ids."""
    subject = _subject(words.clean(post.title) or words.clean(post.text))
    mail["From"] = formataddr((style.name, style.sender))
    mail["To"] = style.to or "undisclosed-recipients:;"
    mail["Subject"] = _coded(f"Re: {subject}" if before else subject)
    mail["Date"] = format_datetime(datetime.fromtimestamp(post.date, UTC))
    mail["Message-ID"] = f"<{id}>"
    if before:
        mail["In-Reply-To"] = f"<{before[-1]}>"
        mail["References"] = " ".join(f"<{one}>" for one in before)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence note comes back
    if language := words.language(post.language):
        mail["Content-Language"] = language
    if style.unsubscribe:
        mail["List-Unsubscribe"] = f"<{style.unsubscribe}>"
        if style.unsubscribe.startswith("https://"):  # RFC 8058
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _coded(said: str) -> Header:
    """A text as it may stand in a header (RFC 2047), all of it or nothing in code: where plain
    words and code take turns, blanks get lost or doubled on the way."""
    return Header(said, "us-ascii" if said.isascii() else "utf-8")


def _mostly_plain(text: str) -> bool:
    """Whether quoted-printable is no longer than base64: it takes three bytes for each that is not
    plain, where base64 takes four for three."""
    escaped = sum(byte > 0x7E or byte == 0x3D for byte in text.encode())
    return 8 * escaped <= len(text)


def _subject(said: str) -> str:
    return shortened(" ".join(said.split("\n")[0].split()), MOST_SUBJECT) or "…"


def _encoded(size: int) -> int:
    """Bytes of base64 in lines of 76 for so many, or more."""
    return size * 4 // 3 + size // 25 + 500


def _not_taken(media: Sequence[Media], style: Style) -> str:
    for medium in media:
        if not _TYPE.fullmatch(medium.type.lower()):
            return "a medium is neither picture nor film nor sound"
        if not medium.content:
            return "a medium is empty"
        if _carried(medium) + 2 * HEAD_BYTES > style.largest:
            return "a medium is larger than the mail server takes"
    return ""


def _grouped(media: Sequence[Media], first: int, room: int) -> list[tuple[Media, ...]]:
    """What goes into one mail each, in order: the first has so many bytes left for it, the others
    have room."""
    groups: list[tuple[Media, ...]] = [()]
    left = first
    for medium in media:
        size = _carried(medium)
        if size > left:
            groups.append(())
            left = room - HEAD_BYTES
        groups[-1] += (medium,)
        left -= size
    return groups


def _carried(medium: Media) -> int:
    """Bytes of a medium in a mail, its description included, or more."""
    return _encoded(len(medium.content)) + 8 * MOST_ALT
