"""``relay keys``: shown without a passphrase, added to an exit.key that stays whole whatever "
"fails."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sealing import by_age, by_openpgp, inline, opened

from relay.cli.keys import NoAddress, NoLibraries, keys
from relay.errors import Busy, CannotMake, KeyFileError, OutwordError, WrongPassphrase
from relay.keyfiles import read_secret, write_secret
from relay.model import Message
from relay.node.before import lock
from relay.wire.exitfile import exit_public, lock_exit, unlock_exit
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys
from relay.wire.primitives import Argon2

SETTINGS = """
[channels.news]
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org", "*@example.net"]
"""
SAID = Passphrase(b"correct horse", stretched=True)
DRAWN = Passphrase(b"00" * 32, stretched=False)
CHEAP = Argon2(8 * 1024, 1, 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "relay.toml"
    path.write_text(SETTINGS)
    return path


def without_mail() -> ExitKeys:
    """Keys as they were made before there were keys for mail."""
    made = make_exit_keys()
    return ExitKeys(made.identity, made.epochs, made.page, made.storage, made.desk_secret)


def put(file: Path, made: ExitKeys, passphrase: Passphrase = SAID) -> Path:
    path = file.parent / "keys" / "exit.key"
    write_secret(path, lock_exit(made, passphrase, CHEAP))
    return path


def relay(file: Path, *words: str, passphrase: str = "") -> Result:
    return CliRunner().invoke(keys, [*words, "-c", str(file)], input=passphrase)


def added(file: Path, *words: str, passphrase: Passphrase = SAID) -> Result:
    return relay(file, "encrypted", *words, passphrase=passphrase.secret.decode() + "\n")


def test_keys_that_are_not_there_are_told_so(file: Path) -> None:
    put(file, without_mail())
    assert "relay keys encrypted" in relay(file, "show").output
    assert json.loads(relay(file, "show", "--json").output) == {"age": None, "openpgp": None}


@pytest.mark.parametrize("passphrase", [SAID, DRAWN], ids=["stretched", "drawn"])
def test_keys_are_added_and_everything_else_stays(file: Path, passphrase: Passphrase) -> None:
    before = without_mail()
    path = put(file, before, passphrase)
    assert added(file, passphrase=passphrase).exit_code == 0
    after = unlock_exit(read_secret(path), passphrase.secret)
    assert (after.identity, after.epochs, after.page) == (
        before.identity,
        before.epochs,
        before.page,
    )
    assert (after.storage, after.desk_secret) == (before.storage, before.desk_secret)
    assert after.mail is not None and after.mail.public == exit_public(path.read_bytes()).mail
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_shown_is_what_a_sender_encrypts_to(file: Path) -> None:
    path = put(file, without_mail())
    added(file)
    shown = json.loads(relay(file, "show", "--json").output)
    mail = unlock_exit(read_secret(path), SAID.secret).mail
    assert mail is not None
    assert (shown["age"], shown["openpgp"]["certificate"]) == (
        mail.public.recipient,
        mail.public.certificate,
    )
    for seal in (by_openpgp, by_age):
        found = opened(inline(seal(b"words", mail.public)), mail)
        assert isinstance(found, Message) and found.text == "words"
    told = relay(file, "show").output
    assert shown["age"] in told and shown["openpgp"]["fingerprint"] in told.replace(" ", "")
    assert "AGE-SECRET" not in told and "PRIVATE" not in told


@pytest.mark.parametrize("kind", ["smtp", "lmtp"])
def test_the_certificate_names_the_address_people_write_to(file: Path, kind: str) -> None:
    import pysequoia

    file.write_text(SETTINGS.replace("smtp", kind))
    path = put(file, without_mail())
    added(file)
    mail = exit_public(path.read_bytes()).mail
    assert mail is not None
    certificate = pysequoia.Cert.from_bytes(mail.certificate.encode())
    assert list(map(str, certificate.user_ids)) == ["<post@example.org>"]


def test_keys_that_are_there_stay_and_get_another_address(file: Path) -> None:
    import pysequoia

    path = put(file, make_exit_keys())
    first = exit_public(path.read_bytes()).mail
    assert added(file, "--address", "new@example.org").exit_code == 0
    second = exit_public(path.read_bytes()).mail
    assert first is not None and second is not None
    assert (first.recipient, first.fingerprint) == (second.recipient, second.fingerprint)
    certificate = pysequoia.Cert.from_bytes(second.certificate.encode())
    assert "<new@example.org>" in map(str, certificate.user_ids)
    again = added(file, "--address", "new@example.org")
    assert again.exit_code == 0 and exit_public(path.read_bytes()).mail == second


# ---------------------------------------------------------------- what changes nothing


def refused(file: Path, *words: str, passphrase: Passphrase = SAID) -> OutwordError:
    path = file.parent / "keys" / "exit.key"
    before = path.read_bytes()
    done = added(file, *words, passphrase=passphrase)
    assert path.read_bytes() == before
    assert isinstance(done.exception, OutwordError), done.exception
    return done.exception


def test_a_wrong_passphrase_changes_nothing(file: Path) -> None:
    put(file, without_mail())
    assert isinstance(refused(file, passphrase=DRAWN), WrongPassphrase)


def test_a_node_that_runs_is_left_alone(file: Path) -> None:
    put(file, without_mail())
    (file.parent / "data").mkdir()
    held = lock(file.parent / "data")
    try:
        assert isinstance(refused(file), Busy)
    finally:
        os.close(held)


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\n", "a b@c.org", "<a@b.org>", "a@" + "b" * 300]
)
def test_what_is_no_address_changes_nothing(file: Path, address: str) -> None:
    put(file, without_mail())
    assert isinstance(refused(file, "--address", address), NoAddress)


def test_more_addresses_than_a_certificate_should_have_change_nothing(file: Path) -> None:
    put(file, without_mail())
    words = [word for n in range(9) for word in ("--address", f"a{n}@example.org")]
    assert isinstance(refused(file, *words), NoAddress)


def test_a_disk_that_takes_nothing_changes_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, secret: bytes) -> None:
        raise OSError(28, "No space left on device")

    put(file, without_mail())
    monkeypatch.setattr("relay.cli.keys.stopped.replace_secret", full)
    assert isinstance(refused(file), CannotMake)


def test_without_the_libraries_it_says_what_to_install(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(file, without_mail())
    monkeypatch.setattr("relay.cli.keys.mail.can_be_made", lambda: False)
    assert isinstance(refused(file), NoLibraries)


def test_a_damaged_file_is_told_before_a_passphrase_is_asked_for(file: Path) -> None:
    path = put(file, without_mail())
    path.write_bytes(path.read_bytes()[:-1])
    assert type(refused(file)) is KeyFileError


def test_without_an_exit_key_there_is_nothing_to_show(file: Path) -> None:
    done = relay(file, "show")
    assert isinstance(done.exception, KeyFileError)
