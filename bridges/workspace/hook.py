"""Posts through an incoming webhook: a secret address for one channel, and no more than that.

It answers ``ok`` and never which message it made, so that nothing can be looked up, changed or
taken back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bridges import kit
from bridges.kit.drafts import Draft
from bridges.workspace import answers
from bridges.workspace.api import POST_S, READ_S
from bridges.workspace.blocks import message
from relay.ports import (
    Answer,
    Attempt,
    Clock,
    Health,
    Http,
    Keep,
    Later,
    Lookup,
    Once,
    Outcome,
    Posted,
    Stopped,
    Unknown,
    Unsure,
)


class Hook:
    """One webhook. Its address is in no repr and no reason."""

    once = Once("none")
    pictures = False

    def __init__(self, http: Http, clock: Clock, url: str) -> None:
        self._http = http
        self._clock = clock
        self._url = url

    async def send(self, attempt: Attempt, draft: Draft, keep: Keep) -> Outcome:
        """One POST. The ref is the part's own key: Slack gives none."""
        answer = await self._post(message(draft, ()), POST_S)
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 200 and answer.body.strip() == b"ok":
            return Posted(attempt.part.key)
        return answers.of_hook(answer, self._clock.now())

    async def _post(self, said: Mapping[str, Any], timeout_s: float) -> Answer | Later | Unsure:
        return await kit.ask(
            self._http,
            "POST",
            self._url,
            headers={"content-type": "application/json; charset=utf-8"},
            body=json.dumps(said, ensure_ascii=False).encode(),
            timeout_s=timeout_s,
        )

    async def find(self, attempt: Attempt, draft: Draft) -> Lookup:
        """Unknown: a webhook has nothing to ask with."""
        return Unknown("a webhook cannot be asked what it posted")

    async def check(self) -> Health:
        """Sends a message with nothing in it, which a webhook that is there refuses for just that.

        It is named by a hash of its address."""
        account = "slack webhook " + hashlib.sha256(self._url.encode()).hexdigest()[:32]
        answer = await self._post({}, READ_S)
        if not isinstance(answer, Answer):
            return Health(account, "Slack cannot be reached")
        told = answers.of_hook(answer, self._clock.now())
        return Health(account, f"{told.why}: {told.action}" if isinstance(told, Stopped) else "")
