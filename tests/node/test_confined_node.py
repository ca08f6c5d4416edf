"""The processes of a real node, as the kernel sees them; and what is replaced while it runs."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import soon, status

from relay.confine import possible
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, post_sms, send_mail, sms

POST = "post@example.org"

pytestmark = pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")


@pytest.fixture(scope="module")
def confined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(Node(tmp_path_factory.mktemp("confined") / "n")) as node:
        yield node


def facts(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def processes(node: Node) -> dict[str, int]:
    assert node.process is not None
    children = Path(f"/proc/{node.process.pid}/task/{node.process.pid}/children").read_text()
    return {facts(pid)["Name"]: pid for pid in map(int, children.split())}


def test_every_process_is_confined_and_root_keeps_no_right(confined: Node) -> None:
    roles = processes(confined)
    assert roles.keys() >= {"relay-core", "relay-outlet", "relay-reader", "relay-door"}
    soon(lambda: all(facts(pid)["Seccomp"] == "2" for pid in processes(confined).values()))
    for name, pid in processes(confined).items():
        seen = facts(pid)
        assert seen["NoNewPrivs"] == "1", name
        assert int(seen["CapEff"], 16) == int(seen["CapBnd"], 16) == 0 or os.geteuid() != 0, name
        assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0), name


def test_the_launcher_gains_no_right_and_leaves_no_core_file(confined: Node) -> None:
    assert confined.process is not None
    assert facts(confined.process.pid)["NoNewPrivs"] == "1"
    assert resource.prlimit(confined.process.pid, resource.RLIMIT_CORE) == (0, 0)


def test_a_confined_node_takes_opens_and_posts(confined: Node) -> None:
    assert send_mail(*confined.mail, mail("by mail", to=POST), to=POST)
    assert post_sms(f"{confined.url}/in/phone", sms("by phone", id="1"), confined.secret) == 200
    soon(lambda: status(confined)["posted"] == 2)


def test_a_page_folder_that_is_made_anew_is_written_again(confined: Node) -> None:
    public = confined.folder / "public"
    outlet = processes(confined)["relay-outlet"]
    public.rename(confined.folder / "gone")
    soon(lambda: processes(confined).get("relay-outlet", outlet) != outlet)
    soon(lambda: (public / "items").is_dir())


def test_a_secret_that_is_replaced_is_taken_up_without_a_word(confined: Node) -> None:
    secret = confined.folder / "secrets/phone"
    new = secret.with_name("new")
    new.write_bytes(b"quite another secret of the phone")
    new.chmod(0o600)
    new.rename(secret)
    url, fresh = f"{confined.url}/in/phone", secret.read_bytes()
    soon(lambda: post_sms(url, sms("with the new one", id="2"), fresh) == 200)
