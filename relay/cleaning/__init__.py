"""Makes media anew from what can be seen and heard in them: bytes in, bytes out.

Nothing of a file survives but its pixels and its samples: not where it was taken, by which device,
when, by whom, what it was called. What it is, is told by its content; its declared type and its
name are not looked at. What we do not understand is refused, with a reason in our own words.

These functions run in a process that has no files and no network (``relay/node``): after
``prepare_libraries`` they open nothing. An enemy may have written the bytes: whatever the libraries
make of them, ``Unclean`` comes back; only too much time or memory, or a library that breaks, ends
the process.
"""

from __future__ import annotations

from relay.cleaning.fitting import fit
from relay.cleaning.libraries import prepare_libraries
from relay.cleaning.making import clean

__all__ = ["clean", "fit", "prepare_libraries"]
