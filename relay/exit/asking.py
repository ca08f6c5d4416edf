"""Asking a bridge: whatever a plug-in does, a value comes back, and by its deadline.

Only a spool that is broken is passed on: it may be met in ``keep``, and it is no fault of a bridge.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import trio

from relay.errors import SpoolBroken, TooLarge
from relay.exit.progress import Progress
from relay.model import (
    Attempt,
    Later,
    Lookup,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removal,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import Bridge, Keep


def attempt_of(parts: Sequence[Part], progress: Progress) -> Attempt:
    """The attempt that is under way."""
    after = progress.refs[-1] if progress.refs else None
    return Attempt(parts[progress.index], progress.n, progress.first, after, progress.kept)


async def prepared(bridge: Bridge, post: Post, deadline_s: float) -> Sequence[Part]:
    """All parts of a post in order; none if the bridge did not make them. Raises TooLarge where
    they are more than can be taken from it."""
    parts: Sequence[Part] = ()
    try:
        with trio.move_on_after(deadline_s):
            parts = tuple(await bridge.prepare(post))
    except (SpoolBroken, TooLarge):
        raise
    except Exception:  # whatever a plug-in does, nothing is public yet
        return ()
    return parts if _whole(parts) else ()


class Sends(Protocol):
    """What of a bridge sends."""

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome: ...


async def sent(bridge: Sends, attempt: Attempt, keep: Keep, deadline_s: float) -> Outcome:
    """How one send ended; unsure, where the bridge does not say it."""
    outcome: object = Unsure("it took too long")
    try:
        with trio.move_on_after(deadline_s):
            outcome = await bridge.send(attempt, keep)
    except SpoolBroken:
        raise
    except Exception:  # a plug-in may raise anything at any moment of a send
        outcome = Unsure("its bridge failed while sending")
    return outcome if isinstance(outcome, Outcome) else Unsure("its bridge gave no outcome")


async def looked_up(bridge: Bridge, attempt: Attempt, deadline_s: float) -> Lookup:
    """What the platform tells of an attempt; unknown, where it or its bridge does not."""
    found: object = Unknown("it took too long")
    try:
        with trio.move_on_after(deadline_s):
            found = await bridge.find(attempt)
    except SpoolBroken:
        raise
    except Exception:  # a look-up that fails tells nothing
        found = Unknown("its bridge failed while looking")
    return found if isinstance(found, Lookup) else Unknown("its bridge gave no answer we know")


async def edited(
    bridge: Bridge, ref: str, post: Post, deadline_s: float
) -> Posted | Later | Refused | Stopped | None:
    """How a change of what stands there ended; None where the bridge has no way to change it. To
    repeat it does no harm, so that whatever goes wrong is later."""
    edit: Callable[[str, Post], Awaitable[object]] | None = getattr(bridge, "edit", None)
    if edit is None:
        return None
    outcome: object = Later("it took too long")
    try:
        with trio.move_on_after(deadline_s):
            outcome = await edit(ref, post)
    except SpoolBroken:
        raise
    except Exception:  # a plug-in may raise anything
        outcome = Later("its bridge failed while changing it")
    if outcome is None or isinstance(outcome, Posted | Later | Refused | Stopped):
        return outcome
    return Later("its bridge gave no outcome")


async def removed(bridge: Bridge, ref: str, deadline_s: float) -> Removal | None:
    """How taking a post back ended; None where the bridge has no way to. To repeat it does no harm,
    so that whatever goes wrong is later."""
    remove: Callable[[str], Awaitable[object]] | None = getattr(bridge, "remove", None)
    if remove is None:
        return None
    removal: object = Later("it took too long")
    try:
        with trio.move_on_after(deadline_s):
            removal = await remove(ref)
    except SpoolBroken:
        raise
    except Exception:  # a plug-in may raise anything
        removal = Later("its bridge failed while taking it back")
    if removal is None or isinstance(removal, Removal):
        return removal
    return Later("its bridge gave no outcome")


def shows_edits(bridge: Bridge) -> bool:
    """Whether people can see there what a post said before it was changed: also where its bridge
    does not say."""
    return getattr(bridge, "shows_edits", True) is not False


def _whole(parts: Sequence[object]) -> bool:
    """Whether these are all the parts of one post, in order."""
    return bool(parts) and all(
        isinstance(part, Part) and part.index == index and part.of == len(parts)
        for index, part in enumerate(parts)
    )
