"""A plug-in written to steal gets nothing: shown as root, and as an ordinary user.

It tries at import, in its settings, when it is made, in ``prepare`` and in ``send``
(``tests/parts/thief.py``). What it gives out is looked at, and so is what it has touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import site
import socket
import stat
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import soon, status
from installed import AS_ROOT, free_user, python
from strangers import modules, offered

from relay.confine import possible
from relay.testing.aside import Aside, aside
from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.recorder import Fault, Recorder, recorder
from relay.testing.senders import post_sms, sms

ROOT = Path(__file__).parent.parent.parent

THIEF = Path(__file__).parent.parent / "parts/thief.py"
GOOD = Fault(headers={"Content-Type": "application/json"}, body=b"{}")
STAGES = ("at import", "in the settings", "when it is made", "in prepare", "in send")

pytestmark = [
    pytest.mark.skipif(not possible().enough, reason=f"it cannot be confined: {possible().lacks}"),
    pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Linux alone"),
]

WANTED = ["relay.toml", "keys/door.key", "keys/exit.key", "secrets/other", "secrets/phone"]
WANTED += ["data/lock", "data/spool.sqlite", "data/clock", "public/index.html"]

SECTIONS = """
[destinations.loot]
bridge = "thief"
url = "{url}"
token_file = "secrets/thief"
folder = "own"

[destinations.other]
bridge = "webhook"
url = "http://127.0.0.1:9/{setting}"
token_file = "secrets/other"
"""


@dataclass(frozen=True)
class Theft:
    """A node that has run a thief, what came out of it, and what it should not have got."""

    node: Node
    bodies: list[bytes]
    text: str
    wanted: dict[str, str]
    before: dict[str, tuple[bytes, int]]
    abroad: socket.socket
    neighbour: subprocess.Popen[bytes]

    @property
    def loot(self) -> dict[str, str]:
        """Every try, and what came of it."""
        return dict(json.loads(self.bodies[-1]))


def as_user(user: str) -> tuple[str, ...]:
    """The words before a command that make it that of another user; none without root."""
    ids = (f"--reuid={user}", f"--regid={user}", "--clear-groups")
    return ("setpriv", *ids, "--") if user else ()


def interpreter(folder: Path) -> Path:
    """A Python that every user can run, with what this one has installed."""
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run(
        [python(), "-m", "venv", "--without-pip", "--symlinks", folder], capture_output=True
    )
    if made.returncode:
        venv.create(folder, symlinks=True)
    [packages] = (folder / "lib").glob("python*/site-packages")
    ours = [Path(one) for one in site.getsitepackages()] + [ROOT]
    if not all(map(is_open, ours)):
        ours = [*linked(ours, folder)]
    (packages / "outword.pth").write_text("".join(f"{one}\n" for one in ours))
    return folder / "bin/python"


def is_open(path: Path) -> bool:
    """Whether every user may come there."""
    return all(one.stat().st_mode & stat.S_IXOTH for one in (path, *path.parents))


def linked(ours: Sequence[Path], folder: Path) -> Iterator[Path]:
    """The same where every user can read it, by hard links."""
    for n, one in enumerate(ours):
        there = folder / f"packages{n}"
        there.mkdir()
        what = [one / "relay", one / "bridges"] if one == ROOT else [*one.iterdir()]
        if subprocess.run(["cp", "-al", *what, there], capture_output=True).returncode:
            pytest.skip("its packages lie where other users may not come")
        yield there


def plain_files(node: Node) -> dict[str, tuple[bytes, int]]:
    """What must be as it was: files that nobody but a thief would write, and their modes."""
    return {
        name: ((node.folder / name).read_bytes(), (node.folder / name).stat().st_mode)
        for name in ("relay.toml", "secrets/thief", "secrets/other", "keys/exit.key")
    }


@contextlib.contextmanager
def elsewhere() -> Iterator[Path]:
    """A folder that every user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="outword-thief-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def robbed(folder: Path, user: str, platform: Aside[Recorder]) -> Iterator[Theft]:
    """A node of a user runs a thief, and posts one message there."""
    wanted = {"a setting": marker(), "a variable": marker(), "a secret": marker()}
    node = Node(
        folder / "n",
        more=SECTIONS.format(url=platform.ask(lambda one: one.url), setting=wanted["a setting"]),
        destinations=("page", "loot"),
    )
    node.write("secrets/thief", b"its own token")
    node.write("secrets/other", wanted["a secret"].encode())
    with socket.create_server(("127.0.0.2", 0)) as abroad, neighbour(user) as other:
        abroad.setblocking(False)
        known = {
            "node": str(node.folder),
            "own": str(node.folder / "own"),
            "files": WANTED,
            "host": "127.0.0.2",
            "tcp": abroad.getsockname()[1],
            "neighbour": other.pid,
            "wanted": {name: one[::-1] for name, one in wanted.items()},
        }
        strangers = offered(folder / "strangers", "thieves", {"thief": "thief:Thief"})
        modules(strangers, thief=THIEF.read_text())
        (strangers / "thief.json").write_text(json.dumps(known))
        if user:
            subprocess.run(["chown", "-R", f"{user}:{user}", node.folder], check=True)
        env = {"PYTHONPATH": str(strangers), "A_VARIABLE": wanted["a variable"]}
        with running(node, env=env, before=as_user(user)):
            before = plain_files(node)
            text = marker()
            assert post_sms(f"{node.url}/in/phone", sms(text, id=text), node.secret) == 200
            soon(lambda: len(platform.ask(lambda one: list(one.made))) == 2, 60)
            bodies = [one.body for one in platform.ask(lambda one: list(one.made))]
            yield Theft(node, bodies, text, wanted, before, abroad, other)


@contextlib.contextmanager
def neighbour(user: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the same user."""
    with subprocess.Popen([*as_user(user), "sleep", "600"]) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module", params=["root", "an ordinary user"] if AS_ROOT else ["this user"])
def theft(request: pytest.FixtureRequest) -> Iterator[Theft]:
    user = free_user() if request.param == "an ordinary user" else ""
    with elsewhere() as folder, pytest.MonkeyPatch.context() as patched:
        if user:
            patched.setattr(sys, "executable", str(interpreter(folder / "python")))
        with aside(lambda: recorder(good=GOOD)) as platform, robbed(folder, user, platform) as done:
            yield done


def board(theft: Theft) -> dict[str, Any]:
    return dict(status(theft.node)["board"]["loot"])


def test_it_did_try_at_every_moment_and_post_what_it_got(theft: Theft) -> None:
    prepared = json.loads(theft.bodies[0])
    assert (prepared["text"], prepared["token"]) == (theft.text, "its own token")
    for stage in STAGES:
        tried = [one for one in theft.loot if one.startswith(stage)]
        assert len(tried) > 200, stage
    soon(lambda: board(theft)["posted"] == 1)


def test_nothing_that_it_tried_had_success(theft: Theft) -> None:
    assert {what: got for what, got in theft.loot.items() if not got.startswith("no ")} == {}


def test_nothing_of_anybody_else_came_out(theft: Theft) -> None:
    came = b"".join(theft.bodies) + theft.node.log.read_bytes() + json.dumps(board(theft)).encode()
    assert [name for name, one in theft.wanted.items() if one.encode() in came] == []


def test_nobody_knocked_at_its_own_host(theft: Theft) -> None:
    with pytest.raises(BlockingIOError):
        theft.abroad.accept()


def test_what_lies_in_the_node_is_as_it_was(theft: Theft) -> None:
    assert plain_files(theft.node) == theft.before
    node = theft.node.folder
    assert not [one for one in node.rglob("x") if one.is_file()]
    assert (node / "public/index.html").read_bytes() != b"x"
    assert sorted(os.listdir(node / "own")) == ["landing", "program"]


def test_nobody_else_was_ended_by_it(theft: Theft) -> None:
    assert "ended" not in theft.node.log.read_text()
    assert theft.neighbour.poll() is None
    assert board(theft)["failed"] == 0
