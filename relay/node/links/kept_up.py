"""One link for as long as the process lives: made, run, and made anew when it breaks down.

That a link fails must cost the others nothing: each is told of, waits for longer each time, and is
begun again. One that ran well for a while begins anew at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from relay.errors import KeyFileError
from relay.links.port import Came, Link
from relay.node.child import kind_of

FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
"""Seconds until a link is made anew: at first, and at most."""

STEADY_S: Final = 60.0
"""A link that ran for so long before it ended is made anew as if for the first time."""

Faring = Callable[[str, str], None]


async def keep_up(
    make: Callable[[], Link],
    came: Came,
    ready: Callable[[bool], None],
    serves: Callable[[Link | None], None],
    faring: Faring,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Serve a link until cancelled. ``make`` makes it (raises KeyFileError); ``ready`` is told True
    when it serves, and False when it cannot: nobody is to wait for it. ``serves`` is told of the
    link that is there, and of its end; ``faring`` why it is not there."""
    clock = asyncio.get_running_loop().time
    wait_s = FIRST_S
    while True:
        began = clock()
        state, why = await _served(make, came, ready, serves)
        faring(state, why)
        ready(False)
        if clock() - began >= STEADY_S:
            wait_s = FIRST_S
        await sleep(wait_s)
        wait_s = min(LONGEST_S, wait_s * 2)


async def _served(
    make: Callable[[], Link],
    came: Came,
    ready: Callable[[bool], None],
    serves: Callable[[Link | None], None],
) -> tuple[str, str]:
    """Run it once; how it is now that it has ended."""
    try:
        link = make()
        serves(link)
        await link.run(came, partial(ready, True))
    except KeyFileError as error:
        return "login", str(error)
    except Exception as error:  # a fault of ours in one link must not end the others
        return "blocked", f"it failed: {kind_of(error)}"
    finally:
        serves(None)
    return "blocked", "it ended"
