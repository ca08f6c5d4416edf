"""One post, once, by a node's own rules and without a node: for an author, and for an operator.

A bridge is asked as a node asks it: whatever it raises or returns, an outcome comes back, and by
its deadline. What a node would do next is only said. Nothing here is kept, and nothing is repeated.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from relay.clock import SystemClock
from relay.exit.asking import prepared, sent
from relay.model import (
    Attempt,
    Later,
    Message,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Stopped,
    Unsure,
    hour_of,
)
from relay.ports import MAX_KEPT, Bridge
from relay.reader.text import clean_line

EX_DATA: Final = 65
EX_UNAVAILABLE: Final = 69

SIGNED: Final = "feed"
"""The bridge whose posts a node signs: it can be given none from here."""


@dataclass(frozen=True, slots=True, repr=False)
class Tried:
    """One part that was sent, as it was given to the bridge, and how that ended."""

    attempt: Attempt
    outcome: Outcome


def post_of(message: Message) -> Post:
    """The post that a node would make of it, but for its secret: that is chance, so that to try the
    same words again is another post."""
    date = hour_of(SystemClock().now())
    return Post(os.urandom(32), message.text, message.title, message.language, date)


async def parts_of(bridge: Bridge, post: Post, deadline_s: float) -> Sequence[Part]:
    """All its parts; none where the bridge does not make them, or not as a node wants them."""
    return await prepared(bridge, post, deadline_s)


async def sent_once(
    bridge: Bridge,
    parts: Sequence[Part],
    deadline_s: float,
    told: Callable[[Tried], None],
) -> Sequence[Tried]:
    """Each part once, in order, up to the first that is not posted. ``told`` hears of each."""
    done: list[Tried] = []
    after: str | None = None
    for part in parts:
        attempt = Attempt(part, 1, SystemClock().now(), after)
        outcome = await sent(bridge, attempt, _keep, deadline_s)
        done.append(Tried(attempt, outcome))
        told(done[-1])
        if not isinstance(outcome, Posted):
            break
        after = outcome.ref
    return done


async def _keep(kept: bytes) -> None:
    """What it keeps is for a second try, and there is none. Raises ValueError, as a node does."""
    if type(kept) is not bytes or len(kept) > MAX_KEPT:
        raise ValueError("a bridge may keep at most 4 KiB")


# ---------------------------------------------------------------- in words


def name_of(outcome: Outcome) -> str:
    """The outcome's word, as ``--json`` has it."""
    return type(outcome).__name__.lower()


def in_words(outcome: Outcome) -> str:
    """How it ended, on one line."""
    match outcome:
        case Posted():
            return f"posted: {clean_line(outcome.url or outcome.ref)}"
        case Later():
            hour = time.strftime(", not before %H:%M UTC", time.gmtime(outcome.not_before or 0))
            return f"not now: {clean_line(outcome.why)}" + (hour if outcome.not_before else "")
        case Refused():
            return f"refused: {clean_line(outcome.why)}"
        case Stopped():
            return f"stopped: {clean_line(outcome.why)}: {clean_line(outcome.action)}"
        case Unsure():
            return f"unsure: {clean_line(outcome.why)}"


def what_follows(outcome: Outcome, once: Once) -> str:
    """What a node would do now, on one line; empty where it is done."""
    match outcome:
        case Posted():
            return ""
        case Later():
            return "Nothing of it is public. A node tries again by itself."
        case Refused():
            return "Nothing of it is public. A node never tries this post again."
        case Stopped():
            return "Nothing of it is public. A node holds all posts of this account for you."
    return f"It may be public. {_IN_DOUBT[once.means]}"


_IN_DOUBT: Final = {
    "exact": "A node sends the same bytes again, which makes no second post.",
    "lookup": "A node looks it up after 30 s and again 10 min later, before it sends again.",
    "none": "A node holds it for a person, since nobody else can tell.",
}


def status_of(outcome: Outcome) -> int:
    """The exit status of a command: 0 posted, 65 turned away, 69 not now or nobody knows."""
    if isinstance(outcome, Posted):
        return 0
    return EX_DATA if isinstance(outcome, Refused | Stopped) else EX_UNAVAILABLE
