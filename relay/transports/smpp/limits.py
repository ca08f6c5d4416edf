"""What a centre may cost us, each limit with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 66 * 1024
"""Bytes of one PDU: ``message_payload`` holds 65,535 at most (SMPP 3.4, 5.3.2.32), and what stands
beside it fits into the rest. A longer one ends its session before a byte of it is read."""


@dataclass(frozen=True, slots=True)
class SmppLimits:
    """Times in seconds. ``connect_s`` is for TCP and TLS, ``bind_s`` for the answer to a bind.

    ``enquire_s``: how often a centre is asked whether it is there, and ``answer_s`` how long it has
    for any answer, and for the rest of a PDU that it began. ``window`` is how many messages are
    taken at once: more are told to come again, so that at most 2 MiB of them are in memory.
    ``strange``: requests that no centre makes of us, or that cannot be read, until the session is
    ended. ``slow_s``: who was answered later than that may have stopped waiting, and send again.
    ``last_s`` is what those under way get when the node is stopped. Between two tries lie
    ``first_wait_s``, or ``locked_wait_s`` where the account is refused, and then more and more.
    ``ready_s``: how long the node's start waits for the first bind.
    """

    connect_s: float = 20.0
    bind_s: float = 20.0
    enquire_s: float = 30.0
    answer_s: float = 30.0
    window: int = 32
    strange: int = 100
    slow_s: float = 5.0
    last_s: float = 1.5
    first_wait_s: float = 2.0
    locked_wait_s: float = 60.0
    longest_wait_s: float = 300.0
    ready_s: float = 5.0
