"""What YouTube makes of a film that was uploaded, before anybody may see it.

``status.uploadStatus`` and ``.rejectionReason``: developers.google.com, "Videos". A film is not
published before YouTube has read it: one that fails there would be a page with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges.google.answers import LOOK
from bridges.video.youtube.answers import GONE, part
from relay.ports import Instant, Later, Refused, Stopped

PATIENCE_S: Final = 1800
"""Seconds that YouTube is given; a film that is still being worked on is published then."""

SOON_S: Final = 60
"""Seconds between two questions: each costs one of 10,000 units a day."""

READING: Final = "YouTube is still reading the film"
DUPLICATE: Final = Refused("the channel has the same film already")

_SPOILT: Final = frozenset({"failed", "rejected", "deleted"})


def is_spoilt(film: Mapping[str, Any]) -> bool:
    """Whether nothing will come of it."""
    return part(film, "status").get("uploadStatus") in _SPOILT


def in_the_way(
    film: Mapping[str, Any] | None, since: Instant, now: Instant
) -> Later | Refused | Stopped | None:
    """Why the film may not be published now, or never; None if it may. ``film`` is None where it is
    not shown; ``since`` when it was there."""
    waits = now < since + PATIENCE_S
    if film is None:
        return Later("YouTube does not show the film yet", now + SOON_S) if waits else Refused(GONE)
    status = part(film, "status")
    match status.get("uploadStatus"):
        case "failed":
            return Refused("YouTube cannot read the film")
        case "rejected":
            return _rejected(status.get("rejectionReason"))
        case "deleted":
            return Refused(GONE)
        case "processed":
            return None
    return Later(READING, now + SOON_S) if waits else None


def _rejected(reason: Any) -> Refused | Stopped:
    if reason in ("uploaderAccountSuspended", "uploaderAccountClosed"):
        return Stopped("the account or its channel is suspended or closed", LOOK)
    if reason == "duplicate":
        return DUPLICATE
    if reason == "length":
        return Refused("the film is longer than the channel may upload")
    return Refused("YouTube's own rules reject the film")
