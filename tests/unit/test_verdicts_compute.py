"""A door and its child: who asks the DNS, and that a mail waits no longer than it may."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from name_server import NameServer, name_server
from signing import record, signed, text

from relay.transports.verdicts.compute import CHILD, Computed
from relay.transports.verdicts.dns import Names
from relay.transports.verdicts.lookup import NoAnswer, Record

MAIL = b"From: person@example.org\r\nSubject: x\r\n\r\nbody\r\n"
SIGNED = signed(MAIL)
CLIENT = "192.0.2.7"
ZONE = {
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"'],
    ("s._domainkey.example.org", "TXT"): [text(record())],
    ("example.org", "TXT"): ['"v=spf1 mx a:host.example.org include:spf.example.net -all"'],
    ("example.org", "MX"): ["10 mx.example.org."],
    ("mx.example.org", "A"): ["192.0.2.7"],
    ("host.example.org", "AAAA"): ["2001:db8::7"],
    ("spf.example.net", "TXT"): ['"v=spf1 ptr:example.org ?all"'],
    ("7.2.0.192.in-addr.arpa", "PTR"): ["mx.example.org."],
}
PATIENT_S = 20.0
READY_SAID = "b'\\0\\0\\0\\7\\x91\\xa5ready'"


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    with name_server(ZONE) as made:
        yield made


def judging(
    server: NameServer, work: Callable[[Computed], Awaitable[object]], **more: object
) -> object:
    async def run() -> object:
        settings = {"within_s": PATIENT_S, **more}
        async with Computed(Names([server.address]), **settings) as judge:  # type: ignore[arg-type]
            return await work(judge)

    return asyncio.run(run())


def test_a_mail_is_judged_by_a_child_and_the_door_asks_the_dns(server: NameServer) -> None:
    async def work(judge: Computed) -> list[str]:
        return [
            await judge(SIGNED, b"", ""),
            await judge(MAIL, b"person@example.org", CLIENT),
            await judge(MAIL, b"person@example.org", "2001:db8::7"),
            await judge(MAIL, b"person@example.org", "198.51.100.7"),
            await judge(b"From: a@nowhere.example\r\n\r\nx\r\n", b"", CLIENT),
        ]

    server.asked.clear()
    assert judging(server, work) == ["pass", "pass", "pass", "fail", "none"]
    asked = {name for name, _ in server.asked}
    assert {"_dmarc.example.org", "s._domainkey.example.org", "mx.example.org"} <= asked


def test_many_mails_at_once_share_a_few_children(server: NameServer) -> None:
    async def work(judge: Computed) -> tuple[set[str], int]:
        clients = [f"192.0.{n}.1" for n in range(20)]
        said = await asyncio.gather(*(judge(SIGNED, b"", client) for client in clients))
        return set(said), len(judge._children)

    said, children = judging(server, work, again_s=0)  # type: ignore[misc]
    assert said == {"pass"} and 1 <= children <= 2


def test_a_name_server_in_trouble_makes_no_fail(server: NameServer) -> None:
    async def work(judge: Computed) -> str:
        return await judge(MAIL, b"person@example.org", "198.51.100.7")

    server.broken.add("_dmarc.example.org")
    try:
        assert judging(server, work) == "none"
    finally:
        server.broken.clear()


def test_a_name_server_that_never_answers_costs_no_more_than_the_time_there_is(
    server: NameServer,
) -> None:
    async def work(judge: Computed) -> tuple[str, set[object], str]:
        before = set(judge._children._all)
        said = await judge(SIGNED, b"", CLIENT)
        alive = before & set(judge._children._all)
        server.silent.clear()
        return said, alive, await judge(SIGNED, b"", CLIENT)

    async def patient(judge: Computed) -> object:
        assert await judge(SIGNED, b"", CLIENT) == "pass"  # the child has started
        judge._within_s = 0.4
        server.silent.add("s._domainkey.example.org")
        said, alive, _ = await work(judge)
        return said, len(alive)

    try:
        assert judging(server, patient) == ("none", 1)  # the child was told in time, and goes on
    finally:
        server.silent.clear()


@pytest.mark.parametrize(
    "child",
    [
        "import time; time.sleep(60)",
        "",
        f"import sys; sys.stdout.buffer.write({READY_SAID})",
        f"import sys; sys.stdout.buffer.write({READY_SAID} + b'\\0\\0\\0\\2\\x91\\x90')",
        "print('what?' * 100, flush=True); import time; time.sleep(60)",
        "import sys; sys.stdout.buffer.write(b'\\xff' * 100); sys.stdout.flush()",
        "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\6\\x91\\xa4good'); sys.stdout.flush()",
        "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\2\\xc1\\xc1'); sys.stdout.flush()",
    ],
    ids=[
        "silent",
        "gone",
        "gone at once",
        "no word",
        "garbage",
        "huge",
        "another word",
        "no msgpack",
    ],
)
def test_a_child_that_goes_wrong_is_none_and_leaves_nothing_behind(
    server: NameServer, child: str
) -> None:
    async def work(judge: Computed) -> str:
        return await judge(MAIL, b"", CLIENT)

    command = [sys.executable, "-I", "-c", child]
    assert judging(server, work, command=command, within_s=0.3) == "none"


def test_a_child_that_asks_for_ever_is_left(server: NameServer) -> None:
    asks = "b'\\0\\0\\0\\x08\\x92\\xa1a\\xa4AAAA'"
    child = f"import sys\nsys.stdout.buffer.write({READY_SAID})\n"
    child += f"while True: sys.stdout.buffer.write({asks}); sys.stdout.flush()"

    class Quick:
        n = 0

        async def records(self, name: str, kind: str, within_s: float) -> list[Record]:
            self.n += 1
            raise NoAnswer

    async def run() -> tuple[str, int]:
        names = Quick()
        command = [sys.executable, "-I", "-c", child]
        async with Computed(names, within_s=PATIENT_S, command=command) as judge:
            return await judge(MAIL, b"", CLIENT), names.n

    said, asked = asyncio.run(run())
    assert said == "none" and asked <= 61


def test_the_child_can_open_neither_a_file_nor_a_socket(tmp_path: Path) -> None:
    tries = """
import resource, socket, sys
from relay.transports.verdicts import child, judging
def tried(mail, envelope, client, look, now=None):
    told = []
    for one in (lambda: open("/etc/hostname"), socket.socket, lambda: bytearray(1 << 30)):
        try:
            one()
            told.append("yes")
        except (OSError, MemoryError):
            told.append("no")
    assert told == ["no", "no", "no"], told
    return "pass"
warm = judging.judged
child.judged = lambda mail, *rest: (warm if mail is child._WARM else tried)(mail, *rest)
sys.exit(child.main())
"""

    async def run() -> str:
        command = [sys.executable, "-I", "-c", tries]
        async with Computed(Names(), within_s=PATIENT_S, command=command) as judge:
            return await judge(MAIL, b"", CLIENT)

    assert asyncio.run(run()) == "pass"


def test_a_child_that_computes_for_too_long_is_ended_by_the_kernel() -> None:
    tries = """
import sys
from relay.transports.verdicts import child, judging
def busy(mail, *rest):
    while mail is not child._WARM: pass
child.judged, child.CPU_S = busy, 0
sys.exit(child.main())
"""

    async def run() -> str:
        command = [sys.executable, "-I", "-c", tries]
        async with Computed(Names(), within_s=PATIENT_S, command=command) as judge:
            return await judge(MAIL, b"", CLIENT)

    assert asyncio.run(run()) == "none"


class Never:
    """A name server that never answers for one domain, and for another at once."""

    async def records(self, name: str, kind: str, within_s: float) -> list[Record]:
        if name.endswith("slow.example"):
            await asyncio.sleep(3600)
        if name == "_dmarc.example.org":
            return [[b"v=DMARC1"]]
        return [[record()]] if name.startswith("s._domainkey") else []


def test_slow_mails_of_one_network_take_no_verdict_from_others() -> None:
    slow = b"From: a@slow.example\r\n\r\nx\r\n"

    async def run() -> tuple[list[str], int]:
        async with Computed(Never(), within_s=PATIENT_S, again_s=0) as judge:
            flood = [
                asyncio.create_task(judge(slow, b"", f"198.51.100.{n}")) for n in range(1, 200)
            ]
            await asyncio.sleep(0)
            said = [await judge(SIGNED, b"", CLIENT) for _ in range(3)]
            children = len(judge._children)
            for one in flood:
                one.cancel()
            await asyncio.gather(*flood, return_exceptions=True)
            return said, children

    said, children = asyncio.run(run())
    assert said == ["pass"] * 3 and children <= 2


def test_a_mail_that_gives_up_does_not_take_the_start_from_those_after_it() -> None:
    starts = "import time; time.sleep(0.3)\n"
    starts += "from relay.transports.verdicts import child; child.main()"

    async def run() -> tuple[list[str], str]:
        command = [sys.executable, "-I", "-c", starts]
        async with Computed(Never(), within_s=0.05, command=command) as judge:
            early = [await judge(SIGNED, b"", CLIENT) for _ in range(3)]
            judge._within_s = PATIENT_S
            return early, await judge(SIGNED, b"", CLIENT)

    assert asyncio.run(run()) == (["none"] * 3, "pass")


def test_children_that_die_are_not_started_without_end(tmp_path: Path) -> None:
    died = tmp_path / "died"
    command = ["/bin/sh", "-c", f"echo >>{died}"]

    async def run() -> None:
        async with Computed(Never(), within_s=0.3, command=command) as judge:
            await asyncio.gather(*(judge(MAIL, b"", f"192.0.{n}.1") for n in range(200)))

    asyncio.run(run())
    assert len(died.read_text()) <= 2


def test_the_child_is_started_without_anything_of_ours() -> None:
    assert CHILD[1] == "-I"  # no environment, no folder of the caller's
