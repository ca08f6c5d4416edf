"""An entry and an exit with no network between them: a folder that both see, and a stick."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import relay, soon, status
from two_nodes import ENTRY, EXIT, OF_ENTRY, OF_EXIT, Two, identity_of, made

from relay.testing.senders import mail, send_mail

POST = "post@example.org"
pytestmark = pytest.mark.slow
HTTPS_THERE = '[links.tls]\nkind = "https"\nlisten = "LISTEN"\n'
HTTPS_HERE = '[links.to-out]\nkind = "https"\npeer = "out"\nurl = "https://ADDRESS"\nevery = "1s"\n'
FOLDER = '[links.share]\nkind = "folder"\npeer = "{}"\nfolder = "{}"\nevery = "1s"\n'


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("share")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, share: Path) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("apart")
    exit_ = made(
        folder / "out", EXIT.replace(HTTPS_THERE, FOLDER.format("in", share)), OF_EXIT
    ).start()
    text = ENTRY.replace(HTTPS_HERE, FOLDER.format("out", share))
    entry = made(folder / "in", text.replace("IDENTITY", identity_of(exit_)), OF_ENTRY)
    try:
        yield Two(entry.start(), exit_)
    finally:
        entry.kill()
        exit_.kill()


def write(two: Two, text: str) -> bool:
    return send_mail(*two.entry.mail, mail(text, to=POST), to=POST)


def bundle(node, *words: object) -> dict:
    done = relay(node, "bundle", *map(str, words), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["peers"][0]


def test_keys_envelopes_and_receipts_cross_by_a_folder(two: Two, share: Path) -> None:
    soon(lambda: status(two.entry)["standing"] == "ok")
    assert write(two, "by a folder")
    soon(lambda: status(two.exit)["posted"] == 1)
    soon(lambda: status(two.entry)["handed"] == 1)
    for node in (two.entry, two.exit):
        assert status(node)["links"]["share"]["state"] == "works"


def test_what_no_link_carries_goes_on_a_stick(two: Two, share: Path, tmp_path: Path) -> None:
    gone = share.with_name("pulled-out")
    share.rename(gone)
    assert write(two, "on a stick")
    link = soon(lambda: (at := status(two.entry)["links"]["share"])["state"] != "works" and at)
    assert link["state"] == "blocked"
    put = bundle(two.entry, "export", tmp_path)
    assert (put["envelopes"], put["left"]) == (1, 0)
    assert bundle(two.exit, "import", tmp_path)["envelopes"] == 1
    soon(lambda: status(two.exit)["posted"] == 2)
    assert status(two.entry)["handed"] == 1
    assert bundle(two.entry, "import", tmp_path)["receipts"] == 1
    assert status(two.entry)["handed"] == 2
    gone.rename(share)
    soon(lambda: status(two.entry)["links"]["share"]["state"] == "works")
    assert write(two, "by the folder again")
    soon(lambda: status(two.exit)["posted"] == 3)
    assert status(two.exit)["accepted"] == 3
