"""``copy.html``: the newest items in one file, passed on by hand and opened without a network.

Each item stands in it as it is read, and beside it what was signed; so does the list of what was
withdrawn. It has its own few styles, no scripts, and needs no server. What shows the items follows
from the signed bytes alone (docs/wire.md has it byte for byte), so that it can be checked that
nothing was written into a copy on its way. ``copy-media.zip`` beside it holds the pictures, films
and sounds of these items: unpacked beside the copy, they are shown in it.

It is made once an hour at most, and at once when something in it was taken back.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Final

from bridges import kit
from bridges.page.files import held, hour
from bridges.page.gallery import LEAST_FREE
from bridges.page.item import Item
from bridges.page.look import Look
from bridges.page.media import Medium
from bridges.page.order import Order
from bridges.page.templates import FOLDER
from bridges.page.text import calm, plain
from bridges.page.ways import Ways, ways_in_file
from bridges.page.withdrawn import NAME as GONE
from bridges.page.withdrawn import Withdrawn, read_file
from relay.ports import Instant

NAME: Final = "copy.html"
MEDIA: Final = "copy-media.zip"

MOST_BYTES: Final = 4_000_000
"""Bytes of the items in a copy: about 2,000, which any telephone opens."""

MOST_MEDIA_BYTES: Final = 16 * 1024 * 1024

_HEAD: Final = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'sha256-{digest}'; img-src 'self' file:; media-src 'self' file:; base-uri 'none'; \
form-action 'none'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1 dir="auto">{title}</h1>
<p>{about}</p>
<p>{check}</p>
<p dir="ltr"><code>relay verify --key {words} copy.html</code></p>
</header>
<main>
"""
_FOOT: Final = """</main>
<footer>
<details>
<summary>{gone}</summary>
<pre id="withdrawn" dir="ltr">{withdrawn}</pre>
</details>
<details>
<summary>{send}</summary>
<pre id="ways" dir="ltr">{ways}</pre>
</details>
</footer>
</body>
</html>
"""


class Copy:
    """The copy below one page's folder. Every method blocks, and may raise OSError."""

    def __init__(self, folder: Path, look: Look, load: Callable[[str], Item | None]) -> None:
        self._folder = folder
        self._look = look
        self._load = load
        self._made_of = ""

    def outdated(self) -> None:
        """Something that may be in it was taken back or corrected: ``renew`` makes it anew."""
        self._made_of = ""

    def renew(self, order: Order, hourly: Instant | None = None) -> None:
        """Make it, where the key of the page is known and something came since. ``hourly`` is the
        hour of the newest item: not again for what came in that hour."""
        ways = ways_in_file(held(self._folder / "send" / "ways.json"))
        if ways is None:
            return
        gone = read_file(held(self._folder / GONE))
        of = f"{len(order)} {ways.sig} {gone.sig if gone else ''}"
        fresh = hourly is not None and self._made_of and hour(self._folder / NAME) >= hourly
        if self._made_of == of or fresh:
            return
        newest = (item for _, name in order.newest_first() if (item := self._load(name)))
        made, items = copied(self._look, ways, gone, newest)
        if held(self._folder / NAME) != made:
            when = max((item.when for item in items), default=ways.when)
            kit.write_file(self._folder, NAME, made, when=when, sync=False)
        pack_media(self._folder, items)
        self._made_of = of


def copied(
    look: Look, ways: Ways, gone: Withdrawn | None, newest: Iterable[Item]
) -> tuple[bytes, list[Item]]:
    """A copy, and the items that have room in it, the newest first."""
    items, blocks, size = [], [], 0
    for item in newest:
        block = _article(item)
        size += len(block.encode())
        if size > MOST_BYTES:
            break
        items.append(item)
        blocks.append(block)
    words = look.words
    style = (FOLDER / "copy.css").read_text(encoding="utf-8")
    head = _HEAD.format(
        language=look.language,
        direction=look.direction,
        digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        title=escape(plain(calm(look.title))),
        style=style,
        about=escape(words["copy_about"]),
        check=escape(words["copy_check"]),
        words=ways.words,
    )
    foot = _FOOT.format(
        gone=escape(words["withdrawn"]),
        withdrawn=escape(gone.file.decode()) if gone else "",
        send=escape(words["send"]),
        ways=escape(ways.file.decode()),
    )
    return (head + _main(items, blocks) + foot).encode(), items


def _main(items: Sequence[Item], blocks: Sequence[str]) -> str:
    days = dict.fromkeys(one.date[:10] for one in items)
    lines = ["<nav>\n", *(f'<a href="#d-{day}">{day}</a>\n' for day in days), "</nav>\n"]
    day, named = "", set[str]()
    for item, block in zip(items, blocks, strict=True):
        if item.date[:10] != day:
            day = item.date[:10]
            lines.append(f"<h2>{day}</h2>\n" if day in named else f'<h2 id="d-{day}">{day}</h2>\n')
            named.add(day)
        lines.append(block)
    return "".join(lines)


def _article(item: Item) -> str:
    language = f' lang="{item.language}"' if item.language else ""
    title = f'<h3 dir="auto">{_text(item.title)}</h3>\n' if item.titled else ""
    later = f", \u270e {_time(item.updated)}" if item.revision > 1 else ""
    figures = "".join(_figure(one) for one in item.media)
    return (
        f'<article id="{item.uuid}"{language}>\n{title}'
        f'<div class="text" dir="auto">{_text(item.text)}</div>\n{figures}'
        f'<p class="when" dir="ltr">{_time(item.date)}{later}</p>\n'
        f"<details>\n<summary>Ed25519</summary>\n"
        f'<pre dir="ltr">{item.signed}\n{item.sig}</pre>\n</details>\n</article>\n'
    )


def _time(at: str) -> str:
    return f'<time datetime="{at}">{at[:10]} {at[11:16]} UTC</time>'


def _figure(one: Medium) -> str:
    at, alt = f"media/{one.file}", _text(one.alt)
    size = f' width="{one.width}" height="{one.height}"' if one.width and one.height else ""
    poster = f' poster="media/{one.poster}"' if one.poster else ""
    shown = {
        "image": f'<img src="{at}" alt="{alt}"{size} loading="lazy">',
        "video": f'<video src="{at}" aria-label="{alt}"{poster}{size} controls preload="none">'
        "</video>",
        "audio": f'<audio src="{at}" aria-label="{alt}" controls preload="none"></audio>',
    }
    return f"<figure>{shown[one.kind]}</figure>\n"


def _text(text: str) -> str:
    return escape(calm(text), quote=True)


# ---------------------------------------------------------------- what goes with it


def pack_media(folder: Path, items: Sequence[Item]) -> None:
    """Put the files that these items show in one, those of the newest first as far as there is
    room; none where there are none. Raises OSError."""
    wanted = _that_fit(folder, items)
    if _packed(folder) == wanted.keys():
        return
    if not wanted:
        (folder / MEDIA).unlink(missing_ok=True)
        return
    at = os.statvfs(folder)
    if at.f_bavail * at.f_frsize < LEAST_FREE + MOST_MEDIA_BYTES:
        (folder / MEDIA).unlink(missing_ok=True)
        return
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as packed:
        for name, when in sorted(wanted.items()):
            packed.writestr(_entry(name, when), (folder / name).read_bytes())
    kit.write_file(folder, MEDIA, made.getvalue(), when=max(wanted.values()), sync=False)


def _entry(name: str, when: Instant) -> zipfile.ZipInfo:
    """One spelling, whenever and wherever it is made."""
    entry = zipfile.ZipInfo(name, datetime.fromtimestamp(when, UTC).timetuple()[:6])
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    return entry


def _that_fit(folder: Path, items: Sequence[Item]) -> dict[str, Instant]:
    """Names and hours. An hour is that of the newest item that shows it."""
    wanted: dict[str, Instant] = {}
    left = MOST_MEDIA_BYTES
    for item in items:
        for file in sorted(item.shows):
            name = f"media/{file}"
            if name in wanted:
                continue
            try:
                size = (folder / name).stat().st_size
            except FileNotFoundError:
                continue
            if size <= left:
                left -= size
                wanted[name] = item.when
    return wanted


def _packed(folder: Path) -> set[str]:
    try:
        with zipfile.ZipFile(folder / MEDIA) as packed:
            return set(packed.namelist())
    except (FileNotFoundError, zipfile.BadZipFile):
        return set()
