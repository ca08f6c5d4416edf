"""How Google's services answer, above all when they say no.

Facts: developers.google.com/youtube/v3/docs/errors and .../blogger/docs/3.0 (the list of ``errors``
with domain and reason), google.rpc.Status (``status``, ``details``). What a field or a parameter
that is not known is answered is what the services' JSON front says of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw

JSON: Final = {"Content-Type": "application/json; charset=UTF-8", "Vary": "Origin, X-Origin"}
STATES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class Refused(Exception):
    """An answer that is an error. ``reason`` is what a program reads. ``domain`` is ``global``,
    ``usageLimits`` or a service's own, such as ``youtube.video``. ``at``: the parameter."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        at: str = "",
        headers: Mapping[str, str] | None = None,
        details: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.at = at
        self.headers = dict(headers or {})
        self.details = list(details)
        super().__init__(reason)

    def answer(self) -> Fault:
        """As the service says it."""
        one = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.at:
            one |= {"location": self.at, "locationType": "parameter"}
        error: dict[str, Any] = {
            "code": self.status,
            "message": self.message,
            "errors": [one],
        }
        if not self.domain.startswith("youtube"):
            error["status"] = STATES.get(self.status, "UNKNOWN")
        if self.details:
            error["details"] = self.details
        return answer({"error": error}, self.status, self.headers)


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer in JSON, written as widely as Google writes it."""
    body = json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
    return Fault(status, JSON | dict(headers or {}), body, made=True)


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer without a body."""
    return Fault(status, dict(headers or {}), b"", made=True)


def misfit(flaws: Iterable[Flaw], *, query: bool = False) -> Refused:
    """What is wrong with a query or a body."""
    said = [(flaw.name, _sentence(flaw, query)) for flaw in flaws]
    violations = [{"field": name, "description": sentence} for name, sentence in said]
    kind = "type.googleapis.com/google.rpc.BadRequest"
    return Refused(
        400,
        "badRequest",
        "\n".join(sentence for _, sentence in said),
        details=[{"@type": kind, "fieldViolations": violations}],
    )


def _sentence(flaw: Flaw, query: bool) -> str:
    if flaw.rule == "unknown":
        said = f'Invalid JSON payload received. Unknown name "{flaw.at[-1]}"'
        if query:
            why = f"Field '{flaw.at[-1]}' could not be found in request message."
            return f"{said}: Cannot bind query parameter. {why}"
        above = ".".join(map(str, flaw.at[:-1]))
        return f"{said}{above and f' at {above!r}'}: Cannot find field."
    if flaw.rule == "missing":
        return f"Missing required field '{flaw.name}'."
    return f"Invalid value at '{flaw.name}' ({flaw.rule} {flaw.limit})."


def unauthenticated(*, said: bool) -> Refused:
    """401: no token was said, or one that does not open."""
    challenge = 'Bearer realm="https://accounts.google.com/"'
    if not said:
        message = "Request is missing required authentication credential."
        return Refused(401, "required", message, headers={"WWW-Authenticate": challenge})
    message = "Request had invalid authentication credentials."
    headers = {"WWW-Authenticate": f'{challenge}, error="invalid_token"'}
    return Refused(401, "authError", message, headers=headers)


def not_found(what: str = "Not Found") -> Refused:
    """404."""
    return Refused(404, "notFound", what)


def limited() -> Fault:
    """429: too many in too short a time; nothing was done."""
    return _fault(429, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'.")


def daily_limit() -> Fault:
    """403: nothing more today; nothing was done."""
    return _fault(403, "dailyLimitExceeded", "Daily Limit Exceeded")


def _fault(status: int, reason: str, message: str) -> Fault:
    said = Refused(status, reason, message, domain="usageLimits").answer()
    return Fault(said.status, said.headers, said.body)


def backend_error(status: int = 503, *, made: bool = False) -> Fault:
    """500 or 503 of the service itself; with ``made`` it did what was asked all the same."""
    said = Refused(status, "backendError", "The service is currently unavailable.").answer()
    return Fault(said.status, said.headers, said.body, made=made)
