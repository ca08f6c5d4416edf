"""Calls of Linux that have no name in Python: by their number, through the C library."""

from __future__ import annotations

import ctypes
import os
from typing import Final

PR_SET_DUMPABLE: Final = 4
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4

_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, argument: int = 0) -> None:
    """prctl(2) with one number. Raises OSError."""
    zero = ctypes.c_ulong(0)
    if _LIBC.prctl(option, ctypes.c_ulong(argument), zero, zero, zero) < 0:
        raise _error()


def syscall(number: int, *arguments: object) -> int:
    """syscall(2): numbers (as long), structures by ``ctypes.byref``. Raises OSError."""
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    _LIBC.syscall.restype = ctypes.c_long
    got: int = _LIBC.syscall(ctypes.c_long(number), *given)
    if got < 0:
        raise _error()
    return got


def capset(head: object, sets: object) -> None:
    """capset(2). Raises OSError."""
    if _LIBC.capset(head, sets) < 0:
        raise _error()


def capget(head: object, sets: object) -> None:
    """capget(2). Raises OSError."""
    if _LIBC.capget(head, sets) < 0:
        raise _error()


def no_new_privileges() -> None:
    """From now on no program that is started has more rights than we (prctl(2)): no set-user-id."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def not_dumpable() -> None:
    """No core file, and others of the same user cannot trace us or read our memory (prctl(2))."""
    prctl(PR_SET_DUMPABLE, 0)


def dumpable() -> None:
    """Takes ``not_dumpable`` back, as in a child that has it from its parent."""
    prctl(PR_SET_DUMPABLE, 1)


def threads() -> int:
    """How many threads this process has (proc(5)); 1 where that cannot be seen."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
