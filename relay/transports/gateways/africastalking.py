"""Africa's Talking: a form, and no signature at all.

What stands in its place is a long random segment of our own address, which only they know: see
``path_secret_file``. Whoever learns it can write in the name of any number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from relay.model import Instant
from relay.ports import Answer
from relay.transports.gateways.fields import fields_of, table, tables_in
from relay.transports.gateways.said import NOTHING, Answered, Malformed, Said, heard
from relay.transports.gateways.sent import (
    LATER,
    REFUSED,
    SPENT,
    WENT,
    Call,
    Sent,
    by_status,
    form_call,
)
from relay.transports.inlet import Request

_SENT: Final[Mapping[int, Sent]] = {
    100: WENT,  # processed
    101: WENT,  # sent
    102: WENT,  # queued
    405: SPENT,  # insufficient balance
    500: LATER,  # internal server error
    501: LATER,  # gateway error
}
"""Status codes of a recipient (africastalking.com, "Send SMS"); others refuse this SMS."""


class AfricasTalking:
    """``Gateway`` for it. ``account`` is the user name, ``key`` the API key, both for answers."""

    repeats_without_id = False

    def __init__(self, account: str = "", answer_url: str = "", key: bytes = b"") -> None:
        self._account = account
        self._answer_url = answer_url
        self._key = key

    def verify(self, request: Request, now: Instant) -> bool:
        return True  # there is nothing to check but the address it knew

    def said(self, request: Request) -> Sequence[Said]:
        fields = fields_of(request.body)
        if fields is None:
            return (Malformed(),)
        message = heard(
            fields.get("text"),
            fields.get("from"),
            recipient=fields.get("to"),
            id=fields.get("id"),
            at=fields.get("date"),
        )
        return (message,)

    def taken(self, request: Request, now: Instant) -> Answered:
        return NOTHING

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        fields = {"username": self._account, "to": to, "message": text}
        headers = {
            "apikey": self._key.decode("utf-8", "replace"),
            "accept": "application/json",
        }
        url = f"{self._answer_url}/version1/messaging"
        return form_call(url, fields | ({"from": sender} if sender else {}), headers)

    def sent(self, answer: Answer) -> Sent:
        if not 200 <= answer.status < 300:
            return by_status(answer.status)
        data = (table(answer.body) or {}).get("SMSMessageData")
        recipients = tables_in(data.get("Recipients")) if isinstance(data, dict) else []
        if recipients:
            code = recipients[0].get("statusCode")
            return _SENT.get(code, REFUSED) if type(code) is int else REFUSED
        said = str(data.get("Message", "")) if isinstance(data, dict) else ""
        return SPENT if "insufficient" in said.lower() else REFUSED
