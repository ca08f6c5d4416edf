"""The launcher (``relay run``): holds the lock and the listening sockets, forks the rest, watches.

It runs no loop library, opens no secret and imports no plug-in. It starts what ended again, with
back-off. When the core ends, every child is ended and waited for before a new core starts: an old
outlet could still be sending. The lock is inherited by all of them for the same reason. And since
a plug-in may start processes of its own, an outlet counts as ended only when these have as well.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from relay.errors import Damaged, SpoolBroken
from relay.journal import Event, Journal
from relay.node.baton import Batons
from relay.node.child import (
    FORKING,
    RELIEVED,
    SILENT_S,
    TIRED,
    Pulse,
    adopt,
    kind_of,
    settle_in,
)
from relay.node.kids import Kid, end_strays
from relay.node.pipes import PipeEnded, PlainPipe, pair
from relay.node.relief import AGAIN_S, Relief
from relay.node.sweeping import perturb, sweep
from relay.wire import frames

DISK_TIMES = 3
"""Cores ended by the disk within an hour, after which none is started any more."""

LONGEST_S = 10.0
"""Seconds until a child is started again that ends over and over."""

TURN_S = 0.2
"""Seconds between the starts of two outlets that are each for one destination."""

ALONE_S = 1.0
"""Seconds without a core from which on doors are started all the same."""

GRACE_S = {"door": 4.0, "links": 0.8, "desk": 1.0, "core": 4.0}
"""Seconds a role gets after SIGTERM when the relay is stopped; together under ten."""

ROLES = ("core", "outlet", "reader", "cleaner", "links", "door", "desk")
"""In the order in which they are started. What is called ``outlet.NAME`` is an outlet as well: one
that serves that destination alone."""

LAST_WORD_S = 0.5
"""Seconds that the desk has, after the keys are destroyed, to say so to whoever gave the word."""

Main = Callable[[socket.socket, Pulse], int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a launcher starts: the main of every child by its label, which is a role or
    ``outlet.NAME``; and the listening sockets that each role alone keeps."""

    mains: Mapping[str, Main]
    listening: Mapping[str, Sequence[socket.socket]]


class Launcher:
    """Starts the processes of a node and keeps them running until it is told to stop."""

    def __init__(
        self,
        mains: Mapping[str, Main],
        listening: Mapping[str, Sequence[socket.socket]],
        journal: Journal,
        ready: Callable[[], None],
        renew: Callable[[], Plan | None],
        here: Callable[[], None] = lambda: None,
        destroy: Callable[[], None] = lambda: None,
    ) -> None:
        """``here`` is called several times a second as long as the launcher does its work;
        ``destroy`` in a panic, before everything is ended."""
        self._mains = mains
        self._listening = listening
        self._journal = journal
        self._ready = ready
        self._renew = renew
        self._here = here
        self._destroy = destroy
        self._kids: dict[int, Kid] = {}
        self._relief = Relief()
        self._over: list[tuple[Kid, int]] = []
        self._core: PlainPipe | None = None
        self._untold: deque[tuple[frames.Child | frames.Dead, socket.socket | None]] = deque()
        self._due: dict[str, float] = {}
        self._fails: dict[str, int] = {}
        self._disk: list[float] = []
        self._ending = False
        self._panic = False
        self._winding_down = False
        self._hung_up = False
        self._down = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT; then everything is stopped in order. Gives the exit status."""
        adopt()
        wake = self._signals()
        perturb()
        gc.collect()
        gc.freeze()  # what was imported so far stays in pages that all children share
        self._start_all()
        while not self._ending:
            self._wait(wake, 0.25)
            self._reap()
            self._watch()
            self._tell()
            self._start_due()
            self._relieve()
            if self._hung_up:
                self._hung_up = False
                self._take_up(wake)
        self._journal.say(Event.STOPPING)
        if self._panic:
            self._drop_all()
        else:
            self._stop(wake)
        return 0

    def _signals(self) -> int:
        wake, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._wake = (wake, write)

        def end(*_: object) -> None:
            self._ending = True

        def hang_up(*_: object) -> None:
            self._hung_up = True

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, hang_up)
        return wake

    def _take_up(self, wake: int) -> None:
        """New settings: every child is ended in order and started with them. The listening sockets
        stay open meanwhile, so who connects now is heard a moment later."""
        plan = self._renew()
        if plan is None:
            return  # a broken file leaves the old settings in force
        self._winding_down = True
        self._stop(wake)
        self._winding_down = False
        self._mains, self._listening = plan.mains, plan.listening
        self._due, self._fails, self._disk, self._down = {}, {}, [], False
        if not self._ending:
            self._journal.say(Event.RELOADED)
            self._start_all()

    @property
    def _stopping(self) -> bool:
        """What ends now is not to be started again."""
        return self._ending or self._winding_down

    # ------------------------------------------------------------ start

    @property
    def _labels(self) -> list[str]:
        """All that is to run, the core first."""
        return sorted(self._mains, key=lambda label: ROLES.index(label.partition(".")[0]))

    def _start_all(self) -> None:
        for label in self._labels:
            if "." not in label:
                self._start(label)
        self._due.update(self._one_by_one())

    def _one_by_one(self) -> dict[str, float]:
        """When each outlet of its own is started: what it loads takes the processor from those that
        everybody waits for, and it is waited for by nobody."""
        alone = [label for label in self._labels if "." in label]
        now = time.monotonic()
        return {label: now + n * TURN_S for n, label in enumerate(alone)}

    def _start(self, label: str) -> None:
        try:
            pid, ours, beat = self._forked(label)
        except OSError as error:  # no more processes or descriptors: that may pass
            self._journal.say(Event.NOT_STARTED, process=label, why=kind_of(error))
            self._due[label] = time.monotonic() + ALONE_S
            return
        kid = self._kids[pid] = Kid(label, pid, beat)
        if label == "core":
            self._core = PlainPipe(ours, (frames.Kill, frames.Ready, frames.Reload, frames.Panic))
        elif self._core is None:
            ours.close()
        else:
            self._untold.append((frames.Child(kid.role, pid, kid.alone), ours))
            self._tell()

    def _forked(self, label: str) -> tuple[int, socket.socket, int]:
        """A new process of that label: its pid, our end of its pair, the end where it beats."""
        with contextlib.ExitStack() as failed, contextlib.ExitStack() as given:
            batons = self._relief.made(label, self._kids.values())
            failed.callback(self._relief.failed)
            if batons.after is not None:
                given.callback(batons.after.close)
            ours, theirs = pair()
            failed.callback(ours.close)
            given.callback(theirs.close)
            beat, write = os.pipe2(os.O_CLOEXEC)
            failed.callback(os.close, beat)
            given.callback(os.close, write)
            os.set_blocking(beat, False)
            launcher = os.getpid()
            signal.pthread_sigmask(signal.SIG_BLOCK, FORKING)
            try:
                pid = os.fork()
                if pid == 0:
                    self._become(label, launcher, ours, theirs, beat, write, batons)
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, FORKING)
            failed.pop_all()
            self._relief.began(pid)
            return pid, ours, beat

    def _become(
        self,
        label: str,
        launcher: int,
        ours: socket.socket,
        theirs: socket.socket,
        beat: int,
        write: int,
        batons: Batons,
    ) -> None:
        """In the child: keep only what is its own, run it, and leave."""
        status = 70
        try:
            settle_in(label, launcher)
            for fd in (beat, *self._wake, *(kid.beat for kid in self._kids.values())):
                os.close(fd)
            ours.close()
            self._relief.in_child(batons)
            self._drop_core()
            for role, socks in self._listening.items():
                for sock in socks if role != label else ():
                    sock.close()
            status = self._mains[label](theirs, Pulse(write, batons, sweep))
        except BaseException as error:  # nothing of a traceback may reach a log: it could quote
            self._journal.say(Event.CHILD_FAILED, process=label, why=kind_of(error))
        finally:
            os._exit(status)

    def _start_due(self) -> None:
        now = time.monotonic()
        for label, due in list(self._due.items()):
            if now < due or not self._may_start(label, now):
                continue
            if label == "core" and self._kids:  # doors stood in for it: theirs is no pipe to it
                self._end_all()
                self._due.update(self._all_but_core())
            del self._due[label]
            self._start(label)

    def _may_start(self, label: str, now: float) -> bool:
        """The core at any time, the others after it; but while there is none for long a door is
        there to answer "try again later"."""
        if label == "core" or self._core is not None:
            return True
        return label == "door" and (self._down or self._due.get("core", 0.0) > now + ALONE_S)

    def _all_but_core(self) -> dict[str, float]:
        return {label: 0.0 for label in self._labels if label != "core"} | self._one_by_one()

    def _relieve(self) -> None:
        """A new door beside one that has served long enough; that one ends when it took over."""
        may = self._core is not None and "door" not in self._due
        if may and self._relief.is_wanted(self._kids.values()):
            self._start("door")

    # ------------------------------------------------------------ watch

    def _wait(self, wake: int, timeout_s: float) -> None:
        self._here()
        watched = [wake, *(kid.beat for kid in self._kids.values())]
        if self._core is not None:
            watched.append(self._core.fileno())
        readable, _, _ = select.select(watched, [], [], timeout_s)
        if wake in readable:
            os.read(wake, 4096)
        for kid in self._kids.values():
            if kid.beat in readable:
                self._hear(kid)
        if self._core is not None and self._core.fileno() in readable:
            self._asked(self._core)

    def _hear(self, kid: Kid) -> None:
        beats = os.read(kid.beat, 4096)
        if beats:
            kid.heard, kid.began = time.monotonic(), True
            kid.tired = TIRED in beats
            if RELIEVED in beats and kid.relieved is None:
                kid.relieved = time.monotonic()
            self._tell(beat=frames.Beat(kid.pid, b"1" in beats))
        elif kid.alone:  # it ends, or has closed what is not its own to close
            os.kill(kid.pid, signal.SIGKILL)

    def _asked(self, core: PlainPipe) -> None:
        try:
            frame = core.receive()
        except Damaged:
            frame = None
        match frame:
            case frames.Kill() if frame.pid in self._kids:
                os.kill(frame.pid, signal.SIGKILL)
            case frames.Ready():
                self._ready()
            case frames.Reload():
                self._hung_up = True
            case frames.Panic():
                self._destroy()
                self._panic = self._ending = True
            case None:
                self._drop_core()  # it has ended; waitpid(2) will say how

    def _tell(self, *, beat: frames.Beat | None = None) -> None:
        """Tell the core what it must know, and a beat if there is room: never waiting for a core
        that does not read, since then nobody would watch the others."""
        try:
            while self._core is not None and self._untold:
                frame, sock = self._untold[0]
                if not self._core.send_now(frame, None if sock is None else sock.fileno()):
                    return
                self._untold.popleft()
                if sock is not None:
                    sock.close()
            if self._core is not None and beat is not None:
                self._core.send_now(beat)
        except PipeEnded:
            self._drop_core()

    def _drop_core(self) -> None:
        if self._core is not None:
            self._core.close()
            self._core = None
        for _, sock in self._untold:
            if sock is not None:
                sock.close()
        self._untold.clear()

    def _watch(self) -> None:
        for kid in self._kids.values():
            if kid.overdue:
                os.kill(kid.pid, signal.SIGKILL)
            if not kid.silent and time.monotonic() - kid.heard > SILENT_S:
                self._journal.say(Event.CHILD_SILENT, process=kid.label)
                kid.silent = True
                os.kill(kid.pid, signal.SIGKILL)

    def _reap(self) -> None:
        for kid, status in self._reaped():
            if kid.alone:
                self._over.append((kid, status))
            else:
                self._ended(kid, status)
        if self._over and not end_strays(self._kids):
            over, self._over = self._over, []
            for kid, status in over:
                self._ended(kid, status)

    def _reaped(self) -> Iterator[tuple[Kid, int]]:
        """Every child that has ended by now, with its status; it is forgotten here, and so is
        whatever else has."""
        while True:
            try:
                pid, raw = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            kid = self._kids.pop(pid, None)
            if kid is not None:
                os.close(kid.beat)
                self._relief.ended(pid)
                yield kid, os.waitstatus_to_exitcode(raw)

    def _ended(self, kid: Kid, status: int) -> None:
        if kid.role == "core":
            self._core_ended(kid, status)
            return
        if self._core is not None:
            self._untold.append((frames.Dead(kid.pid, -status if status < 0 else status), None))
            self._tell()
        if self._stopping or kid.label in self._due:
            return
        if not self._relief.covers(kid, self._kids.values()):
            self._again(kid, status)
        elif status != 0 and kid.relieved is None:
            self._relief.broke_down()
            self._journal.say(
                Event.CHILD_ENDED, process=kid.label, status=status, wait_s=round(AGAIN_S)
            )

    def _again(self, kid: Kid, status: int) -> None:
        """Start it again: at once if it ended well or had lived long, nearly at once if its work
        ended it, else with back-off."""
        well = status == 0 and not kid.alone  # of a plug-in, it says nothing
        before = 0 if kid.by_its_work else self._fails.get(kid.label, 0)
        fails = 0 if well or kid.steady else before + 1
        self._fails[kid.label] = fails
        wait_s = 0.0 if fails == 0 else min(LONGEST_S, 0.1 * 2 ** min(fails - 1, 10))
        if not well:
            said = {"process": kid.label, "status": status, "wait_s": round(wait_s)}
            self._journal.say(Event.CHILD_ENDED, **said)
        self._due[kid.label] = time.monotonic() + wait_s

    def _core_ended(self, kid: Kid, status: int) -> None:
        self._drop_core()
        if self._stopping:
            return
        self._journal.say(Event.CORE_ENDED, status=status, children=len(self._kids))
        self._end_all()
        self._again(kid, status)
        self._due.update(self._all_but_core())
        if status == SpoolBroken.exit_code:
            now = time.monotonic()
            self._disk = [at for at in (*self._disk, now) if now - at < 3600]
            if len(self._disk) >= DISK_TIMES:
                self._journal.say(Event.STAYS_DOWN, times=len(self._disk))
                self._down = True
                self._due = {"door": 0.0} if "door" in self._mains else {}

    def _end_all(self) -> None:
        """Every child ends, and is waited for: doors may say 451 first, outlets end at once."""
        for kid in self._kids.values():
            os.kill(kid.pid, signal.SIGTERM if kid.role == "door" else signal.SIGKILL)
        until = time.monotonic() + 1.0
        while self._kids or end_strays(self._kids):
            if time.monotonic() > until:
                for kid in self._kids.values():
                    os.kill(kid.pid, signal.SIGKILL)
            select.select([], [], [], 0.02)  # time.sleep goes by a clock that may be faked
            list(self._reaped())  # they were ended on purpose: nobody is told
        self._over.clear()

    # ------------------------------------------------------------ stop

    def _drop_all(self) -> None:
        """Nothing is ended in order: what is in memory is all that opens anything now."""
        select.select([], [], [], LAST_WORD_S)
        for role in ROLES:
            self._signal(role, signal.SIGKILL)
        self._end_all()
        self._destroy()  # what one of them wrote down meanwhile

    def _stop(self, wake: int) -> None:
        """Doors and links first, so that nothing new comes; then the core; the others end with
        it."""
        for role, grace_s in GRACE_S.items():
            self._signal(role, signal.SIGTERM)
            until = time.monotonic() + grace_s
            while self._alive(role) and time.monotonic() < until:
                self._wait(wake, 0.05)
                self._reap()
            self._signal(role, signal.SIGKILL)
        self._end_all()

    def _signal(self, role: str, number: signal.Signals) -> None:
        for kid in self._kids.values():
            if kid.role == role:
                os.kill(kid.pid, number)

    def _alive(self, role: str) -> bool:
        return any(kid.role == role for kid in self._kids.values())
