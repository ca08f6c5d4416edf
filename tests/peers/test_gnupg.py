"""GnuPG as a sender: what it encrypts to the certificate that we show is opened and read."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sealing import attached, entity, inline, opened, pgp_mime

from relay.model import Media, Message, Unreadable
from relay.reader.opened import CLOSED
from relay.wire.mailkeys import MailKeys, make_mail_keys

POST = "post@example.org"
WORDS = "پل را بستند.\n" * 40


def made() -> MailKeys:
    keys = make_mail_keys([POST])
    assert keys is not None
    return keys


KEYS = made()


class Gnupg:
    """A keyring in a folder of its own, with our certificate and a key of its owner."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self(
            b"", "--quick-generate-key", "Witness <witness@example.org>", "default", "default", "0"
        )
        self(KEYS.public.certificate.encode(), "--import")

    def __call__(self, given: bytes, *words: str) -> bytes:
        command = ["gpg", "--homedir", str(self._home), "--batch", "--yes", "--quiet"]
        command += [
            "--trust-model",
            "always",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "a word",
        ]
        done = subprocess.run([*command, *words], input=given, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def end(self) -> None:
        """Its agent lives on otherwise."""
        subprocess.run(
            ["gpgconf", "--homedir", str(self._home), "--kill", "all"], check=False, timeout=60
        )


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gnupg]:
    if shutil.which("gpg") is None:
        pytest.fail("gpg is missing: apt-get install gnupg", pytrace=False)
    with TemporaryDirectory(prefix="gpg") as home:  # short: its sockets lie there
        ring = Gnupg(Path(home))
        yield ring
        ring.end()


def message(content: bytes) -> Message:
    found = opened(content, KEYS)
    assert isinstance(found, Message), found
    return found


def test_it_knows_the_certificate_by_the_fingerprint_that_we_show(gpg: Gnupg) -> None:
    listed = gpg(b"", "--with-colons", "--fingerprint", POST).decode()
    assert f"fpr:::::::::{KEYS.public.fingerprint}:" in listed
    assert f"<{POST}>" in listed


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--sign",),
        ("--hidden-recipient", POST),
        ("--recipient", "witness@example.org"),
        ("--compress-algo", "none"),
        ("--compress-algo", "zip", "-z", "9"),
        ("--compress-algo", "zlib", "-z", "9"),
        ("--textmode",),
        ("--personal-cipher-preferences", "AES128"),
        ("--force-mdc", "--cipher-algo", "CAMELLIA256"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("armour", [True, False], ids=["armour", "binary"])
def test_what_it_encrypts_is_opened(gpg: Gnupg, words: tuple[str, ...], armour: bool) -> None:
    to = () if "--hidden-recipient" in words else ("--recipient", POST)
    armoured = ("--armor",) if armour else ()
    sealed = gpg(WORDS.encode(), "--encrypt", *to, *words, *armoured)
    found = message(inline(sealed) if armour else attached(("words.txt.gpg", sealed)))
    assert found.text == WORDS.strip()
    assert "encrypted" in found.flags


def test_a_mail_of_a_program_that_uses_it_is_opened(gpg: Gnupg) -> None:
    inner = entity(WORDS, "The bridge")
    sealed = gpg(inner, "--encrypt", "--sign", "--armor", "--recipient", POST)
    found = message(pgp_mime(sealed))
    assert (found.text, found.title) == (WORDS.strip(), "The bridge")


def test_a_picture_that_it_encrypts_is_a_picture(gpg: Gnupg) -> None:
    picture = b"\xff\xd8\xff\xe0" + bytes(5000)
    sealed = gpg(picture, "--encrypt", "--recipient", POST)
    assert message(attached(("a.jpg.gpg", sealed))).media == (Media("image/jpeg", picture),)


def test_what_it_encrypts_to_others_or_under_a_passphrase_is_set_aside(gpg: Gnupg) -> None:
    to_other = gpg(b"words", "--encrypt", "--armor", "--recipient", "witness@example.org")
    by_word = gpg(b"words", "--symmetric", "--armor")
    for sealed in (to_other, by_word):
        assert opened(inline(sealed), KEYS) == Unreadable(CLOSED)
