"""Run a command as the unit file says that systemd would: what the kernel can be asked for here.

    python confined.py UNIT USER NODE COMMAND...

Started by root, in mount and IPC namespaces of its own. From the unit: the system call filter, the
address families, no memory that can be written and executed, the one capability; a file system
that can be read only, except the node's folder, where nothing can be executed; /proc with nothing
but one's own processes. System calls are looked up by systemd-analyze and libseccomp(3), the two
that systemd itself uses. Not from the unit: /dev, /home and cgroups stay as they are.
"""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

ERRNO_EPERM = 0x00050000 | 1
ERRNO_EAFNOSUPPORT = 0x00050000 | 97
ALLOW = 0x7FFF0000
EQUAL, MASKED_EQUAL = 4, 7
WRITE, EXECUTE = 2, 4
PROTECTS = {"mmap": (0, WRITE, EXECUTE), "mprotect": (0, WRITE), "pkey_mprotect": (0, WRITE)}
"""Of memory, what may be asked for in these calls' third word: systemd.exec(5) on
MemoryDenyWriteExecute."""
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}


class Compare(ctypes.Structure):
    """struct scmp_arg_cmp of libseccomp."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


def group(name: str) -> set[str]:
    """The system calls that a name of SystemCallFilter stands for."""
    if not name.startswith("@"):
        return {name}
    command = ["systemd-analyze", "--no-pager", "syscall-filter", name]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^ +(@?\w[\w-]*)$", listed, re.M)
    return set().union(*(group(one) for one in names))


def allowed(unit: str) -> set[str]:
    """What is left after every line of SystemCallFilter, in their order."""
    found: set[str] = group("@default")  # systemd.exec(5): always allowed
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        named = set().union(*(group(one) for one in line.lstrip("~").split()))
        found = found - named if line.startswith("~") else found | named
    return found


def confine(names: set[str], families: list[int]) -> None:
    """From here on this process may make these system calls and no others."""
    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(seccomp.seccomp_init(ERRNO_EPERM))

    def rule(name: str, action: int, *where: Compare) -> None:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # others belong to other processors
            words = (Compare * len(where))(*where)
            assert seccomp.seccomp_rule_add_array(rules, action, number, len(where), words) == 0

    for name in sorted(names - {"socket", *PROTECTS}):
        rule(name, ALLOW)
    for family in range(64):
        action = ALLOW if family in families else ERRNO_EAFNOSUPPORT
        rule("socket", action, Compare(0, EQUAL, family, 0))
    for name in names & set(PROTECTS):
        for asked in PROTECTS[name]:
            rule(name, ALLOW, Compare(2, MASKED_EQUAL, WRITE | EXECUTE, asked))
    assert seccomp.seccomp_load(rules) == 0


def mounts(node: Path) -> None:
    """Everything can be read only, except one folder, where nothing can be executed."""
    for words in (
        ["--make-rprivate", "/"],
        ["--bind", node, node],
        ["-o", "remount,bind,noexec,nosuid", node],
        ["-t", "tmpfs", "tmpfs", "/tmp"],
        ["-t", "proc", "-o", "subset=pid,hidepid=invisible", "proc", "/proc"],
        ["-o", "remount,bind,ro", "/"],
    ):
        subprocess.run(["mount", *map(str, words)], check=True)


def main(file: str, user: str, node: str, *command: str) -> None:
    """Confine this process and become the command."""
    unit = Path(file).read_text()
    names = allowed(unit)
    families = re.findall(r"^RestrictAddressFamilies=(.*)$", unit, re.M)[0].split()
    assert "MemoryDenyWriteExecute=yes" in unit
    mounts(Path(node))
    one = "-all,+net_bind_service"
    rights = [f"--inh-caps={one}", f"--ambient-caps={one}", f"--bounding-set={one}"]
    who = [f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
    numbers = ",".join(str(FAMILIES[family]) for family in families)
    again = [sys.executable, "-I", __file__, "--filter", ",".join(sorted(names)), numbers]
    os.chdir(node)
    os.umask(0o077)
    os.execvp("setpriv", ["setpriv", *who, *rights, "--", *again, *command])


def filtered(names: str, families: str, *command: str) -> None:
    """The second half, as the node's user."""
    confine(set(names.split(",")), [int(one) for one in families.split(",")])
    os.execv(command[0], list(command))


if __name__ == "__main__":
    if sys.argv[1] == "--filter":
        filtered(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
