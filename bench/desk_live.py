"""A whole node with 100,000 sealed messages, its desk asked over HTTP while mails come in.

    python -m bench.desk_live [--messages 100000] [--mails 80] [--rounds 30]

What nobody feels who sends a mail, and what an editor waits for: mails are accepted by SMTP all the
while, as many a second as are asked for, and how long each waits for its 250 is told for each thing
that is done at the desk meanwhile. Then every page, and the memory (PSS) of every process. Times of
the wall depend on what else the machine does: its load is told beside them, and the seconds of CPU
of the core and of the desk.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.clients import TO, Session, mail
from bench.desk_filled import filled
from bench.desk_person import Person
from bench.figures import machine, percentile, table
from bench.processes import cpu_s, family
from relay.cli.common import asked
from relay.testing.nodes import Node

SETTINGS = f"""\
[node]
name = "bench"

[http]
listen = "127.0.0.1:0"

[desk]
listen = "127.0.0.1:0"

[channels.news]
destinations = ["page"]
review = "all"

[channels.family]
destinations = ["page"]
review = "all"

[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["{TO}"]
sessions = 400
sessions_per_network = 400
"""

SESSIONS = 4
A_SESSION = 40
"""Mails of one session: a door ends those that never end."""

STILL_S = 8.0
"""Seconds for which nothing is done at the desk, to compare with."""

QUIET = 4
"""Seconds, one after the other, in which the desk does nothing: a busy machine keeps it waiting."""

AT_ONCE = 500
"""Messages to which one thing is done in one go."""

PAGES = (
    "/lanes/held", "/lanes/held?at=1000", "/lanes/danger?order=oldest", "/lanes/new?language=fa",
    "/lanes/held/sample", "/outbox", "/pulse", "/node", "/node/queue", "/node/flow", "/shift",
)  # fmt: skip
SEARCHES = ("خیابان", "长江路", "street shots", "zebra crossing")


class Mails:
    """Mails that come in all the while: when each was accepted, and how long it waited (s)."""

    def __init__(self, port: int, a_second: float) -> None:
        self.waits: list[tuple[float, float]] = []
        self._port = port
        self._pause_s = SESSIONS / a_second
        self._over = threading.Event()

    @contextmanager
    def coming(self) -> Iterator[Mails]:
        """As long as the block lasts."""
        threads = [threading.Thread(target=self._run) for _ in range(SESSIONS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            with Session(self._port) as session:
                for _ in range(A_SESSION):
                    code, took_s = session.send(mail(os.urandom(12).hex()))
                    if code != 250:
                        raise ConnectionError(f"a mail was answered {code}")
                    self.waits.append((time.monotonic(), took_s))
                    if self._over.wait(self._pause_s):
                        return


class Live:
    """One node under measurement."""

    def __init__(self, node: Node, mails: Mails) -> None:
        assert node.process is not None
        named = {_name(pid): pid for pid in family(node.process.pid)}
        self._core, self._desk = named["relay-core"], named["relay-desk"]
        self._mails = mails
        self.rows: list[tuple[str, ...]] = [
            ("meanwhile", "s", "core CPU s", "desk CPU s", "250 p50 ms", "p95 ms", "load")
        ]

    @contextmanager
    def measured(self, what: str) -> Iterator[None]:
        """How long a block takes, and how long mails wait meanwhile."""
        core, desk, began = cpu_s(self._core), cpu_s(self._desk), time.monotonic()
        yield
        took_s = time.monotonic() - began
        waits = [1000 * wait for at, wait in self._mails.waits if at > began] or [0.0]
        used = cpu_s(self._core) - core, cpu_s(self._desk) - desk
        figures = [f"{one:.1f}" for one in (took_s, *used)]
        shown = [f"{percentile(waits, part):.0f}" for part in (0.5, 0.95)]
        self.rows.append((what, *figures, *shown, f"{os.getloadavg()[0]:.0f}"))

    def until_still(self) -> None:
        """Until the desk has nothing to do any more."""
        used, still = cpu_s(self._desk), 0
        while still < QUIET:
            time.sleep(1)
            used, before = cpu_s(self._desk), used
            still = still + 1 if used - before < 0.1 else 0


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def joined(node: Node, handle: str = "ada") -> Person:
    """An editor, who is signed in and has not looked at anything."""
    roles = ["editor", "operator"]
    [told] = asked(node.file, {"do": "users", "add": handle, "roles": roles})
    person = Person(node.at["desk"])
    person.joins(told["link"], handle)
    return person


def index_is_there(person: Person, n: int) -> None:
    """Ask as a page does until everything is counted."""
    while json.loads(person.asks("/pulse")[1])["waits"] < n:
        time.sleep(0.1)


def done_at_once(person: Person, what: str) -> str:
    """Do one thing to the first groups of a lane, picked one by one; gives where that leads."""
    picked: list[str] = []
    page = ""
    for at in range(0, AT_ONCE, 50):
        page = person.asks(f"/lanes/held?at={at}")[1]
        picked += re.findall(r'name="pick" value="(\d+)"', page)
    token = re.search(r'name="token" value="([^"]*)"', page)
    assert token is not None
    fields = [("token", token[1]), ("do", what), ("back", "/lanes/held")]
    seqs = list(dict.fromkeys(picked))[:AT_ONCE]
    return person.sends("/deeds", [*fields, *(("pick", seq) for seq in seqs)])[1]


def pages(person: Person, rounds: int) -> str:
    """How long each page takes."""
    rows: list[tuple[str, ...]] = [("page", "p50 ms", "p95 ms")]
    for path in PAGES:
        rows.append(_row(path, [person.asks(path)[0] for _ in range(rounds)]))
    person.asks("/lanes/held")  # its form is what a search is sent with
    for said in SEARCHES:
        took = [person.sends("/search", [("said", said)])[0] for _ in range(rounds)]
        rows.append(_row(f"/search: {said}", took))
    return table(rows)


def _row(what: str, took_s: list[float]) -> tuple[str, ...]:
    took = [1000 * one for one in took_s]
    return what, f"{percentile(took, 0.5):.0f}", f"{percentile(took, 0.95):.0f}"


def memory(node: Node) -> str:
    """What every process has, shared pages parted among who share them (proc(5), smaps_rollup)."""
    assert node.process is not None
    rows: list[tuple[str, ...]] = [("process", "PSS MB")]
    whole = 0.0
    for pid in family(node.process.pid):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+)", rollup, re.M)
        pss = int(found[1]) / 1024 if found else 0.0
        rows.append((_name(pid), f"{pss:.0f}"))
        whole += pss
    return table([*rows, ("all", f"{whole:.0f}")])


def measured(node: Node, n: int, mails: Mails, rounds: int) -> None:
    """All of it, and print."""
    person = joined(node)
    live = Live(node, mails)
    live.until_still()
    print(memory(node))
    with mails.coming():
        with live.measured("nothing"):
            time.sleep(STILL_S)
        with live.measured("the index is filled"):
            index_is_there(person, n)
        with live.measured("near-equal ones are grouped"):
            live.until_still()
        with live.measured("nothing, news are followed"):
            time.sleep(STILL_S)
        for what in ("publish", "drop"):
            with live.measured(f"{what} {AT_ONCE} groups at once"):
                done_at_once(person, what)
        with live.measured("nothing, what was done is told"):
            time.sleep(STILL_S)
    print(table(live.rows))
    print(pages(person, rounds))
    print(memory(node))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--mails", type=float, default=80, help="a second")
    parser.add_argument("--rounds", type=int, default=30)
    asked_for = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder), SETTINGS)
        node.start()
        node.stop()  # its keys are there
        held = filled(node.file, asked_for.messages)
        node.start(wait_s=120)
        try:
            mails = Mails(node.mail[1], asked_for.mails)
            measured(node, held, mails, asked_for.rounds)
        finally:
            node.stop()


if __name__ == "__main__":
    main()
