"""A process is kept to what it needs by the kernel: whatever becomes of it, it reaches no more.

What each process of a node needs is said in ``Grants``; ``confine`` makes it all that there is, for
this process and for whatever it starts, and there is no way back. Three means of Linux, each for
what the others leave open::

    landlock.py       files and folders, ports, signals, abstract sockets (landlock(7))
    seccomp.py        system calls: sockets at all, programs, other processes (seccomp(2))
    capabilities.py   what root may do that its user may not (capabilities(7))

    grants.py         what a process may reach
    placed.py         what was granted, and has been replaced since
    libraries.py      what Python reads to import a module, and a library of C to find a name
    kernel.py         the calls that have no name in Python

There is no library well kept that knows them: they are a few calls each, made here through ctypes.
"""

from relay.confine.confining import confine, possible
from relay.confine.grants import CannotConfine, Grants, Means
from relay.confine.libraries import libraries, names_of_hosts, where_started
from relay.confine.placed import NOWHERE, Placed

__all__ = [
    "NOWHERE",
    "CannotConfine",
    "Grants",
    "Means",
    "Placed",
    "confine",
    "libraries",
    "names_of_hosts",
    "possible",
    "where_started",
]
