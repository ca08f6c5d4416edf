"""A child of the node as the core sees it, and what it may say to the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import trio

from relay.errors import OutwordError
from relay.node.pipes import Pipe
from relay.wire import frames

FROM_OUTLET: Final = (
    frames.Serves,
    frames.Prepared,
    frames.Previewed,
    frames.Ended,
    frames.Looked,
    frames.Checked,
    frames.Skewed,
    frames.Routed,
    frames.TookBack,
    frames.Replies,
    frames.Edited,
    frames.Shown,
    frames.Keeps,
    frames.Failed,
)

MOST_OF_OUTLET: Final = 15 * 1024 * 1024
"""Bytes of a frame of an outlet. What is made of a post must fit into the largest size that the
spool keeps (16 MiB); and a bridge that makes more by mistake must not fill the core's memory."""

MOST_OF_DESK: Final = 2 * 1024 * 1024
"""Bytes of a frame of the desk: the largest form (512 KiB), if each of its characters is one that
JSON writes as six."""

ENDLESS: Final = "its bridge gave an answer without end"
"""What an outlet says instead of an answer that would be larger."""

FROM_DOOR: Final = (
    frames.Open,
    frames.Put,
    frames.Heard,
    frames.Fares,
    frames.Routed,
    frames.Certificate,
    frames.Answered,
    frames.TriedWay,
    frames.AnswersUsed,
)

FROM_LINKS: Final = (
    frames.LinkOpen,
    frames.Crossed,
    frames.Arrived,
    frames.TurnedAway,
    frames.Fares,
    frames.Routed,
)

TO_CORE: Final[Mapping[str, Sequence[type]]] = {
    "outlet": FROM_OUTLET,
    "door": FROM_DOOR,
    "reader": (frames.WasRead, frames.WasDecrypted),
    "cleaner": (frames.WasCleaned,),
    "desk": (frames.DeskAsks, frames.DeskStops),
    "links": FROM_LINKS,
}
"""Every frame that a child of a role may send to the core: what others may say is damage."""


class Gone(OutwordError):
    """The process that was asked did not do it."""


class DiedMeanwhile(Gone):
    """The process that was asked has ended."""


@dataclass(eq=False)
class Process:
    """A child as the core sees it. ``alone`` names the one destination of an outlet of its own."""

    role: str
    pid: int
    pipe: Pipe
    alone: str = ""
    busy: bool = False
    status: int = 0
    heard: trio.Event = field(default_factory=trio.Event)
    """It said its last: everything that lay in the pipe was read."""
    dead: trio.Event = field(default_factory=trio.Event)
    began: trio.Event = field(default_factory=trio.Event)
    """It has beaten once, or it is dead: what it had to load is loaded, or cannot be."""
