"""Keep this process to what it was granted."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from functools import cache

from relay.confine import capabilities, kernel, landlock, seccomp
from relay.confine.grants import CannotConfine, Grants, Means


@cache
def possible() -> Means:
    """What this kernel offers, found by trying it in a copy: it may say that it has something, and
    whoever runs us (a container, a security module) may refuse it all the same."""
    abi, filters = landlock.version(), seccomp.there()
    if abi and not _works(lambda: landlock.restrict(Grants(), abi)):
        abi = 0
    return Means(abi, filters and _works(lambda: seccomp.restrict(Grants())))


def _works(restrict: Callable[[], None]) -> bool:
    """Whether a copy of this process can be restricted like this."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            kernel.no_new_privileges()
            restrict()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0


def confine(grants: Grants, *, or_else_less: bool = False) -> None:
    """From now on this process, and whatever it starts, reaches what is granted and nothing else.

    To be called before there is a second thread, since files are forbidden to the calling one and
    those it starts. Raises CannotConfine where the kernel lacks the means, or at a second thread;
    with ``or_else_less`` what the kernel lacks is done without.
    """
    means = possible()
    if not (means.enough or or_else_less):
        raise CannotConfine(means.lacks)
    if kernel.threads() > 1:
        raise CannotConfine("there are threads already")
    try:
        kernel.no_new_privileges()
        kernel.not_dumpable()
        if means.landlock:
            landlock.restrict(grants, means.landlock)
        with contextlib.suppress(OSError) if or_else_less else contextlib.nullcontext():
            capabilities.drop(grants)
        if means.seccomp:
            seccomp.restrict(grants)
    except OSError as error:
        raise CannotConfine(f"the kernel refused: {error.strerror}") from None
