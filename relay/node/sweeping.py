"""Overwrites what this process has freed, as far as that can be done.

Neither Python nor the C library overwrites memory that is given back: what somebody wrote lies
there until another thing takes its place. From ``perturb`` on the C library fills what it frees
(mallopt(3), M_PERTURB). That leaves out the few blocks of each size that it keeps at hand for a
thread, and all of Python's own small blocks (at most 512 bytes): ``sweep`` takes those once, writes
zeros over them and gives them back. It is a net below, and no promise: what is still referred to
stays, and so does what another thread has at hand, or a register, or the kernel.
"""

from __future__ import annotations

import ctypes
import gc
from typing import Final

_M_PERTURB: Final = -6
_FILL: Final = 0xA5

_AT_HAND: Final = 8
"""Blocks of one size that the C library keeps at hand for a thread, and one more (glibc: 7)."""

_LARGEST_AT_HAND: Final = 1032
_LARGEST_SMALL: Final = 512
_HEAD: Final = 33
"""Bytes that CPython adds to those of a ``bytes`` object; what a text is kept in has more."""

_OF_A_SIZE: Final = 192 * 1024
"""Bytes of each small size that are taken: more than lies free of one in a process of ours."""


def perturb() -> None:
    """From now on what is freed is filled, where the C library can do that."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_PERTURB, _FILL)


def sweep() -> None:
    """Write over what is free by now in this thread. Takes some milliseconds."""
    gc.collect()
    _sweep_small()
    _sweep_at_hand()


def _sweep_small() -> None:
    for size in range(48, _LARGEST_SMALL + 1, 16):
        taken = [bytes(size - _HEAD) for _ in range(_OF_A_SIZE // size)]
        taken.clear()


def _sweep_at_hand() -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    for size in range(24, _LARGEST_AT_HAND + 1, 16):
        taken = [library.malloc(size) for _ in range(_AT_HAND)]
        for block in taken:
            if block:
                ctypes.memset(block, 0, size)
                library.free(block)
