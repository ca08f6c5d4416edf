"""How it looks: the index, archive pages, an item's own page, JSON Feed 1.1, Atom, and ``send``.

Feeds carry the text exactly. The HTML shows it for reading: paragraphs, links that name where they
lead, no overrides of direction (U+202D, U+202E), which nobody writes and which can make a link read
as another. No page loads anything but its style sheet and the pictures on it; films and sounds only
when somebody starts them. Links between pages are relative, so a copy of the folder works on any
mirror, and from a disk.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape

from bridges.page.item import Item
from bridges.page.media import Medium
from bridges.page.ways import Ways, safety

TEMPLATES: Final = Path(__file__).parent
RIGHT_TO_LEFT: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

LINK: Final = re.compile(r"https?://[^\s<>\"'`{}|\\^\u200e\u200f\u2066-\u2069\u202a-\u202e]+", re.I)
AFTER_A_LINK: Final = ".,;:!?\u060c\u061b\u061f\u06d4\u3002\u00bb\u201d\u2019\u2026*_"
"""Marks that end a sentence more often than an address, the Arabic and Persian ones included."""

OVERRIDES: Final = str.maketrans("", "", "\u202d\u202e")
BIDI: Final = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Older:
    """Where the items that are older than the newest page go on: an archive page, and an item."""

    number: int
    uuid: str


@dataclass(frozen=True, slots=True)
class Look:
    """Makes all that people and feed readers see. ``url`` has no slash at its end, or is empty."""

    title: str
    url: str
    language: str

    @property
    def style(self) -> bytes:
        """The style sheet."""
        return (TEMPLATES / "style.css").read_bytes()

    @property
    def direction(self) -> str:
        """Of the page's own words."""
        return "rtl" if self.language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"

    @property
    def words(self) -> dict[str, Any]:
        """The page's own words, English where there are none in its language."""
        known = _words()
        return known["en"] | known.get(self.language.partition("-")[0].lower(), {})

    def at(self, path: str) -> str:
        """The address of something in the folder."""
        return f"{self.url}/{path}" if self.url else path

    def newest(
        self,
        items: Sequence[Item],
        between: Sequence[Item],
        older: Older | None,
        feed: str,
        *,
        told: bool = True,
    ) -> dict[str, bytes]:
        """The newest page by file name. ``items`` newest first; ``feed`` is the feed's id; ``told``
        whether ``send/`` is there (archives and items are made when it is).

        ``between`` are those of the archive page ``older`` that the newest page does not show: who
        follows ``next_url`` finds them in ``older.json``, and so meets no item twice. (Feed readers
        know an item by its id; who counts items does not want to.)
        """
        number = older.number if older else 0
        following = "older" if between else f"archive-{number}" if number else ""
        html = _template("index.html").render(
            look=self,
            days=self._days(items),
            items=items,
            older=older,
            number=0,
            up="",
            told=told,
        )
        made = {
            "index.html": html.encode(),
            "feed.json": self._json(items, "feed", following),
            "feed.xml": self._atom(items, "feed", number, feed),
        }
        if between:
            below = f"archive-{number - 1}" if number > 1 else ""
            made["older.json"] = self._json(between, "older", below)
        return made

    def archive(self, items: Sequence[Item], number: int, feed: str) -> dict[str, bytes]:
        """An archive page by file name; it names no newer one, so it never changes."""
        name = f"archive-{number}"
        older = Older(number - 1, "") if number > 1 else None
        html = _template("index.html").render(
            look=self, days=self._days(items), items=items, older=older, number=number, up=""
        )
        return {
            f"{name}.html": html.encode(),
            f"{name}.json": self._json(items, name, f"archive-{number - 1}" if older else ""),
            f"{name}.xml": self._atom(items, name, number - 1, feed),
        }

    def item(self, item: Item) -> bytes:
        """An item's own page, which stands in ``items``."""
        return _template("item.html").render(look=self, item=item, up="../").encode()

    def ways(self, ways: Ways) -> dict[str, bytes]:
        """What stands in ``send``, by file name."""
        checked, sentences = safety(self.language)
        html = _template("send.html").render(
            look=self, ways=ways, up="../", checked=checked, safety=sentences
        )
        return {"ways.json": ways.file, "index.html": html.encode()}

    def _json(self, items: Iterable[Item], name: str, following: str) -> bytes:
        """JSON Feed 1.1 (jsonfeed.org)."""
        made: dict[str, Any] = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.title,
            "home_page_url": self.at(""),
            "feed_url": self.at(f"{name}.json"),
        }
        if not self.url:
            del made["home_page_url"], made["feed_url"]
        if self.language:
            made["language"] = self.language
        if following:
            made["next_url"] = self.at(f"{following}.json")
        made["items"] = [self._json_item(item) for item in items]
        return json.dumps(made, ensure_ascii=False, indent=1).encode() + b"\n"

    def _json_item(self, item: Item) -> dict[str, Any]:
        made: dict[str, Any] = {"id": item.id, "url": self.at(item.path)}
        if item.titled:
            made["title"] = item.title
        made |= {"content_text": item.text, "date_published": item.date}
        if item.revision > 1:
            made["date_modified"] = item.updated
        if item.language:
            made["language"] = item.language
        if item.media:
            made["attachments"] = [self._attachment(one) for one in item.media]
        return made | {"_outword": {"signed": item.signed, "sig": item.sig}}

    def _attachment(self, one: Medium) -> dict[str, Any]:
        made: dict[str, Any] = {"url": self.at(f"media/{one.file}"), "mime_type": one.type}
        if one.title:
            made["title"] = one.title
        made["size_in_bytes"] = one.size
        return made | ({"duration_in_seconds": one.seconds} if one.seconds else {})

    def _atom(self, items: Sequence[Item], name: str, older: int, feed: str) -> bytes:
        updated = max((item.updated for item in items), default="1970-01-01T00:00:00Z")
        made = _template("feed.xml").render(
            look=self, items=items, name=name, older=older, feed=feed, updated=updated
        )
        return made.encode()

    def _days(self, items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
        return [(day, list(of)) for day, of in groupby(items, key=lambda item: item.date[:10])]

    def day(self, date: str) -> str:
        """A day for people: "23 November 2026", in the page's language."""
        year, month, day = date[:10].split("-")
        return f"{int(day)} {self.words['months'][int(month) - 1]} {year}"


@cache
def _words() -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = json.loads((TEMPLATES / "words.json").read_bytes())
    return made


@cache
def _template(name: str) -> jinja2.Template:
    return _templates().get_template(name)


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"paragraphs": paragraphs, "calm": calm, "plain": plain}
    made.filters |= {"direction": direction}
    made.filters |= {"exact": exact, "attribute": attribute}
    return made


def exact(text: str) -> Markup:
    """For XML: a bare CR would reach the reader as LF (XML 1.0, 2.11)."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))


def attribute(text: str) -> Markup:
    """For an attribute in XML, where a reader would make blanks of line ends (XML 1.0, 3.3.3)."""
    return Markup(str(exact(text)).replace("\n", "&#10;").replace("\t", "&#9;"))


def calm(text: str) -> str:
    """Without overrides of direction."""
    return text.translate(OVERRIDES)


def direction(text: str, otherwise: str) -> str:
    """That of its first letter that has one, as browsers find it (UAX #9, P2 and P3)."""
    found = (unicodedata.bidirectional(letter) for letter in text)
    first = next((one for one in found if one in ("L", "R", "AL")), "")
    return ("ltr" if first == "L" else "rtl") if first else otherwise


def plain(text: str) -> str:
    """For a window's title, where a mark of direction would reach beyond the text."""
    return BIDI.sub("", text)


def paragraphs(text: str) -> Markup:
    """Blank lines part paragraphs, each with a direction of its own; addresses become links."""
    parts = re.split(r"\n[ \t]*\n\s*", calm(text).strip("\n"))
    return Markup("\n").join(
        Markup('<p dir="auto">{}</p>').format(
            Markup("<br>\n").join(_linked(line) for line in part.split("\n"))
        )
        for part in parts
    )


def _linked(line: str) -> Markup:
    made, after = Markup(""), 0
    for found in LINK.finditer(line):
        address = _trimmed(found[0])
        if not _plain_host(address):
            continue
        made += escape(line[after : found.start()]) + Markup(
            '<a href="{0}" rel="nofollow noopener noreferrer" dir="ltr">{0}</a>'
        ).format(address)
        after = found.start() + len(address)
    return made + escape(line[after:])


def _trimmed(address: str) -> str:
    """Without what belongs to the sentence: full stops, and brackets that were not opened in it."""
    while address:
        last = address[-1]
        opening = {")": "(", "]": "["}.get(last)
        unopened = opening and address.count(last) > address.count(opening)
        if last not in AFTER_A_LINK and not unopened:
            break
        address = address[:-1]
    return address


def _plain_host(address: str) -> bool:
    """No user before an @, which looks like a host; no letters that look like others."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  (raises for one that is no number)
    except ValueError:
        return False
    return bool(parts.hostname) and parts.netloc.isascii() and "@" not in parts.netloc
