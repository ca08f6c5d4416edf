"""What an answer of YouTube's means, where it is not the yes that was asked for.

The reasons are those of developers.google.com, "YouTube Data API: Errors"; what is Google's
everywhere is ``bridges.google.answers``'s. No request here that is doubtful has published anything,
or is one that may be repeated: so none of this is doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from bridges import kit
from bridges.google import answers as google
from bridges.google.api import Told, good
from relay.ports import Answer, Instant, Later, Once, Refused, Stopped

ONCE: Final = Once("exact")
DAY_S: Final = 24 * 3600

GONE: Final = "the film is gone from YouTube"
CHANNEL: Final = "make a channel at youtube.com with this account"
ALLOWED: Final = "see at studio.youtube.com what this channel may do, and its settings here"

_CLOSED: Final = frozenset(
    {"authenticatedUserAccountSuspended", "authenticatedUserAccountClosed", "accountSuspended"}
    | {"accountClosed", "channelSuspended", "channelClosed", "accountDelegationForbidden"}
)
_SETTING: Final = frozenset(
    {"forbiddenPrivacySetting", "forbiddenLicenseSetting", "forbiddenEmbedSetting"}
)
_WORDS: Final = frozenset(
    {"invalidTitle", "invalidDescription", "invalidTags", "invalidVideoMetadata"}
    | {"invalidFilename", "invalidDefaultLanguage", "defaultLanguageNotSet"}
)


def judged(answer: Answer, now: Instant) -> Later | Refused | Stopped:
    """What an answer to a request in the channel's name means that is no success; a 2xx of another
    shape included."""
    told = _of_its_own(google.reasons(answer), now)
    return told or kit.harmless(google.outcome(answer, now=now))


def _of_its_own(said: frozenset[str], now: Instant) -> Later | Refused | Stopped | None:
    if said & {"youtubeSignupRequired", "channelNotFound"}:
        return Stopped("the account has no channel", CHANNEL)
    if said & _CLOSED:
        return Stopped("the account or its channel is suspended or closed", google.LOOK)
    if said & _SETTING:
        return Stopped("YouTube does not allow the channel one of its settings", ALLOWED)
    if "uploadLimitExceeded" in said:
        return Later("the channel has uploaded what it may in a day", now + DAY_S, "destination")
    if said & _WORDS:
        return Refused("YouTube does not take its title or its text")
    if "invalidCategoryId" in said:
        return Stopped("YouTube does not know the category", "set category_id to one that it knows")
    if "mediaBodyRequired" in said:
        return Refused("YouTube finds no film in it")
    if "commentsDisabled" in said:
        return Later("the channel takes no comments")
    return None


def harmless(answer: Told, now: Instant) -> Later | Refused | Stopped:
    """What the answer to any request means, if there was one."""
    return judged(answer, now) if isinstance(answer, Answer) else kit.harmless(answer)


def change(answer: Told, now: Instant) -> Later | Refused | Stopped:
    """The same of a request about a film that is there: what is in its way is about that film."""
    if isinstance(answer, Answer) and answer.status == 404:
        return Refused(GONE)
    if isinstance(answer, Answer) and "forbidden" in google.reasons(answer):
        return Refused("YouTube does not let the channel change the film")
    return harmless(answer, now)


def untold(answer: Told, now: Instant) -> Later | Stopped:
    """The same of a question, which no post is refused for."""
    told = harmless(answer, now)
    return Later(told.why) if isinstance(told, Refused) else told


def listed(answer: Told) -> list[Mapping[str, Any]] | None:
    """The items of a list; None if it is none. A list may leave them out where there are none."""
    made = good(answer)
    rows = made.get("items", []) if made else None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return None
    return rows


def next_page(answer: Told) -> str:
    """What asks for the page after this one, to follow a query; "" if there is none."""
    said = good(answer).get("nextPageToken")
    return f"&pageToken={quote(said, safe='')}" if isinstance(said, str) and said else ""


def part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One part of a resource; nothing, if it lacks it."""
    made = said.get(name)
    return made if isinstance(made, Mapping) else {}
