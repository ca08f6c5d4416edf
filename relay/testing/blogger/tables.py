"""The methods of Blogger's API as tables.

Checked against its discovery document, blogger.v3, revision 20260707. Names of states are in
capitals there and in small letters on the reference pages: both are taken. The limits of labels are
from the service's own help pages; the document has none.
"""

from __future__ import annotations

from typing import Final

from relay.testing.shapes import Flag, Listed, Number, Record, Shape, Text, Whole, maybe

MAX_LABELS: Final = 20
MAX_LABEL_CHARACTERS: Final = 200
"""Of all labels of a post together."""

DATE: Final = Text(form=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def _either_case(*names: str) -> Text:
    return Text(among=(*names, *(name.lower() for name in names)))


VIEW: Final = _either_case("READER", "AUTHOR", "ADMIN")
STATUS: Final = _either_case("LIVE", "DRAFT", "SCHEDULED", "SOFT_TRASHED")
COMMENT_STATUS: Final = _either_case("LIVE", "EMPTIED", "PENDING", "SPAM")

_PERSON: Final = Record(
    may={
        "id": Text(),
        "displayName": Text(),
        "url": Text(),
        "image": Record(may={"url": Text()}),
    }
)
POST: Final = Record(
    may={
        "author": _PERSON,
        "blog": Record(may={"id": Text()}),
        "content": Text(),
        "customMetaData": Text(),
        "etag": Text(),
        "id": Text(),
        "images": Listed(Record(may={"url": Text()})),
        "kind": Text(among=("blogger#post",)),
        "labels": maybe(Listed(Text(least=1, form="[^,<>]+"), most=MAX_LABELS)),
        "location": Record(may={"lat": Number(), "lng": Number(), "name": Text(), "span": Text()}),
        "published": DATE,
        "readerComments": Text(
            among=("ALLOW", "DONT_ALLOW_SHOW_EXISTING", "DONT_ALLOW_HIDE_EXISTING")
        ),
        "replies": Record(
            may={"items": Listed(Record()), "selfLink": Text(), "totalItems": Text()}
        ),
        "selfLink": Text(),
        "status": STATUS,
        "title": Text(),
        "titleLink": Text(),
        "trashed": DATE,
        "updated": DATE,
        "url": Text(),
    }
)
_SHOWN: Final[dict[str, Shape]] = {"fetchBody": Flag(), "fetchImages": Flag()}
INSERT: Final = Record(may=_SHOWN | {"isDraft": Flag()})
GET: Final = Record(may=_SHOWN | {"maxComments": Whole(least=0), "view": VIEW})
CHANGE: Final = Record(
    may=_SHOWN | {"maxComments": Whole(least=0), "publish": Flag(), "revert": Flag()}
)
PUBLISH: Final = Record(may={"publishDate": DATE})
REVERT: Final = Record()
DELETE: Final = Record(may={"useTrash": Flag()})
_PAGES: Final[dict[str, Shape]] = {
    "startDate": DATE,
    "endDate": DATE,
    "fetchBodies": Flag(),
    "maxResults": Whole(least=0, most=500),
    "pageToken": Text(),
}
LIST: Final = Record(
    may=_PAGES
    | {
        "fetchImages": Flag(),
        "labels": Text(),  # with commas
        "orderBy": _either_case("PUBLISHED", "UPDATED"),
        "sortOption": _either_case("DESCENDING", "ASCENDING"),
        "status": Listed(STATUS),
        "view": VIEW,
    }
)
COMMENTS: Final = Record(may=_PAGES | {"status": COMMENT_STATUS, "view": VIEW})
ALL_COMMENTS: Final = Record(may=_PAGES | {"status": Listed(COMMENT_STATUS)})
BLOG: Final = Record(may={"maxPosts": Whole(least=0), "view": VIEW})
BY_URL: Final = Record(need={"url": Text()}, may={"view": VIEW})
BLOGS: Final = Record(
    may={
        "fetchUserInfo": Flag(),
        "role": Listed(VIEW),
        "status": Listed(_either_case("LIVE", "DELETED")),
        "view": VIEW,
    }
)
USER: Final = Record()
