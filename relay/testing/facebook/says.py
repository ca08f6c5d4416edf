"""What the Graph API answers: its one shape of error, and the headers that tell how much is used.

Facts: developers.facebook.com, "Error handling" and "Rate limits" (header names, percents); codes
and subcodes as public bug reports quote them: 2 with HTTP 500 after the post was made (arsduo/koala
699), 368 for a repeat (arsduo/koala 422), 100 for a lacking proof (yoctol/bottender 271). The keys
of ``X-Business-Use-Case-Usage`` are from descriptions only.
"""

from __future__ import annotations

import json
from secrets import token_urlsafe
from typing import Any, Final

from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw

JSON: Final = {"Content-Type": "application/json; charset=UTF-8"}

MESSAGES: Final = {
    1: "An unknown error has occurred.",
    2: "An unexpected error has occurred. Please retry your request later.",
    4: "(#4) Application request limit reached",
    10: "(#10) Application does not have permission for this action",
    17: "(#17) User request limit reached",
    32: "(#32) Page request limit reached",
    100: "(#100) Invalid parameter",
    190: "Error validating access token: The session has been invalidated.",
    200: "(#200) Permissions error",
    341: "(#341) Feed action request limit reached",
    368: "The action attempted has been deemed abusive or is otherwise disallowed",
    506: "(#506) Duplicate status message",
    613: "(#613) Calls to this api have exceeded the rate limit.",
    80001: "(#80001) There have been too many calls to this Page account. Wait a bit.",
}
TRANSIENT: Final = frozenset({2, 4, 17, 32, 341, 613, 80001})


class No(Exception):
    """An answer that is an error."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"status {fault.status}")


def answer(value: object, status: int = 200) -> Fault:
    """An answer in JSON."""
    return Fault(status, JSON, json.dumps(value, ensure_ascii=False).encode(), made=True)


def error(
    code: int,
    message: str = "",
    *,
    subcode: int = 0,
    status: int = 400,
    type: str = "OAuthException",
    user: str = "",
    made: bool = False,
    **more: Any,
) -> Fault:
    """An error. ``user``: what it would tell a person."""
    said: dict[str, Any] = {
        "message": message or MESSAGES.get(code, f"(#{code}) Error"),
        "type": type,
        "code": code,
    }
    if subcode:
        said["error_subcode"] = subcode
    if subcode or code in TRANSIENT:
        said["is_transient"] = code in TRANSIENT
    if user:
        said |= {"error_user_title": "Something went wrong", "error_user_msg": user}
    said |= more | {"fbtrace_id": token_urlsafe(8)}
    headers = JSON | {"WWW-Authenticate": 'OAuth "Facebook Platform" "invalid_request"'}
    return Fault(status, headers, json.dumps({"error": said}).encode(), made)


def unknown(code: int = 1, *, made: bool = True) -> Fault:
    """HTTP 500 with code 1 or 2: Facebook says that something went wrong, and often posted."""
    return error(code, status=500, made=made)


def wrong(message: str, subcode: int = 0, user: str = "") -> Fault:
    """Code 100: a parameter."""
    return error(100, f"(#100) {message}", subcode=subcode, user=user)


def flawed(flaws: list[Flaw]) -> Fault:
    """Code 100 for the first thing that does not fit."""
    flaw = flaws[0]
    if flaw.rule == "missing":
        return wrong(f"The parameter {flaw.name} is required")
    if flaw.rule == "unknown":
        return wrong(f"Unknown parameter {flaw.name}")
    if flaw.rule == "type":
        return wrong(f"Param {flaw.name} must be {flaw.limit}")
    return wrong(f"Param {flaw.name} does not meet {flaw.rule} {flaw.limit}")


def absent(id: str, method: str = "get") -> Fault:
    """Code 100, subcode 33: there is no such object, or it is not to be seen."""
    message = (
        f"Unsupported {method.lower()} request. Object with ID '{id}' does not exist, cannot be"
        " loaded due to missing permissions, or does not support this operation."
    )
    return error(100, message, subcode=33, type="GraphMethodException")


def revoked(subcode: int = 460) -> Fault:
    """Code 190: 463 it ran out, 460 the password changed, 458 the application was removed, 459 the
    person has to look after the account."""
    why = {
        458: "The user has not authorized application.",
        459: "You cannot access the app till you log in to www.facebook.com and follow the"
        " instructions given.",
        463: "Session has expired.",
    }.get(subcode, "The session has been invalidated because the user changed their password.")
    return error(190, f"Error validating access token: {why}", subcode=subcode, status=401)


def lacks(right: str, *, write: bool) -> Fault:
    """Code 200 for what may not be done, 10 for what may not be read."""
    code = 200 if write else 10
    return error(code, f"(#{code}) Requires {right} permission to manage the object.", status=403)


def blocked(subcode: int = 1390008) -> Fault:
    """Code 368: the page may not post for now."""
    user = "We limit how often you can post, comment or do other things in a given amount of time."
    return error(368, subcode=subcode, user=user)


def repeated() -> Fault:
    """Code 368 for a repeat."""
    message = (
        "You've already posted this. Posting the same content repeatedly on Facebook isn't allowed."
    )
    return error(368, message)


def duplicate(*, made: bool = False) -> Fault:
    """Code 506: the same text as the last one."""
    user = "This status update is identical to the last one you posted."
    return error(506, subcode=1455006, user=user, made=made)


def limited(code: int = 4) -> Fault:
    """Too many calls."""
    return error(code)


def usage(page: str, percent: int, minutes: int, version: str) -> dict[str, str]:
    """The headers that every answer has: percents, and minutes until calls are taken again."""
    used = {"call_count": percent, "total_cputime": percent // 4, "total_time": percent // 2}
    case = {"type": "pages", **used, "estimated_time_to_regain_access": minutes}
    return {
        "X-App-Usage": json.dumps(used),
        "X-Business-Use-Case-Usage": json.dumps({page: [case]}),
        "facebook-api-version": version,
    }


def read(fault: Fault) -> dict[str, Any]:
    """What an error says, as it was given to ``error``."""
    made: dict[str, Any] = json.loads(fault.body)["error"]
    return made
