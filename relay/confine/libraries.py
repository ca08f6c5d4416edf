"""What Python reads to import a module, and what a library of C reads to find the name of a host.

None of it says anything about a node or a person.
"""

from __future__ import annotations

import os
import site
import ssl
import sys
import sysconfig
import zoneinfo
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

_SHARED: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
"""Where shared libraries lie (ld.so(8)); on some systems Python and its packages as well."""

_SYSTEM: Final = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/usr/share/locale",
    "/usr/share/zoneinfo",
    "/usr/share/ca-certificates",
    "/usr/share/mime",
    "/etc/mime.types",
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/sys/devices/system/cpu",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/sys/kernel/random/boot_id",
    "/proc/sys/vm/overcommit_memory",
    "/proc/uptime",
)

HOSTS: Final = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
)
"""What getaddrinfo(3) reads."""


@cache
def libraries() -> tuple[Path, ...]:
    """What Python must read to import: the standard library, installed packages and shared
    libraries, time zones, certificates; and a few files of the system that libraries look into."""
    return tuple(sorted({Path(path) for path in _named() if path and os.path.exists(path)}))


def names_of_hosts() -> tuple[Path, ...]:
    """What must be read to find the address of a host by its name."""
    return tuple(Path(path) for path in HOSTS if os.path.exists(path))


def _named() -> Iterator[str]:
    paths = sysconfig.get_paths()
    yield from (paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from site.getsitepackages()
    yield sysconfig.get_config_var("LIBDIR") or ""
    yield from (path for path in sys.path if path not in where_started())
    yield os.path.join(sys.prefix, "pyvenv.cfg")
    yield from _ours()
    yield from _SHARED
    yield from _SYSTEM
    yield from zoneinfo.TZPATH
    at = ssl.get_default_verify_paths()
    yield from filter(None, (at.cafile, at.capath, at.openssl_cafile, at.openssl_capath))
    if at.openssl_capath:
        yield str(Path(at.openssl_capath).resolve())


def where_started() -> tuple[str, ...]:
    """What Python puts before all others in ``sys.path``: a folder that has nothing to do with us,
    or that of our command, which may be somebody's home."""
    try:
        here = os.getcwd()
    except OSError:  # it was taken away since
        return ("",)
    script = sys.argv[0] if sys.argv else ""
    return ("", here, os.path.dirname(os.path.join(here, script)))


def _ours() -> Iterator[str]:
    """Where our own packages lie: elsewhere, if they were installed to be worked on."""
    package = Path(__file__).resolve().parent.parent
    yield str(package)
    yield str(package.parent / "bridges")
