"""The cleaner: makes media anew, one at a time, and knows nothing else.

This module is imported with the first thing that there is to clean (``child.until_asked``): most
nodes are sent text, and its libraries take 25 MiB. From then on it opens nothing. It has a soft CPU
limit, raised before each medium, and 1 GiB of memory above what it had by then; a medium that needs
more kills it, and the core sets that medium aside. After anything that it could not make it ends
itself, and after fifty that it could: a fresh one takes its place.

A film takes minutes, in which this process is inside a library: a thread beats for it, and the core
has a limit of wall time.
"""

from __future__ import annotations

import ctypes
import select
import socket
import threading

from relay.cleaning import clean, fit, prepare_libraries
from relay.cleaning.kinds import Moving, Other, kind_of
from relay.errors import Damaged
from relay.model import Media, Unclean
from relay.node.bounds import bound_memory, bound_work
from relay.node.child import BEAT_S, Pulse
from relay.node.confined import compute_only
from relay.node.pipes import PipeEnded, PlainPipe
from relay.wire import frames

PICTURE_CPU_S = 20
FILM_CPU_S = 300
"""CPU seconds for a film or a sound: what people send (16 MiB at most) takes a tenth."""

MEMORY_BYTES = 1024 * 1024 * 1024

MOST = 50
"""Media that one process makes."""

_M_ARENA_MAX = -8  # mallopt(3)

Asked = frames.Clean | frames.Fit


def main(core: socket.socket, pulse: Pulse) -> int:
    """Serve the core until it ends, or until a medium could not be made anew."""
    prepare_libraries()
    pulse.beat()
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)  # each arena takes 64 MiB of address space
    bound_memory(MEMORY_BYTES)
    compute_only()  # nothing that anybody sent was parsed yet, and no thread was begun
    threading.Thread(target=_beats, args=(pulse,), daemon=True).start()
    pipe = PlainPipe(core, (frames.Clean, frames.Fit))
    for _ in range(MOST):
        try:
            asked = pipe.receive()
            if asked is None:
                return 0
            with pulse:
                answer = _answered(asked)
            if not _goes_on(asked, _told(pipe, answer)):
                return 0
        except (Damaged, PipeEnded):
            return 0
    return 0


def _beats(pulse: Pulse) -> None:
    while True:
        select.select([], [], [], BEAT_S)  # time.sleep goes by a clock that may be faked
        pulse.beat()


def _answered(asked: Asked) -> frames.WasCleaned:
    is_moving = isinstance(kind_of(asked.medium.content), Moving)
    bound_work(FILM_CPU_S if is_moving else PICTURE_CPU_S)
    try:
        return frames.WasCleaned(_made(asked))
    except MemoryError:
        return _TOO_MUCH


def _made(asked: Asked) -> Media | Unclean:
    if isinstance(asked, frames.Fit):
        return fit(asked.medium, asked.fits)
    return clean(asked.medium)


_TOO_MUCH = frames.WasCleaned(Unclean("too much memory to clean"))


def _told(pipe: PlainPipe, answer: frames.WasCleaned) -> frames.WasCleaned:
    """Tell the core; where the memory for that is missing, tell it so."""
    try:
        pipe.send(answer)
    except MemoryError:
        answer = _TOO_MUCH
        pipe.send(answer)
    return answer


def _goes_on(asked: Asked, answer: frames.WasCleaned) -> bool:
    """Whether this process may be given more: it made something anew, or it opened nothing."""
    return isinstance(answer.made, Media) or isinstance(kind_of(asked.medium.content), Other)
