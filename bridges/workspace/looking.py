"""Finds an earlier try at a part by the mark that each of our messages carries.

``metadata`` is told to apps and shown to nobody (docs.slack.dev, "Message metadata"). Messages of a
thread are listed by conversations.replies, all others by conversations.history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridges.kit.drafts import Draft
from bridges.kit.matching import same
from bridges.workspace.api import Api, following, good, is_ts, rows
from bridges.workspace.blocks import plain
from relay.ports import Absent, Found, Instant, Lookup, Unknown

EVENT: Final = "relay_post"
KEY_CHARACTERS: Final = 16
BEFORE_S: Final = 24 * 3600
"""How much earlier than our first try a message may be dated: our clock may have been set right in
the meantime, and a mark cannot be mistaken, however far back it is looked for."""

PAGE: Final = 100
MOST_PAGES: Final = 20


def mark(key: str) -> dict[str, Any]:
    """The metadata of the part with this key."""
    return {"event_type": EVENT, "event_payload": {"k": key[:KEY_CHARACTERS]}}


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """One part that is looked for. ``since`` is by Slack's clock; ``after`` the message it
    answers."""

    key: str
    draft: Draft
    since: Instant
    after: str | None

    def is_it(self, message: Mapping[str, Any]) -> bool:
        """Whether it carries the part's mark."""
        held = message.get("metadata")
        return (
            isinstance(held, dict)
            and held.get("event_payload") == mark(self.key)["event_payload"]
            and held.get("event_type") == EVENT
        )

    def may_be_it(self, message: Mapping[str, Any]) -> bool:
        """Whether it is an app's, has the same words and no mark at all: then Slack tells no
        marks."""
        text = message.get("text")
        bare = isinstance(text, str) and not message.get("metadata") and message.get("bot_id")
        return bool(bare) and same(plain(str(text)), self.draft.text)


async def looked_up(api: Api, channel: str, wanted: Wanted, *, lately: bool) -> Lookup:
    """Found; Absent, strong where all since the try was listed and it is not ``lately`` (lists
    lag); Unknown where Slack does not tell."""
    method = "conversations.history" if wanted.after is None else "conversations.replies"
    asked: dict[str, str | int] = {
        "channel": channel,
        "oldest": f"{max(0, wanted.since)}.000000",
        "include_all_metadata": "true",
        "limit": PAGE,
    }
    if wanted.after is not None:
        asked["ts"] = wanted.after
    unmarked = whole = False
    for _ in range(MOST_PAGES):
        said = good(await api.read(method, **asked))
        if said is None:
            return Unknown("Slack does not list the channel now")
        for message in rows(said, "messages"):
            ts = message.get("ts")
            if wanted.is_it(message) and is_ts(ts):
                return Found(str(ts))
            unmarked |= wanted.may_be_it(message)
        asked["cursor"] = following(said)
        if not asked["cursor"]:
            whole = said.get("has_more") is not True
            break
    if unmarked:
        return Unknown("a message like it is there, without our mark")
    return Absent(strong=whole and not lately)
