"""What root may do that its user may not: none of it is kept (capabilities(7)).

A node that runs as a user of its own, as it should, has none. One that runs as root loses what it
has when it is confined: it reads and writes its own files as any owner does. Only where what it was
granted belongs to somebody else, it keeps the right to open it all the same.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from relay.confine import kernel
from relay.confine.grants import Grants

DAC_OVERRIDE: Final = 1
FOWNER: Final = 3
_NET_BIND_SERVICE: Final = 10

_VERSION_3: Final = 0x20080522
_LAST: Final = 63


class _Head(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Set(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def drop(grants: Grants) -> None:
    """Give up all that these grants do not need, for good. Raises OSError."""
    kept = needed(grants)
    for one in range(_LAST + 1):
        if one not in kept:
            with contextlib.suppress(OSError):  # past the last, or we have none to take away
                kernel.prctl(kernel.PR_CAPBSET_DROP, one)
    with contextlib.suppress(OSError):  # before Linux 4.3 there were none
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    had = _permitted()
    bits = sum(1 << one for one in kept) & had
    if bits == had:
        return  # nothing to give up: a service may not even call this
    sets = (_Set * 2)(_Set(bits, bits, 0), _Set(0, 0, 0))
    try:
        kernel.capset(ctypes.byref(_Head(_VERSION_3, 0)), sets)
    except OSError:
        # The filter of a service forbids the call: then it had one right at most, to a low port.
        if _permitted() & ~(bits | 1 << _NET_BIND_SERVICE):
            raise


def needed(grants: Grants) -> frozenset[int]:
    """What root needs to use what belongs to others; none for anybody else."""
    if os.geteuid() != 0:
        return frozenset()
    return frozenset((DAC_OVERRIDE, FOWNER)) if any(_of_others(grants)) else frozenset()


def _of_others(grants: Grants) -> Iterator[bool]:
    for path in chain(grants.writes, grants.replaces, grants.binds, grants.reads):
        yield any(_owner(one) for one in (path, *path.parents))


def _owner(path: Path) -> int:
    try:
        return path.stat().st_uid
    except OSError:
        return 0


def _permitted() -> int:
    """All that this process has, or could take, or hand on."""
    sets = (_Set * 2)()
    kernel.capget(ctypes.byref(_Head(_VERSION_3, 0)), sets)
    low, high = (int(one.permitted | one.inheritable) for one in sets)
    return low | high << 32
