"""Files, ports and signals: what is not granted is out of reach (landlock(7)).

The kernel says which version of its interface it has (its ABI); each adds something that can be
forbidden. Rights and numbers are those of linux/landlock.h. A rule holds for the file or folder
itself, wherever it is moved: one that takes its place by rename(2) is another.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from relay.confine.grants import Grants
from relay.confine.kernel import syscall

_CREATE_RULESET: Final = 444  # the same number on every kind of processor
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_NET_PORT: Final = 2

EXECUTE: Final = 1 << 0
WRITE_FILE: Final = 1 << 1
READ_FILE: Final = 1 << 2
READ_DIR: Final = 1 << 3
REMOVE_DIR: Final = 1 << 4
REMOVE_FILE: Final = 1 << 5
MAKE_CHAR: Final = 1 << 6
MAKE_DIR: Final = 1 << 7
MAKE_REG: Final = 1 << 8
MAKE_SOCK: Final = 1 << 9
MAKE_FIFO: Final = 1 << 10
MAKE_BLOCK: Final = 1 << 11
MAKE_SYM: Final = 1 << 12
REFER: Final = 1 << 13
TRUNCATE: Final = 1 << 14
IOCTL_DEV: Final = 1 << 15

_FIRST: Final = (1 << 13) - 1
_ADDED: Final = {2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
"""Rights over files by the version that brought them."""

NOWHERE: Final = Path("/dev/null")

_DEAD: Final = {errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ENXIO, errno.ENODEV}
"""Of a disk that was pulled out, or whose server is gone: nobody reaches what lies there."""

LOADERS_IN: Final = ("/lib", "/lib64")

_OF_A_FILE: Final = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

READS: Final = READ_FILE | READ_DIR
REPLACES: Final = WRITE_FILE | TRUNCATE | MAKE_REG | REMOVE_FILE | READ_DIR
BINDS: Final = MAKE_SOCK | REMOVE_FILE
WRITES: Final = READS | REPLACES | MAKE_DIR | MAKE_SOCK | REMOVE_DIR | REFER

_BIND_TCP: Final = 1 << 0
_CONNECT_TCP: Final = 1 << 1
_NETWORK_SINCE: Final = 4
_SCOPED_SINCE: Final = 6
_ABSTRACT_SOCKETS: Final = 1 << 0
_SIGNALS: Final = 1 << 1


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class _Port(ctypes.Structure):
    _fields_ = (("allowed_access", ctypes.c_uint64), ("port", ctypes.c_uint64))


def version() -> int:
    """The version of the kernel's interface; 0 where it has none, or it is switched off."""
    try:
        return syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(grants: Grants, abi: int) -> None:
    """Keep this thread, and all that it starts, to what is granted. ``abi``: see ``version``.

    Raises OSError.
    """
    handled = handled_by(abi)
    of = _Ruleset(handled, _ports(grants, abi), _scopes(abi))
    rules = syscall(_CREATE_RULESET, ctypes.byref(of), ctypes.sizeof(of), 0)
    try:
        for path, rights in granted(grants):
            _allow(rules, path, rights & handled)
        if grants.network and abi >= _NETWORK_SINCE:  # to say where from; at a port that is chosen
            port = _Port(_BIND_TCP, 0)
            syscall(_ADD_RULE, rules, _NET_PORT, ctypes.byref(port), 0)
        syscall(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def handled_by(abi: int) -> int:
    """Every right over files that a kernel of this version can deny."""
    handled = _FIRST
    for since, right in _ADDED.items():
        handled |= right if abi >= since else 0
    return handled


def granted(grants: Grants) -> Iterator[tuple[Path, int]]:
    """Each path with its rights."""
    for paths, rights in (
        (grants.reads, READS),
        (grants.replaces, REPLACES),
        (grants.writes, WRITES),
        (grants.binds, BINDS),
        (_started(grants.executes), READ_FILE | EXECUTE),
    ):
        yield from ((path, rights) for path in paths)
    if NOWHERE in grants.reads:  # what is written there is gone
        yield NOWHERE, READ_FILE | WRITE_FILE


def _started(programs: Sequence[Path]) -> Iterator[Path]:
    """These, and what loads them: it is opened as a program as well (ld.so(8), execve(2))."""
    yield from programs
    if programs:
        for folder in LOADERS_IN:
            yield from Path(folder).glob("ld-*.so*")


def _ports(grants: Grants, abi: int) -> int:
    """Whoever may connect may do so to any port; to be reached at one that it chose, nobody may."""
    if abi < _NETWORK_SINCE:
        return 0
    return _BIND_TCP if grants.network else _BIND_TCP | _CONNECT_TCP


def _scopes(abi: int) -> int:
    """Signals and abstract sockets end at the border of what is confined alike."""
    return _SIGNALS | _ABSTRACT_SOCKETS if abi >= _SCOPED_SINCE else 0


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        file = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what is not there, or is closed to this user anyway
    except OSError as error:
        if error.errno in _DEAD:
            return
        raise
    try:
        if not stat.S_ISDIR(os.fstat(file).st_mode):
            rights &= _OF_A_FILE
        beneath = _Beneath(rights, file)
        syscall(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(beneath), 0)
    finally:
        os.close(file)
