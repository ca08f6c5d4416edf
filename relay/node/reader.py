"""The reader: parses what people (or an enemy) sent, one item at a time, and knows nothing else.

It has a soft CPU limit, raised by two seconds before each item, and 256 MiB of memory above what it
had at its start. An item that needs more kills it: SIGXCPU ends the process, and the core sets that
item aside. After anything it could not read it ends itself, and a fresh one takes its place.
"""

from __future__ import annotations

import math
import os
import resource
import select
import socket

from relay.errors import Damaged
from relay.model import Reading, Unreadable
from relay.node.child import BEAT_S, Pulse
from relay.node.pipes import PipeEnded, PlainPipe
from relay.reader.read import read
from relay.wire import frames

CPU_S = 2
MEMORY_BYTES = 256 * 1024 * 1024


def main(core: socket.socket, pulse: Pulse) -> int:
    """Serve the core until it ends, or until something could not be read."""
    read(b"warm", "text")  # the libraries are loaded before memory is limited
    read(b"Content-Type: text/html\r\n\r\n<p>warm", "mail")
    limit = _size() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    pipe = PlainPipe(core, (frames.Read,))
    pulse.beat()  # from now on it is given items
    while True:
        while not select.select([core], [], [], BEAT_S)[0]:
            pulse.beat()
        try:
            asked = pipe.receive()
            if asked is None:
                return 0
            with pulse:
                message = _read(asked)
            pulse.beat()
            message = _told(pipe, message)
        except (Damaged, PipeEnded):
            return 0
        if isinstance(message, Unreadable):
            return 0


def _told(pipe: PlainPipe, message: Reading) -> Reading:
    """Tell the core; where the memory for that is missing, tell it so."""
    try:
        pipe.send(frames.WasRead(message))
    except MemoryError:
        message = Unreadable("too much memory to read")
        pipe.send(frames.WasRead(message))
    return message


def _read(asked: frames.Read) -> Reading:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
    try:
        return read(asked.content, asked.kind)
    except MemoryError:
        return Unreadable("too much memory to read")


def _size() -> int:
    """Bytes of address space in use (proc(5), statm)."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
