"""What a hostile sender, or a hostile server, makes the Mastodon bridge compute ends soon.

All our bridges share one process: one that computes for ten seconds is taken for one that hangs,
is killed, and leaves every send of every destination in doubt.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from bridges.fediverse.composing import Style, composed
from bridges.fediverse.drafts import Draft
from bridges.fediverse.matching import Wanted
from bridges.fediverse.server import Server
from bridges.kit.counting import measure
from bridges.kit.matching import digest, text_of
from relay.ports import Post

LONGEST = 20_000
"""Characters of a text that a reader lets through."""

SOON_S = 2.0  # 0.5 measured at most; the squares took 6 to 47 s

MIB = 1_000_000

TEXTS = {
    "a name without end": "@" + "a" * LONGEST,
    "a name of underscores": "@" + "_" * LONGEST,
    "names": "@a@b" * (LONGEST // 4),
    "a host of dots": "@a@" + "." * LONGEST,
    "embeddings, and ends of isolates": "\u202a" * (LONGEST // 2) + "\u2069" * (LONGEST // 2),
    "isolates and their ends": "\u2066" * (LONGEST // 2) + "\u2069" * (LONGEST // 2),
    "one isolate, embeddings, ends": "\u2066" + "\u202a" * 9999 + "\u2069" * 9999,
    "accents": "a" + "\u0301" * LONGEST,
    "accents above and below": "a" + "\u0301\u0316" * (LONGEST // 2),
    "no space": "a" * LONGEST,
    "nothing but spaces": "a" + " " * LONGEST + "b",
    "empty lines": "a\n \n" * (LONGEST // 4),
    "full stops": "." * LONGEST,
    "a full stop and quotes": "." + "'" * LONGEST,
    "flags": "\U0001f1e6" * LONGEST,
    "joined people": "\U0001f468\u200d" * (LONGEST // 2),
    "addresses": "https://example.org " * (LONGEST // 20),
    "an address": "https://" + "a." * (LONGEST // 2),
    "schemes": "https://" * (LONGEST // 8),
    "tags": "#a" * (LONGEST // 2),
    "numbers signs": "#" * LONGEST,
}


def soon(call: Callable[[], object]) -> None:
    begun = time.process_time()
    call()
    assert time.process_time() - begun < SOON_S


@pytest.mark.parametrize(("characters", "mentions"), [(500, False), (15_000, True)])
@pytest.mark.parametrize("what", TEXTS)
def test_a_hostile_text_is_split_soon(what: str, characters: int, mentions: bool) -> None:
    post = Post(bytes(32), TEXTS[what], "", "en", 0)
    server = Server(software="mastodon", characters=characters)
    soon(lambda: composed(post, server, Style("public", mentions, "", False)))


HTML = {
    "tags that never end": "<a " * (MIB // 3),
    "angles": "<" * MIB,
    "comments": "<!--" * (MIB // 4),
    "declarations": "<!" * (MIB // 2),
    "instructions": "<?" * (MIB // 2),
    "sections": "<![CDATA[" * (MIB // 9),
    "attributes": "<a " + "href " * (MIB // 5) + ">",
    "open quotes": "<p a='" * (MIB // 6),
    "links": "<a href=x>…" * (MIB // 11),
    "ends": "</a>" * (MIB // 4),
    "signs": "&" * MIB,
    "a name": "@" + "a" * MIB,
    "a script": "<script>" * (MIB // 8),
    "accents": "a" + "\u0301\u0316" * (MIB // 4),
}


@pytest.mark.parametrize("what", HTML)
def test_a_hostile_list_is_read_soon(what: str) -> None:
    draft = Draft("a text", "public")
    wanted = Wanted(draft, since=0, after=None, media=())
    status = {"created_at": "2026-01-01T00:00:00Z", "visibility": "public", "content": HTML[what]}
    soon(lambda: wanted.matches(status | {"media_attachments": []}))


def test_a_text_is_found_in_the_markup_of_servers() -> None:
    html = (
        '<p>One &amp; two<br/>see <a class="x" HREF="https://example.org/a?b=1&amp;c=2" rel="y">'
        '<span class="invisible">https://</span><span>example.org/a…</span></a></p><p>End</P>'
    )
    said = "One & two\nsee https://example.org/a?b=1&c=2\n\nEnd"
    assert text_of(html).strip() == said
    assert digest(text_of(html)) == digest(said)
    assert text_of("1 < 2 &lt;b&gt; > 0") == "1 < 2 <b> > 0"


def test_what_is_much_longer_than_the_part_is_not_the_part() -> None:
    wanted = Wanted(Draft("short", "public"), since=0, after=None, media=())
    status = {"created_at": "2026-01-01T00:00:00Z", "visibility": "public"}
    status |= {"media_attachments": []}  # type: ignore[dict-item]
    assert wanted.matches(status | {"content": "short"})
    assert wanted.matches(status | {"content": "short" + " " * 1010})
    assert not wanted.matches(status | {"content": "short" + " " * 1011})


def test_flags_count_as_people_see_them() -> None:
    counting = Server(software="mastodon").counting
    assert measure("\U0001f1e6\U0001f1f1" * 3, counting) == 3
    assert measure("\U0001f1e6" * 3, counting) == 2
    assert measure("\U0001f1e6\U0001f1f1\u0301a", counting) == 2
