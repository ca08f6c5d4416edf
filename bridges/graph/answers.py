"""What an answer of the Graph API means, where it is not the yes that was asked for.

Errors carry a code and often a subcode, of which the latter tells more (developers.facebook.com,
"Handle errors"). Code 1 or 2 with a 500 says "try again later", and the post exists: that is doubt.
Nothing of an error's words is ever repeated, since they may quote the post.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridges import kit
from bridges.graph.usage import regained
from relay.ports import Answer, Instant, Later, Once, Outcome, Refused, Stopped, Unsure

ONCE: Final = Once("lookup")
LOOK: Final = "log in to Facebook as the Page and see what it says (Page quality, Support inbox)"
NEW_TOKEN: Final = "make a new Page token: relay login"
RIGHTS: Final = (
    "give the app pages_manage_posts, pages_read_engagement and pages_show_list, its owner a role "
    "on the Page, and make a new Page token: relay login"
)
TWICE: Final = "Facebook says that the same stands there already"
GONE_SUBCODE: Final = 33

_TOKEN: Final = frozenset({102, 190})
_LIMITS: Final = frozenset({4, 17, 32, 341, 613}) | frozenset(range(80000, 80015))
_USED: Final = 1366051
_TWICE: Final = frozenset({506, _USED})
_TEXT: Final = frozenset({1346003, 1404102})
_PERSON: Final = frozenset({1404078, 4854002})
_HELD_BACK: Final = frozenset({368, 1390008, 1404112})
_UNKNOWN: Final = frozenset({1, 2, 1363047, 1609010})
_NOT_VALID: Final = frozenset({100, 197, 1366046, 1609008, 2061006})


@dataclass(frozen=True, slots=True)
class Error:
    """The ``error`` of an answer. ``code`` is 0 where there is none."""

    code: int = 0
    subcode: int = 0
    transient: bool = False
    twice: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether it says that there is no such object (any more), or none that we may see."""
        return (self.code, self.subcode) == (100, GONE_SUBCODE) or self.code == 803


def error_of(answer: Answer) -> Error:
    """What an answer says of itself."""
    made = (kit.json_object(answer) or {}).get("error")
    said: Mapping[str, Any] = made if isinstance(made, Mapping) else {}
    words = f"{said.get('message', '')} {said.get('error_user_msg', '')}".lower()
    return Error(
        _number(said.get("code")),
        _number(said.get("error_subcode")),
        said.get("is_transient") is True,
        "already posted" in words or "duplicate" in words,
    )


def to_publish(answer: Answer, now: Instant) -> Outcome:
    """What an answer to a request that publishes means; a 2xx of another shape included."""
    error = error_of(answer)
    if error.code:
        return _judged(error, answer, now)
    if answer.status >= 500:  # there is no key by which Facebook would know a repeat
        return Unsure(f"answered {answer.status}")
    return kit.outcome(answer, now=now, action=LOOK)


def _judged(error: Error, answer: Answer, now: Instant) -> Outcome:
    codes = {error.code, error.subcode}
    if error.is_gone:
        return Stopped("the Page is not there for the token", RIGHTS)
    if codes & _TWICE or (error.code == 368 and error.twice):
        return Unsure(TWICE)
    if codes & _TEXT:
        return Refused("Facebook takes what is in it for abuse")
    if codes & _PERSON:
        return Stopped("Facebook wants the Page's publisher to identify themselves", LOOK)
    if codes & _TOKEN:
        return Stopped("Facebook does not know the token any more", NEW_TOKEN)
    if error.code in _LIMITS or answer.status == 429:
        asked = kit.again_at(answer.headers, now)
        return Later("Facebook's limit is reached", asked or regained(answer.headers, now), _PAGE)
    if codes & _HELD_BACK:
        return Stopped("Facebook holds the Page back", f"wait a day, then {LOOK}")
    if error.code in (3, 10) or (200 <= error.code <= 299 and error.code != 197):
        return Stopped("the token lacks a right, or the Page a role", RIGHTS)
    if codes & _UNKNOWN or error.transient:
        return Unsure("Facebook does not know whether it did it")
    if codes & _NOT_VALID:
        return Refused("Facebook finds it not valid")
    if answer.status >= 500:
        return Unsure(f"answered {answer.status}")
    return Refused(f"Facebook refuses it (code {error.code})")


_PAGE: Final = "destination"


def harmless(answer: Answer | Outcome, now: Instant) -> Later | Refused | Stopped:
    """What the answer to a request means that may be repeated without harm: doubt is ``Later``."""
    if not isinstance(answer, Answer):
        return kit.harmless(answer)
    outcome = to_publish(answer, now)
    if isinstance(outcome, Later | Refused | Stopped):
        return outcome
    return Later(f"answered {answer.status}", kit.again_at(answer.headers, now), "host")


def is_gone(answer: Answer | Later | Unsure) -> bool:
    """Whether Facebook says that what was asked for is not there (any more)."""
    return isinstance(answer, Answer) and error_of(answer).is_gone


def is_used(answer: Answer | Later | Unsure) -> bool:
    """Whether it says that the pictures stand in another post already."""
    return isinstance(answer, Answer) and _USED in (
        error_of(answer).code,
        error_of(answer).subcode,
    )


def _number(said: Any) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) else 0
