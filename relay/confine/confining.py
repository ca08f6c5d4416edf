"""Keep this process to what it was granted."""

from __future__ import annotations

import contextlib
from functools import cache

from relay.confine import capabilities, kernel, landlock, seccomp
from relay.confine.grants import CannotConfine, Grants, Means


@cache
def possible() -> Means:
    """What this kernel offers, found by asking it."""
    return Means(landlock.version(), seccomp.there())


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
