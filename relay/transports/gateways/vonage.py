"""Vonage (once Nexmo): its SMS API and its Messages API, whichever the number is set to.

Both must be signed: the account's settings make it so. Answers go by the SMS API.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from relay.model import Instant
from relay.ports import Answer
from relay.rules import gsm
from relay.transports.gateways import vonage_messages, vonage_sms
from relay.transports.gateways.fields import table, tables_in
from relay.transports.gateways.proof import same
from relay.transports.gateways.said import NOTHING, Answered, Malformed, Said
from relay.transports.gateways.sent import (
    LATER,
    LOGIN,
    REFUSED,
    SPENT,
    WENT,
    Call,
    Sent,
    by_status,
    form_call,
)
from relay.transports.inlet import Request

_SENT: Final = {
    "0": WENT,
    "1": LATER,  # throttled
    "4": LOGIN,  # invalid credentials
    "5": LATER,  # internal error
    "8": LOGIN,  # the account is barred
    "9": SPENT,  # quota violation: no credit
    "10": LATER,  # too many at once
    "14": LOGIN,  # invalid signature
}
"""Status codes of the SMS API (Vonage, "SMS API errors"); others refuse this SMS."""


class Vonage:
    """``Gateway`` for it. ``account`` is the API key, ``secret`` the signature secret, and
    ``password`` the API secret, for answers."""

    repeats_without_id = False

    def __init__(
        self, secret: bytes, account: str, answer_url: str = "", password: bytes = b""
    ) -> None:
        if not secret:
            raise ValueError("the signature secret is empty")
        self._secret = secret
        self._account = account
        self._answer_url = answer_url
        self._password = password

    def verify(self, request: Request, now: Instant) -> bool:
        if "authorization" in request.headers:
            return vonage_messages.is_signed(request, self._secret, self._account, now)
        fields = vonage_sms.fields_in(request)
        if fields is None or not vonage_sms.is_signed(fields, self._secret, now):
            return False
        return same(fields.get("api-key", self._account), self._account.encode())

    def said(self, request: Request) -> Sequence[Said]:
        if "authorization" in request.headers:
            return (vonage_messages.said_in(request.body),)
        fields = vonage_sms.fields_in(request)
        return (Malformed() if fields is None else vonage_sms.said_of(fields),)

    def taken(self, request: Request, now: Instant) -> Answered:
        return NOTHING

    def call(self, to: str, text: str, sender: str, now: Instant) -> Call:
        fields = {
            "api_key": self._account,
            "api_secret": self._password.decode("utf-8", "replace"),
            "from": sender.lstrip("+"),
            "to": to.lstrip("+"),
            "text": text,
            "type": "text" if gsm.size(text).alphabet == "gsm" else "unicode",
        }
        return form_call(f"{self._answer_url}/sms/json", fields)

    def sent(self, answer: Answer) -> Sent:
        parts = tables_in((table(answer.body) or {}).get("messages"))
        if answer.status != 200 or not parts:
            return by_status(answer.status) if answer.status != 200 else REFUSED
        each = [_SENT.get(str(part.get("status")), REFUSED) for part in parts]
        return next((one for one in each if one is not WENT), WENT)
