"""An item of the page, and its file: the signed bytes and the signature, both in base64.

The signed bytes are JSON: v (1), id ("urn:uuid:..."), date (the hour, RFC 3339 UTC), title, titled
(whether a person wrote it), text, language; revision and updated, where the text was corrected (how
often that makes, and the hour in which it was), and hides, where nothing it said before is to be
shown; and media, where it shows any. They are kept as they were signed, and every field is shown as
it was signed or not at all. Nothing here checks a signature: whoever reads the page does.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bridges.kit import parts
from bridges.page.media import Medium, NotMedia, files_of, read_media
from relay.ports import Instant, Media

UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")

NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 section 2.2 cannot carry in any spelling."""


class NotAnItem(ValueError):
    """These bytes are no item that the page can carry."""


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """An item to be shown. ``updated`` is the hour since which it says this, which is ``date`` for
    a first text; ``when`` is that as an Instant. ``signed`` and ``sig`` are base64.

    ``language`` is a BCP 47 tag, empty where it is not known. ``revision`` counts the texts it has
    had, from 1; ``hides``: none of those before this one is shown.
    """

    uuid: str
    date: str
    updated: str
    when: Instant
    title: str
    titled: bool
    text: str
    language: str
    signed: str
    sig: str
    revision: int = 1
    media: tuple[Medium, ...] = ()
    hides: bool = False

    @property
    def id(self) -> str:
        """As a URN: the same on every exit."""
        return f"urn:uuid:{self.uuid}"

    @property
    def path(self) -> str:
        """Where its own page stands below the folder."""
        return f"items/{self.uuid}.html"

    @property
    def shows(self) -> frozenset[str]:
        """The files in ``media/`` that it shows, posters too."""
        return frozenset({*(m.file for m in self.media), *(m.poster for m in self.media)} - {""})

    @property
    def file(self) -> bytes:
        """The bytes of its file."""
        return _file(self.signed, self.sig)


def item_file(signed: bytes, signature: bytes) -> bytes:
    """The file of an item, from what the core made."""
    return _file(_b64(signed), _b64(signature))


def _file(signed: str, sig: str) -> bytes:
    return json.dumps({"signed": signed, "sig": sig}).encode() + b"\n"


def item_part(signed: bytes, signature: bytes, media: Sequence[Media]) -> bytes:
    """The payload of an item's part: its file, and where it shows anything its media as well."""
    if not media:
        return item_file(signed, signature)
    return parts.frozen({"signed": _b64(signed), "sig": _b64(signature)}, media)


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def read_part(payload: bytes) -> tuple[Item, Mapping[str, bytes]]:
    """The item of a part, and the files that came along. Raises NotAnItem."""
    try:
        said, media = parts.thawed(payload)
        file = _file(_text(said, "signed"), _text(said, "sig"))
    except NotAnItem:
        raise
    except (ValueError, KeyError, TypeError):
        return read_item(payload), {}
    return read_item(file), files_of(media)


def read_item(file: bytes) -> Item:
    """The item in an item's file. Raises NotAnItem, which never quotes it."""
    try:
        outer = json.loads(file)
        signed, sig = _text(outer, "signed"), _text(outer, "sig")
        base64.b64decode(sig, validate=True)
        inner = json.loads(base64.b64decode(signed, validate=True))
        if inner["v"] != 1:
            raise NotAnItem("an item of a version that is not known here")
        scheme, _, uuid = _text(inner, "id").rpartition(":")
        date, language = _text(inner, "date"), _text(inner, "language")
        revision = _revision(inner)
        updated = _text(inner, "updated") if revision > 1 else date
        # The id becomes a file name and the date a file's time, so both are read as strictly.
        if scheme != "urn:uuid" or not UUID.fullmatch(uuid):
            raise NotAnItem("not an item")
        if not (DATE.fullmatch(date) and DATE.fullmatch(updated)):
            raise NotAnItem("not an item")
        if language and not LANGUAGE.fullmatch(language):
            raise NotAnItem("an item in a language that is no BCP 47 tag")
        media = read_media(inner["media"]) if "media" in inner else ()
        if any(NOT_XML.search(one.alt) for one in media):
            raise NotAnItem("a character that no feed can carry")
        return Item(
            uuid=uuid,
            date=date,
            updated=updated,
            when=int(datetime.fromisoformat(updated).timestamp()),
            title=_text(inner, "title"),
            titled=inner["titled"] is True,
            text=_text(inner, "text"),
            language="" if language == "und" else language,
            signed=signed,
            sig=sig,
            revision=revision,
            media=media,
            hides=inner.get("hides") is True,
        )
    except NotAnItem:
        raise
    except NotMedia as error:
        raise NotAnItem(str(error)) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotAnItem("not an item") from None


def _revision(source: dict[str, object]) -> int:
    value = source.get("revision", 1)
    if type(value) is not int or value < 1:
        raise NotAnItem("not an item")
    return value


def _text(source: dict[str, object], key: str) -> str:
    value = source[key]
    if not isinstance(value, str):
        raise NotAnItem("not an item")
    if NOT_XML.search(value):  # the feeds carry a text exactly, or not at all
        raise NotAnItem("a character that no feed can carry")
    return value
