"""Infobip: JSON in the format MO_JSON_2, several messages in one request.

No signature that could be confirmed: a long random segment of our own address stands in its place
(``path_secret_file``). The request is taken once every message in it is; ``messageId`` tells those
that come again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from relay.model import Instant
from relay.ports import Answer
from relay.transports.gateways.fields import table, tables_in
from relay.transports.gateways.said import NOTHING, Answered, Ignored, Malformed, Said, heard
from relay.transports.gateways.sent import (
    REFUSED,
    SPENT,
    WENT,
    Call,
    Sent,
    by_status,
    json_call,
)
from relay.transports.inlet import Request

MOST_MESSAGES: Final = 1000
"""Of one request: more than they push at once, and what fits into a body anyhow."""

_ON_THEIR_WAY: Final = ("ACCEPTED", "PENDING", "DELIVERED")


class Infobip:
    """``Gateway`` for it. ``key`` is the API key, for answers."""

    repeats_without_id = False

    def __init__(self, answer_url: str = "", key: bytes = b"") -> None:
        self._answer_url = answer_url
        self._key = key

    def verify(self, request: Request, now: Instant) -> bool:
        return True  # there is nothing to check but the address it knew

    def said(self, request: Request) -> Sequence[Said]:
        results = (table(request.body) or {}).get("results")
        if not isinstance(results, list) or len(results) > MOST_MESSAGES:
            return (Malformed(),)
        return [_message(one) for one in results] or (Ignored(),)

    def taken(self, request: Request, now: Instant) -> Answered:
        return NOTHING

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        message = {
            "destinations": [{"to": to.lstrip("+")}],
            "content": {"text": text},
            "sender": sender.lstrip("+"),
        }
        headers = {"authorization": "App " + self._key.decode("utf-8", "replace")}
        return json_call(f"{self._answer_url}/sms/3/messages", {"messages": [message]}, headers)

    def sent(self, answer: Answer) -> Sent:
        messages = tables_in((table(answer.body) or {}).get("messages"))
        status = messages[0].get("status") if messages else None
        if not 200 <= answer.status < 300 or not isinstance(status, dict):
            return by_status(answer.status)
        if status.get("name") == "REJECTED_NOT_ENOUGH_CREDITS":
            return SPENT
        return WENT if status.get("groupName") in _ON_THEIR_WAY else REFUSED


def _message(one: object) -> Said:
    if not isinstance(one, dict):
        return Malformed()
    return heard(
        one.get("text"),
        one.get("from"),
        recipient=one.get("to"),
        id=one.get("messageId"),
        at=one.get("receivedAt"),
    )
