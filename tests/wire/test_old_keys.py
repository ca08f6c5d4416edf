"""An ``exit.key`` that was made before there were keys for encrypted mail in it.

The file beside this was written by the code of that time (commit 393f104), under a passphrase that
is not stretched; nothing was ever sealed to it.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from relay.errors import WrongPassphrase
from relay.wire.exitfile import exit_public, relocked, unlock_exit
from relay.wire.mailkeys import make_mail_keys

OLD = base64.b64decode((Path(__file__).parent / "exit-key-without-mail.b64").read_bytes())
PASSPHRASE = b"one word after another"


def test_it_opens_and_has_no_keys_for_mail() -> None:
    keys = unlock_exit(OLD, PASSPHRASE)
    assert keys.epochs[0].id.hex() == "ec869e591123877d"
    assert keys.desk_secret.hex().startswith("508e2eb1990323761ecd9a625bc747f4")
    assert keys.mail is None and exit_public(OLD).mail is None
    assert exit_public(OLD) == keys.public
    with pytest.raises(WrongPassphrase):
        unlock_exit(OLD, b"another word")


def test_keys_for_mail_are_added_and_all_others_stay() -> None:
    mail = make_mail_keys()
    new = relocked(OLD, PASSPHRASE, lambda keys: replace(keys, mail=mail))
    assert unlock_exit(new, PASSPHRASE) == replace(unlock_exit(OLD, PASSPHRASE), mail=mail)
    assert mail is not None and exit_public(new).mail == mail.public
