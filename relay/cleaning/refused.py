"""How a medium is refused: with a reason of ours, whatever a library raises."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from relay.model import Media, Unclean

DAMAGED = "damaged: it cannot be opened"
NOTHING = "nothing in it can be seen or heard"
TOO_MUCH = "too much memory to open"


class NotClean(Exception):
    """Nothing is published of this medium. Made of our own words, with no value of the content."""


def guarded(work: Callable[[], Media]) -> Media | Unclean:
    """What ``work`` makes, or why it made nothing. Warnings of the libraries are about the content:
    they are shown to nobody."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return work()
    except NotClean as refused:
        return Unclean(str(refused))
    except MemoryError:
        return Unclean(TOO_MUCH)
    except Exception:  # a parser may raise anything at hostile bytes; what it says quotes them
        return Unclean(DAMAGED)
