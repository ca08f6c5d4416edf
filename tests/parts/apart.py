"""An entry and its exits, each a real node in a country of its own, with TLS between them.

Every link of an entry leads through a line (``relay.testing.cutting``) that stands abroad, so that
a test can cut it. The platform that the exits post to stands abroad as well, in the process of the
test; each country reaches it on its own loopback.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import trio
from countries import Country, World, ferries, world
from looking import relay, soon, status

from relay.clock import SystemClock
from relay.config import parse
from relay.journal import Journal
from relay.keyfiles import read_secret
from relay.node.making import make_keys
from relay.testing.cutting import Line, cutting, scripted
from relay.testing.fediverse import GOTOSOCIAL, Fediverse, fediverse
from relay.testing.ledger import Ledger, Verdicts
from relay.testing.nodes import Node
from relay.testing.recorder import Recorder, recorder
from relay.testing.senders import mail, send_mail
from relay.wire.exitfile import exit_public
from relay.wire.keys import read_link_file
from relay.wire.linkkeys import identity_text, link_key_of

T = TypeVar("T")

POST: Final = "post@example.org"
LIBRARY: Final = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
"""What moves the clock of a process (Debian: faketime)."""

PORT: Final = 4433
"""Of every exit's listening link: each has an address of its own."""

COMMON: Final = """
[spool]
min_free_bytes = 1048576
ballast_bytes = 65536
"""

ENTRY: Final = """
[node]
name = "{name}"
role = "entry"
road = "{road}"

[http]
listen = "127.0.0.1:0"

[channels.news]

[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]
"""

EXIT: Final = """
[node]
name = "{name}"
role = "exit"
road = "{road}"

[http]
listen = "127.0.0.1:0"

[channels.news]
destinations = ["page", "board"]
review = "none"
delay = ["0s", "0s"]

[destinations.page]
bridge = "feed"
folder = "public"
tick = "0s"

[destinations.board]
{board}

[links.in]
kind = "https"
listen = "{address}:{port}"
"""


BOARD: Final = """\
bridge = "webhook"
url = "{base}/in"
at_once = 8
"""
"""A receiver that keeps the keys of what it was given: a repeat is no post."""

SOCIAL: Final = """\
bridge = "mastodon"
server = "{base}"
token_file = "secrets/social"
"""
"""A server that knows no repeat: what stands there must be looked up."""


class Apart(Node):
    """A node in a country, or here where there is none; its keys are made before its settings are
    whole, since others must name them."""

    def __init__(self, folder: Path, role: str, road: str, country: Country | None = None) -> None:
        super().__init__(folder, "# not yet\n")
        self.role = role
        self.country = country
        made = {"node": {"road": road}, "channels": {"news": {}}}
        make_keys(parse(made, self.file), SystemClock(), Journal("test", StringIO()))
        self.link = link_key_of(read_link_file(read_secret(folder / "keys/link.key"))).written
        self.identity = ""
        if role == "entry":
            (folder / "keys/exit.key").unlink()
            (folder / "secrets/passphrase").unlink()
        else:
            public = exit_public(read_secret(folder / "keys/exit.key"))
            self.identity = identity_text(public.identity)
        self.begun: Mapping[str, str] = {}

    def goes(self, env: Mapping[str, str] | None = None, wait_s: float = 30.0) -> Apart:
        """Start it in its country."""
        before = self.country.before if self.country is not None else ()
        self.start(env=env, before=before, wait_s=wait_s)
        return self

    def within(self, call: Callable[[], Any]) -> Any:
        """As ``Country.within``."""
        return call() if self.country is None else self.country.within(call)

    def takes(self, written: bytes) -> bool:
        """Whether it took a mail; False as well if nobody listens."""
        with suppress(OSError):
            return bool(self.within(lambda: send_mail(*self.mail, written, to=POST)))
        return False

    def killed(self) -> None:
        """All of its processes at once, with SIGKILL."""
        if self.process is not None:
            for pid in (self.process.pid, *_below(self.process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.kill()


def _below(pid: int) -> Iterator[int]:
    """The children of a process, and theirs."""
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield int(child)
            yield from _below(int(child))


@dataclass
class Story:
    """The entry and its exits by their names, the platform, and the lines by the exit's name."""

    world: World | None
    entry: Apart
    exits: dict[str, Apart]
    platform: Recorder | Fediverse
    lines: dict[str, Line]
    ledger: Ledger

    @property
    def nodes(self) -> list[Apart]:
        """All of them, the entry first."""
        return [self.entry, *self.exits.values()]

    def start(self) -> None:
        """All nodes at once; the entry then waits until it has keys of every exit."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(lambda node: node.goes(), self.nodes))
        folder = self.entry.folder / "keys/exits"
        soon(lambda: all((folder / f"{name}.bundle").exists() for name in self.exits))

    def send(self, times: int, each: Callable[[], None] = lambda: None) -> None:
        """So many mails to the entry, each tried until it is taken."""
        for _ in range(times):
            made = self.ledger.sends()
            written = mail(f"what was seen {made}", to=POST)
            soon(lambda written=written: self.entry.takes(written), 60)
            self.ledger.yes(made)
            each()

    def posts(self) -> list[str]:
        """What stands on the platform, as it counts posts."""
        if isinstance(self.platform, Recorder):
            return [one.body.decode() for one in list(self.platform.made)]
        return list(self.platform.texts)

    def verdicts(self) -> Verdicts:
        """Hold what stands there against what the entry said yes to."""
        return self.ledger.compare(self.posts())

    def all_are_posted(self, within_s: float = 60.0) -> Verdicts:
        """Wait until nothing is missing, and for what might come twice."""
        try:
            soon(lambda: not self.verdicts().missing, within_s)
        except AssertionError:
            raise AssertionError(f"{self.verdicts()}\n{self.told()}") from None
        return self.verdicts()

    def told(self) -> str:
        """What each node says of itself."""
        said = []
        for node in self.nodes:
            with suppress(Exception):
                said.append(f"{node.folder.name}: {status(node)}")
            said.append(node.log.read_text()[-1500:])
        return "\n".join(said)


@contextmanager
def story(
    folder: Path,
    names: Sequence[str] = ("b",),
    *,
    road: str = "14d",
    after: Mapping[str, str] | None = None,
    entry_more: str = "",
    exit_more: str = "",
    apart: bool = True,
    every: str = "1s",
    looked_up: bool = False,
) -> Iterator[Story]:
    """An entry ``a`` with these exits, written and not started; all is gone after the block.
    ``after``: how long the entry waits for another exit before it gives to this one. ``looked_up``:
    the platform knows no repeat, and shows what stands there."""
    with ExitStack() as stack:
        there = stack.enter_context(world()) if apart else None
        entry = Apart(folder / "a", "entry", road, there.country("a") if there else None)
        exits = {
            name: Apart(folder / name, "exit", road, there.country(name) if there else None)
            for name in names
        }
        platform: Recorder | Fediverse
        if looked_up:
            platform = stack.enter_context(in_a_thread(lambda: fediverse(GOTOSOCIAL)))
            for node in exits.values():
                node.write("secrets/social", platform.token.encode())
        else:
            platform = stack.enter_context(in_a_thread(recorder))
        board = (SOCIAL if looked_up else BOARD).format(base=platform.base)
        to = ("127.0.0.1", int(platform.base.rpartition(":")[2]))
        if there is not None:
            countries = [one.country for one in exits.values() if one.country is not None]
            stack.enter_context(ferries(to, countries))
        lines: dict[str, Line] = {}
        written = ENTRY.format(name="a", road=road) + entry_more
        for name, node in exits.items():
            address = node.country.address if node.country is not None else "127.0.0.1"
            port = PORT if there is not None else free()
            heard = _peer("a", entry.link)
            plain = EXIT.format(name=name, road=road, board=board, address=address, port=port)
            node.file.write_text(plain + heard + exit_more + COMMON)
            line = stack.enter_context(
                cutting((address, port), scripted(), host=there.abroad if there else "127.0.0.1")
            )
            lines[name] = line
            wait = (after or {}).get(name, "")
            written += _peer(name, node.link, node.identity, wait)
            written += (
                f'[links.to-{name}]\nkind = "https"\npeer = "{name}"\nevery = "{every}"\n'
                f'timeout = "5s"\nurl = "https://{line.host}:{line.port}"\n'
            )
        entry.file.write_text(written + COMMON)
        made = Story(there, entry, exits, platform, lines, Ledger())
        for node in made.nodes:
            stack.callback(node.killed)
        yield made


def _peer(name: str, link: str, identity: str = "", after: str = "") -> str:
    more = f'identity = "{identity}"\n' if identity else ""
    more += f'after = "{after}"\n' if after else ""
    return f'[peers.{name}]\nlink = "{link}"\n{more}'


def free() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@contextmanager
def in_a_thread(make: Callable[[], AbstractAsyncContextManager[T]]) -> Iterator[T]:
    """A stand-in that is served in a thread of its own, for tests that wait for processes."""
    opened = threading.Event()
    made: list[T] = []
    ends: list[Callable[[], None]] = []

    async def serve() -> None:
        async with make() as platform:
            token, over = trio.lowlevel.current_trio_token(), trio.Event()
            ends.append(lambda: token.run_sync_soon(over.set))
            made.append(platform)
            opened.set()
            await over.wait()

    thread = threading.Thread(target=trio.run, args=(serve,), daemon=True)
    thread.start()
    assert opened.wait(10)
    try:
        yield made[0]
    finally:
        ends[0]()
        thread.join(10)


def day(days: float) -> dict[str, str]:
    """What a process must be given to live so many days later."""
    seconds = round(days * 86400)
    return {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"+{seconds}", "FAKETIME_DONT_RESET": "1"}


def leap(nodes: Sequence[Apart], days: float) -> None:
    """All of them are stopped, and start on that day."""
    for node in nodes:
        if node.process is not None and node.process.poll() is None:
            node.stop()
            node.boots()
    for node in nodes:
        node.goes(env=day(days), wait_s=60)
        if days:  # the operator says that the machine's clock is right
            assert relay(node, "clock", "accept").returncode == 0
            soon(lambda node=node: status(node)["clock"]["state"] == "steady")


def counted(node: Node, *names: str) -> tuple[int, ...]:
    """These numbers of its status."""
    told = cast(Mapping[str, int], status(node))
    return tuple(told.get(name, 0) for name in names)
