"""Each SMS gateway of ours with what its provider would send it, for tests that treat all alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from relay.testing.gateways import Post, posts
from relay.testing.gateways.api import ACCOUNT
from relay.transports.gateways.said import Gateway
from relay.transports.gateways.table import GATEWAYS, Account
from relay.transports.inlet import Request

NOW = 1_800_000_000
KEY = b"signing key of ours"
OTHER = b"signing key of another"
SEGMENT = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://news.example.org"

Say = Callable[[str, str, bytes, int, str, str], Post]
"""Makes a request: address, text, key, time, id, account."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which a gateway speaks. ``timed``: its signature ends; ``signs``: it has one."""

    gateway: str
    say: Say
    signs: bool = True
    timed: bool = False
    path: str = ""

    def url(self, name: str = "phone") -> str:
        """The address that its operator typed in."""
        return f"{PUBLIC}/in/{name}{self.path}"

    def made(self, key: bytes = KEY, name: str = "phone") -> Gateway:
        """The gateway as a door has it."""
        url = f"{PUBLIC}/in/{name}"
        return GATEWAYS[self.gateway].make(Account(secret=key, url=url, id=ACCOUNT))

    def post(
        self,
        text: str = "hello",
        *,
        key: bytes = KEY,
        now: int = NOW,
        id: str = "id-1",
        account: str = ACCOUNT,
        name: str = "phone",
    ) -> Post:
        """What its provider sends."""
        return self.say(self.url(name), text, key, now, id, account)


def asked(post: Post, name: str = "phone", network: bytes = b"") -> Request:
    """The request as the door gives it to what is called ``name``."""
    path, _, query = post.target.partition("?")
    rest = path.removeprefix(f"/in/{name}")
    return Request(post.method, rest, query, dict(post.headers), post.body, network)


CASES = {
    "android": Case(
        "android",
        lambda url, text, key, now, id, _: posts.android(url, key, now=now, id=id, message=text),
        timed=True,
    ),
    "generic": Case(
        "generic",
        lambda url, text, key, now, id, _: posts.generic(url, key, now=now, id=id, text=text),
        timed=True,
    ),
    "twilio": Case(
        "twilio",
        lambda url, text, key, _, id, account: posts.twilio(
            url, key, account, Body=text, MessageSid=id
        ),
    ),
    "twilio by SHA-256": Case(
        "twilio",
        lambda url, text, key, _, id, account: posts.twilio(
            url, key, account, algorithm="HMAC_SHA256", Body=text, MessageSid=id
        ),
    ),
    "twilio with its port": Case(
        "twilio",
        lambda url, text, key, _, id, account: posts.twilio(
            url, key, account, port=True, Body=text, MessageSid=id
        ),
    ),
    "vonage": Case(
        "vonage",
        lambda url, text, key, now, id, account: posts.vonage_sms(
            url, key, account, now=now, text=text, messageId=id
        ),
        timed=True,
    ),
    "vonage as a form, by SHA-512": Case(
        "vonage",
        lambda url, text, key, now, id, account: posts.vonage_sms(
            url,
            key,
            account,
            now=now,
            as_json=False,
            algorithm="sha512",
            text=text,
            messageId=id,
        ),
        timed=True,
    ),
    "vonage messages": Case(
        "vonage",
        lambda url, text, key, now, id, account: posts.vonage_message(
            url, key, account, now=now, text=text, message_uuid=id
        ),
        timed=True,
    ),
    "messagebird": Case(
        "messagebird",
        lambda url, text, key, now, id, _: posts.messagebird(url, key, now=now, body=text, id=id),
        timed=True,
    ),
    "plivo": Case(
        "plivo",
        lambda url, text, key, now, id, _: posts.plivo(
            url, key, nonce=f"{now}{id}", Text=text, MessageUUID=id
        ),
        path=f"/{SEGMENT}",
    ),
    "plivo by V3": Case(
        "plivo",
        lambda url, text, key, now, id, _: posts.plivo(
            url, key, nonce=f"{now}{id}", v3=True, Text=text, MessageUUID=id
        ),
        path=f"/{SEGMENT}",
    ),
    "smssync": Case(
        "smssync",
        lambda url, text, key, _, id, __: posts.smssync(
            url, key.decode(), message=text, message_id=id
        ),
        path=f"/{SEGMENT}",
    ),
    "africastalking": Case(
        "africastalking",
        lambda url, text, _, __, id, ___: posts.africastalking(url, text=text, id=id),
        signs=False,
        path=f"/{SEGMENT}",
    ),
    "infobip": Case(
        "infobip",
        lambda url, text, _, __, id, ___: posts.infobip(url, text, messageId=id),
        signs=False,
        path=f"/{SEGMENT}",
    ),
    "kannel": Case(
        "kannel",
        lambda url, text, _, __, id, ___: posts.kannel(
            url, text, coding=2, charset="UTF-16BE", id=id
        ),
        signs=False,
        path=f"/{SEGMENT}",
    ),
}
"""Every gateway at least once."""
