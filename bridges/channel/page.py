"""Looks for a message on the page on which Telegram shows a public channel to everybody.

``https://t.me/s/NAME`` has the latest messages as HTML, ``?before=N`` those before number N. It
needs no account, is no documented interface and may lag; so it tells what is there, and that
something is not there only after it was read back past the time of the try.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import regex

from bridges import kit
from bridges.channel.api import READ_S
from bridges.channel.wanted import Seen, Wanted
from bridges.kit.matching import text_of
from relay.ports import Absent, Answer, Http, Lookup, Unknown

MOST_PAGES: Final = 10

_IS_ONE: Final = b"tgme_channel_history"
_POST: Final = regex.compile(
    r"""\bdata-post\s*=\s*["'][A-Za-z0-9_]{1,64}/(?P<id>[0-9]{1,15})["']"""
)
_TAG: Final = regex.compile(r"<(?P<name>a|div|time)\b(?P<more>[^<>]*+)>")
"""Tags first, and what is in them second: a hostile page must not cost its square."""

_DATE: Final = regex.compile(r"""\bdatetime\s*+=\s*+["'](?P<date>[^"']{1,40})["']""")
_TEXT: Final = regex.compile(r"\bjs-message_text\b")
_MEDIUM: Final = regex.compile(
    r"\btgme_widget_message_(?:photo|video|animation|audio|document|voice|roundvideo)"
)


async def looked_up(
    http: Http, page: str, username: str, wanted: Wanted, *, lately: bool
) -> Lookup:
    """Found; Absent, strong where the page was read back past the try and it is not ``lately``;
    Unknown where the page cannot be had, or two are alike."""
    seen: dict[int, Seen] = {}
    before = ""
    for _ in range(MOST_PAGES):
        answer = await kit.ask(http, "GET", f"{page}/s/{username}{before}", timeout_s=READ_S)
        if not isinstance(answer, Answer) or answer.status != 200 or _IS_ONE not in answer.body:
            return Unknown("Telegram does not show the channel's page now")
        shown = [one for one in _shown(answer.body.decode(errors="replace")) if one.id not in seen]
        seen |= {one.id: one for one in shown}
        if not shown or any(wanted.is_before(one) for one in shown):
            return wanted.told(seen, {"username": username}, whole=not lately)
        before = f"?before={min(seen)}"
    found = wanted.told(seen, {"username": username}, whole=False)
    return Unknown("the page goes not back so far") if isinstance(found, Absent) else found


def _shown(html: str) -> Iterator[Seen]:
    """The messages of a page; of an album, each of its messages."""
    posts = [*_POST.finditer(html)]
    ends = [post.start() for post in posts[1:]] + [len(html)]
    for post, end in zip(posts, ends, strict=False):  # without a post there is one end too many
        when, words, media = _read(html[post.end() : end])
        first = int(post["id"])
        yield Seen(first, when, words, "any" if media else "")
        for id in range(first + 1, first + media):  # an album's numbers follow one another
            yield Seen(id, when, "", "any")


def _read(one: str) -> tuple[int | None, str, int]:
    """When a message was written, what it says, and how many media it has."""
    when: int | None = None
    words: str | None = None
    media = 0
    for tag in _TAG.finditer(one):
        name, more = tag["name"], tag["more"]
        if name == "a":
            media += _MEDIUM.search(more) is not None
        elif name == "div" and words is None and _TEXT.search(more):
            words = text_of(one[tag.end() :].partition("</div")[0])
        elif name == "time" and when is None:
            date = _DATE.search(more)
            when = _instant(date["date"]) if date else None
    return when, words or "", media


def _instant(said: str) -> int | None:
    try:
        when = datetime.fromisoformat(said)
    except ValueError:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
