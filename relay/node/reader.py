"""The reader: parses what people (or an enemy) sent, one item at a time, and knows nothing else.

It has a soft CPU limit, raised by two seconds before each item, and 256 MiB of memory above what it
had at its start. An item that needs more kills it: SIGXCPU ends the process, and the core sets that
item aside. After anything it could not read, and after five hundred items in any case, it ends
itself, and a fresh one takes its place; also where large items have left it with less memory for
the next one.

An encrypted mail takes three of them. The first finds what is encrypted, and ends. The second is
given the keys with its first frame, decrypts, and ends: it has parsed nothing that anybody wrote,
and what comes out it does not look at. The third, which has no keys, reads that.

Until it is given something it can read the libraries, and no other file; from then on it computes,
and has its one socket (``relay.node.confined``).
"""

from __future__ import annotations

import select
import socket

from relay.errors import Damaged
from relay.model import Encrypted, Reading, Unreadable
from relay.node.bounds import bound_memory, bound_work, size
from relay.node.child import BEAT_S, Pulse
from relay.node.confined import compute_only
from relay.node.pipes import PipeEnded, PlainPipe
from relay.reader.opened import read_opened
from relay.reader.opening import open_all, prepare_libraries
from relay.reader.read import guarded, read
from relay.wire import frames

CPU_S = 2
MEMORY_BYTES = 256 * 1024 * 1024

MOST = 500
"""Items that one process reads: what it holds of people's words lives no longer than that."""

GROWN_BYTES = MEMORY_BYTES // 4
"""What it may keep of its memory between two items: so no item before makes one unreadable."""

Asked = frames.Read | frames.ReadDecrypted | frames.Decrypt


def main(core: socket.socket, pulse: Pulse) -> int:
    """Serve the core until it ends, or until something could not be read."""
    load()  # before memory is limited, and files are out of reach
    bound_memory(MEMORY_BYTES)
    begun = size()
    pipe = PlainPipe(core, (frames.Read, frames.ReadDecrypted, frames.Decrypt))
    pulse.beat()  # from now on it is given items
    fresh = True
    for _ in range(MOST):
        while not select.select([core], [], [], BEAT_S)[0]:
            pulse.beat()
        try:
            asked = pipe.receive()
            if asked is None or not (
                fresh or isinstance(asked, frames.Read | frames.ReadDecrypted)
            ):
                return 0
            if fresh:
                _give_up_the_rest(asked)
            fresh = False
            with pulse:
                answer = _answered(asked)
            pulse.beat()
            if not _goes_on(_told(pipe, answer)) or size() > begun + GROWN_BYTES:
                return 0
        except (Damaged, PipeEnded):
            return 0
    return 0


def load() -> None:
    """Load what reading needs, which is all that it needs afterwards."""
    read(b"warm", "text")
    read(b"Content-Type: text/html\r\n\r\n<p>warm", "mail")


def _give_up_the_rest(asked: Asked) -> None:
    """Before the first byte that anybody wrote is looked at: what is needed is loaded by now."""
    if isinstance(asked, frames.Decrypt):
        prepare_libraries()
    compute_only()


Answer = frames.WasRead | frames.WasDecrypted


def _goes_on(answer: Answer) -> bool:
    """Whether this process may be given more after such an answer."""
    return isinstance(answer, frames.WasRead) and not isinstance(
        answer.message, Unreadable | Encrypted
    )


def _told(pipe: PlainPipe, answer: Answer) -> Answer:
    """Tell the core; where the memory for that is missing, tell it so."""
    try:
        pipe.send(answer)
    except MemoryError:
        answer = _TOO_MUCH
        pipe.send(answer)
    return answer


_TOO_MUCH = frames.WasRead(Unreadable("too much memory to read"))


def _answered(asked: Asked) -> Answer:
    bound_work(CPU_S)
    try:
        if isinstance(asked, frames.Decrypt):
            return frames.WasDecrypted(open_all(asked.parts, asked.keys))
        return frames.WasRead(_read(asked))
    except MemoryError:
        return _TOO_MUCH


def _read(asked: frames.Read | frames.ReadDecrypted) -> Reading | Encrypted:
    if isinstance(asked, frames.Read):
        return read(asked.content, asked.kind)
    return guarded(lambda: read_opened(asked.opened, asked.closed))
