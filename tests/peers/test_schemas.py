"""Each request that a bridge makes is one that its platform's published document has.

A bridge is taken through a rich journey before its stand-in, and what it asked is held against the
document: method, path, query and body, every name and every type. What a document does not have is
in the table, with the reason; an entry that is not needed any more fails as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import pytest
import trio
from journeys import requests_of
from published.asked import FORM, JSON, Asked, asked
from published.discovery import Discovery
from published.graph import Graph
from published.lexicons import Lexicons
from published.openapi import OpenApi
from published.types import Discord, Slack, Telegram
from published.xdk import Xdk
from running import SERVERS
from stands.peertube import FILM

from relay.model import Media

FOLDER = SERVERS / "schemas"


class Published(Protocol):
    def flaws(self, asked: Asked) -> list[str]: ...


@dataclass(frozen=True)
class Bridge:
    """A bridge and a stand (as entry points name them), the document, what it does not have (by
    flaw, where ``*`` stands for anything, the reason), and media to be posted besides pictures."""

    kind: str
    stand: str
    document: Callable[[Path], Published]
    known: Mapping[str, str] = field(default_factory=dict)
    media: Sequence[Media] = ()


OAUTH = {"POST /*token: no such operation*": "RFC 6749; the document leaves it out"}
LOWER = "the API's reference has these words in small letters, and the document in capitals"
RESUMED = "goes to the address that the server gave for the rest of an upload, whatever that is"
POSTS = "the guides and examples have tweet.fields; where X knows only posts the bridge asks anew"
META = {
    "POST */photos: no such field: source": "the file itself, which Meta's code sends beside these",
    "POST */videos: source: not of the kind string": "the file itself, written as a form has it",
}

BRIDGES = {
    "blogger": Bridge(
        "bridges.blogger:Blogger",
        "blogger:stand",
        partial(Discovery, name="blogger.v3"),
        OAUTH | {"GET *: status: the body: enum *": LOWER},
    ),
    "bluesky": Bridge("bridges.bluesky:Bluesky", "bluesky:stand", Lexicons, media=[FILM]),
    "discord": Bridge("bridges.discord:Discord", "discord:stand", Discord, media=[FILM]),
    "discord thread": Bridge("bridges.discord:Discord", "discord:in_a_thread", Discord),
    "facebook": Bridge(
        "bridges.facebook:Facebook",
        "facebook:stand",
        partial(Graph, nodes=["Page", "PagePost", "Photo", "AdVideo"]),
        META,
        [FILM],
    ),
    "facebook at once": Bridge(
        "bridges.facebook:Facebook",
        "facebook:at_once",
        partial(Graph, nodes=["Page", "PagePost", "Photo", "AdVideo"]),
        META,
        [FILM],
    ),
    "peertube": Bridge(
        "bridges.peertube:PeerTube",
        "peertube:stand",
        lambda folder: OpenApi(folder / "peertube.json"),
        {  # the document is of 5.1.0
            "POST /api/v1/users/token: client_*: pattern *": "it allows one letter alone",
            "POST */upload-resumable: *: commentsPolicy*": "since 6.2, and what"
            " uploadx, which PeerTube has for this, tells one file from another by",
            "GET */source: no such operation*": "later; here only to put another file in its place",
            "GET /api/v1/users/me/videos/comments: no such operation*": "since 6.2",
        },
    ),
    "slack": Bridge(
        "bridges.slack:Slack",
        "slack:bot",
        Slack,
        {
            "POST /upload/*: no such operation*": RESUMED,
            "POST */files.getUploadURLExternal: *: alt_txt": "so in the API's reference and in"
            " Slack's code for Python; only the types write alt_text",
        },
    ),
    "telegram": Bridge("bridges.telegram:Telegram", "telegram:probed", Telegram, media=[FILM]),
    "x": Bridge("bridges.x:X", "x:stand", Xdk, {"GET *: tweet.fields: *": POSTS}, [FILM]),
    "x oauth 2": Bridge(
        "bridges.x:X", "x:with_a_token", Xdk, OAUTH | {"GET *: tweet.fields: *": POSTS}
    ),
    "youtube": Bridge(
        "bridges.youtube:YouTube",
        "youtube:stand",
        partial(Discovery, name="youtube.v3"),
        OAUTH | {"PUT /upload/*: no such operation*": RESUMED},
    ),
}


@cache
def document(of: Callable[[Path], Published]) -> Published:
    return of(FOLDER)


def named(where: str, package: str = "") -> Any:
    module, _, name = where.partition(":")
    return getattr(import_module(package + module), name)


@dataclass(frozen=True)
class Journey:
    """What a bridge asked, and the document that is to have it."""

    bridge: Bridge
    requests: Sequence[Asked]
    published: Published

    def unknown(self) -> Iterator[tuple[str, str]]:
        """Each flaw, and the reason that is known for it; "" if there is none."""
        for one in self.requests:
            for flaw in self.published.flaws(one):
                said = f"{one.method} {one.path}: {flaw}"
                known = [pattern for pattern in self.bridge.known if fnmatchcase(said, pattern)]
                yield said, known[0] if known else ""


@pytest.fixture(scope="module", params=BRIDGES)
def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    bridge = BRIDGES[request.param]
    folder = tmp_path_factory.mktemp("secrets")
    kind, stand = named(bridge.kind), named(bridge.stand, "stands.")
    requests = trio.run(requests_of, kind, stand, folder, bridge.media)
    return Journey(bridge, [asked(one) for one in requests], document(bridge.document))


def test_what_a_bridge_asks_is_what_its_platform_publishes(journey):
    found = [*journey.unknown()]
    strange = Counter(said for said, known in found if not known)
    assert len(journey.requests) > 5
    assert not strange, "\n".join(f"{n} times {said}" for said, n in strange.items())
    needed = {known for _, known in found}
    assert needed == set(journey.bridge.known), "the table has what is not needed any more"


def test_no_document_knows_a_name_that_is_made_up(journey):
    for one in journey.requests:
        if journey.published.flaws(one):
            continue
        assert journey.published.flaws(replace(one, query=[*one.query, ("made_up", "1")]))
        if isinstance(one.json, dict):
            spoilt = replace(one, json=one.json | {"made_up": 1})
            assert journey.published.flaws(spoilt), f"{one.method} {one.path}"
        elif one.form:
            spoilt = replace(one, form={**one.form, "made_up": "1"})
            assert journey.published.flaws(spoilt), f"{one.method} {one.path}"


POST_300 = {"$type": "app.bsky.feed.post", "createdAt": "2026-11-18T11:00:00Z", "text": "x" * 301}
RECORD = {"repo": "did:plc:a", "collection": "app.bsky.feed.post", "rkey": "a", "record": POST_300}
WRONG = {
    "blogger": ("POST", "/v3/blogs/1/posts", {"labels": "one"}),
    "bluesky": ("POST", "/xrpc/com.atproto.repo.putRecord", RECORD),
    "discord": ("POST", "/api/v10/webhooks/1/a", {"content": "x", "flags": "4"}),
    "peertube": ("POST", "/api/v1/videos/upload-resumable", {"channelId": 1, "filename": "a.mp4"}),
    "slack": ("POST", "/api/chat.postMessage", {"text": "to nobody"}),
    "telegram": ("POST", "/bot1:a/sendMessage", {"chat_id": "@a", "text": 1}),
    "x": ("POST", "/2/tweets", {"text": "x", "reply": {"in_reply_to_tweet_id": 1}}),
    "youtube": ("PUT", "/youtube/v3/videos", {"id": "a", "status": {"privacyStatus": "open"}}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_another_kind_is_a_flaw(name):
    method, path, said = WRONG[name]
    query = [("part", "status")] if name == "youtube" else []
    wrong = Asked(method, path, query, JSON, json=said)
    assert len(document(BRIDGES[name].document).flaws(wrong)) == 1


def test_a_field_of_a_form_of_another_kind_is_a_flaw():
    graph = document(BRIDGES["facebook"].document)
    for form in ({"published": "maybe"}, {"attached_media": "x"}, {"message": b"a file"}):
        assert graph.flaws(Asked("POST", "/v26.0/1/feed", type=FORM, form=form))
    assert graph.flaws(Asked("GET", "/v26.0/1/published_posts", [("fields", "id,secrets")]))
    assert not graph.flaws(Asked("POST", "/v26.0/1/feed", type=FORM, form={"published": "false"}))
