"""Posts with the token of an app's bot: threads, pictures, edits, answers, and a mark to find.

The parts of a long text answer its first one, which is how Slack's threads are: it takes no answer
to an answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import regex

from bridges import kit
from bridges.kit import drafts
from bridges.kit.drafts import Draft
from bridges.workspace import answers, looking, threads, uploading
from bridges.workspace.api import READ_S, Api, error, good, is_ts
from bridges.workspace.blocks import message
from relay.ports import (
    Answer,
    Attempt,
    Found,
    Health,
    Keep,
    Later,
    Lookup,
    Once,
    Outcome,
    Posted,
    Refused,
    Removal,
    Removed,
    Replied,
    Stopped,
    Unsure,
)

LAG_S: Final = 30
"""A list is not believed to be whole sooner after a try."""

MOST_CHANGES: Final = 100
NO_REF: Final = "this is no message of Slack"
GONE: Final = "it is gone from the channel"
_NEEDED: Final = ("chat:write",)


class Bot:
    """One bot in one channel, which is named by its ID."""

    once = Once("lookup")
    pictures = True

    def __init__(self, api: Api, channel: str) -> None:
        self._api = api
        self._channel = channel
        self._team = ""
        self._bot = ""
        self._site = ""
        self._brought: dict[str, bytes] = {}  #: for a change: what was uploaded for it so far

    # ------------------------------------------------------------ send and find

    async def send(self, attempt: Attempt, draft: Draft, keep: Keep) -> Outcome:
        """Upload what is not there yet, then one chat.postMessage that carries the mark."""
        so_far = uploading.read(attempt.kept)
        files = await uploading.uploaded(self._api, draft.media, so_far, keep)
        if not isinstance(files, tuple):
            return files
        said: dict[str, Any] = {"channel": self._channel, **message(draft, files)}
        said["metadata"] = looking.mark(attempt.part.key)
        thread = _thread(attempt.after)
        if thread:
            said["thread_ts"] = thread
        answer = await self._api.call("chat.postMessage", said)
        if not isinstance(answer, Answer):
            return answer
        ts = (good(answer) or {}).get("ts")
        if not is_ts(ts):
            return answers.to_post(answer, self._api.now())
        ref = f"{thread}/{ts}" if thread else str(ts)
        return Posted(ref, self._shown(ref))

    async def find(self, attempt: Attempt, draft: Draft) -> Lookup:
        """Look for the part's mark in the channel, or in its thread."""
        thread = _thread(attempt.after)
        since = attempt.first + self._api.ahead - looking.BEFORE_S
        wanted = looking.Wanted(attempt.part.key, draft, since, thread)
        lately = self._api.now() < attempt.first + LAG_S
        found = await looking.looked_up(self._api, self._channel, wanted, lately=lately)
        if not isinstance(found, Found):
            return found
        ref = f"{thread}/{found.ref}" if thread else found.ref
        return Found(ref, self._shown(ref))

    def _shown(self, ref: str) -> str:
        """Where members of the workspace see it; "" until ``check`` has learnt its address."""
        if not self._site:
            return ""
        thread, ts = _thread(ref), _ts(ref)
        where = f"{self._site}archives/{self._channel}/p{ts.replace('.', '')}"
        return f"{where}?thread_ts={thread}&cid={self._channel}" if thread != ts else where

    # ------------------------------------------------------------ check

    async def check(self) -> Health:
        """Whose the token is, and whether the bot sees the channel: both are asked."""
        answer = await self._api.call("auth.test", {}, timeout_s=READ_S)
        said = good(answer)
        if said is None:
            return Health(self._named(), self._trouble(answer))
        self._learn(said)
        if not self._team or not self._bot:
            return Health(self._named(), f"the token is no bot's: {answers.NEW_TOKEN}")
        if isinstance(answer, Answer) and (lacking := _lacking(answer.headers)):
            return Health(self._named(), f"the bot lacks {lacking}: {answers.NEW_TOKEN}")
        listed = await self._api.read("conversations.history", channel=self._channel, limit=1)
        return Health(self._named(), "" if good(listed) is not None else self._trouble(listed))

    def _learn(self, said: Mapping[str, Any]) -> None:
        team, bot, site = (said.get(name) for name in ("team_id", "bot_id", "url"))
        self._team = team if isinstance(team, str) and kit.is_ref(team) else self._team
        self._bot = bot if isinstance(bot, str) and kit.is_ref(bot) else self._bot
        shown = kit.shown_at(site)
        self._site = shown if shown.endswith("/") else self._site

    def _named(self) -> str:
        return f"slack {self._team} {self._channel}" if self._team else ""

    def _trouble(self, answer: Answer | Later | Unsure) -> str:
        if not isinstance(answer, Answer):
            return "Slack cannot be reached"
        told = answers.to_post(answer, self._api.now())
        if isinstance(told, Stopped):
            return f"{told.why}: {told.action}"
        return f"Slack does not say whether the bot can post (it answered {answer.status})"

    # ------------------------------------------------------------ remove, edit, replies

    async def remove(self, ref: str) -> Removal:
        """Delete the message; the answers to it stay."""
        if not _is_ref(ref):
            return Refused(NO_REF)
        said = {"channel": self._channel, "ts": _ts(ref)}
        answer = await self._api.call("chat.delete", said, timeout_s=READ_S)
        if good(answer) is not None or error(answer) == "message_not_found":
            return Removed()
        if error(answer) in ("cant_delete_message", "compliance_exports_prevent_deletion"):
            return Refused("Slack does not let the bot delete it: delete it there")
        return answers.harmless(answer, self._api.now())

    async def edit(self, ref: str, draft: Draft) -> Posted | Later | Refused | Stopped:
        """Change text and pictures; the mark stays, and people see that it was edited."""
        if not _is_ref(ref):
            return Refused(NO_REF)
        files = await self._files_for(draft)
        if not isinstance(files, tuple):
            return files
        said: dict[str, Any] = {"channel": self._channel, "ts": _ts(ref)}
        written = message(draft, files)
        said |= {"text": written["text"], "blocks": written["blocks"]}
        answer = await self._api.call("chat.update", said)
        if (good(answer) or {}).get("ts") == _ts(ref):
            return Posted(ref, self._shown(ref))
        if error(answer) == "message_not_found":
            return Refused(GONE)
        if error(answer) in ("cant_update_message", "edit_window_closed"):
            return Refused("Slack does not let the bot change it")
        return answers.harmless(answer, self._api.now())

    async def _files_for(self, draft: Draft) -> tuple[str, ...] | uploading.NotNow:
        """As ``uploaded``. A change has no attempt to keep anything with, and one whose pictures
        are not ready is made again: then those that are there are taken."""
        of = hashlib.sha256(drafts.frozen(draft)).hexdigest()

        async def keep(kept: bytes) -> None:
            self._brought[of] = kept
            while len(self._brought) > MOST_CHANGES:
                del self._brought[next(iter(self._brought))]

        so_far = uploading.read(self._brought.get(of, b""))
        return await uploading.uploaded(self._api, draft.media, so_far, keep)

    async def replies(self, cursor: bytes) -> Replied | Later | Stopped:
        """What was answered to the bot's messages, oldest first."""
        if not self._bot:
            await self.check()
        if not self._bot:
            return Later("Slack does not say whose the token is")
        return await threads.since(self._api, self._channel, self._bot, cursor)


_REF: Final = regex.compile(r"(?:[0-9]{1,12}\.[0-9]{6}/)?[0-9]{1,12}\.[0-9]{6}")


def _is_ref(ref: str) -> bool:
    """A message, or one of a thread with its first message before it."""
    return _REF.fullmatch(ref) is not None


def _ts(ref: str) -> str:
    return ref.rpartition("/")[2]


def _thread(ref: str | None) -> str | None:
    """The first message of the thread in which this one is; None where there is none."""
    if ref is None or not _is_ref(ref):
        return None
    return ref.partition("/")[0]


def _lacking(headers: Mapping[str, str]) -> str:
    """The scope that the token is known to lack; "" if none, or if Slack does not say."""
    said = headers.get("x-oauth-scopes", "")
    scopes = {one.strip() for one in said.split(",")}
    return next((one for one in _NEEDED if said and one not in scopes), "")
