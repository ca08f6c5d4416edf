"""Vonage's SMS API, its inbound side: a form or JSON, signed field by field.

Signature (Vonage, "Signing messages"): the fields but ``sig`` sorted by name, "&name=value" each
with & and = in a value become _; hex HMAC under the signature secret. The account's setting chooses
the algorithm: SHA-256 and SHA-512 are taken, MD5 and SHA-1 are not. A long SMS comes in parts, one
request each (``concat``).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from relay.model import Instant
from relay.transports.gateways.fields import fields_of, table
from relay.transports.gateways.proof import WINDOW_S, is_near, same
from relay.transports.gateways.said import Ignored, Malformed, Said, heard, segment_heard
from relay.transports.inlet import Request

PAST_S: Final = 24 * 3600 + WINDOW_S
"""Vonage comes again for 24 hours, with the time of its first try. A request that old is no danger:
the id that it signs is known for a week."""

_BY_LENGTH: Final = {64: "sha256", 128: "sha512"}


def fields_in(request: Request) -> dict[str, str] | None:
    """What the request says, whichever way; None if it is neither."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return fields_of(request.body)
    whole = table(request.body)
    if whole is None or not all(type(one) in (str, int) for one in whole.values()):
        return None
    return {name: str(value) for name, value in whole.items()}


def is_signed(fields: Mapping[str, str], secret: bytes, now: Instant) -> bool:
    """Whether the fields were signed with the secret, within PAST_S."""
    given = fields.get("sig", "").lower()
    algorithm = _BY_LENGTH.get(len(given))
    if algorithm is None:
        return False
    expected = hmac.new(secret, _covered(fields), algorithm).hexdigest()
    return same(given, expected.encode()) and is_near(fields.get("timestamp"), now, PAST_S)


def _covered(fields: Mapping[str, str]) -> bytes:
    made = ""
    for name in sorted(fields):
        if name != "sig":
            value = fields[name].replace("&", "_").replace("=", "_")
            made += f"&{name}={value}"
    return made.encode("utf-8", "replace")


def said_of(fields: Mapping[str, str]) -> Said:
    """The message: whole, or the part that it is."""
    if "msisdn" not in fields:  # a delivery receipt has "status" instead
        return Ignored() if "status" in fields else Malformed()
    if fields.get("type") == "binary":
        return Ignored()
    text = fields.get("text")
    if fields.get("concat") != "true" or text is None:
        return heard(
            text,
            fields["msisdn"],
            recipient=fields.get("to"),
            id=fields.get("messageId"),
            at=fields.get("message-timestamp"),
        )
    return segment_heard(
        text.encode("utf-16-be", "surrogatepass"),
        "ucs2",
        fields["msisdn"],
        number=_number(fields.get("concat-part")),
        of=_number(fields.get("concat-total")),
        reference=fields.get("concat-ref", "").encode("utf-8", "replace"),
        recipient=fields.get("to"),
        id=fields.get("messageId"),
        at=fields.get("message-timestamp"),
    )


def _number(written: str | None) -> int:
    return int(written) if written and written.isascii() and written.isdecimal() else 0
