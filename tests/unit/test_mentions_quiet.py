"""Nobody is called by what a stranger wrote: as shipped, no bridge lets a name in a text work.

The table has every bridge that posts to a platform which can notify people. The page, the folder,
the webhook and a mail to a list have no names that do anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import regex

from bridges.atproto import composing as atproto
from bridges.atproto.media import Sizes
from bridges.channel import composing as channel
from bridges.diary import composing as diary
from bridges.fediverse import composing as fediverse
from bridges.fediverse.server import Server
from bridges.graph import composing as graph
from bridges.guild import composing as guild
from bridges.guild.hook import _said as to_discord
from bridges.press import composing as press
from bridges.relays import composing as relays
from bridges.relays.documents import Limits
from bridges.rooms import composing as rooms
from bridges.rooms.events import _text as to_matrix
from bridges.twitter import composing as twitter
from bridges.video import composing as video
from bridges.workspace import composing as workspace
from bridges.workspace.blocks import message as to_slack
from relay.ports import Media, Post

CALLS = (
    "@someone", "@everyone", "@here", "@room", "@channel", "＠someone", "@someone@server.example",
    "@کسی", "@\u200dsomeone", "@\u2068someone\u2069", "#tag", "＃tag", "#زن_زندگی_آزادی",
)  # fmt: skip
WIDE = ("<!channel>", "<!here>", "<!everyone>", "<@U12345>", "<@123456789>", "<@&123456789>")

_CALLED = regex.compile(r"(?<![\p{L}\p{N}_/])[@＠#＃][\u200c-\u200f\u2066-\u2069]*[\p{L}\p{N}_]")

NPUB = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"


_WORDS = dict.fromkeys(map(ord, "@＠#＃"), "·")


def post_of(text: str, *media: Media) -> Post:
    return Post(bytes(32), text, "", "en", 1_795_000_000 // 3600 * 3600, media=media)


def bluesky(post: Post) -> str:
    style = atproto.Style(False, False, Sizes(10**6, 10**6))
    drafts = atproto.composed(post, style)
    # In a record "@name" is a word like others: only a facet calls, and only links get one.
    assert {mark.kind for draft in drafts for mark in draft.marks} <= {"link"}
    return "\n".join(draft.text for draft in drafts).translate(_WORDS)


def discord(post: Post) -> str:
    style = guild.Style(False, False, False, "", 10**6)
    made = [to_discord(draft, style) for draft in guild.composed(post, style)]
    assert all(one["allowed_mentions"] == {"parse": []} for one in made)
    return "\n".join(str(one["content"]) for one in made)


def matrix(post: Post) -> str:
    drafts = rooms.composed(post, rooms.Style("m.text", False, True, 5000), None)
    made = [to_matrix(draft) for draft in drafts]
    assert all(one["m.mentions"] == {} for one in made)
    return "\n".join(str(one["body"]) for one in made)


def slack(post: Post) -> str:
    drafts = workspace.composed(post, 3000, mentions=False, pictures=False)
    made = [to_slack(draft, []) for draft in drafts]
    assert not any("<!" in one["text"] or "<@" in one["text"] for one in made)
    kinds = regex.findall(r'"type": "(\w+)"', json.dumps([one["blocks"] for one in made]))
    assert not {"user", "usergroup", "broadcast", "channel", "mrkdwn"} & set(kinds)
    return "\n".join(one["text"] for one in made)


def nostr(post: Post) -> str:
    style = relays.Style("0" * 64, "wss://a.example", False, "", ())
    notes = relays.composed(post, Limits(2000, 60_000), style)
    assert not any(tag[0] in ("p", "t") for note in notes for tag in note.tags)
    return "\n".join(note.content for note in notes)


def film(post: Post) -> str:
    limits = video.Limits(100, "code points", 5000, "code points")
    draft = video.composed(post, limits, mentions=False, film=False)
    return f"{draft.title}\n{draft.text}"


BRIDGES: dict[str, Callable[[Post], str]] = {
    "blogger": lambda post: diary.composed(post, diary.Style(False, False, ())).content,
    "bluesky": bluesky,
    "discord": discord,
    "facebook": lambda post: graph.composed(post, 5000, mentions=False)[0].text,
    "mastodon": lambda post: (
        fediverse.composed(
            post, Server(software="mastodon"), fediverse.Style("public", False, "", False)
        )[0].text
    ),
    "matrix": matrix,
    "nostr": nostr,
    "peertube and youtube": film,
    "slack": slack,
    "telegram": lambda post: channel.composed(post, channel.Style(False, False, False))[0].text,
    "wordpress": lambda post: press.composed(post, press.Style(False, (), (), "")).content,
    "x": lambda post: twitter.composed(post, twitter.Style(280, False, False, 0, 0, 0))[0].text,
}


@pytest.mark.parametrize("bridge", BRIDGES)
def test_no_name_and_no_tag_of_a_text_works_at_its_platform(bridge: str) -> None:
    for call in CALLS:
        made = BRIDGES[bridge](post_of(f"they said {call} there"))
        assert "they said" in made
        assert not _CALLED.search(made), call


@pytest.mark.parametrize("bridge", BRIDGES)
def test_nobody_is_called_by_what_platforms_have_for_calling_all(bridge: str) -> None:
    for call in WIDE:
        made = BRIDGES[bridge](post_of(f"they said {call} there"))
        assert "they said" in made
        assert not regex.search(r"<@[\p{L}\p{N}]", made), call


def test_a_key_of_nostr_names_nobody() -> None:
    made = nostr(post_of(f"ask nostr:{NPUB} and {NPUB}"))
    assert f"nostr:{NPUB}" not in made


@pytest.mark.parametrize("bridge", BRIDGES)
def test_an_address_with_a_name_in_it_still_leads_there(bridge: str) -> None:
    made = BRIDGES[bridge](post_of("see https://a.example/@someone/1#here now"))
    if bridge == "bluesky":
        assert "a.example/·someone/1" in made
    elif bridge != "x":  # there a link costs ten times as much, and is written apart
        assert "a.example/@someone/1#here" in made
