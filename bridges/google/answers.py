"""What an error in Google's shape means, where it is not the yes that was asked for.

``{"error": {"code", "status", "errors": [{"reason"}], "details": [{"reason"}]}}``: the reasons tell
more than the status (developers.google.com, "YouTube Data API: Errors" and "Blogger: Errors";
google.rpc.ErrorInfo). Nothing of a message is repeated: it may quote the post.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridges import kit
from bridges.google.tokens import NEW_LOGIN
from relay.ports import Answer, Instant, Later, Outcome, Refused, Stopped, Unsure

LOOK: Final = "log in to the account with a browser and see what Google says"
RIGHTS: Final = "relay login again, and leave every box that Google shows ticked"
ENABLE: Final = (
    "enable the API at console.cloud.google.com (APIs and services, Library) in the project of the "
    "client"
)

DAY_S: Final = 24 * 3600
RESET_S: Final = 8 * 3600
"""Quotas of a day begin anew at midnight Pacific time: 8:00 UTC in winter, 7:00 in summer. The
later one needs no table of time zones, and is never too early."""

_DAY: Final = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_SOON: Final = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
    | {"servingLimitExceeded", "concurrentLimitExceeded", "variableTermLimitExceeded"}
)
_SCOPE: Final = frozenset(
    {"insufficientPermissions", "insufficientScopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
)
_OFF: Final = frozenset({"accessNotConfigured", "SERVICE_DISABLED", "API_DISABLED"})
_TOKEN: Final = frozenset(
    {"authError", "required", "expired", "UNAUTHENTICATED"}
    | {"ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_REVOKED", "CREDENTIALS_MISSING"}
)
_FIELDS: Final = frozenset(
    {"invalid", "invalidParameter", "invalidValue", "badRequest", "required", "parseError"}
)


def reasons(answer: Answer) -> frozenset[str]:
    """Every reason and status that an error names; none, if it is not of Google's shape."""
    error = (kit.json_object(answer) or {}).get("error")
    if not isinstance(error, Mapping):
        return frozenset()
    said: list[Any] = [error.get("status")]
    for rows in (error.get("errors"), error.get("details")):
        for row in rows if isinstance(rows, list) else ():
            said.append(row.get("reason") if isinstance(row, Mapping) else None)
    return frozenset(one for one in said if isinstance(one, str))


def outcome(answer: Answer, *, now: Instant) -> Outcome:
    """What an answer to a publishing request means; a 2xx of another shape included."""
    told = known(answer, now)
    return told or kit.outcome(answer, now=now, action=LOOK)


def known(answer: Answer, now: Instant) -> Later | Refused | Stopped | None:
    """What an error with a reason that we know means: nothing was published. Else None."""
    said = reasons(answer)
    if answer.status == 401:
        return Stopped("Google does not take the token", NEW_LOGIN)
    if not 400 <= answer.status < 500:
        return None
    if said & _DAY:
        return Later("the quota of the day is used up", midnight(now), "destination")
    if said & _SOON or answer.status == 429:
        until = kit.again_at(answer.headers, now)
        return Later("Google's limit is reached", until, "destination")
    if said & _SCOPE:
        return Stopped("the token lacks a right", RIGHTS)
    if said & _OFF:
        return Stopped("the API is not enabled", ENABLE)
    if answer.status == 403 and said & _TOKEN:
        return Stopped("Google does not take the token", NEW_LOGIN)
    if answer.status == 400 and said & _FIELDS:
        return Refused("Google finds it not valid")
    return None


def harmless(answer: Answer | Later | Stopped | Unsure, now: Instant) -> Later | Refused | Stopped:
    """What the answer to a request means that may be repeated without harm: doubt is ``Later``."""
    if not isinstance(answer, Answer):
        return kit.harmless(answer)
    told = outcome(answer, now=now)
    if isinstance(told, Unsure):
        return Later(told.why, kit.again_at(answer.headers, now), "host")
    return kit.harmless(told)


def trouble(answer: Answer | Later | Stopped | Unsure, now: Instant) -> str:
    """Why an account whose question was answered so cannot post, with the remedy."""
    told = harmless(answer, now)
    if isinstance(told, Stopped):
        return f"{told.why}: {told.action}"
    if not isinstance(answer, Answer):
        return "Google cannot be reached"
    return f"Google does not say whose the token is (it answered {answer.status})"


def midnight(now: Instant) -> Instant:
    """When the quotas of the next day begin."""
    return now + DAY_S - (now - RESET_S) % DAY_S
