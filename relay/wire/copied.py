"""The copy of the page: one file of HTML that is passed on by hand and opened without a network.

It holds the newest items, each as it is read and beside it the signed bytes and their signature,
the list of what was withdrawn, and the ways in. Who passes it on could write something else above a
good signature. So every byte of it that shows an item follows from what was signed: the check makes
them anew and compares. What remains are a title and a few words around the items, of bounded length
and without markup, and a style sheet that is known by its digest. ``docs/wire.md`` has the format.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from html import escape, unescape
from typing import Final

from relay.errors import Damaged
from relay.wire.documents import Shown
from relay.wire.item import MAX_BYTES, Item, Verified, checked, key_words
from relay.wire.itemmedia import ItemMedium
from relay.wire.ways import Statement, verify_ways
from relay.wire.withdrawn import Withdrawn, verify_withdrawn

STYLES: Final = frozenset(
    {
        "15fe0016bf27f153f225a1821c35e26cc3c8061b17642824751c28b62104d63d",
        "1383a25588aaa7a28d9d7d23f75123a25f34c4674251a4c967fb36a243c0f2b0",
    }
)
"""SHA-256 of the style sheets that copies have had: of another one nobody knows what it hides."""

_WORDS: Final = r"[^<>]{0,1000}"
"""What stands around the items is not signed, so it is short and has no markup."""

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
<h1 dir="auto">{heading}</h1>
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
_SLOTS: Final = {
    "language": "[A-Za-z0-9-]{2,40}",
    "direction": "ltr|rtl",
    "digest": "[A-Za-z0-9+/]{43}=",
    "style": "[^<>]{0,20000}",
    "words": "[a-z-]{47}",
    "withdrawn": "[^<>]*",
    "ways": "[^<>]*",
}
_PROOF: Final = re.compile(r'<pre dir="ltr">([A-Za-z0-9+/=]+)\n([A-Za-z0-9+/=]+)</pre>')


def is_copy(document: bytes) -> bool:
    """Whether this says of itself that it is HTML: of all we make only a copy can be checked."""
    return document[:15] == b"<!doctype html>"


def verify_copy(document: bytes, key: bytes | str) -> Verified:
    """Check a copy against the page key (32 bytes), or its words. Raises Damaged for what is none.

    A fault is an item that is not signed, or was withdrawn by the list in it, and anything that is
    shown beside what was signed."""
    head, main, foot = _parts(document)
    proofs: list[tuple[str, str]] = _PROOF.findall(main)
    shown = [checked(Shown(signed, sig, ()), key) for signed, sig in proofs]
    items = [one for one in shown if isinstance(one, Item)]
    faults = [f"item {n}: {one}" for n, one in enumerate(shown, 1) if isinstance(one, str)]
    if not faults and main != written(items, proofs):
        faults.append("it shows what was not signed")
    if len({one.id for one in items}) != len(items):
        faults.append("an item is in it twice")
    words = unescape(head["words"])
    if any(key_words(base64.b64decode(one.key)) != words for one in items):
        faults.append("it names another key")
    gone, ways, wrong = _stated(foot, key)
    faults += wrong
    names = gone.items if gone else ()
    faults += [f"item {n}: it was withdrawn" for n, one in enumerate(items, 1) if one.id in names]
    listed = gone.day if gone else ""
    days = [listed, ways.day if ways else "", *((one.updated or one.date)[:10] for one in items)]
    ids = tuple(one.id for one in items)
    return Verified(len(shown), tuple(faults), tuple(_media(items)), ids, max(days), listed)


def _parts(document: bytes) -> tuple[dict[str, str], str, dict[str, str]]:
    """The words of its head, what shows the items, and the words of its foot."""
    if len(document) > MAX_BYTES:
        raise Damaged
    try:
        text = document.decode("utf-8")
    except UnicodeDecodeError:
        raise Damaged("that is no UTF-8") from None
    head = re.match(_pattern(_HEAD), text)
    at = text.rfind("</main>\n<footer>\n")
    foot = re.fullmatch(_pattern(_FOOT), text[at:]) if at >= 0 else None
    if head is None or foot is None:
        raise Damaged("that is no copy of a page, or more was written into it")
    style = hashlib.sha256(head["style"].encode()).digest()
    named = base64.b64encode(style).decode() == head["digest"] and head["title"] == head["heading"]
    if style.hex() not in STYLES or not named:
        raise Damaged("it has a style sheet that no copy of a page has")
    return head.groupdict(), text[head.end() : at], foot.groupdict()


def _pattern(template: str) -> str:
    made = ""
    for n, part in enumerate(re.split(r"\{(\w+)\}", template)):
        made += f"(?P<{part}>{_SLOTS.get(part, _WORDS)})" if n % 2 else re.escape(part)
    return made


def _stated(
    foot: dict[str, str], key: bytes | str
) -> tuple[Withdrawn | None, Statement | None, list[str]]:
    """What was withdrawn, the ways in, and what is wrong with these two in the foot."""
    gone, ways, faults = None, None, []
    try:
        if foot["withdrawn"]:
            listed = verify_withdrawn(unescape(foot["withdrawn"]).encode(), key)
            gone = listed.listed
            faults += [f"the list of what was withdrawn: {listed.fault}"] * bool(listed.fault)
        if foot["ways"]:
            said = verify_ways(unescape(foot["ways"]).encode(), key)
            ways = said.statement
            faults += [f"the ways in: {said.fault}"] * bool(said.fault)
    except Damaged:
        faults.append("what stands below the items was not signed")
    return gone, ways, faults


def _media(items: Iterable[Item]) -> Iterable[tuple[str, str]]:
    made = {}
    for one in (medium for item in items for medium in item.media):
        made[one.name] = one.sha256
        if one.poster:
            made[one.poster_name] = one.poster
    return made.items()


# ---------------------------------------------------------------- what shows the items


def written(items: Sequence[Item], proofs: Sequence[tuple[str, str]]) -> str:
    """The lines that show these items, whose signed bytes and signatures are ``proofs``."""
    days = dict.fromkeys(one.date[:10] for one in items)
    made = ["<nav>\n", *(f'<a href="#d-{day}">{day}</a>\n' for day in days), "</nav>\n"]
    day = ""
    for item, (signed, sig) in zip(items, proofs, strict=True):
        if item.date[:10] != day:
            day = item.date[:10]
            first = f' id="d-{day}"' if days.pop(day, 0) is None else ""
            made.append(f"<h2{first}>{day}</h2>\n")
        made.append(_article(item, signed, sig))
    return "".join(made)


def _article(item: Item, signed: str, sig: str) -> str:
    language = "" if item.language in ("", "und") else f' lang="{_text(item.language)}"'
    title = f'<h3 dir="auto">{_text(item.title)}</h3>\n' if item.titled else ""
    later = f", \u270e {_time(item.updated)}" if item.revision > 1 else ""
    return (
        f'<article id="{_text(item.id.removeprefix("urn:uuid:"))}"{language}>\n{title}'
        f'<div class="text" dir="auto">{_text(item.text)}</div>\n'
        f"{''.join(_figure(one) for one in item.media)}"
        f'<p class="when" dir="ltr">{_time(item.date)}{later}</p>\n'
        f"<details>\n<summary>Ed25519</summary>\n"
        f'<pre dir="ltr">{signed}\n{sig}</pre>\n</details>\n</article>\n'
    )


def _time(at: str) -> str:
    return f'<time datetime="{_text(at)}">{_text(at[:10])} {_text(at[11:16])} UTC</time>'


def _figure(one: ItemMedium) -> str:
    alt = _text(one.alt)
    size = f' width="{one.width}" height="{one.height}"' if one.width and one.height else ""
    if one.type.startswith("image/"):
        shown = f'<img src="{one.name}" alt="{alt}"{size} loading="lazy">'
    elif one.type.startswith("video/"):
        poster = f' poster="{one.poster_name}"' if one.poster else ""
        shown = f'<video src="{one.name}" aria-label="{alt}"{poster}{size} controls preload="none">'
        shown += "</video>"
    else:
        shown = f'<audio src="{one.name}" aria-label="{alt}" controls preload="none"></audio>'
    return f"<figure>{shown}</figure>\n"


def _text(text: str) -> str:
    """As it is shown: without overrides of direction, and without markup."""
    return escape(text.replace("\u202d", "").replace("\u202e", ""), quote=True)
