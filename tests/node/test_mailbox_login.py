"""The password of a mailbox, tried at a real server, and what the doctor says of it."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import relay
from dovecot import PASSWORD, Account, Dovecot, free_port

from relay.wire.linkkeys import link_key_of


def made(folder: Path, account: Account, port: int, **more: str) -> Path:
    """A node with that mailbox, as `relay init` makes it; its settings file."""
    at = ["--imap", f"127.0.0.1:{port}", "--user", account.user, "--folder", account.folder]
    done = relay(folder / "none.toml", "init", str(folder / "n"), "--transport", "mailbox", *at)
    assert done.returncode == 0, done.stderr
    file = folder / "n/relay.toml"
    keys = "".join(f'{key} = "{value}"\n' for key, value in more.items())
    file.write_text(file.read_text() + keys)  # the mailbox is the last section
    return file


def of_mailbox(file: Path) -> list[tuple[str, str]]:
    found = json.loads(relay(file, "doctor", "--json").stdout)["findings"]
    return [(one["state"], one["what"]) for one in found if one["check"] == "mailbox mailbox"]


def test_a_password_is_tried_before_it_is_put_in_place(dovecot: Dovecot, tmp_path: Path) -> None:
    account = Account(dovecot, "login" + tmp_path.name[-8:])
    file = made(tmp_path, account, dovecot.tls, ca_file=str(dovecot.ca_file))
    secret = file.parent / "secrets/mailbox"
    wrong = relay(file, "login", "mailbox", stdin=b"wrong\n")
    assert wrong.returncode == 65 and not secret.exists()
    assert relay(file, "check").returncode == 78
    good = relay(file, "login", "mailbox", stdin=PASSWORD.encode() + b"\n")
    assert good.returncode == 0, good.stderr
    assert secret.read_text() == PASSWORD + "\n"
    assert relay(file, "check").returncode == 0
    again = relay(file, "login", "mailbox", stdin=b"wrong\n")
    assert again.returncode == 65 and b"wrong" not in again.stdout
    assert secret.read_text() == PASSWORD + "\n"
    assert of_mailbox(file) == [("good", "it opens")]
    secret.write_text("wrong\n")
    assert [state for state, _ in of_mailbox(file)] == ["wrong"]


def test_a_server_that_is_not_believed_or_not_there(dovecot: Dovecot, tmp_path: Path) -> None:
    account = Account(dovecot, "nobelief" + tmp_path.name[-8:])
    file = made(tmp_path / "a", account, dovecot.tls, ca_file=str(dovecot.other_file))
    unknown = relay(file, "login", "mailbox", stdin=PASSWORD.encode())
    assert unknown.returncode == 65 and b"certificate" in unknown.stderr
    file = made(tmp_path / "b", account, free_port())
    gone = relay(file, "login", "mailbox", stdin=PASSWORD.encode())
    assert gone.returncode == 69
    assert relay(file, "login", "mailbox", "--unchecked", stdin=b"later\n").returncode == 0
    assert (file.parent / "secrets/mailbox").read_text() == "later\n"


def test_the_password_of_a_link_by_mail_is_tried_as_well(dovecot: Dovecot, tmp_path: Path) -> None:
    account = Account(dovecot, "linklogin" + tmp_path.name[-8:])
    file = made(tmp_path, account, dovecot.tls, ca_file=str(dovecot.ca_file))
    link = f"""
[peers.b]
link = "{link_key_of(bytes(32)).written}"
[links.post]
kind = "mail"
peer = "b"
to = "b@example.org"
sender = "a@example.org"
smtp = "127.0.0.1:465"
imap = "127.0.0.1:{dovecot.tls}"
mailbox = "{account.folder}"
user = "{account.user}"
password_file = "secrets/post"
ca_file = "{dovecot.ca_file}"
"""
    file.write_text(file.read_text() + link)
    secret = file.parent / "secrets/post"
    wrong = relay(file, "login", "post", stdin=b"wrong\n")
    assert wrong.returncode == 65 and not secret.exists()
    good = relay(file, "login", "post", stdin=PASSWORD.encode() + b"\n")
    assert good.returncode == 0, good.stderr
    assert secret.read_text() == PASSWORD + "\n"
    found = json.loads(relay(file, "doctor", "--json").stdout)["findings"]
    assert [one["what"] for one in found if one["check"] == "mailbox post"] == ["it opens"]
