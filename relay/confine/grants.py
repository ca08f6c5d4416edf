"""What a process may reach, and what this kernel can hold it to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from relay.errors import OutwordError


class CannotConfine(OutwordError):
    """This process cannot be kept to what it was granted: the kernel lacks the means, or it is too
    late, since there are threads already."""

    exit_code = 69


@dataclass(frozen=True, slots=True)
class Grants:
    """What a process may reach; whatever is not named here, it may not.

    Descriptors that it has already stay as they are: a socket pair, a pipe, a file that is open.

    - ``reads``: files, and folders with all that lies in them, to be read and listed.
    - ``writes``: the same, also to be written; in a folder anything may be made, and removed.
    - ``replaces``: folders in which a file may be written anew and put in the place of another
      (``relay.keyfiles.write_secret``); what lies there is not readable by that.
    - ``binds``: folders in which a unix socket that is there already may be given a name, and names
      removed.
    - ``network``: IPv4 and IPv6 sockets may be made and connected, to any host.
    - ``accepts``: connections may be taken from sockets that listen already.
    - ``sockets``: unix sockets may be made, bound in a folder of ``binds`` or ``writes``, and
      listened at. With ``network`` they can be connected as well, to whatever listens on this
      machine for its user, since the kernel cannot part the two by the kind of socket: nobody is to
      have both who can do without. (A socket pair is no way to anybody else, and always allowed.)
    - ``forks``: copies of itself, kept to the same; threads are always allowed.
    - ``executes``: these other programs, which are kept to the same; ``forks`` belongs to it.
    - ``by_name``: who has something to write may change mode and times of any file of its user, by
      its name: Landlock does not look at that. Without it, no mode, and times only of
      a file that is open; and nobody has room on a disk kept for what is not written.

    A path that is not there is left out: it stays out of reach if it is made later.
    """

    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    replaces: tuple[Path, ...] = ()
    binds: tuple[Path, ...] = ()
    network: bool = False
    accepts: bool = False
    sockets: bool = False
    forks: bool = False
    executes: tuple[Path, ...] = ()
    by_name: bool = True


@dataclass(frozen=True, slots=True)
class Means:
    """What this kernel offers. ``landlock``: the version of its interface, 0 for none;
    ``seccomp``: whether filters can be made here."""

    landlock: int
    seccomp: bool

    @property
    def enough(self) -> bool:
        """Whether a stranger's code can be kept from files, processes and the network."""
        return self.landlock > 0 and self.seccomp

    @property
    def lacks(self) -> str:
        """What is missing, in words; empty where nothing is."""
        missing = [
            *([] if self.landlock else ["Landlock (Linux 5.13, and `lsm=` must name it)"]),
            *([] if self.seccomp else ["seccomp (its library is libseccomp2)"]),
        ]
        return f"this machine lacks {' and '.join(missing)}" if missing else ""
