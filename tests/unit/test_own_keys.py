"""How long there will be keys to seal to, and what is said when that ends."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from relay.config import Settings
from relay.node.exit_key import ExitKey
from relay.node.rolling.left import left
from relay.rules.exits import troubles_of
from relay.wire.epochs import DAY_S
from relay.wire.exitfile import lock_exit
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys
from relay.wire.rolling import ended, rolled

TODAY = 20_255 * DAY_S
PASSPHRASE = Passphrase(b"p" * 32, stretched=False)
ROAD_S = 14 * DAY_S


def file_of(folder: Path, keys: ExitKeys) -> ExitKey:
    path = folder / "exit.key"
    path.write_bytes(lock_exit(keys, PASSPHRASE))
    path.chmod(0o600)
    return ExitKey(cast(Settings, SimpleNamespace(keys=folder)))


@pytest.fixture
def file(tmp_path: Path) -> ExitKey:
    return file_of(tmp_path, rolled(make_exit_keys(TODAY), TODAY, ROAD_S))


def said(file: ExitKey, days: int, *, locked: bool = True) -> list[str]:
    now = TODAY + days * DAY_S
    return [said for _, said in troubles_of(left(file, now, locked=locked))]


def test_a_locked_exit_has_keys_for_sixty_days_and_says_so_fourteen_before_they_end(
    file: ExitKey,
) -> None:
    assert said(file, 46) == []
    assert said(file, 47) == [
        "the keys of this exit end in 13 days; none is made while exit.key is locked:"
        " `relay unlock`"
    ]
    assert said(file, 61)[0].startswith("the keys of this exit have ended")


def test_where_the_identity_is_kept_elsewhere_somebody_has_to_sign(file: ExitKey) -> None:
    assert "`relay keys export --request`" in said(file, 50, locked=False)[0]


def test_an_exit_that_was_revoked_says_so(tmp_path: Path) -> None:
    over = ended(rolled(make_exit_keys(TODAY), TODAY, ROAD_S), TODAY)
    assert said(file_of(tmp_path, over), 0)[0].startswith("this exit was revoked")


def test_a_key_of_before_there_were_days_never_ends_while_it_is_locked(tmp_path: Path) -> None:
    assert said(file_of(tmp_path, make_exit_keys()), 10_000) == []
