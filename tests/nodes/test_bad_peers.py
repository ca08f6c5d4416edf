"""Who is not the peer: nothing is sent to it, nothing is taken from it, and both sides say so."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
from apart import Apart, counted, in_a_thread, story
from looking import soon, status

from relay.testing.certificates import make_pair
from relay.testing.recorder import recorder


def link(node: Apart, name: str) -> dict[str, Any]:
    return dict(status(node)["links"][name])


@pytest.mark.slow
def test_an_exit_with_another_link_key_gets_nothing_and_the_entry_keeps_all(tmp_path: Path) -> None:
    with story(tmp_path, ("b", "c"), apart=False) as made:
        wrong, right = made.exits["b"].link, made.exits["c"].link
        made.start()
        made.entry.stop()
        written = made.entry.file.read_text()
        assert wrong in written
        swapped = written.replace(wrong, "?").replace(right, wrong).replace("?", right)
        made.entry.file.write_text(swapped)
        made.entry.goes()
        made.send(3)
        soon(lambda: link(made.entry, "to-b")["state"] == "blocked")
        assert counted(made.entry, "waiting", "handed") == (3, 0)
        assert [status(one)["accepted"] for one in made.exits.values()] == [0, 0]
        made.entry.stop()
        made.entry.file.write_text(written)
        made.entry.goes()
        assert made.all_are_posted().good


@pytest.mark.slow
def test_an_entry_that_is_no_peer_is_turned_away_counted_and_told(tmp_path: Path) -> None:
    with (
        story(tmp_path / "ours", apart=False) as made,
        story(tmp_path / "theirs", apart=False) as others,
    ):
        ours, theirs = made.exits["b"], others.exits["b"]
        knows = others.entry.file.read_text().replace(theirs.link, ours.link)
        others.entry.file.write_text(knows.replace(theirs.identity, ours.identity))
        others.lines["b"].to = made.lines["b"].to  # it knows our exit, which does not know it
        made.start()
        folder = others.entry.folder / "keys/exits"
        folder.mkdir(mode=0o700)
        shutil.copy(made.entry.folder / "keys/exits/b.bundle", folder)
        others.entry.goes()
        before = status(ours)["accepted"]
        others.send(2)
        soon(lambda: link(others.entry, "to-b")["state"] == "blocked")
        soon(lambda: link(made.exits["b"], "in")["turned_away"] > 0)
        assert status(made.exits["b"])["accepted"] == before
        assert counted(others.entry, "waiting", "handed") == (2, 0)
        assert status(ours)["board"]["in"]["state"] == "works"
        made.send(2)
        assert made.all_are_posted().good  # a stranger at the door harms nobody else


ALARMS = """
[alarms]
to = ["ops"]

[destinations.ops]
bridge = "webhook"
url = "{url}"
"""
KNOCKS = 30


@pytest.mark.slow
def test_many_strangers_at_the_door_are_counted_and_raise_an_alarm(tmp_path: Path) -> None:
    with (
        in_a_thread(recorder) as pager,
        story(tmp_path, apart=False, exit_more=ALARMS.format(url=pager.url)) as made,
    ):
        made.start()
        exit = made.exits["b"]
        for _ in range(KNOCKS):
            with socket.create_connection(made.lines["b"].to, 10) as knocking:
                knocking.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert not knocking.recv(1000).startswith(b"HTTP")
        soon(lambda: link(exit, "in")["turned_away"] >= KNOCKS)
        soon(lambda: any(b"in" in one.body for one in list(pager.made)), 150)
        assert not any(b"127.0.0.1" in one.body for one in list(pager.made))
        made.send(2)
        assert made.all_are_posted().good


@pytest.mark.slow
@pytest.mark.parametrize("speaks", ["plain", "old tls", "public certificate"])
def test_a_server_that_is_no_exit_gets_no_envelope(tmp_path: Path, speaks: str) -> None:
    with story(tmp_path, apart=False) as made, socket.create_server(("127.0.0.1", 0)) as sock:
        made.start()
        there, took = made.lines["b"].to, []
        with Impostor(sock, speaks, tmp_path, took):
            made.lines["b"].to = sock.getsockname()[:2]
            made.lines["b"].cut()
            made.send(2)
            soon(lambda: link(made.entry, "to-b")["state"] == "blocked")
            soon(lambda: len(took) >= 2)
            assert counted(made.entry, "waiting", "handed") == (2, 0)
        made.lines["b"].to = there
        made.lines["b"].cut()
        assert made.all_are_posted().good
        assert all(len(said) < 4000 for said in took)  # a hello of TLS, and no envelope


class Impostor:
    """Listens where the exit should, and notes what it could read."""

    def __init__(self, sock: socket.socket, speaks: str, folder: Path, took: list[bytes]) -> None:
        self._sock = sock
        self._took = took
        self._context: ssl.SSLContext | None = None
        if speaks != "plain":
            pair = make_pair(folder, "impostor", host="127.0.0.1")
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(pair.certificate, pair.key)
            if speaks == "old tls":
                self._context.maximum_version = ssl.TLSVersion.TLSv1_2
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Impostor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._sock.accept()
            except OSError:
                return
            client.settimeout(2)
            try:
                if self._context is None:
                    self._took.append(client.recv(65536))
                else:
                    with self._context.wrap_socket(client, server_side=True) as secure:
                        self._took.append(secure.recv(65536))
            except OSError:
                self._took.append(b"")
            finally:
                client.close()
