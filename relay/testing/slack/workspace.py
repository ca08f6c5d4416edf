"""A channel of a workspace, and what an app does in it through its webhook and its bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from secrets import token_hex, token_urlsafe
from typing import Any, Final

from relay.ports import Clock
from relay.testing.slack.files import Files
from relay.testing.slack.messages import Medium, Message
from relay.testing.slack.reads import Asked
from relay.testing.slack.says import No
from relay.testing.slack.tables import MAX_EDIT, MAX_PAGE, PAGE, SCOPES
from relay.testing.slack.texts import said, words

ALL_SCOPES: Final = frozenset(SCOPES.values())


class Workspace:
    """The state of a stand-in. What it is asked raises No."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.channel = f"C0{token_hex(5).upper()}"
        self.user = f"U0{token_hex(5).upper()}"
        self.bot = f"B0{token_hex(5).upper()}"
        self.token = f"xoxb-{token_urlsafe(30)}"
        self.hook = f"/services/T0RELAY0001/{self.bot}/{token_urlsafe(18)}"
        self.scopes = set(ALL_SCOPES)
        self.is_member, self.is_archived, self.is_there = True, False, True
        self.files = Files(clock)
        self._messages: dict[str, Message] = {}
        self._made = 0

    # ------------------------------------------------------------ what is there

    @property
    def messages(self) -> list[Message]:
        """What stands in the channel by now, in order."""
        now = self.clock.now()
        seen = [one for one in self._messages.values() if one.created <= now]
        return sorted(seen, key=lambda one: _when(one.id))

    def replies(self, ts: str) -> list[Message]:
        """The replies to a message, in order."""
        return [one for one in self.messages if one.parent == ts]

    def place(self, named: str, *, write: bool = False) -> str:
        """The channel, if it is the one that is named and the bot may use it."""
        if named not in (self.channel, "#news") or not self.is_there:
            raise No("channel_not_found")
        if not self.is_member:
            raise No("not_in_channel")
        if write and self.is_archived:
            raise No("is_archived")
        return self.channel

    def found(self, ts: str) -> Message:
        """A message by its ``ts``."""
        one = self._messages.get(ts)
        if one is None or one.created > self.clock.now():
            raise No("message_not_found")
        return one

    # ------------------------------------------------------------ to post

    def post(self, body: Mapping[str, Any], by: str, bot: str) -> Message:
        """A message as a method or a webhook describes it."""
        blocks: Sequence[Mapping[str, Any]] = body.get("blocks") or ()
        kept = said(body.get("text") or "", blocks)
        parent = self.head(body.get("thread_ts"))
        made = Message("", self.channel, kept.read, kept.kept, by, bot, parent=parent)
        return self.add(
            replace(
                made,
                called=kept.called,
                blocks=blocks,
                media=tuple(self._pictures(blocks)),
                metadata=body.get("metadata"),
                broadcast=bool(parent and body.get("reply_broadcast")),
            )
        )

    def add(self, one: Message, late_s: int = 0) -> Message:
        """A message takes its place, now or when its files were worked on."""
        now = self.clock.now() + late_s
        self._made += 1
        one = replace(one, id=f"{now}.{self._made % 10_000 * 100 + 9:06}", created=now)
        self._messages[one.id] = one
        return one

    def share(self, files: Sequence[Medium], asked: Asked) -> None:
        """A message with files that were uploaded; nobody is told its ``ts``."""
        kept = words(asked["initial_comment"] or "")
        parent = self.head(asked["thread_ts"])
        made = Message("", self.channel, kept.read, kept.kept, self.user, self.bot, parent=parent)
        made = replace(made, media=tuple(files), files=True, called=kept.called)
        ready = max(one.ready or 0 for one in files)
        self.add(made, max(ready - self.clock.now(), 0))

    def head(self, ts: str | None) -> str | None:
        """The message that a reply is to stand under."""
        if ts is None:
            return None
        there = self._messages.get(ts)
        if there is None:
            raise No("thread_not_found")
        if there.parent is not None:
            raise No("cannot_reply_to_message")
        return ts

    def _pictures(self, blocks: Sequence[Mapping[str, Any]]) -> list[Medium]:
        """The files that are shown in blocks, each with the words it has there."""
        made = []
        for block in blocks:
            if block["type"] == "image" and "slack_file" in block:
                one = self.files.ready(block["slack_file"].get("id", ""))
                made.append(replace(one, alt=block["alt_text"]))
        return made

    # ------------------------------------------------------------ to change, take back, list

    def update(self, asked: Asked) -> Message:
        """A message with another text."""
        one = self.found(asked["ts"])
        if one.by != self.user:
            raise No("cant_update_message")
        if len(asked["text"] or "") > MAX_EDIT:
            raise No("msg_too_long")
        if not any(asked[name] for name in ("text", "blocks", "attachments")):
            raise No("no_text")
        blocks = asked["blocks"] or ()
        kept = said(asked["text"] or "", blocks)
        changed = replace(
            one,
            text=kept.read,
            kept=kept.kept,
            blocks=blocks,
            metadata=one.metadata if asked["metadata"] is None else asked["metadata"],
            edited=self.clock.now(),
        )
        self._messages[one.id] = changed
        return changed

    def delete(self, ts: str) -> None:
        """A message is gone; its replies stay."""
        one = self.found(ts)
        if one.by != self.user:
            raise No("cant_delete_message")
        del self._messages[ts]

    def page(
        self, among: Sequence[Message], asked: Asked, late_s: int
    ) -> tuple[list[Message], int | None]:
        """Some of these, in their order, and where the next page begins."""
        until = self.clock.now() - late_s
        low, high = _when(asked["oldest"] or "0"), _when(asked["latest"] or "9" * 12)
        edges = bool(asked["inclusive"])
        fit = [
            one
            for one in among
            if one.created <= until
            and (low < _when(one.id) < high or (edges and _when(one.id) in (low, high)))
        ]
        start = self._cursor(asked["cursor"])
        limit = min(asked["limit"] or PAGE, MAX_PAGE)
        page = fit[start : start + limit]
        return page, start + limit if start + limit < len(fit) else None

    def _cursor(self, cursor: str | None) -> int:
        if not cursor:
            return 0
        if not cursor.startswith("next:") or not cursor[5:].isdecimal():
            raise No("invalid_cursor")
        return int(cursor[5:])


def _when(ts: str) -> tuple[int, int]:
    """A ``ts`` as numbers: a float would lose its last digits."""
    seconds, _, rest = ts.partition(".")
    return int(seconds), int(rest.ljust(6, "0") or 0)
