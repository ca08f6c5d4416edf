"""A child of the node as the core sees it, and what it may say to the core."""

from __future__ import annotations

from dataclasses import dataclass, field

import trio

from relay.errors import OutwordError
from relay.node.pipes import Pipe
from relay.wire import frames

TO_CORE = (
    frames.WasRead,
    frames.Serves,
    frames.Prepared,
    frames.Ended,
    frames.Looked,
    frames.Checked,
    frames.Skewed,
    frames.TookBack,
    frames.Shown,
    frames.Keeps,
    frames.Failed,
    frames.Open,
    frames.Put,
    frames.Heard,
    frames.Fares,
    frames.Certificate,
)
"""Every frame a child may send to the core."""


class Gone(OutwordError):
    """The process that was asked did not do it."""


class DiedMeanwhile(Gone):
    """The process that was asked has ended."""


@dataclass(eq=False)
class Process:
    """A child as the core sees it."""

    role: str
    pid: int
    pipe: Pipe
    busy: bool = False
    status: int = 0
    heard: trio.Event = field(default_factory=trio.Event)
    """It said its last: everything that lay in the pipe was read."""
    dead: trio.Event = field(default_factory=trio.Event)
    began: trio.Event = field(default_factory=trio.Event)
    """It has beaten once, or it is dead: what it had to load is loaded, or cannot be."""
