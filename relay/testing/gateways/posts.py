"""What gateways send: one function each, the request as it leaves them.

Sources, all of 2025 and 2026: docs.sms-gate.app (webhooks), twilio.com/docs/usage/webhooks,
developer.vonage.com (inbound SMS; signing messages; signed webhooks), africastalking.com (incoming
messages), infobip.com/docs/api (receive inbound SMS), developers.messagebird.com (verify HTTP
requests), plivo.com/docs (incoming SMS; signature validation V2 and V3), Ushahidi's description of
SMSSync, Kannel's user guide 1.4.5, chapter 6.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}

SENDER = "+989121234567"
OURS = "+15550100123"


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """A request: where it goes (a whole address), its headers and its body."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"

    @property
    def target(self) -> str:
        """Path and query."""
        parts = urlsplit(self.url)
        return parts.path + f"?{parts.query}" * bool(parts.query)

    def to(self, url: str) -> Post:
        """The same bytes for somebody else, signed for the first."""
        return replace(self, url=url)


def android(
    url: str,
    key: bytes,
    *,
    now: int,
    event: str = "sms:received",
    id: str = "Ey6ECgOkVVFjz3CL48B8C",
    **payload: object,
) -> Post:
    """SMS Gateway for Android: HMAC-SHA256 over body and time, in hex."""
    whole = {"messageId": "8a2f01c3", "sender": SENDER, "recipient": OURS, "simNumber": 1}
    whole |= {"receivedAt": "2026-06-22T15:46:11.000+07:00"} | payload
    if event == "sms:received":
        whole.setdefault("message", "hello")
    outer = {"deviceId": "ffffffffceb0b1db0000018e937c815b", "event": event, "id": id}
    body = json.dumps(outer | {"webhookId": "LreFUt-Z3sSq0JufY9uWB", "payload": whole}).encode()
    made = hmac.new(key, body + str(now).encode(), hashlib.sha256).hexdigest()
    return Post(url, body, JSON | {"x-timestamp": str(now), "x-signature": made})


def generic(url: str, key: bytes, *, now: int, **fields: object) -> Post:
    """Our own format."""
    whole = {"id": "1", "from": SENDER, "to": OURS, "text": "hello", "at": "12:00"} | fields
    body = json.dumps(whole).encode()
    made = hmac.new(key, str(now).encode() + b"." + body, hashlib.sha256).hexdigest()
    return Post(url, body, JSON | {"x-outword-timestamp": str(now), "x-outword-signature": made})


def twilio(
    url: str, token: bytes, account: str, *, algorithm: str = "", port: bool = False, **more: str
) -> Post:
    """Twilio: the address, then each name and value in order; HMAC in base64."""
    fields = {
        "ToCountry": "US",
        "MessageSid": "SM" + "0" * 31 + "1",
        "SmsSid": "SM" + "0" * 31 + "1",
        "AccountSid": account,
        "From": SENDER,
        "To": OURS,
        "Body": "hello",
        "NumMedia": "0",
        "NumSegments": "1",
        "FromCity": "",
        "ApiVersion": "2010-04-01",
    } | more
    asked = url
    if port:
        parts = urlsplit(url)
        asked = parts._replace(netloc=f"{parts.netloc}:443").geturl()
    text = asked + "".join(name + fields[name] for name in sorted(fields))
    digest = hashlib.sha256 if algorithm == "HMAC_SHA256" else hashlib.sha1
    made = base64.b64encode(hmac.new(token, text.encode(), digest).digest()).decode()
    headers = FORM | {"x-twilio-signature": made}
    if algorithm:
        settings = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
        headers["x-twilio-webhooks-signature-settings"] = settings
    return Post(url, urlencode(fields).encode(), headers)


def vonage_sms(
    url: str,
    secret: bytes,
    account: str,
    *,
    now: int,
    algorithm: str = "sha256",
    as_json: bool = True,
    **more: str,
) -> Post:
    """Vonage's SMS API: "&name=value" in order, & and = in values as _; HMAC in hex."""
    fields = {
        "api-key": account,
        "msisdn": SENDER.lstrip("+"),
        "to": OURS.lstrip("+"),
        "messageId": "0A0000000123ABCD1",
        "text": "hello",
        "type": "text",
        "keyword": "HELLO",
        "message-timestamp": "2026-01-01 12:00:00",
        "timestamp": str(now),
        "nonce": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    text = "".join(
        f"&{name}={fields[name].replace('&', '_').replace('=', '_')}" for name in sorted(fields)
    )
    # Half a surrogate pair is a question mark to a JVM (String.getBytes).
    fields["sig"] = hmac.new(secret, text.encode("utf-8", "replace"), algorithm).hexdigest()
    if as_json:
        return Post(url, json.dumps(fields).encode(), JSON)
    return Post(url, urlencode(fields).encode(), FORM)


def vonage_message(
    url: str, secret: bytes, account: str, *, now: int, claims: Mapping[str, Any] = {}, **more: Any
) -> Post:
    """Vonage's Messages API: a web token over the SHA-256 of the body."""
    whole = {
        "channel": "sms",
        "message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
        "to": OURS.lstrip("+"),
        "from": SENDER.lstrip("+"),
        "timestamp": "2026-01-01T14:00:00.000Z",
        "message_type": "text",
        "text": "hello",
        "sms": {"num_messages": "1", "keyword": "HELLO"},
    } | more
    body = json.dumps(whole).encode()
    made = {
        "iat": now,
        "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": account,
        "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    } | dict(claims)
    return Post(url, body, JSON | {"authorization": f"Bearer {token(made, secret)}"})


def messagebird(
    url: str,
    key: bytes,
    *,
    now: int,
    algorithm: str = "HS256",
    claims: Mapping[str, Any] = {},
    media: Sequence[str] = (),
    **more: str,
) -> Post:
    """MessageBird: a web token over the SHA-256 of address and body."""
    fields = {
        "id": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
        "recipient": OURS.lstrip("+"),
        "originator": SENDER.lstrip("+"),
        "body": "hello",
        "createdDatetime": "2026-01-01T12:00:00+00:00",
    } | more
    body = urlencode([*fields.items(), *(("mediaUrls[]", one) for one in media)]).encode()
    made = {
        "iss": "MessageBird",
        "nbf": now - 1,
        "exp": now + 59,
        "jti": "e92f3b41-9c1b-4d3c-8a57-8e2f2fe0cd61",
        "url_hash": hashlib.sha256(url.encode()).hexdigest(),
        "payload_hash": hashlib.sha256(body).hexdigest(),
    } | dict(claims)
    signed = token(made, key, algorithm)
    return Post(url, body, FORM | {"messagebird-signature-jwt": signed})


def plivo(
    url: str, token: bytes, *, nonce: str = "12345678901234567890", v3: bool = False, **more: str
) -> Post:
    """Plivo: V2 over the address without its query and the nonce; V3 over the fields as well."""
    fields = {
        "From": SENDER.lstrip("+"),
        "To": OURS.lstrip("+"),
        "Text": "hello",
        "Type": "sms",
        "MessageUUID": "db3ce55a-7f1d-11e1-8ea7-1231380bc196",
        "Units": "1",
        "TotalRate": "0",
        "TotalAmount": "0",
        "MessageIntent": "",
    } | more
    bare = url.partition("?")[0]
    headers = FORM | {
        "x-plivo-signature-v2": _base64(token, bare + nonce),
        "x-plivo-signature-v2-nonce": nonce,
    }
    if v3:
        query = "&".join(sorted(urlsplit(url).query.split("&"))) if "?" in url else ""
        text = "".join(name + fields[name] for name in sorted(fields))
        covered = f"{bare}?{query}.{text}" if query else f"{bare}?{text}"
        headers["x-plivo-signature-v3"] = _base64(token, f"{covered}.{nonce}")
        headers["x-plivo-signature-v3-nonce"] = nonce
    return Post(url, urlencode(fields).encode(), headers)


def africastalking(url: str, **more: str) -> Post:
    """Africa's Talking: a form and nothing else."""
    fields = {
        "linkId": "28a92cdf-2d63-4ee3-93df-4233d3de0356",
        "text": "hello",
        "to": OURS,
        "id": "b68d0989-d856-494f-92ee-7c439e96e1d9",
        "date": "2026-01-14 08:10:15",
        "from": SENDER,
    } | more
    return Post(url, urlencode(fields).encode(), FORM)


def infobip(url: str, *texts: str, **more: Any) -> Post:
    """Infobip: any number of messages."""
    results = [
        {
            "messageId": f"817790313235066447{n}",
            "from": SENDER.lstrip("+"),
            "to": OURS.lstrip("+"),
            "text": text,
            "cleanText": text,
            "keyword": "",
            "receivedAt": "2026-01-14T10:15:00.000+0000",
            "smsCount": 1,
            "price": {"pricePerMessage": 0, "currency": "EUR"},
            "callbackData": "",
        }
        | more
        for n, text in enumerate(texts)
    ]
    whole = {"results": results, "messageCount": len(results), "pendingMessageCount": 0}
    return Post(url, json.dumps(whole).encode(), JSON)


def smssync(url: str, secret: str, **more: str) -> Post:
    """SMSSync: its secret stands in the form."""
    fields = {
        "from": SENDER,
        "message": "hello",
        "message_id": "80b4a5cc-c3f9-4c30-a1f3-d2b34a2a7d0d",
        "sent_to": OURS,
        "secret": secret,
        "device_id": "1",
        "sent_timestamp": "1767225600000",
    } | more
    return Post(url, urlencode(fields).encode(), FORM)


def kannel(
    url: str,
    text: str | bytes,
    *,
    coding: int = 0,
    charset: str = "UTF-8",
    udh: bytes = b"",
    id: str = "f1e6ad13-7b02-4b2b-9c0f-9cd4d0f5f5a1",
    sender: str = SENDER,
) -> Post:
    """Kannel's post-url, with what our documentation puts behind it; as 1.4.5 was seen to do it."""
    query = f"id={quote(id)}&coding={coding}&charset={charset}&udh={quote(udh)}"
    body = text if isinstance(text, bytes) else text.encode(charset)
    headers = {
        "content-type": f'text/plain; charset="{charset}"',
        "user-agent": "Kannel/1.4.5",
        "x-kannel-service": "relay",
        "x-kannel-from": sender,
        "x-kannel-to": OURS,
        "x-kannel-time": "2026-01-01 12:00:00",
        "x-kannel-smsc": "fake",
        "x-kannel-coding": str(coding),
    }
    if udh:
        headers["x-kannel-udh"] = quote(udh)
    return Post(f"{url}?{query}", body, headers)


def token(claims: Mapping[str, Any], secret: bytes, algorithm: str = "HS256") -> str:
    """A JSON web token (RFC 7519)."""
    head = {"alg": algorithm, "typ": "JWT"}
    signed = ".".join(_url64(json.dumps(one).encode()) for one in (head, claims))
    digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}.get(algorithm)
    made = hmac.digest(secret, signed.encode(), digest) if digest else b""
    return f"{signed}.{_url64(made)}"


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _base64(secret: bytes, text: str) -> str:
    return base64.b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest()).decode()
