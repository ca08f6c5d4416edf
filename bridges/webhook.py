"""Posts each message as JSON to one web address, in the layout of Standard Webhooks.

What a receiver may rely on: the same post always comes with the same ``Idempotency-Key`` (also
``webhook-id`` and ``id`` in the body), so that one who keeps the keys it has seen makes one post of
many tries and answers 2xx, or 409, to a repeat. With a secret each request is signed as
standardwebhooks.com has it; while a secret is changed its file may hold several, one a line.

A post with pictures, films or sounds names them under ``media``: type, size, sha256 and file, which
is what the page calls it in ``media/``; and alt, width, height, seconds and poster (a SHA-256)
where there are any. With ``media = "whole"`` their bytes go along as ``content``, in base64, until
those of a post come to ``media_bytes``.

A receiver that cannot tell a repeat is posted to with ``once = "none"``: no key is sent then, and a
send whose end nobody saw is held for a person.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridges import kit
from relay.ports import (
    Answer,
    Attempt,
    Clock,
    Fits,
    Health,
    Http,
    Keep,
    Lookup,
    Media,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Said,
    Unknown,
)

ACTION = "look at the address and the secret of this webhook"
MAX_REF_CHARACTERS = 256
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "video/mp4": "mp4", "audio/mp4": "m4a"}


class Webhook:
    """JSON to one address: type, id, created_at, title, text, lang, thread, perhaps media."""

    api = 1
    tested: ClassVar[str] = "schema-checked"
    again: ClassVar[str] = (
        "the receiver keeps the Idempotency-Keys it has seen; one that does not is told to us by "
        'once = "none", and doubt is then held for a person'
    )
    once: Once = Once("exact", everywhere=True)
    secrets: ClassVar[Mapping[str, str]] = {
        "secret_file": "made by the receiver or by you, the same on both sides (whsec_...): "
        "it signs each request",
        "token_file": "made by the receiver: what it wants to see as Authorization",
    }

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "webhook"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        url: Annotated[str, AfterValidator(kit.web_address)]
        once: Literal["exact", "none"] = "exact"  #: "none": this receiver cannot tell a repeat
        secret_file: str | None = None  #: signs; "whsec_" and base64, or the bytes themselves
        token_file: str | None = None  #: the Authorization header; one word is a Bearer token
        at_once: int = Field(1, ge=1, le=32)  #: more than 1 where the order of posts is no matter
        media: Literal["named", "whole"] = "named"  #: "whole": their bytes go along, in base64
        media_bytes: int = Field(4_000_000, ge=10_000, le=50_000_000)  #: of one post, at most

    @staticmethod
    def hosts(settings: Webhook.Settings) -> Collection[str]:
        """The one of its address."""
        return {kit.host_of(settings.url)}

    def __init__(self, settings: Webhook.Settings, http: Http, clock: Clock) -> None:
        self.once = Once(settings.once, everywhere=settings.once == "exact")
        self.at_once = settings.at_once
        self._whole_bytes = settings.media_bytes if settings.media == "whole" else 0
        self.fits = _fits(self._whole_bytes)
        self._url = settings.url
        self._http = http
        self._clock = clock
        self._secrets = _secrets(settings.secret_file)
        self._authorization = _authorization(settings.token_file)

    async def prepare(self, post: Post) -> Sequence[Part]:
        """One part: the body as it will be sent."""
        key = kit.part_key(post.secret, 0)
        body: dict[str, Any] = {
            "type": "post.v1",
            "id": key,
            "created_at": datetime.fromtimestamp(post.date, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "title": post.title,
            "text": post.text,
            "lang": post.language,
            "thread": {"part": 1, "of": 1, "prev": None},
        }
        if post.media:
            body["media"] = self._media(post.media)
        return [Part(key, 0, 1, json.dumps(body, ensure_ascii=False).encode())]

    def _media(self, media: Sequence[Media]) -> list[dict[str, Any]]:
        said, room = [], self._whole_bytes
        for one in media:
            said.append(_named(one))
            if len(one.content) <= room:
                said[-1]["content"] = base64.b64encode(one.content).decode()
                room -= len(one.content)
        return said

    def says(self, part: Part) -> Said:
        """As ``relay.ports.Previews``."""
        body = json.loads(part.payload)
        text = "\n\n".join(filter(None, [body["title"], body["text"]]))
        return Said(text, len(text), media=len(body.get("media", ())))

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """One POST."""
        part, now = attempt.part, self._clock.now()
        headers = {"content-type": "application/json"}
        if self._authorization:
            headers["authorization"] = self._authorization
        if self.once.means == "exact":
            headers["idempotency-key"] = headers["webhook-id"] = part.key
        if self._secrets:
            headers["webhook-id"] = part.key  # part of what is signed
            headers["webhook-timestamp"] = str(now)
            headers["webhook-signature"] = self._signed(part, now)
        answer = await kit.ask(self._http, "POST", self._url, headers=headers, body=part.payload)
        if not isinstance(answer, Answer):
            return answer
        if 200 <= answer.status < 300:
            said = kit.json_object(answer) or {}
            return Posted(_short(said.get("id"), part.key), kit.shown_at(said.get("url")))
        if answer.status == 409 and self.once.means == "exact":
            return Posted(part.key)  # by contract: it is there already
        return kit.outcome(answer, now=now, action=ACTION)

    def _signed(self, part: Part, now: int) -> str:
        signed = b".".join([part.key.encode(), str(now).encode(), part.payload])
        macs = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in self._secrets)
        return " ".join("v1," + base64.b64encode(mac).decode() for mac in macs)

    async def find(self, attempt: Attempt) -> Lookup:
        """Unknown: the contract has nothing to ask with."""
        return Unknown("a webhook cannot be asked")

    async def check(self) -> Health:
        """Names the account by a hash of its address; a request might mean something there."""
        return Health("webhook " + hashlib.sha256(self._url.encode()).hexdigest()[:32])


def _fits(whole_bytes: int) -> Fits:
    """What is only named is what the page shows, unchanged, so that it is found there."""
    most = Fits()
    if not whole_bytes:
        return most
    return Fits(
        image_bytes=min(most.image_bytes, whole_bytes),
        film_bytes=min(most.film_bytes, whole_bytes),
        sound_bytes=min(most.sound_bytes, whole_bytes),
    )


def _named(one: Media) -> dict[str, Any]:
    digest = hashlib.sha256(one.content).hexdigest()
    said = {
        "type": one.type,
        "size": len(one.content),
        "sha256": digest,
        "file": f"{digest}.{ENDINGS.get(one.type, 'bin')}",
        "alt": one.alt,
        "width": one.width,
        "height": one.height,
        "seconds": one.seconds,
        "poster": hashlib.sha256(one.poster).hexdigest() if one.poster else "",
    }
    return {key: value for key, value in said.items() if value}


def _secrets(path: str | None) -> tuple[bytes, ...]:
    if path is None:
        return ()
    return tuple(
        _secret(line.strip()) for line in kit.read_secret(path).splitlines() if line.strip()
    )


def _secret(line: bytes) -> bytes:
    if not line.startswith(b"whsec_"):
        return line
    try:
        return base64.b64decode(line.removeprefix(b"whsec_"), validate=True)
    except binascii.Error:
        raise kit.BadSecret("a webhook secret with whsec_ is base64 after that") from None


def _authorization(path: str | None) -> str:
    if path is None:
        return ""
    token = kit.read_secret(path)
    if not all(0x20 <= byte < 0x7F for byte in token):
        raise kit.BadSecret("a token is one line of plain characters")
    return token.decode() if b" " in token else "Bearer " + token.decode()


def _short(said: Any, else_: str) -> str:
    """The receiver's own id, if it is one: what it says is stored and shown to operators."""
    if not isinstance(said, str) or not said.isprintable():
        return else_
    return said if 0 < len(said) <= MAX_REF_CHARACTERS else else_
