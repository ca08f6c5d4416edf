"""The machine itself: versions with known faults, swap, core dumps, the clock, the disk."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from relay.cli.doctoring.finding import Finding, good, mind, wrong
from relay.cli.doctoring.host import Host
from relay.config import Settings

Version = tuple[int, ...]

PYTHON_FLOOR: Mapping[Version, Version] = {(3, 11): (3, 11, 15)}
"""Where header values with line ends could make headers of their own (CVE-2026-1299)."""

SQLITE_GOOD = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""Where a fault of WAL with several connections is mended, each for its own branch
(sqlite.org/releaselog); the last for all later ones."""

TIME_ERROR = 5
"""What adjtimex(2) gives for a clock that nobody keeps right."""

SERVICE = "/system.slice/outword.service"
"""Where systemd puts the service (packaging/outword.service)."""

ROOM = 4
"""Times ``min_free_bytes`` under which the disk is called nearly full."""

CLEANS_MIB = 1024
"""MiB of memory at which a picture of 40 million pixels is made anew beside the rest of a node: its
cleaner takes some 650 MiB, the rest some 200 (docs/operate.md)."""

NOT_DURABLE = {"tmpfs", "ramfs"}
NOT_OURS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "glusterfs"}
"""File systems of other machines: what fsync(2) and locks promise there is theirs to say."""


def numbers(written: str) -> Version:
    """The numbers at the head of a version."""
    return tuple(int(n) for n in re.findall(r"\d+", written.partition("+")[0])[:3])


def look(host: Host, settings: Settings | None) -> Iterator[Finding]:
    """All of it; what lies on a disk only where the settings say where."""
    yield system(sys.platform)
    yield python(sys.version_info[:3])
    yield from libraries(requires("outword") or [], version)
    yield sqlite(numbers(sqlite3.sqlite_version))
    yield from swap(host)
    yield memory(host)
    yield core_dumps(host)
    yield clock(host)
    if settings is not None:
        yield from disk(host, settings)


def system(platform: str) -> Finding:
    """Linux: sealed memory files, SO_PEERCRED and PR_SET_DUMPABLE are its own."""
    if platform == "linux":
        return good("system", "Linux")
    why = "the processes of a node protect each other by means that only Linux has"
    return wrong("system", f"this is {platform}, not Linux", why, "run it on Linux")


def python(running: Version) -> Finding:
    """The interpreter against its known fault."""
    shown = ".".join(map(str, running))
    floor = PYTHON_FLOOR.get(running[:2])
    if floor is None or running >= floor:
        return good("python", f"Python {shown}")
    why = "a known fault lets a header value make further headers; nothing here relies on that part"
    remedy = "take the updates of your distribution; Debian mends faults without a new number"
    return mind("python", f"Python {shown} is older than {'.'.join(map(str, floor))}", why, remedy)


def libraries(needs: list[str], version_of: Callable[[str], str]) -> Iterator[Finding]:
    """Installed libraries against the floors of our own package: docs/why.md says why they are."""
    old = 0
    for need in needs:
        found = re.match(r"([\w.-]+)[^;]*?>=\s*([\d.]+)", need)
        if not found or "extra ==" in need:
            continue
        name, floor = found[1], found[2]
        try:
            installed = version_of(name)
        except PackageNotFoundError:
            installed = "0"
        if numbers(installed) < numbers(floor):
            old += 1
            what = f"{name} {installed} is older than {floor}" if installed != "0" else (
                f"{name} is missing")  # fmt: skip
            why = "older ones have known faults, or lack what we use"
            yield wrong("libraries", what, why, "install what requirements.txt pins: make install")
    if not old:
        yield good("libraries", "none is older than the oldest without known faults")


def sqlite(running: Version) -> Finding:
    """SQLite against the fault of its write-ahead log."""
    shown = ".".join(map(str, running))
    mended = running >= SQLITE_GOOD[-1] or any(
        running[:2] == floor[:2] and running >= floor for floor in SQLITE_GOOD
    )
    if mended:
        return good("sqlite", f"SQLite {shown}")
    why = "with two programs on one database it can lose commits; a node is one, and alone"
    remedy = "never open data/spool.sqlite with another program while the node runs"
    return mind("sqlite", f"SQLite {shown} has a known fault", why, remedy)


def swap(host: Host) -> Iterator[Finding]:
    """Swap that is neither in memory nor encrypted."""
    used = [line.split()[0] for line in host.read("/proc/swaps").splitlines()[1:] if line.split()]
    plain = [one for one in used if not _safe_swap(host, one)]
    if not plain:
        yield good("swap", "no swap in clear")
    for one in plain:
        why = "texts and keys in memory can be written there, and stay after we forgot them"
        remedy = "swapoff -a, and take the line out of /etc/fstab; or encrypt it"
        yield wrong("swap", f"swap is on: {one}", why, remedy)


def _safe_swap(host: Host, device: str) -> bool:
    name = Path(device).name
    return name.startswith("zram") or host.read(f"/sys/block/{name}/dm/uuid").startswith("CRYPT-")


def memory(host: Host) -> Finding:
    """What the machine has, or what its cgroup leaves us (cgroups(7), memory.max; the nearest that
    names a limit, or one above it), against what a cleaner may need."""
    has = re.search(r"^MemTotal:\s+(\d+) kB", host.read("/proc/meminfo"), re.M)
    if has is None:
        return mind("memory", "the kernel does not say", "", "look with free")
    bounds = [int(has[1]) * 1024, *_cgroup_bounds(host)]
    mib = min(bounds) // 2**20
    if mib >= CLEANS_MIB * 9 // 10:  # what is sold as 1 GiB has less: the kernel keeps some
        return good("memory", f"{mib} MiB")
    whose = "the cgroup has" if min(bounds) < bounds[0] else "the machine has"
    why = (
        "a picture of 40 million pixels takes some 650 MiB beside the node's own 200: its cleaner"
        " may be killed, and the picture is not published then"
    )
    remedy = "give it 1 GiB, MemoryMax= in its unit too; texts and usual pictures do with less"
    return mind("memory", f"{whose} {mib} MiB", why, remedy)


def _cgroup_bounds(host: Host) -> Iterator[int]:
    """Of the service, where it is one, else of this process: ``0::/path`` (cgroups(7))."""
    own = re.search(r"^0::(/\S*)$", host.read("/proc/self/cgroup"), re.M)
    for of in (SERVICE, own[1] if own else "/"):
        for folder in (Path(of), *Path(of).parents):
            said = host.read(f"/sys/fs/cgroup{folder}/memory.max").strip()
            if said.isdecimal():
                yield int(said)


def core_dumps(host: Host) -> Finding:
    """A pipe takes the memory of what crashes, whatever its limits say (core(5))."""
    pattern = host.read("/proc/sys/kernel/core_pattern").strip()
    if not pattern.startswith("|"):
        return good("core dumps", "none is collected")
    why = (
        "our processes write none, but a mail server or proxy that crashes here has its memory"
        " put on the disk, with names and texts in it"
    )
    remedy = "echo 'kernel.core_pattern=core' > /etc/sysctl.d/50-no-core.conf; sysctl --system"
    return wrong("core dumps", "they are collected by a program", why, remedy)


def clock(host: Host) -> Finding:
    """Whether something keeps the clock right."""
    state = host.clock()
    if 0 <= state < TIME_ERROR:
        return good("clock", "kept right by the system")
    if state < 0:
        return mind("clock", "the kernel does not say", "", "look with timedatectl")
    why = "messages of a phone are refused when the two clocks are more than 5 minutes apart"
    return wrong("clock", "nobody keeps it right", why, "timedatectl set-ntp true")


def disk(host: Host, settings: Settings) -> Iterator[Finding]:
    """Room, the kind of file system, and whether a thief can read it."""
    there = next(one for one in (settings.data, *settings.data.parents) if one.exists())
    free = os.statvfs(there)
    yield room(free.f_bavail * free.f_frsize, settings.spool.min_free_bytes)
    yield from file_system(host, there)
    yield encrypted(host, there.stat().st_dev)


def room(free_bytes: int, least_bytes: int) -> Finding:
    """Free bytes against ``[spool] min_free_bytes``."""
    shown = f"{free_bytes // 1_000_000} MB are free"
    why = f"below {least_bytes // 1_000_000} MB new messages are answered: try again later"
    if free_bytes < least_bytes:
        return wrong("disk", shown, why, "make room on the disk of the data folder")
    if free_bytes < ROOM * least_bytes:
        return mind("disk", shown, why, "make room soon")
    return good("disk", shown)


def file_system(host: Host, path: Path) -> Iterator[Finding]:
    """The kind the data folder lies on, by the longest mount point above it (proc(5))."""
    mounts = [line.split()[:3] for line in host.read("/proc/mounts").splitlines()]
    above = {
        Path(at.replace("\\040", " ")): kind
        for _, at, kind in (one for one in mounts if len(one) == 3)
        if path.is_relative_to(at.replace("\\040", " "))
    }
    kind = above[max(above, key=lambda at: len(at.parts))] if above else ""
    if kind in NOT_DURABLE:
        why = "accepted messages are gone after a reboot"
        yield wrong("disk", f"the data folder is in memory ({kind})", why, "put it on a disk")
    elif kind in NOT_OURS:
        why = "that accepted means kept rests on a disk of this machine"
        remedy = "put the folder on a disk of this machine"
        yield wrong("disk", f"the data folder is on another machine ({kind})", why, remedy)
    elif kind:
        yield good("disk", f"the data folder lies on {kind}")


def encrypted(host: Host, device: int) -> Finding:
    """Whether the device, or one below it, is encrypted by dm-crypt."""
    if _crypt(host, f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"):
        return good("disk", "encrypted")
    why = "what is sealed stays sealed, but a thief reads settings and secrets"
    remedy = "install the machine on an encrypted disk (LUKS); a provider may do it unseen by us"
    return mind("disk", "no encryption to be seen", why, remedy)


def _crypt(host: Host, block: str) -> bool:
    if host.read(f"{block}/dm/uuid").startswith("CRYPT-"):
        return True
    return any(_crypt(host, below) for below in host.names(f"{block}/slaves"))
