"""The methods of YouTube's API as tables.

Checked against its discovery document, youtube.v3, revision 20261104. What a title, a description
and tags may be is not in the document; see ``judge``.
"""

from __future__ import annotations

from typing import Any, Final

from relay.testing.google import Refused
from relay.testing.shapes import Anything, Flag, Listed, Record, Shape, Text, Whole

DATE: Final = Text(form=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_PARTS: Final = Listed(Text(least=1))
_IDS: Final = Listed(Text(least=1))
_ANY: Final = Record(more=Anything())

WRITABLE: Final = frozenset(["snippet", "status", "localizations", "recordingDetails"])
"""The parts that a request may set."""

VIDEO_PARTS: Final = WRITABLE | {
    "contentDetails",
    "fileDetails",
    "id",
    "liveStreamingDetails",
    "paidProductPlacementDetails",
    "player",
    "processingDetails",
    "statistics",
    "suggestions",
    "topicDetails",
}
CHANNEL_PARTS: Final = frozenset({"contentDetails", "id", "snippet", "statistics", "status"}) | {
    "auditDetails",
    "brandingSettings",
    "contentOwnerDetails",
    "localizations",
    "topicDetails",
}
ITEM_PARTS: Final = frozenset(["contentDetails", "id", "snippet", "status"])
THREAD_PARTS: Final = frozenset(["id", "replies", "snippet"])

SNIPPET: Final = Record(
    may={
        "categoryId": Text(),
        "channelId": Text(),
        "channelTitle": Text(),
        "defaultAudioLanguage": Text(),
        "defaultLanguage": Text(),
        "description": Text(),
        "liveBroadcastContent": Text(among=("none", "upcoming", "live", "completed")),
        "localized": Record(may={"title": Text(), "description": Text()}),
        "publishedAt": DATE,
        "tags": Listed(Text()),
        "thumbnails": _ANY,
        "title": Text(),
    }
)
STATUS: Final = Record(
    may={
        "containsSyntheticMedia": Flag(),
        "embeddable": Flag(),
        "failureReason": Text(
            among=("conversion", "invalidFile", "emptyFile", "tooSmall", "codec", "uploadAborted")
        ),
        "license": Text(among=("youtube", "creativeCommon")),
        "madeForKids": Flag(),
        "privacyStatus": Text(among=("public", "unlisted", "private")),
        "publicStatsViewable": Flag(),
        "publishAt": DATE,
        "rejectionReason": Text(
            among=(
                *("copyright", "inappropriate", "duplicate", "termsOfUse", "length", "claim"),
                *("uploaderAccountSuspended", "uploaderAccountClosed", "trademark", "legal"),
            )
        ),
        "selfDeclaredMadeForKids": Flag(),
        "uploadStatus": Text(among=("uploaded", "processed", "failed", "rejected", "deleted")),
    }
)
VIDEO: Final = Record(
    may={
        "id": Text(),
        "kind": Text(),
        "etag": Text(),
        "snippet": SNIPPET,
        "status": STATUS,
        "localizations": Record(
            more=Record(may={"title": Text(), "description": Text()}),
        ),
        "recordingDetails": Record(
            may={"location": _ANY, "locationDescription": Text(), "recordingDate": DATE}
        ),
        "ageGating": _ANY,
        "brandPartner": _ANY,
        "contentDetails": _ANY,
        "fileDetails": _ANY,
        "liveStreamingDetails": _ANY,
        "monetizationDetails": _ANY,
        "paidProductPlacementDetails": _ANY,
        "player": _ANY,
        "processingDetails": _ANY,
        "projectDetails": _ANY,
        "statistics": _ANY,
        "suggestions": _ANY,
        "topicDetails": _ANY,
    }
)
_NEED: Final[dict[str, Shape]] = {"part": _PARTS}
_OWNER: Final[dict[str, Shape]] = {"onBehalfOfContentOwner": Text()}
_PAGES: Final[dict[str, Shape]] = {"pageToken": Text()}
INSERT: Final = Record(
    need=_NEED,
    may=_OWNER
    | {
        "autoLevels": Flag(),
        "notifySubscribers": Flag(),
        "onBehalfOfContentOwnerChannel": Text(),
        "stabilize": Flag(),
        "uploadType": Text(among=("resumable",)),
    },
)
UPDATE: Final = Record(need=_NEED, may=_OWNER)
DELETE: Final = Record(need={"id": Text(least=1)}, may=_OWNER)
LIST: Final = Record(
    need=_NEED,
    may=_OWNER
    | _PAGES
    | {
        "chart": Text(among=("chartUnspecified", "mostPopular")),
        "hl": Text(),
        "id": _IDS,
        "locale": Text(),
        "maxHeight": Whole(least=72, most=8192),
        "maxResults": Whole(least=1, most=50),
        "maxWidth": Whole(least=72, most=8192),
        "myRating": Text(among=("none", "like", "dislike")),
        "regionCode": Text(),
        "videoCategoryId": Text(),
    },
)
CHANNELS: Final = Record(
    need=_NEED,
    may=_OWNER
    | _PAGES
    | {
        "categoryId": Text(),
        "forHandle": Text(),
        "forUsername": Text(),
        "hl": Text(),
        "id": _IDS,
        "managedByMe": Flag(),
        "maxResults": Whole(least=0, most=50),
        "mine": Flag(),
        "mySubscribers": Flag(),
    },
)
ITEMS: Final = Record(
    need=_NEED,
    may=_OWNER
    | _PAGES
    | {
        "id": _IDS,
        "maxResults": Whole(least=0, most=50),
        "playlistId": Text(),
        "videoId": Text(),
    },
)
THREADS: Final = Record(
    need=_NEED,
    may=_PAGES
    | {
        "allThreadsRelatedToChannelId": Text(),
        "channelId": Text(),
        "id": _IDS,
        "maxResults": Whole(least=1, most=100),
        "moderationStatus": Text(among=("published", "heldForReview", "likelySpam", "rejected")),
        "order": Text(among=("orderUnspecified", "time", "relevance")),
        "searchTerms": Text(),
        "textFormat": Text(among=("textFormatUnspecified", "html", "plainText")),
        "videoId": Text(),
    },
)


def parts(said: dict[str, Any], known: frozenset[str]) -> frozenset[str]:
    """The parts that a request asks for. Raises Refused."""
    asked = frozenset(said["part"])
    for one in sorted(asked - known):
        raise Refused(400, "unknownPart", f"'{one}'", domain="youtube.part", at="part")
    return asked


def one_filter(said: dict[str, Any], *names: str) -> str:
    """Which of these a request is filtered by, which is one exactly. Raises Refused."""
    found = [name for name in names if said.get(name)]
    expected = f"Expected one of: {', '.join(names)}"
    if not found:
        message = f"No filter selected. {expected}"
        raise Refused(400, "missingRequiredParameter", message, domain="youtube.parameter")
    if len(found) > 1:
        message = f"Incompatible parameters specified in the request: {', '.join(found)}"
        raise Refused(400, "incompatibleParameters", message, domain="youtube.parameter")
    return found[0]
