"""What an answer of X means, where it is not the yes that was asked for.

Kinds of problem: docs.x.com, "Response codes"; of its words only known ones are looked for, and
none is ever repeated: X may quote the post. What is the same on every platform is kit.outcome's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges import kit
from relay.ports import Answer, Instant, Later, Once, Outcome, Refused, Stopped, Unsure

ONCE: Final = Once("lookup")
LOOK: Final = "log in to the account on x.com, and to console.x.com, and see what X says"
NEW_KEYS: Final = (
    "in console.x.com give the app the right Read and write, make a new access token and put it "
    "into the token file (relay login)"
)
BUY: Final = "buy credit in console.x.com, or raise the app's spending limit"
NO_ANSWERS: Final = "X does not let this account answer its own post: the rest follows, numbered"
NO_PARENT: Final = "the part before it is gone from X"
INVALID: Final = "X finds it not valid"
TWICE: Final = "X says that the same words stand there already"

_DAY: Final = ("x-user-limit-24hour", "x-app-limit-24hour")


def to_post(answer: Answer, now: Instant, *, reply: bool = False) -> Outcome:
    """What an answer to a post means that is no post; a 2xx of another shape included."""
    said = words(answer)
    status = answer.status
    if status == 401:
        return Stopped("X does not know the keys", NEW_KEYS)
    if status == 402:
        return Stopped("X wants to be paid: there is no credit left", BUY)
    if status == 403:
        return _forbidden(said, reply=reply)
    if status == 429:
        return _too_many(answer, said, now)
    if status in (400, 404) and reply and _parent_is_gone(said):
        return Refused(NO_PARENT)
    if status == 400:
        return Refused(INVALID)
    if status >= 500:  # X has posted and answered so; it has no key by which a repeat is known
        return Unsure(f"answered {status}")
    return kit.outcome(answer, now=now, action=LOOK)


def _forbidden(said: str, *, reply: bool) -> Outcome:
    if "duplicate" in said:
        return Unsure(TWICE)
    if "suspend" in said or "locked" in said:
        return Stopped("the account is suspended or locked", LOOK)
    if reply and _parent_is_gone(said):
        return Refused(NO_PARENT)
    if any(one in said for one in ("too long", "invalid url", "cashtag", "malicious", "harmful")):
        return Refused("X does not take what is in it")
    if "oauth1-permissions" in said or "appropriate permissions" in said:
        return Stopped("the keys may only read", NEW_KEYS)
    if "client-forbidden" in said or "enrolled" in said:
        return Stopped("the app has no access to this", LOOK)
    if reply:  # in these words or in none: without it the next try tells which it was
        return Later(NO_ANSWERS)
    return Stopped("X does not allow the account to do that", LOOK)


def _parent_is_gone(said: str) -> bool:
    return "deleted" in said or "not visible" in said


def _too_many(answer: Answer, said: str, now: Instant) -> Outcome:
    if "usage-capped" in said or "usage cap" in said:
        return Stopped("the app's paid use is at its end", BUY)
    until = _used_up_today(answer.headers, now) or kit.again_at(answer.headers, now)
    return Later("X's limit is reached", until, "destination")


def used_up(headers: Mapping[str, str], now: Instant) -> Instant | None:
    """Until when nothing more is taken, if this was the last of a quarter of an hour or a day."""
    return _used_up_today(headers, now) or kit.used_up(headers, now)


def _used_up_today(headers: Mapping[str, str], now: Instant) -> Instant | None:
    """The limits of 24 hours stand in headers of their own."""
    date = {"date": headers["date"]} if "date" in headers else {}
    for limit in _DAY:
        named = {
            f"x-rate-limit-{what}": headers.get(f"{limit}-{what}", "")
            for what in ("remaining", "reset")
        }
        until = kit.used_up(named | date, now)
        if until is not None:
            return until
    return None


def harmless(answer: Answer | Outcome, now: Instant) -> Later | Refused | Stopped:
    """What the answer to a request means that may be repeated without harm: doubt is ``Later``."""
    if not isinstance(answer, Answer):
        return kit.harmless(answer)
    outcome = to_post(answer, now)
    if isinstance(outcome, Later | Refused | Stopped):
        return outcome
    return Later(f"answered {answer.status}", kit.again_at(answer.headers, now), "host")


def words(answer: Answer) -> str:
    """All that an error says of itself, in small letters, to look for known words in."""
    made = kit.json_object(answer) or {}
    rows: list[Mapping[str, Any]] = [made]
    errors = made.get("errors")
    if isinstance(errors, list):
        rows += [one for one in errors if isinstance(one, Mapping)]
    said = [str(row.get(field, "")) for row in rows for field in _SAID]
    return " ".join(said).lower()


_SAID: Final = ("title", "detail", "type", "reason", "message", "error")
