"""Which system calls a process may make, by what it was granted.

What is not listed is answered as by a kernel that does not have it (ENOSYS): libraries of C try new
calls and take the old ones then. What is known and never allowed is answered EPERM.

Names are those of the kernel; one that this processor or this libseccomp does not know is passed
over. Sources: the man pages of section 2, syscalls(2).
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from relay.confine.grants import Grants


@dataclass(frozen=True, slots=True)
class Only:
    """The value that one argument must have; of its bits those in ``mask``, if there is one."""

    argument: int
    value: int
    mask: int = 0


@dataclass(frozen=True, slots=True)
class Allowed:
    """A call that may be made, if all of ``only`` hold."""

    name: str
    only: tuple[Only, ...] = ()


def _named(written: str) -> tuple[str, ...]:
    return tuple(written.split())


COMPUTES: Final = _named("""
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 close close_range
    lseek _llseek dup dup2 dup3 fstat fstat64 pipe pipe2 memfd_create ftruncate
    ftruncate64
    mmap mmap2 mprotect munmap mremap brk madvise mincore msync mlock mlock2 munlock mseal
    pkey_alloc pkey_free pkey_mprotect map_shadow_stack membarrier
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait
    sigreturn sigaltstack restart_syscall pause
    futex futex_time64 futex_wait futex_wake futex_requeue futex_waitv
    set_robust_list get_robust_list set_tid_address rseq arch_prctl set_thread_area
    exit exit_group
    nanosleep gettimeofday time times getitimer setitimer alarm
    timer_settime timer_gettime timer_delete timer_getoverrun
    timerfd_create timerfd_settime timerfd_gettime
    getpid getppid gettid getpgid getpgrp getsid getuid geteuid getgid getegid getresuid getresgid
    getgroups capget
    uname sysinfo getrusage getrlimit setrlimit ugetrlimit getrandom getcpu
    sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
    sched_get_priority_min
    poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
    epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait
    epoll_pwait2 eventfd eventfd2 signalfd signalfd4
    shutdown getsockname getpeername getsockopt setsockopt
    wait4 waitid waitpid
""")
"""What every program does that has its input already: memory, threads, time, what is open."""

CLOCKS: Final = _named("""
    clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
    clock_nanosleep_time64 timer_create
""")
"""By the clocks that everybody has, of which there are few. Others are of one process: how long it
has had the processor the kernel tells whoever asks (clock_getcpuclockid(3)), to the nanosecond, and
so when something came in."""

SPEECH: Final = {
    "send": 3, "sendto": 3, "sendmsg": 2, "sendmmsg": 3,
    "recv": 3, "recvfrom": 3, "recvmsg": 2, "recvmmsg": 3, "recvmmsg_time64": 3,
}  # fmt: skip
"""Calls that speak over a socket, and which argument has their flags. Out of band (MSG_OOB) nobody
speaks here: in a pair of unix sockets that was a way into the kernel (CVE-2025-38236)."""

FILES: Final = _named("""
    creat stat stat64 lstat lstat64 newfstatat fstatat64 statx
    access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir
    statfs statfs64 fstatfs fstatfs64 flock fadvise64 fadvise64_64 readahead
    rename renameat unlink unlinkat mkdir mkdirat rmdir
    fsync fdatasync sync_file_range umask
    sendfile sendfile64 copy_file_range splice tee
    landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp capset
    getpriority ioprio_get
""")
"""What is held to the granted paths by Landlock; and what keeps a process to less than it has."""

MODES: Final = _named("""
    chmod fchmod fchmodat fchmodat2 utime utimes utimensat utimensat_time64
""")
"""Landlock says nothing of these: only for who has something to write."""

_SOCKET_TYPE: Final = 0xF  # socket(2): the other bits are SOCK_NONBLOCK and SOCK_CLOEXEC
_PROTOCOLS: Final = (
    (socket.SOCK_STREAM, 0), (socket.SOCK_STREAM, socket.IPPROTO_TCP),
    (socket.SOCK_DGRAM, 0), (socket.SOCK_DGRAM, socket.IPPROTO_UDP),
)  # fmt: skip
"""TCP and UDP. Of others Landlock does not see the ports, and the kernel loads their modules for
whoever asks."""
_RENAME_WHITEOUT: Final = 4
"""Of renameat2(2): it leaves a device behind, of which Landlock knows nothing."""
_CLONE_THREAD: Final = 0x00010000
_CLONE_NEW: Final = 0x7E020000
"""Every namespace of clone(2)."""
_ALL_BUT_FEW_CLOCKS: Final = 0xFFFFFFF0
"""Bits of a clock's number that those of everybody do not have (clock_gettime(2))."""
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4

_OPTIONS: Final = {
    "PR_GET_PDEATHSIG": 2, "PR_GET_DUMPABLE": 3, "PR_SET_NAME": 15, "PR_GET_NAME": 16,
    "PR_GET_SECCOMP": 21, "PR_SET_SECCOMP": 22, "PR_CAPBSET_READ": 23, "PR_CAPBSET_DROP": 24,
    "PR_SET_NO_NEW_PRIVS": 38, "PR_GET_NO_NEW_PRIVS": 39, "PR_CAP_AMBIENT": 47,
    "PR_SET_VMA": 0x53564D41,
}  # fmt: skip
"""Of prctl(2): what gives no rights. Besides, who is not dumpable may say so again, and so may who
dies with its parent; neither is taken back."""

_ASKED_OF_DEVICES: Final = (
    termios.FIONBIO, termios.FIOCLEX, termios.FIONCLEX, termios.FIONREAD, termios.TCGETS,
    termios.TIOCGWINSZ,
)  # fmt: skip
"""Of ioctl(2): what Python does with sockets, and to see whether something is a terminal. Above all
not TIOCSTI, which types into the terminal of whoever started us."""

_OF_DESCRIPTORS: Final = (
    fcntl.F_DUPFD, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL, fcntl.F_GETLK,
    fcntl.F_SETLK, fcntl.F_SETLKW, fcntl.F_OFD_GETLK, fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW,
    fcntl.F_DUPFD_CLOEXEC, fcntl.F_ADD_SEALS, fcntl.F_GET_SEALS,
)  # fmt: skip
"""Of fcntl(2): flags, copies, locks and seals of what is open. It can be told as well to have a
signal sent to somebody (F_SETOWN, F_SETSIG, F_SETLEASE): before version 6 Landlock does not look at
that."""

FORBIDDEN: Final = _named("""
    open openat creat stat lstat newfstatat statx access faccessat faccessat2 readlink
    readlinkat getdents getdents64 getcwd chdir fchdir chroot rename renameat renameat2 unlink
    unlinkat mkdir mkdirat rmdir link linkat symlink symlinkat truncate truncate64 chmod fchmod
    fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat mknod mknodat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    socket socketpair connect bind listen accept accept4
    fork vfork execve execveat kill tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open
    pidfd_getfd pidfd_send_signal ptrace process_vm_readv process_vm_writev process_madvise kcmp
    perf_event_open bpf userfaultfd io_uring_setup io_uring_enter io_uring_register
    keyctl add_key request_key mount umount umount2 pivot_root unshare setns open_tree move_mount
    fsopen fsmount fsconfig fspick mount_setattr name_to_handle_at open_by_handle_at
    inotify_init inotify_init1 inotify_add_watch fanotify_init fanotify_mark
    init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct
    settimeofday clock_settime clock_adjtime adjtimex stime sethostname setdomainname quotactl
    syslog personality iopl ioperm modify_ldt
    setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups setsid setpgid
    shmget shmat shmctl semget semop semctl msgget msgsnd msgrcv msgctl
    mq_open mq_unlink migrate_pages move_pages mbind set_mempolicy sched_setscheduler
    sched_setattr sched_setparam sched_setaffinity
""")
"""Answered EPERM where they are not allowed: nobody is to take them for missing and go on."""


def allowed(grants: Grants) -> Iterator[Allowed]:
    """Every call that such grants allow."""
    yield from map(Allowed, COMPUTES)
    yield from _kept_to_itself()
    if grants.reads or grants.writes or grants.replaces:
        yield from map(Allowed, FILES)
        yield from _opening()
        yield Allowed("renameat2", (Only(4, 0, _RENAME_WHITEOUT),))
        yield from _pairs()
    if grants.writes or grants.replaces or grants.binds:
        yield from map(Allowed, (*MODES, "fallocate")) if grants.by_name else _of_what_is_open()
    yield from _of_descriptors()
    yield from _sockets(grants)
    yield from _processes(grants)


def _opening() -> Iterator[Allowed]:
    """What is opened to be read is not emptied by that (open(2), O_TRUNC): as little as by its name
    (truncate(2)), before version 3 Landlock looks at neither. openat2(2) has its flags in memory,
    where nobody here can look: who is told that it is not there takes another."""
    for name, flags in (("open", 1), ("openat", 2)):
        yield Allowed(name, (Only(flags, 0, os.O_TRUNC),))
        for access in (os.O_WRONLY, os.O_RDWR):
            yield Allowed(name, (Only(flags, access, os.O_ACCMODE),))


def _of_what_is_open() -> Iterator[Allowed]:
    """Times of files without their names: futimens(3). Not their modes: who may read a library that
    is its user's may open it, and could make it one that nobody can read, or everybody write. And
    no room on a disk that is not written to: all of it is had in a moment (fallocate(2))."""
    for name in ("utimensat", "utimensat_time64"):
        yield Allowed(name, (Only(1, 0),))


def _of_descriptors() -> Iterator[Allowed]:
    """fcntl(2)."""
    for command in _OF_DESCRIPTORS:
        for name in ("fcntl", "fcntl64"):
            yield Allowed(name, (Only(1, command),))


def _kept_to_itself() -> Iterator[Allowed]:
    """Calls that may be about others as well: here only about the one that makes them."""
    for option in _OPTIONS.values():
        yield Allowed("prctl", (Only(0, option),))
    yield Allowed("prctl", (Only(0, _PR_SET_DUMPABLE), Only(1, 0)))
    yield Allowed("prctl", (Only(0, _PR_SET_PDEATHSIG), Only(1, signal.SIGKILL)))
    for name, flags in SPEECH.items():
        yield Allowed(name, (Only(flags, 0, socket.MSG_OOB),))
    for name in CLOCKS:
        yield Allowed(name, (Only(0, 0, _ALL_BUT_FEW_CLOCKS),))
    for request in _ASKED_OF_DEVICES:
        yield Allowed("ioctl", (Only(1, request),))
    yield Allowed("prlimit64", (Only(0, 0),))
    yield Allowed("setpriority", (Only(0, 0), Only(1, 0)))  # PRIO_PROCESS, this one


def _pairs() -> Iterator[Allowed]:
    """Socket pairs; not of datagrams, which could be sent to any name."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        yield Allowed("socketpair", (Only(0, socket.AF_UNIX), Only(1, kind, _SOCKET_TYPE)))


def _sockets(grants: Grants) -> Iterator[Allowed]:
    if grants.network:
        for family, (kind, protocol) in product((socket.AF_INET, socket.AF_INET6), _PROTOCOLS):
            of = (Only(0, family), Only(1, kind, _SOCKET_TYPE), Only(2, protocol))
            yield Allowed("socket", of)
        yield Allowed("connect")
    if grants.sockets:
        stream = Only(1, socket.SOCK_STREAM, _SOCKET_TYPE)
        yield Allowed("socket", (Only(0, socket.AF_UNIX), stream))
    if grants.sockets or grants.binds:
        yield Allowed("bind")
    if grants.sockets or grants.binds or grants.accepts:
        yield from map(Allowed, ("listen", "accept", "accept4"))


def _processes(grants: Grants) -> Iterator[Allowed]:
    yield Allowed("clone", (Only(0, _CLONE_THREAD, _CLONE_THREAD),))
    if grants.forks:
        yield Allowed("clone", (Only(0, 0, _CLONE_NEW),))
        yield from map(Allowed, ("fork", "vfork", "kill", "tkill", "tgkill"))
    else:  # abort(3) and the like: to nobody else
        yield from (Allowed(name, (Only(0, os.getpid()),)) for name in ("kill", "tgkill"))
    if grants.executes:
        yield from map(Allowed, ("execve", "execveat", "setsid", "setpgid"))
