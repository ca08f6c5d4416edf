"""System calls: what is not allowed is answered with an error, in every thread (seccomp(2)).

The filter is made by libseccomp (seccomp_init(3) and those beside it), which knows the number of
every call on every processor. It is a library of the system: systemd, Docker and apt need it, so
that it is there where they are.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from relay.confine import kernel
from relay.confine.calls import FORBIDDEN, Allowed, Only, allowed
from relay.confine.grants import Grants

_SET_SECCOMP: Final = 22  # prctl(2)
_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000  # seccomp.h
_ERRNO: Final = 0x00050000
_KILL_PROCESS: Final = 0x80000000
_OTHER_PROCESSOR: Final = 2
_ALL_THREADS: Final = 4
_OPTIMIZE: Final = 8
_BINARY_TREE: Final = 2
_UNKNOWN: Final = -1
_EQUAL: Final = 4
_MASKED_EQUAL: Final = 7


class _Compared(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def there() -> bool:
    """Whether filters can be made: by the library, and in this kernel. It is asked for one that
    lies nowhere: EFAULT is its yes (seccomp(2)). A service may not see what /proc says of it."""
    try:
        kernel.prctl(_SET_SECCOMP, _MODE_FILTER)
    except OSError as error:
        return error.errno == errno.EFAULT and _library() is not None
    return False


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return None
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_release.argtypes = [ctypes.c_void_p]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_attr_set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32]
    library.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Compared),
    ]
    return library


def restrict(grants: Grants) -> None:
    """Keep every thread of this process, and all that it starts, to the calls that its grants
    allow. Raises OSError."""
    library = _library()
    if library is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    with _filter(library) as made:
        may = list(allowed(grants))
        for one in may:
            _add(library, made, _ALLOW, one)
        never = set(FORBIDDEN) - {one.name for one in may}
        for name in sorted(never):
            _add(library, made, _ERRNO | errno.EPERM, Allowed(name))
        _good(library.seccomp_load(made))


@contextmanager
def _filter(library: ctypes.CDLL) -> Iterator[Any]:
    """A filter that says of everything that the kernel does not have it."""
    made = library.seccomp_init(_ERRNO | errno.ENOSYS)
    if not made:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    try:
        _good(library.seccomp_attr_set(made, _OTHER_PROCESSOR, _KILL_PROCESS))
        _good(library.seccomp_attr_set(made, _ALL_THREADS, 1))
        library.seccomp_attr_set(made, _OPTIMIZE, _BINARY_TREE)  # since 2.5: only quicker
        yield made
    finally:
        library.seccomp_release(made)


def _add(library: ctypes.CDLL, made: Any, action: int, one: Allowed) -> None:
    number = library.seccomp_syscall_resolve_name(one.name.encode())
    if number == _UNKNOWN:
        return
    compared = (_Compared * len(one.only))(*map(_compared, one.only))
    _good(library.seccomp_rule_add_array(made, action, number, len(one.only), compared))


def _compared(only: Only) -> _Compared:
    if only.mask:
        return _Compared(only.argument, _MASKED_EQUAL, only.mask, only.value)
    return _Compared(only.argument, _EQUAL, only.value, 0)


def _good(result: int) -> None:
    if result < 0:
        raise OSError(-result, os.strerror(-result))
