"""Pictures, films and papers by real SMTP, through a real node, to a platform that keeps them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from conftest import listed, relay, shown, soon, status
from looking import message_of, pid
from media_parts import MARK, UPRIGHT, corners_of, film, jpeg

from relay.cli.common import asked
from relay.testing.aside import Aside, aside
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.ledger import marker
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, send_mail

POST, OPEN = "post@example.org", "open@example.org"
PAPER = f"%PDF-1.7 {MARK}".encode()

CHANNELS = SETTINGS.format(destinations='"page", "masto"').replace(
    'channel = "news"\naddresses = ["post@example.org"]',
    'addresses = { "post@example.org" = "news", "open@example.org" = "open" }',
)

MORE = """
[channels.open]
review = "none"
delay = ["0s", "0s"]
media_review = "none"

[destinations.masto]
bridge = "mastodon"
server = "{url}"
token_file = "secrets/masto"
"""


@dataclass
class There:
    """A node, and the server that it posts to."""

    node: Node
    server: Aside[Fediverse]

    def mails(self, *attached: tuple[bytes, str], to: str = POST) -> str:
        """A mail with these attached, accepted; a word that stands in its text."""
        word = marker()
        written = EmailMessage()
        written["From"], written["To"] = "someone@example.net", to
        written.set_content(f"seen {word}\n")
        for content, type in attached:
            main, sub = type.split("/")
            written.add_attachment(content, maintype=main, subtype=sub, filename=f"{MARK}.bin")
        raw = written.as_bytes().replace(b"\n", b"\r\n")
        assert send_mail(*self.node.mail, raw, to=to)
        return word

    def held(self, word: str) -> dict[str, Any]:
        """The message, once a person is to see it."""

        def is_held() -> dict[str, Any]:
            row = message_of(self.node, word)
            return row if row.get("state") == "held" else {}

        return dict(soon(is_held))

    def order(self, id: str, do: str, **more: object) -> None:
        """What the command line would ask of the node."""
        [_] = asked(self.node.file, {"do": do, "id": id, **more})

    def public(self, word: str) -> tuple[bytes, ...]:
        """The media of the status that says so, once it is public."""

        def found(server: Fediverse) -> list[tuple[bytes, ...]]:
            return [
                tuple(one.content for one in server.media_of(status))
                for status in server.public
                if word in status.text
            ]

        [media] = soon(lambda: self.server.ask(found))
        return tuple(media)


@contextmanager
def there_is(folder: Path) -> Iterator[There]:
    with aside(fediverse) as server:
        more = MORE.format(url=server.ask(lambda one: one.base))
        node = Node(folder, CHANNELS, more=more)
        node.write("secrets/masto", server.ask(lambda one: one.token).encode())
        with running(node):
            yield There(node, server)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    with there_is(tmp_path_factory.mktemp("media") / "n") as started:
        yield started


def test_a_photo_is_released_by_a_person_and_tells_nothing_of_who_took_it(there: There) -> None:
    word = there.mails((jpeg(orientation=6), "image/jpeg"))
    row = there.held(word)
    assert row["why"] == "media"
    there.order(row["id"], "release")
    [photo] = there.public(word)
    assert MARK.encode() not in photo
    assert corners_of(photo) == UPRIGHT
    seen = relay(there.node, "queue", "media", row["id"]).stdout
    assert MARK.encode() not in seen and corners_of(seen) == UPRIGHT


@pytest.mark.skipif(not shutil.which("exiftool"), reason="apt-get install libimage-exiftool-perl")
def test_exiftool_finds_nothing_of_the_photo_as_it_came(there: There, tmp_path: Path) -> None:
    word = there.mails((jpeg(), "image/jpeg"))
    there.order(there.held(word)["id"], "release")
    (tmp_path / "posted.jpg").write_bytes(there.public(word)[0])
    told = subprocess.run(
        ["exiftool", "-a", "-u", "-g1", str(tmp_path / "posted.jpg")],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert MARK not in told and "GPS" not in told and "Make" not in told


def test_a_film_is_made_anew(there: There) -> None:
    word = there.mails((film(), "video/quicktime"))
    row = there.held(word)
    [made] = shown(there.node, row["id"])["media"]
    assert (made["type"], made["seconds"]) == ("video/mp4", 1)
    there.order(row["id"], "release")
    [posted] = there.public(word)
    assert posted[4:8] == b"ftyp" and MARK.encode() not in posted


def test_a_paper_is_held_with_the_reason_and_its_text_goes_alone(there: There) -> None:
    word = there.mails((PAPER, "application/pdf"))
    row = there.held(word)
    assert row["why"].startswith("media; media not published: ")
    message = shown(there.node, row["id"])
    assert (message["media"], message["originals"][0]["bytes"]) == ([], len(PAPER))
    assert message["originals_kept"] and message["originals_until"] is None
    there.order(row["id"], "release")
    assert there.public(word) == ()
    assert shown(there.node, row["id"])["originals_until"] > time.time()


def test_a_person_lets_the_text_go_without_its_pictures(there: There) -> None:
    word = there.mails((jpeg(), "image/jpeg"), (jpeg(orientation=3), "image/jpeg"))
    there.order(there.held(word)["id"], "release", only=[])
    assert there.public(word) == ()


def test_where_a_channel_says_so_clean_media_go_by_themselves_and_nothing_else(
    there: There,
) -> None:
    word = there.mails((jpeg(), "image/jpeg"), to=OPEN)
    soon(lambda: message_of(there.node, word).get("state") == "posted")
    both = there.mails((jpeg(), "image/jpeg"), (PAPER, "application/pdf"), to=OPEN)
    assert there.held(both)["why"].startswith("media not published: ")


def test_what_is_destroyed_leaves_no_original(there: There) -> None:
    word = there.mails((jpeg() + bytes(400_000), "image/jpeg"))
    row = there.held(word)
    bodies = there.node.folder / "data" / "bodies"
    before = set(bodies.iterdir())
    there.order(row["id"], "drop", destroy=True)
    assert len(before - set(bodies.iterdir())) == 1  # the record has a small picture
    assert status(there.node)["queues"].get("original", 0) == len(
        [one for one in listed(there.node, everything=True) if _has_originals(there, one)]
    )


def _has_originals(there: There, row: dict[str, Any]) -> bool:
    if row["destination"]:
        return False
    message = shown(there.node, row["id"])
    return bool(message.get("originals")) or bool(message.get("destroyed"))


def test_texts_pass_while_a_cleaner_is_at_work_and_its_death_loses_nothing(there: There) -> None:
    cleaner = soon(lambda: pid(there.node, "cleaner"))
    os.kill(cleaner, signal.SIGSTOP)
    slow = there.mails((film(), "video/quicktime"))
    soon(lambda: message_of(there.node, slow).get("queue") == "clean")
    quick = mail(f"quick {(word := marker())}", to=POST)
    assert send_mail(*there.node.mail, quick, to=POST)
    assert there.public(word) == ()
    assert message_of(there.node, slow)["queue"] == "clean"
    os.kill(cleaner, signal.SIGKILL)
    row = there.held(slow)
    assert (row["why"], len(shown(there.node, row["id"])["media"])) == ("media", 1)
    assert pid(there.node, "cleaner") != cleaner
