"""An entry and an exit of one operator, each in a folder of its own, with HTTPS between them."""

from __future__ import annotations

import contextlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from relay.keyfiles import read_secret, write_secret
from relay.testing.nodes import Node
from relay.wire.exitfile import exit_public
from relay.wire.keys import link_file
from relay.wire.linkkeys import link_key_of

OF_ENTRY, OF_EXIT = (
    b"link key of the entry".ljust(32, b"."),
    b"link key of the exit".ljust(32, b"."),
)

FAST = """\
[spool]
min_free_bytes = 1048576
ballast_bytes = 65536
"""

EXIT = f"""\
[node]
name = "out"
role = "exit"
[http]
listen = "127.0.0.1:0"
[channels.news]
review = "none"
delay = ["0s", "0s"]
[destinations.page]
bridge = "feed"
tick = "0s"
[peers.in]
link = "{link_key_of(OF_ENTRY).written}"
[links.tls]
kind = "https"
listen = "LISTEN"
{FAST}"""

ENTRY = f"""\
[node]
name = "in"
role = "entry"
[http]
listen = "127.0.0.1:0"
[channels.news]
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]
[transports.phone]
kind = "sms"
gateway = "generic"
secret_file = "secrets/phone"
channel = "news"
[peers.out]
link = "{link_key_of(OF_EXIT).written}"
identity = "IDENTITY"
[links.to-out]
kind = "https"
peer = "out"
url = "https://ADDRESS"
every = "1s"
{FAST}"""


@dataclass
class Two:
    """Both of them."""

    entry: Node
    exit: Node


@contextlib.contextmanager
def two_nodes(folder: Path) -> Iterator[Two]:
    """An entry and an exit that run inside the block."""
    exit_ = made(folder / "out", EXIT.replace("LISTEN", "127.0.0.1:0"), OF_EXIT).start()
    address = exit_.at["tls"]
    exit_.file.write_text(EXIT.replace("LISTEN", address))  # the same again, if it is started anew
    text = ENTRY.replace("IDENTITY", identity_of(exit_)).replace("ADDRESS", address)
    entry = made(folder / "in", text, OF_ENTRY)
    try:
        yield Two(entry.start(), exit_)
    finally:
        entry.kill()
        exit_.kill()


def made(folder: Path, settings: str, seed: bytes) -> Node:
    """A node with this link key."""
    node = Node(folder, settings)
    write_secret(folder / "keys" / "link.key", link_file(seed))
    return node


def identity_of(exit_: Node) -> str:
    """Of an exit that has run, as it is written into the settings of an entry."""
    identity = exit_public(read_secret(exit_.folder / "keys" / "exit.key")).identity
    return urlsafe_b64encode(identity).decode().rstrip("=")
