"""How Slack answers: methods with 200 and ``ok``, webhooks with a status and one word.

Facts: docs.slack.dev, pages "Using the Slack Web API" and "Rate limits"; for webhooks "Changes to
errors for incoming webhooks" and "Sending messages using incoming webhooks" (May 2026).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from relay.testing.loopback import Fault
from relay.testing.shapes import Flaw

JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
TEXT: Final = {"Content-Type": "text/html"}

STATUSES: Final = {
    "action_prohibited": 403,
    "invalid_token": 403,
    "channel_not_found": 404,
    "no_service": 404,
    "no_team": 404,
    "channel_is_archived": 410,
    "rollup_error": 500,
}
"""Of webhooks; anything else that is wrong is a 400."""


class No(Exception):
    """An answer that is an error: its name, and what else it says."""

    def __init__(self, error: str, **more: Any) -> None:
        self.error = error
        self.more = more
        super().__init__(error)


def misshapen(flaws: Iterable[Flaw]) -> No:
    """``invalid_arguments``, or the name that an argument has of its own."""
    found = list(flaws)
    for flaw in found:
        named = _own(flaw)
        if named:
            return No(named)
    messages = [
        f"[ERROR] {_told(one)} [json-pointer:/{'/'.join(map(str, one.at))}]" for one in found
    ]
    return No("invalid_arguments", response_metadata={"messages": messages})


def _pointer(flaw: Flaw) -> str:
    return "/".join(map(str, flaw.at))


def _own(flaw: Flaw) -> str:
    """The error that a field has of its own."""
    match flaw.at[0] if flaw.at else "":
        case "blocks":
            return (
                "invalid_blocks"
                if len(flaw.at) > 1 or flaw.limit == 50
                else ("invalid_blocks_format")
            )
        case "metadata":
            return "invalid_metadata_format" if flaw.rule == "type" else "invalid_metadata_schema"
        case "oldest" | "latest" as bound if flaw.rule == "form":
            return f"invalid_ts_{bound}"
        case "attachments" if flaw.rule == "most":
            return "too_many_attachments"
    return ""


def _told(flaw: Flaw) -> str:
    if flaw.rule == "missing":
        return f"missing required field: {flaw.at[-1]}"
    if flaw.rule == "unknown":
        return f"no such field, for this stand-in: {flaw.at[-1]}"
    if flaw.rule == "type":
        return f"must provide {'an' if str(flaw.limit)[0] in 'aio' else 'a'} {flaw.limit}"
    return f"failed to match: {flaw.rule} {flaw.limit}"


def well(result: Mapping[str, Any], warnings: Iterable[str] = ()) -> Fault:
    """An answer of a method that was acted on."""
    body: dict[str, Any] = {"ok": True, **result}
    said = list(warnings)
    if said:
        metadata = body.get("response_metadata", {})
        body |= {"warning": ",".join(said), "response_metadata": {**metadata, "warnings": said}}
    return Fault(200, JSON, json.dumps(body).encode(), made=True)


def failed(error: str, *, made: bool = False, **more: Any) -> Fault:
    """An answer of a method that was not, or (``made``) of one of which Slack is not sure:
    ``internal_error`` and ``fatal_error`` may have been acted on."""
    body = {"ok": False, "error": error, **more}
    return Fault(200, JSON, json.dumps(body).encode(), made)


def limited(retry_after_s: int) -> Fault:
    """429 of a method: nothing was done."""
    body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
    return Fault(429, JSON | {"Retry-After": str(retry_after_s)}, body)


def webhook_says(word: str, *, made: bool = False) -> Fault:
    """An answer of a webhook: ``ok``, or what is wrong."""
    if word == "ok":
        return Fault(200, TEXT, b"ok", made=True)
    return Fault(STATUSES.get(word, 400), TEXT, word.encode(), made)


def webhook_limited(retry_after_s: int) -> Fault:
    """429 of a webhook."""
    return Fault(429, TEXT | {"Retry-After": str(retry_after_s)}, b"rate_limited")
