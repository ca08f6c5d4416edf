"""The parameters of a PeerTube server as tables, and what a request says in their types.

Checked against the published REST description of version 5.1 (cpy.re/peertube in the OpenAPI
directory 1.3.17) and, where newer servers differ, against the validators of the server's source of
2026 (``validators/videos/videos.ts``, ``CONSTRAINTS_FIELDS``): ``commentsEnabled`` has become
``commentsPolicy``, a description may have 10,000 characters, and a file's ``lastModified`` is part
of what makes two uploads the same. Servers drop names that they do not know; here they are refused.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from relay.testing.fediverse.forms import Unclear, said
from relay.testing.loopback import Request
from relay.testing.peertube.says import No
from relay.testing.shapes import (
    Anything,
    Either,
    Flag,
    Listed,
    Nothing,
    Number,
    Record,
    Shape,
    Text,
    Whole,
    typed,
)

DATE: Final = Text(form=r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
PRIVACY: Final = Whole(least=1, most=5)
FILE_TYPES: Final = frozenset(
    f"video/{one}"
    for one in ("mp4", "webm", "ogg", "quicktime", "x-matroska", "x-msvideo", "mpeg", "x-flv")
)


_PLAIN: Final[dict[str, Shape]] = {
    "category": Whole(least=1, most=18),
    "licence": Whole(least=1, most=7),
    "language": Text(least=1, most=10),
    "nsfw": Flag(),
    "nsfwFlags": Whole(least=0),
    "nsfwSummary": Text(least=3, most=250),
    "waitTranscoding": Flag(),
    "privacy": PRIVACY,
    "description": Text(least=3, most=10_000),
    "support": Text(least=3, most=1_000),
    "tags": Listed(Text(least=2, most=30), most=5),
    "commentsPolicy": Whole(least=1, most=3),
    "downloadEnabled": Flag(),
    "originallyPublishedAt": DATE,
    "scheduleUpdate": Record(need={"updateAt": DATE}, may={"privacy": PRIVACY}),
    "videoPasswords": Listed(Text(least=2, most=100), least=1),
    "generateTranscription": Flag(),
    "pluginData": Record(more=Anything()),
}
_NULLABLE: Final = frozenset(
    ("category", "licence", "language", "nsfwFlags", "nsfwSummary", "description", "support")
) | {"tags", "originallyPublishedAt", "scheduleUpdate"}
_VIDEO: Final[dict[str, Shape]] = {
    name: Either(shape, Nothing(), Text(most=0)) if name in _NULLABLE else shape
    for name, shape in _PLAIN.items()
}
_NAME: Final = Text(least=3, most=120)
_CHANNEL: Final = Whole(least=1)
BEGIN: Final = Record(
    need={"channelId": _CHANNEL, "name": _NAME, "filename": Text(least=1, most=1_000)},
    may=_VIDEO | {"lastModified": Number(least=0)},
)
UPDATE: Final = Record(may=_VIDEO | {"channelId": _CHANNEL, "name": _NAME})
_FORM: Final = Record(may=_PLAIN | {"channelId": _CHANNEL, "name": _NAME})
UPLOAD: Final = Record(need={"upload_id": Text(least=1)})
NONE: Final = Record()

_PAGES: Final[dict[str, Shape]] = {
    "start": Whole(least=0),
    "count": Whole(least=0, most=100),
}
_SORTS: Final = "name|duration|createdAt|publishedAt|originallyPublishedAt|views|likes|trending"
MINE: Final = Record(
    may=_PAGES
    | {
        "sort": Text(form=f"-?({_SORTS}|hot|best)"),
        "search": Text(),
        "isLive": Flag(),
        "channelId": Whole(least=1),
        "channelNameOneOf": Listed(Text()),
        "includeCollaborations": Flag(),
        "privacyOneOf": Listed(PRIVACY),
        "tagsOneOf": Listed(Text()),
        "tagsAllOf": Listed(Text()),
        "categoryOneOf": Listed(Whole()),
        "licenceOneOf": Listed(Whole()),
        "languageOneOf": Listed(Text()),
        "nsfw": Text(among=("true", "false", "both")),
        "skipCount": Flag(),
    }
)
THREADS: Final = Record(may=_PAGES | {"sort": Text(form="-?(createdAt|totalReplies)")})
UNDER_MINE: Final = Record(
    may=_PAGES
    | {
        "sort": Text(form="-?createdAt"),
        "search": Text(),
        "searchAccount": Text(),
        "searchVideo": Text(),
        "videoId": Whole(least=1),
        "videoChannelId": Whole(least=1),
        "isHeldForReview": Flag(),
    }
)

_CLIENT: Final[dict[str, Shape]] = {
    "client_id": Text(least=1),
    "client_secret": Text(least=1),
    "grant_type": Text(),
}
GRANTS: Final = {
    "password": Record(
        need=_CLIENT | {"username": Text(least=1), "password": Text(least=1)},
        may={"response_type": Text(among=("code",)), "scope": Text()},
    ),
    "refresh_token": Record(
        need=_CLIENT | {"refresh_token": Text(least=1)},
        may={"response_type": Text(among=("code",)), "scope": Text()},
    ),
}


def query(request: Request, table: Record) -> dict[str, Any]:
    """The query of a request. Raises No."""
    asked = urlsplit(request.target).query
    pairs = [(_bare(name), one) for name, one in parse_qsl(asked, keep_blank_values=True)]
    return _fitting(typed(pairs, table), table, "query", request.path)


def body(request: Request, table: Record) -> dict[str, Any]:
    """The body of a request, which is JSON or a form of either kind. Raises No."""
    kind = content_type(request)
    if kind == "application/json":
        return _fitting(_json(request.body), table, "body", request.path)
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise No(400, "Incorrect request parameters: body")
    try:
        form = said(Request(request.method, request.path, request.headers, request.body))
    except Unclear:
        raise No(400, "Malformed part header") from None
    pairs = [(_bare(name), one) for name, many in form.values.items() for one in many]
    return _fitting(_formed(pairs), table, "body", request.path)


def content_type(request: Request) -> str:
    """The media type of a body, in lower case, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _json(text: bytes) -> dict[str, Any]:
    try:
        made = json.loads(text)
    except (ValueError, RecursionError):
        made = None
    if not isinstance(made, dict):
        raise No(400, "Unexpected token in JSON at position 0")
    return made


def _formed(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """A form; in it, nothing is written as nothing or as ``null``."""
    made = typed([pair for pair in pairs if "." not in pair[0]], _FORM)
    inner = [(name.partition(".")[2], one) for name, one in pairs if "." in name]
    if inner:
        made["scheduleUpdate"] = typed(inner, Record(may={"privacy": PRIVACY}))
    return {name: None if one in ("", "null") else one for name, one in made.items()}


def _bare(name: str) -> str:
    """A list is also written ``tags[]`` or ``tags[0]``, a field of an object ``a[b]``."""
    return re.sub(r"\[([A-Za-z]+)\]$", r".\1", re.sub(r"\[\d*\]$", "", name))


def _fitting(made: dict[str, Any], table: Record, where: str, path: str) -> dict[str, Any]:
    if where == "body" and isinstance(made.get("name"), str):
        made["name"] = made["name"].strip()
    flaws = list(table.flaws(made))
    if flaws:
        raise No.of(flaws, where, path)
    return made
