"""Texts that nobody writes who means well: each bridge cuts them soon, to fit, and loses nothing.

What a sender writes reaches every destination: a text that a bridge cannot cut would end its
process, again and again, and hold up all the others in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
import regex

from bridges.atproto import composing as atproto
from bridges.atproto.media import Sizes
from bridges.fediverse import composing as fediverse
from bridges.fediverse.server import Server
from bridges.kit import words
from bridges.kit.counting import Counting, units
from bridges.kit.grouping import grouped
from bridges.kit.splitting import split
from bridges.mail_out import letters
from bridges.relays import composing as relays
from bridges.relays.documents import Limits
from bridges.relays.events import compact
from bridges.rooms import composing as rooms
from relay.ports import Media, Post

LONGEST = 20_000
"""Characters of a text that a reader lets through."""

SOON_S = 2.0  # 0.6 measured at most

ACCENT, BELOW = "\u0301", "\u0316"
TEXTS = {
    "one letter with accents": "a" + ACCENT * LONGEST,
    "accents above and below": "a" + (ACCENT + BELOW) * 3000,
    "accents among words": "salt " * 100 + "a" + ACCENT * 5000 + " pepper " + "b" + BELOW * 5000,
    "nothing but accents": ACCENT * LONGEST,
    "a family without end": "\U0001f468\u200d" * (LONGEST // 2),
    "flags": "\U0001f1ee\U0001f1f7" * (LONGEST // 2),
    "emoji": "\U0001f54a\ufe0f" * (LONGEST // 2),
    "one word": "ب" * LONGEST,
    "Persian": "سلام دنیا، این یک خبر است. " * (LONGEST // 27),
    "embeddings": "\u202b" * 5000 + "متن" + "\u202c" * 5000,
    "counters": "(1/2)\n(2/2)\n" * (LONGEST // 12),
    "calls": "@everyone @here #tag <@1> <!channel> " * (LONGEST // 37),
    "markup": "*_`~[a](b)<b>&amp;<script>\\ " * (LONGEST // 28),
}


def post_of(text: str) -> Post:
    return Post(bytes(32), text, "", "fa", 1_795_000_000 // 3600 * 3600)


def bluesky(text: str) -> list[str]:
    style = atproto.Style(False, False, Sizes(10**6, 10**6))
    parts = [draft.text for draft in atproto.composed(post_of(text), style)]
    assert all(units(part, "graphemes") <= 300 and units(part, "bytes") <= 3000 for part in parts)
    return parts


def matrix(text: str) -> list[str]:
    drafts = rooms.composed(post_of(text), rooms.Style("m.text", False, True, 500), None)
    parts = [draft.text for draft in drafts]
    assert all(rooms.Written().units(part) <= 500 for part in parts)
    return parts


def nostr(text: str) -> list[str]:
    style = relays.Style("0" * 64, "wss://a.example", False, "", ())
    parts = [note.content for note in relays.composed(post_of(text), Limits(200, 4096), style)]
    assert all(len(part) <= 200 and units(part, "bytes") <= 4096 for part in parts)
    return parts


def of_fediverse(software: str, unit: str) -> Callable[[str], list[str]]:
    def made(text: str) -> list[str]:
        style = fediverse.Style("public", False, "", False)
        drafts = fediverse.composed(post_of(text), Server(software=software), style)
        parts = [draft.text for draft in drafts]
        assert all(units(part, unit) <= 500 for part in parts)
        return parts

    return made


def email(text: str) -> list[str]:
    style = letters.Style("news@relay.example", "", "list@relay.example", "", 10_000_000)
    [draft] = letters.written(post_of(text), style)
    assert max(map(len, draft.mail.split("\r\n"))) <= 998  # RFC 5322, 2.1.1
    return [words.clean(text)]


BRIDGES = {
    "bluesky": bluesky,
    "matrix": matrix,
    "nostr": nostr,
    "mastodon": of_fediverse("mastodon", "graphemes"),
    "gotosocial": of_fediverse("gotosocial", "code points"),
    "email": email,
}


def bare(parts: Sequence[str]) -> str:
    """What is said, without counters, blanks and signs that are not seen."""
    if len(parts) > 1:
        counters = [f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)]
        assert all(part.endswith(one) for part, one in zip(parts, counters, strict=True))
        parts = [part.removesuffix(one) for part, one in zip(parts, counters, strict=True)]
    return regex.sub(r"\s|[\u2060\u202a-\u202e\u2066-\u2069]", "", "".join(parts))


@pytest.mark.parametrize("bridge", BRIDGES)
@pytest.mark.parametrize("what", TEXTS)
def test_a_hostile_text_is_cut_soon_to_fit_and_whole(what: str, bridge: str) -> None:
    begun = time.process_time()
    parts = BRIDGES[bridge](TEXTS[what])
    assert time.process_time() - begun < SOON_S
    assert bare(parts) == bare([words.clean(TEXTS[what])])


@pytest.mark.parametrize("unit", ["graphemes", "code points", "utf-16", "bytes"])
def test_a_letter_longer_than_a_post_is_cut_between_its_accents(unit: str) -> None:
    text = "a" + ACCENT * 1000
    parts = split(text, 100, Counting(unit))
    assert all(units(part, unit) <= 100 for part in parts)
    assert bare(parts) == text


@pytest.mark.parametrize("text", ["", "\x00\x07", "\ud800", "\u202e\u202c", " \n\t ", "\ufeff"])
@pytest.mark.parametrize("bridge", ["bluesky", "matrix", "nostr", "mastodon", "gotosocial"])
def test_what_is_not_seen_is_no_fault(text: str, bridge: str) -> None:
    assert bare(BRIDGES[bridge](text)) in ("", "\ufeff")


def test_a_warning_that_fills_a_post_refuses_it() -> None:
    """A server may say that an address counts a hundred, and a post has two hundred."""
    server = Server(software="mastodon", characters=200, per_link=100)
    style = fediverse.Style("public", False, "https://a.example https://b.example", False)
    [draft] = fediverse.composed(post_of("word " * 100), server, style)
    assert draft.refuse == "the content warning leaves no room for a text"


@pytest.mark.parametrize("alt", ["\ud800", "a\x00b", "\u202etxt", "a" + ACCENT * 5000, "x\r\ny: z"])
def test_a_description_may_be_anything(alt: str) -> None:
    media = (Media("image/png", b"\x89PNG", alt), Media("IMAGE/JPEG", b"\xff\xd8", alt))
    post = replace(post_of("see"), media=media)
    atproto_style = atproto.Style(False, False, Sizes(10**6, 10**6))
    relays_style = relays.Style("0" * 64, "wss://a.example", False, "", ("https://m.example",))
    mail_style = letters.Style("news@relay.example", "", "list@relay.example", "", 10_000_000)
    made = [
        *atproto.composed(post, atproto_style),
        *rooms.composed(post, rooms.Style("m.text", False, True, 500), None),
        *fediverse.composed(post, Server(), fediverse.Style("public", False, "", False)),
    ]
    said = [medium.alt for draft in made for medium in draft.media]
    assert len(said) == 6
    for one in said:
        assert one == words.clean(one)
        one.encode()
    for note in relays.composed(post, Limits(4000), relays_style):
        compact(note.tags)
    [mail] = letters.written(post, mail_style)
    assert "\r\ny: z" not in mail.mail


def test_pictures_stand_together_and_all_else_alone() -> None:
    kinds = ["image/png", "IMAGE/GIF", "image/png", "video/mp4", "image/png", "audio/ogg"]
    media = [Media(kind, b"x", "a" * 9) for kind in kinds]
    made = grouped(media, 2, 5)
    assert [[one.type for one in group] for group in made] == [
        ["image/png", "image/gif"],
        ["image/png"],
        ["video/mp4"],
        ["image/png"],
        ["audio/ogg"],
    ]
    assert {one.alt for group in made for one in group} == {"aaaa…"}
