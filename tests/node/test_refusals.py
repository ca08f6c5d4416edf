"""Bad settings, a full disk, a locked exit, a spool tampered with: clear words, no loss."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from conftest import listed, relay, send_both, soon, status

from relay.clock import SystemClock
from relay.model import NewRow, Queue, State
from relay.spool.sqlite import SqliteSpool
from relay.testing.ledger import Ledger, marker
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts, post_sms, request, send_mail, sms

POST = "post@example.org"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Node]:
    """A node that has keys, started without its passphrase; which lies beside its folder."""
    node = Node(tmp_path / "n")
    with running(node):
        node.stop()
    shutil.move(node.folder / "secrets/passphrase", tmp_path / "passphrase")
    with running(node):
        yield node


def unlock(node: Node) -> None:
    passphrase = (node.folder.parent / "passphrase").read_bytes()
    done = relay(node, "unlock", stdin=passphrase)
    assert done.returncode == 0, done.stderr.decode()


# ---------------------------------------------------------------- the exit is locked


def test_a_locked_node_accepts_says_so_and_posts_once_when_it_is_unlocked(locked: Node) -> None:
    ledger = Ledger()
    send_both(locked, ledger, 10)
    now = status(locked)
    assert (now["standing"], now["accepted"], now["waiting"]) == ("locked", 20, 20)
    assert request("GET", f"{locked.url}/healthz") == (503, b"locked")
    assert page_texts(locked.url) == []
    assert relay(locked, "unlock", stdin=b"not the passphrase\n").returncode == 78
    unlock(locked)
    soon(lambda: not ledger.compare(page_texts(locked.url)).missing)
    soon(lambda: status(locked)["posted"] == 20)
    assert ledger.compare(page_texts(locked.url)).good
    assert request("GET", f"{locked.url}/healthz") == (200, b"ok")


@pytest.mark.parametrize("step", [64, pytest.param(1, marks=pytest.mark.slow)])
def test_every_byte_of_a_stored_envelope_flipped_is_set_aside_and_counted(
    locked: Node, step: int
) -> None:
    made = marker()
    assert send_mail(*locked.mail, mail(f"whole {made}", to=POST), to=POST)
    locked.stop()
    database = sqlite3.connect(locked.folder / "data/spool.sqlite")
    id, whole = database.execute(
        "SELECT row.id, body.blob FROM row JOIN body USING (seq)"
    ).fetchone()
    database.close()

    places = range(0, len(whole), step)

    async def tamper() -> None:
        data, seen = locked.folder / "data", locked.folder / "keys/seen"
        options = {"min_free_bytes": 0, "ballast_bytes": 0}
        spool = SqliteSpool.open(data, seen, clock=SystemClock(), on_broken=print, **options)
        flipped = [whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in places]
        rows = [NewRow(Queue.INBOX, State.WAITING, id, 0, body=one) for one in flipped]
        await spool.put(rows)
        await trio.to_thread.run_sync(spool.close)

    trio.run(tamper)
    locked.start()
    unlock(locked)
    now = soon(lambda: (s := status(locked))["waiting"] == 0 and s, 60)
    assert (now["quarantined"], now["posted"]) == (len(places), 1)
    soon(lambda: len(page_texts(locked.url)) == 1)
    assert made in page_texts(locked.url)[0]


# ---------------------------------------------------------------- disks


def test_a_full_disk_is_a_temporary_answer_and_ends_when_there_is_room(tmp_path: Path) -> None:
    node = Node(tmp_path / "n")
    roomy = node.file.read_text()
    node.file.write_text(roomy.replace("min_free_bytes = 1048576", f"min_free_bytes = {1 << 60}"))
    with running(node):
        assert not send_mail(*node.mail, mail("x", to=POST), to=POST)
        body = sms("x", id="1")
        assert post_sms(f"{node.url}/in/phone", body, node.secret) == 503
        assert status(node)["accepted"] == 0
        assert request("GET", f"{node.url}/healthz") == (503, b"disk")
        node.stop()
    node.file.write_text(roomy)
    with running(node):
        assert post_sms(f"{node.url}/in/phone", body, node.secret) == 200


def test_a_page_that_cannot_be_written_delays_the_page_only(tmp_path: Path) -> None:
    more = '\n[destinations.box]\nbridge = "folder"\nfolder = "box"\n'
    node = Node(tmp_path / "n", more=more, destinations=("page", "box"))
    (node.folder / "box").mkdir()
    (node.folder / "public").write_text("a file where the folder should be")
    with running(node):
        made = marker()
        assert send_mail(*node.mail, mail(f"to two {made}", to=POST), to=POST)
        soon(lambda: any(made in f.read_text() for f in (node.folder / "box").glob("*")))
        [waiting] = [r for r in listed(node) if r["destination"] == "page"]
        assert waiting["state"] in ("waiting", "stopped")
        (node.folder / "public").unlink()
        assert relay(node, "queue", "retry", waiting["id"]).returncode == 0
        soon(lambda: status(node)["posted"] == 1)
        # The door was granted what lay there, and makes way for one that is granted the folder.
        assert made in soon(lambda: texts_of(node))[0]


def texts_of(node: Node) -> list[str]:
    """What stands on the page; nothing while there is none."""
    try:
        return page_texts(node.url)
    except ConnectionError:
        return []


# ---------------------------------------------------------------- the safe settings


def test_with_the_safe_settings_nothing_appears_before_release_and_delay(tmp_path: Path) -> None:
    safe = SETTINGS.format(destinations='"page"').replace('review = "none"\n', "")
    node = Node(tmp_path / "n", safe.replace('["0s", "0s"]', '["2s", "2s"]'))
    with running(node):
        made = marker()
        assert send_mail(*node.mail, mail(f"read me first {made}", to=POST), to=POST)
        [row] = soon(lambda: [r for r in listed(node) if r["state"] == "held"])
        assert (row["state"], row["why"]) == ("held", "review")
        assert page_texts(node.url) == []
        released = time.monotonic()
        assert relay(node, "queue", "release", row["id"]).returncode == 0
        soon(lambda: page_texts(node.url))
        assert time.monotonic() - released >= 1


# ---------------------------------------------------------------- settings and starts


def test_a_bad_file_is_refused_with_all_its_mistakes(tmp_path: Path) -> None:
    node = Node(tmp_path / "n")
    (node.folder / "secrets/phone").chmod(0o644)
    secret = "a-secret-in-the-wrong-place"
    node.file.write_text(
        node.file.read_text().replace('bridge = "feed"', f'bridge = "feed"\ncolour = "{secret}"')
        + '\n[destinations.hook]\nbridge = "webhook"\ntoken_file = "secrets/none"\n'
        + f'\n[destinations.x]\nbridge = "{secret}"\n'
    )
    for command in ("check", "run"):
        done = relay(node, command)
        said = done.stderr.decode()
        assert done.returncode == 78
        for key in ("transports.phone.secret_file", "destinations.page.colour"):
            assert f"{node.file}: {key}: " in said
        assert "destinations.hook.url" in said and "destinations.hook.token_file" in said
        assert "destinations.x.bridge" in said
        assert secret not in said and "Traceback" not in said
    [found] = [json.loads(line) for line in relay(node, "check", "--json").stdout.splitlines()]
    assert not found["good"] and all(one["remedy"] for one in found["mistakes"])


def test_commands_without_a_node_say_so(tmp_path: Path) -> None:
    node = Node(tmp_path / "n")
    for words in (("status",), ("queue", "list"), ("unlock",), ("board",)):
        assert relay(node, *words).returncode == 69
    assert relay(node, "send", stdin=b"x").returncode == 69
    assert relay(tmp_path / "none.toml", "check").returncode == 78


@pytest.mark.parametrize("words", [("spool",), ("spool", "move")])
def test_what_is_not_built_is_refused_by_name(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = relay(Node(tmp_path / "n"), *words)
    assert done.returncode == 78 and b"not built yet" in done.stderr


def test_a_wrong_call_is_a_usage_error(tmp_path: Path) -> None:
    node = Node(tmp_path / "n")
    assert relay(node, "nonsense").returncode == 64
    assert relay(node, "queue", "show").returncode == 64
    assert relay(node, "send", "--channel", "nowhere", stdin=b"x").returncode == 64
    assert relay(node, "verify", "--key", "kavub-himol", "feed.json").returncode == 64


def test_what_is_no_text_is_refused_for_good(tmp_path: Path) -> None:
    assert relay(Node(tmp_path / "n"), "send", stdin=b"\xff\xfe").returncode == 65


def test_a_key_file_that_is_damaged_or_open_to_others_stops_the_start(tmp_path: Path) -> None:
    node = Node(tmp_path / "n")
    with running(node):
        node.stop()
    exit_key = node.folder / "keys/exit.key"
    exit_key.chmod(0o644)
    assert relay(node, "run").returncode == 78
    exit_key.chmod(0o600)
    exit_key.unlink()
    done = relay(node, "run")
    assert done.returncode == 78 and b"exit.key is missing" in done.stderr


@pytest.mark.slow  # it waits 15 s, as it should
def test_a_second_node_on_one_folder_is_refused(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        done = relay(node, "run")
        assert done.returncode == 73 and b"Another relay" in done.stderr
        assert status(node)["accepted"] == 0


def test_a_new_folder_works_as_it_is(tmp_path: Path) -> None:
    done = relay(tmp_path / "x", "init", str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr.decode()
    settings = tmp_path / "new/relay.toml"
    assert relay(settings, "check").returncode == 0
    assert relay(tmp_path / "x", "init", str(tmp_path / "new")).returncode == 73
    settings.write_text(settings.read_text().replace(":8080", ":0").replace(":8081", ":0"))
    settings.write_text(settings.read_text().replace(":2525", ":0"))
    node = Node(tmp_path / "new", settings.read_text())
    with running(node):
        assert send_mail(*node.mail, mail("hello", to=POST), to=POST)
        [row] = soon(lambda: [r for r in listed(node) if r["state"] == "held"])
        assert row["why"] == "review"
        assert node.stop() == 0


def test_the_shell_completes_commands() -> None:
    asked = {"COMP_WORDS": "relay qu", "COMP_CWORD": "1", "_RELAY_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [Path(sys.executable).with_name("relay")],
        env={**os.environ, **asked},
        capture_output=True,
        timeout=60,
    )
    assert b"queue" in done.stdout
