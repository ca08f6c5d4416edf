"""Posts to a loft: a web service that takes a text as JSON and keeps each key it has seen.

``POST {url}`` with ``{"text": ..., "language": ...}``, a Bearer token and an ``Idempotency-Key``
answers ``{"id": "...", "url": "..."}``; with a key it knows it answers the same and makes nothing.
That is what makes ``once`` exact. Copy this file for a service of your own, and read
docs/write-a-bridge.md of Outword beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from bridges import kit
from bridges.kit.words import clean, headed, quiet
from relay.ports import (
    Answer,
    Attempt,
    Clock,
    Health,
    Http,
    Keep,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Said,
    Unknown,
    Unsure,
)

MOST_CHARACTERS = 5000
"""The loft takes no longer text: a post that is longer is refused, not cut."""

TOO_LONG = f"a loft takes at most {MOST_CHARACTERS} characters"
ACTION = "look at the address and the token of this loft"


class Pigeon:
    """One text a post, whole or not at all."""

    api = 1
    secrets: ClassVar[Mapping[str, str]] = {"token_file": "made in the loft, under Keys"}

    class Settings(BaseModel):
        """``[destinations.NAME]`` with ``bridge = "pigeon"``."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        url: Annotated[str, AfterValidator(kit.web_address)]
        token_file: str

    @staticmethod
    def hosts(settings: Pigeon.Settings) -> Collection[str]:
        """The loft and nothing else."""
        return {kit.host_of(settings.url)}

    def __init__(self, settings: Pigeon.Settings, http: Http, clock: Clock) -> None:
        self.once = Once("exact")
        self.at_once = 1
        self._url = settings.url
        self._token = kit.read_secret(settings.token_file).decode()
        self._http = http
        self._clock = clock

    async def prepare(self, post: Post) -> Sequence[Part]:
        """One part, the body as it will be sent."""
        text = quiet(clean(headed(post.title, post.text)))
        body = json.dumps({"text": text, "language": post.language}, ensure_ascii=False)
        return [Part(kit.part_key(post.secret, 0), 0, 1, body.encode())]

    def says(self, part: Part) -> Said:
        """What readers of the loft will see; an editor looks at that before it is sent."""
        text = json.loads(part.payload)["text"]
        refuse = TOO_LONG if len(text) > MOST_CHARACTERS else ""
        return Said(text, len(text), MOST_CHARACTERS, refuse=refuse)

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        """One POST. What is too long is refused here, so that ``prepare`` never fails."""
        if len(json.loads(attempt.part.payload)["text"]) > MOST_CHARACTERS:
            return Refused(TOO_LONG)
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token}",
            "Idempotency-Key": attempt.part.key,
        }
        answer = await kit.ask(
            self._http, "POST", self._url, headers=headers, body=attempt.part.payload
        )
        if not isinstance(answer, Answer):
            return answer  # it never left, or nobody knows
        if answer.status not in (200, 201):
            return kit.outcome(answer, now=self._clock.now(), action=ACTION)
        said = kit.json_object(answer) or {}
        ref = said.get("id")
        if not isinstance(ref, str) or not kit.is_ref(ref):
            return Unsure("the loft said yes and gave no id")
        return Posted(ref, kit.shown_at(said.get("url")))

    async def find(self, attempt: Attempt) -> Lookup:
        """Unknown: a loft lists nothing. It is never needed, since to send again is exact."""
        return Unknown("a loft cannot be asked")

    async def check(self) -> Health:
        """Names the account by a hash of its address, and asks nothing."""
        return Health("loft " + hashlib.sha256(self._url.encode()).hexdigest()[:32])
