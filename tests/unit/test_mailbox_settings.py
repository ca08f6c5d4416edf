"""A mailbox in relay.toml: its safe defaults, and what is refused with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_config import GOOD, mistakes

from relay.config import ImapIn, load
from relay.plugins import mistakes as mistakes_beyond

MAILBOX = """
[transports.box]
kind = "imap"
host = "imap.example.org"
user = "relay@example.org"
password_file = "secrets/box"
folder = "خبر"
channel = "news"
"""


def test_a_mailbox_has_the_safe_defaults(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(GOOD + MAILBOX)
    box = load(tmp_path / "relay.toml").transports["box"]
    assert isinstance(box, ImapIn)
    assert (box.port, box.tls, box.ca_file, box.existing) == (993, True, "", "leave")
    assert (box.every, box.message_bytes, box.address) == (60, 10 * 1024 * 1024, "")


@pytest.mark.parametrize(
    ("written", "instead", "key", "says"),
    [
        ('channel = "news"', 'channel = "nwes"', "channel", "add [channels.NAME]"),
        ('kind = "imap"', 'kind = "mailbox"', "kind", 'kind = "imap"'),
        ('folder = "خبر"', "", "folder", "add it"),
        ('folder = "خبر"', 'folder = " "', "folder", "a line of text"),
        ('folder = "خبر"', r'folder = "a\r\nb"', "folder", "a line of text"),
        ("relay@example.org", r"a\u0000b", "user", "a line of text"),
        ("imap.example.org", "https://imap.example.org", "host", "like"),
        ('channel = "news"', 'channel = "news"\nport = 0', "port", "1"),
        ('channel = "news"', 'channel = "news"\nport = 65536', "port", "65535"),
        ('channel = "news"', 'channel = "news"\nevery = "0s"', "every", "longer"),
        ('channel = "news"', 'channel = "news"\nexisting = "all"', "existing", "leave"),
        ('channel = "news"', 'channel = "news"\nmessage_bytes = 1023', "message_bytes", "1024"),
        ('channel = "news"', 'channel = "news"\ntls = false', "tls", "true"),
        ('channel = "news"', 'channel = "news"\naddress = "post"', "address", "like"),
        ('channel = "news"', 'channel = "news"\npublic = true', "public", "people write to"),
    ],
)
def test_what_is_wrong_with_a_mailbox_is_said(
    tmp_path: Path, written: str, instead: str, key: str, says: str
) -> None:
    found = mistakes(tmp_path, GOOD + MAILBOX.replace(written, instead, 1))
    assert says in found.pop(f"transports.box.{key}")
    assert not found


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_mailbox_on_this_machine_needs_no_tls(tmp_path: Path, host: str) -> None:
    text = MAILBOX.replace("imap.example.org", host) + "tls = false\nport = 143\n"
    (tmp_path / "relay.toml").write_text(GOOD + text)
    assert load(tmp_path / "relay.toml").transports["box"]


def test_the_files_of_a_mailbox_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(GOOD + MAILBOX + 'ca_file = "ca.pem"\n')
    settings = load(tmp_path / "relay.toml")
    keys = {"transports.box.password_file", "transports.box.ca_file"}
    assert {one.key for one in mistakes_beyond(settings)} == keys
    (tmp_path / "ca.pem").touch()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/box").touch(mode=0o600)
    (tmp_path / "secrets/box").write_text("a word")
    assert list(mistakes_beyond(settings)) == []
