"""A process of a node is kept to what it is granted, as far as this kernel can.

Where the kernel lacks the means, our own processes run all the same, and each start says so
(``relay.cli.run``): they are parted from each other by less then, but no message is lost for it.
"""

from __future__ import annotations

from relay.confine import Placed, confine
from relay.node.granted import NOTHING, Granted


def keep_to(granted: Granted) -> Placed:
    """From now on this process reaches what it is granted and nothing else; gives what lies at the
    paths that others may put something else to.

    Called once, before there is a second thread. Raises CannotConfine.
    """
    placed = Placed(granted.placed)
    confine(granted.grants, or_else_less=True)
    return placed


def compute_only() -> None:
    """From now on this process computes, and has its one socket: it opens no file, imports nothing,
    makes no socket and no process. Called before the first byte that a stranger sent is looked at,
    and before there is a second thread. Raises CannotConfine."""
    confine(NOTHING, or_else_less=True)
