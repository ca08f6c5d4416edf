"""SMSSync (Ushahidi), and the apps that kept its format: a phone that posts forms.

Its secret travels in the form itself, so that it proves nothing to whom a request was shown: a long
random segment of our own address stands beside it (``path_secret_file``), and only https carries
both. No time is signed. The answer must be JSON, or the phone sends the message again.

The phone fetches what it is to send (``?task=send``), and takes it from any answer of ours as well.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from secrets import token_hex
from typing import Any, Final

from relay.model import Instant, Later, Outcome, Posted
from relay.transports.gateways.fields import fields_of, table
from relay.transports.gateways.proof import same
from relay.transports.gateways.said import Alive, Answered, Malformed, Said, heard
from relay.transports.gateways.sent import JSON
from relay.transports.inlet import Request

MOST_QUEUED: Final = 100
"""Answers that wait for the phone. It comes every few minutes."""

KEPT_S: Final = 3600
"""What the phone has not fetched within an hour is not sent any more."""


_TASKS: Final = ("send", "sent", "result")


class SmsSync:
    """``Gateway`` for that app. Answers wait in memory: an answer is no promise."""

    repeats_without_id = False

    def __init__(self, secret: bytes) -> None:
        if not secret:
            raise ValueError("the secret key is empty")
        self._secret = secret
        self._queue: deque[tuple[Instant, dict[str, str]]] = deque()

    def verify(self, request: Request, now: Instant) -> bool:
        if _task(request):
            return True  # the phone shows its secret with messages only; it knew the address
        fields = fields_of(request.body) or {}
        return same(fields.get("secret", ""), self._secret)

    def said(self, request: Request) -> Sequence[Said]:
        if _task(request):
            return (Alive(),)
        fields = fields_of(request.body)
        if fields is None or request.method != "POST":
            return (Malformed(),)
        message = heard(
            fields.get("message"),
            fields.get("from"),
            recipient=fields.get("sent_to"),
            id=fields.get("message_id"),
            at=fields.get("sent_timestamp"),
        )
        return (message,)

    def taken(self, request: Request, now: Instant) -> Answered:
        task = _task(request)
        if task == "sent":
            sent = (table(request.body) or {}).get("queued_messages", [])
            return _json({"message_uuids": sent if isinstance(sent, list) else []})
        if task == "result":
            return _json({"message_uuids": []})
        payload: dict[str, Any] = {} if task else {"success": True, "error": None}
        if self._queue or task:
            payload["task"] = "send"
            payload["secret"] = self._secret.decode("utf-8", "replace")
            payload["messages"] = self._fetched(now)
        return _json({"payload": payload})

    def queue(self, to: str, text: str, now: Instant) -> Outcome:
        if len(self._queue) >= MOST_QUEUED:
            return Later("the phone does not fetch what it is to send")
        self._queue.append((now, {"to": to, "message": text, "uuid": token_hex(16)}))
        return Posted("")

    def _fetched(self, now: Instant) -> list[dict[str, str]]:
        """What waits, once: the phone has it from now on."""
        fresh = [message for since, message in self._queue if now - since <= KEPT_S]
        self._queue.clear()
        return fresh


def _task(request: Request) -> str:
    """The task that the phone asks about, empty where it brings a message."""
    task = (fields_of(request.query) or {}).get("task", "")
    return task if task in _TASKS else ""


def _json(whole: object) -> Answered:
    return Answered(json.dumps(whole).encode(), JSON)
