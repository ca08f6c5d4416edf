"""What an editor makes of the words of a message that is held: cuts, or other words.

It stays held whatever is found in the new words, and what two persons had agreed to before counts
no more: they had agreed to other words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import trio

from relay.errors import Asked
from relay.exit.record import Record, store
from relay.exit.review import reasons_for
from relay.exit.wording import Cut, with_cuts, with_text
from relay.model import Change, Queue, Row, State
from relay.node import dangers_shown
from relay.node.decisions import Decisions, Node
from relay.reader.text import MAX_TEXT, MAX_TITLE, clean, clean_line
from relay.rules.policy import Policy

Answer = Mapping[str, Any]

MOST_CUTS: Final = 1000
MOST_DONE: Final = 1000
"""Tokens that are remembered: a second click comes at once, or never."""

NOT_HELD: Final = "only what is held can be put in other words: hold it, or correct what is public"
CHANGED: Final = "it has changed meanwhile: look at it again"
REWORDED: Final = "in other words"
"""Why a message is held where its new words give no reason of their own."""

_FOUND: Final = ("danger: ", "marked: ", "taken out: ", "nothing is left of it", REWORDED)


class Words:
    """Changes the words of messages that are held at one node."""

    def __init__(self, core: Node, decisions: Decisions) -> None:
        self._core = core
        self._decisions = decisions
        self._turn = trio.Lock()
        self._done: dict[str, None] = {}  #: tokens of what was done, the latest last

    async def redact(self, rows: Sequence[Row], order: Mapping[str, Any]) -> Answer:
        """Cut ``cuts`` out: places in the words as ``show`` gives them, in characters. Raises
        Asked."""
        cuts = cuts_of(order.get("cuts"))
        return await self._changed(rows, order, lambda one, how: with_cuts(one, cuts, how))

    async def rewrite(self, rows: Sequence[Row], order: Mapping[str, Any]) -> Answer:
        """Put ``title``, ``text`` or both in the place of its words. Raises Asked."""
        title, text = text_of(order)
        return await self._changed(rows, order, lambda one, how: with_text(one, title, text, how))

    async def _changed(
        self,
        rows: Sequence[Row],
        order: Mapping[str, Any],
        make: Callable[[Record, Policy | None], Record],
    ) -> Answer:
        message, name = rows[0], str(order.get("token", ""))
        async with self._turn:
            if name and name in self._done:  # a second click: it was done, and is not done twice
                return self._said(message, await self._decisions.record_of(message), 0)
            made, changed = await self._made(message, order, make)
            if name:
                self._done[name] = None
                while len(self._done) > MOST_DONE:
                    del self._done[next(iter(self._done))]
        return self._said(message, made, changed)

    async def _made(
        self,
        message: Row,
        order: Mapping[str, Any],
        make: Callable[[Record, Policy | None], Record],
    ) -> tuple[Record, int]:
        check_unchanged(message, order)
        if message.queue != Queue.REVIEW or message.state != State.HELD:
            raise Asked(NOT_HELD)
        record = await self._decisions.record_of(message)
        policy = self._core.policies.get(message.name)
        made = make(record, policy)
        if made is not record:
            await self._held(message, made, policy)
        return made, int(made is not record)

    def _said(self, message: Row, made: Record, changed: int) -> Answer:
        assert made.message is not None
        return {
            "id": message.id.hex(),
            "changed": changed,
            "title": made.message.title,
            "text": made.message.text,
            **dangers_shown.dangers_of(made),
        }

    async def _held(self, message: Row, made: Record, policy: Policy | None) -> None:
        assert self._core.keys is not None
        why = _reasons(message.why, reasons_for(made, policy))
        body = store(made, self._core.keys.storage, message.id)
        held = Change(Queue.REVIEW, State.HELD, due=None, why=why, body=body)
        if not await self._core.spool.change(message, held):
            raise Asked(CHANGED)


def check_unchanged(message: Row, order: Mapping[str, Any]) -> None:
    """Whether the message is as whoever gives this order saw it, if they say so (``rev``): a cut at
    a place of other words leaves what it was to take out. Raises Asked."""
    if order.get("rev") not in (None, message.rev):
        raise Asked(CHANGED)


def cuts_of(said: object) -> list[Cut]:
    """The cuts that an order names. Raises Asked."""
    if not isinstance(said, list) or len(said) > MOST_CUTS:
        raise Asked("say what is to be cut")
    return [_cut(one) for one in said]


def _cut(said: object) -> Cut:
    match said:
        case {"where": "text" | "title" as where, "offset": int() as offset, "length": int() as n}:
            return Cut(where, offset, n)
        case {"where": "alt", "n": int() as n}:
            return Cut("alt", n=n)
        case {"where": "alt"}:
            return Cut("alt")
    raise Asked("a cut has where, offset and length")


def text_of(order: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The title and the text that an order gives, clean as if a reader had read them; None for what
    it does not give, and what stays. Raises Asked."""
    title, text = order.get("title"), order.get("text")
    if not isinstance(title, str | None) or not isinstance(text, str | None):
        raise Asked("a title and a text are words")
    if title is None and text is None:
        raise Asked("give other words: a title, a text, or both")
    if len(text or "") > MAX_TEXT or len(title or "") > MAX_TITLE:
        raise Asked(f"a text has at most {MAX_TEXT} characters, a title {MAX_TITLE}")
    return None if title is None else clean_line(title), None if text is None else clean(text)


def _reasons(before: str, now: Sequence[str]) -> str:
    """Why it is held: what is found now, and those reasons of before that no words are."""
    stay = [one for one in before.split("; ") if one and not one.startswith(_FOUND)]
    return "; ".join(dict.fromkeys([*now, *stay])) or REWORDED
