"""A node under attack, seen from outside: what it costs each process, and how others fare.

``Watch`` samples /proc while it runs: the most memory of each role (PSS), and its CPU. ``Honest``
is somebody who writes a mail now and then; how long each took to be accepted, and to be public.
"""

from __future__ import annotations

import contextlib
import os
import re
import smtplib
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from looking import status

from relay.testing.ledger import marker
from relay.testing.nodes import SETTINGS, Node
from relay.testing.senders import mail, request

POST = "post@example.org"
EVERY_S = 0.1
"""Seconds between two samples, and between two mails of somebody honest."""

TIMEOUT_S = 60.0

MORE = """
[transports.local]
kind = "lmtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]

[transports.form]
kind = "form"
channel = "news"
"""

_TICKS = os.sysconf("SC_CLK_TCK")


def settings(gateways: dict[str, str]) -> str:
    """Of a node that takes mail both ways, a form, and each of these gateways (its settings)."""
    made = SETTINGS.format(destinations='"page"') + MORE
    for name, more in gateways.items():
        made += f'\n[transports.{name}]\nkind = "sms"\ngateway = "{name}"\nchannel = "news"\n{more}'
    return made


class Watch:
    """What the processes of a node use: ``most`` bytes at a time by role, CPU seconds by role."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._seen: dict[int, tuple[str, float]] = {}
        self.before: dict[str, int] = {}
        self.most: dict[str, int] = defaultdict(int)
        self.pids: dict[str, set[int]] = defaultdict(set)

    @property
    def cpu_s(self) -> Counter[str]:
        """By role, of the processes that were seen, as far as they were seen."""
        spent: Counter[str] = Counter()
        for role, seconds in self._seen.values():
            spent[role] += seconds  # type: ignore[assignment]
        return spent

    def sample(self) -> None:
        """Look once."""
        total = 0
        launcher = self._node.process.pid if self._node.process else 0
        roles = [(one["role"], one["pid"]) for one in status(self._node)["processes"]]
        for role, pid in [("launcher", launcher), *roles]:
            with contextlib.suppress(OSError):  # it has just ended
                pss = _pss(pid)
                total += pss
                self.pids[role].add(pid)
                self.most[role] = max(self.most[role], pss)
                self._seen[pid] = (role, _cpu_s(pid))
        self.most["all"] = max(self.most["all"], total)

    def run(self, ends: Event) -> None:
        """Look again and again."""
        while not ends.wait(EVERY_S):
            self.sample()


def _pss(pid: int) -> int:
    with open(f"/proc/{pid}/smaps_rollup") as file:
        found = re.search(r"^Pss: +(\d+) kB", file.read(), re.M)
    return int(found[1]) * 1024 if found else 0


def _cpu_s(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


class Honest:
    """Somebody who writes mails, one after the other: seconds until each was accepted, and the
    answers that were none."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.took: list[float] = []
        self.texts: list[str] = []
        self.refused = 0

    def writes(self) -> None:
        """One mail."""
        text = marker()
        began = time.monotonic()
        code = handed_over(self._node.mail, mail(text, to=POST))
        self.took.append(time.monotonic() - began)
        if code == 250:
            self.texts.append(text)
        else:
            self.refused += 1

    def run(self, ends: Event) -> None:
        """One mail after the other."""
        while not ends.wait(EVERY_S):
            self.writes()

    @property
    def p95(self) -> float:
        """Seconds that 95 of 100 were accepted within."""
        return sorted(self.took)[int(len(self.took) * 0.95)]


@contextlib.contextmanager
def beside(*runs: object) -> Iterator[None]:
    """These run while the block does. What they raise is raised at its end."""
    ends = Event()
    with ThreadPoolExecutor(len(runs)) as pool:
        futures: list[Future[None]] = [pool.submit(one.run, ends) for one in runs]  # type: ignore[attr-defined]
        try:
            yield
        finally:
            ends.set()
        for one in futures:
            one.result()


def handed_over(address: tuple[str, int], content: bytes, *, lmtp: bool = False) -> int:
    """The code that a mail is answered with at the end of its session: whatever came last. 0 where
    the connection was closed without a word."""
    kind = smtplib.LMTP if lmtp else smtplib.SMTP
    with contextlib.suppress(OSError, smtplib.SMTPServerDisconnected):
        client = kind(*address, "client.example.net", timeout=TIMEOUT_S)
        with contextlib.closing(client):
            for line in ("LHLO a" if lmtp else "EHLO a", "MAIL FROM:<a@example.net>"):
                code, _ = client.docmd(line)
                if code != 250:
                    return code
            client.docmd(f"RCPT TO:<{POST}>")
            try:
                return client.data(content)[0]
            except smtplib.SMTPResponseException as error:
                return error.smtp_code
    return 0


def said_to(url: str, whole: bytes, *, patience_s: float = 1.0) -> bytes:
    """All that comes back for these bytes within a while, and until the other side closes."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    heard = b""
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 5) as sock:
        sock.settimeout(patience_s)
        sock.sendall(whole)
        while chunk := sock.recv(65536):
            heard += chunk
    return heard


def page_has(node: Node, texts: list[str]) -> bool:
    """Whether all of these are public."""
    found = b""
    following = f"{node.url}/feed.json"
    import json

    while following:
        code, body = request("GET", following)
        if code != 200:
            return False
        found += body
        following = json.loads(body).get("next_url", "")
    return all(text.encode() in found for text in texts)
