"""What a process that opens what people send may use of this machine (setrlimit(2))."""

from __future__ import annotations

import ctypes
import math
import os
import resource
from functools import cache

LARGE = 256 * 1024
"""Bytes of an allocation that is given back to the system when it is freed."""

_M_MMAP_THRESHOLD = -3  # mallopt(3)


def give_back_large() -> None:
    """Called in the launcher, before its first child, which inherits it: memory of a mail or a film
    goes back as soon as it is free. Left alone, the allocator learns from the first of these to
    keep them, and a process holds for ever as much as it ever needed. Of glibc; elsewhere nothing
    happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE)


def give_back_free() -> None:
    """Give the memory that is free back to the system now (malloc_trim(3)): whatever stood there is
    gone. Of glibc; elsewhere nothing happens."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def bound_memory(more_bytes: int) -> None:
    """From now on this process gets no more address space than it has, and so many bytes more."""
    limit = size() + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def bound_work(more_s: int) -> None:
    """So many CPU seconds from now on (and up to one more) SIGXCPU ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + more_s
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def size() -> int:
    """Bytes of address space in use (proc(5), statm). Called once before the process is confined,
    it goes on after that: the file stays open."""
    return int(os.pread(_statm(os.getpid()), 64, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE")


@cache
def _statm(process: int) -> int:
    """A descriptor of that file; of each process its own."""
    return os.open(f"/proc/{process}/statm", os.O_RDONLY | os.O_CLOEXEC)
