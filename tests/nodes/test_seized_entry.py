"""A copy of an entry's disk, its queue full, with its keys: no text comes out of it, and no sender.

Two try: every command there is, on a node that runs from the copy; and somebody who knows the whole
format, has every key that lies there, and all that can be derived from it.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Final

import click
import pytest
from apart import POST, Apart, Story, counted, story
from hunting import disk, found_in
from looking import listed, soon, status

import relay.wire
from relay.cli import relay as commands
from relay.errors import Damaged, NotMine
from relay.keyfiles import read_secret
from relay.testing.senders import send_mail
from relay.wire import primitives
from relay.wire.custody import reveal
from relay.wire.envelope import Opened, look, open_envelope
from relay.wire.epochs import EpochKey, StorageKey
from relay.wire.exitfile import unlock_exit
from relay.wire.token import open_token

SENDER: Final = "farzaneh.unmistakable@provider.example"
TEXT: Final = "They stand at the corner of Nowhere Street"
WORDS: Final = b"Unmistakable subject"
SECRETS: Final = {"the sender": SENDER, "her name": "farzaneh.unmistakable", "the text": TEXT}
SECRETS_TOO: Final = {"the subject": WORDS.decode(), "a word": "Nowhere Street"}


def full(made: Story, times: int) -> None:
    """An entry that can reach nobody, and holds what it took."""
    made.start()
    made.exits["b"].stop()
    for n in range(times):
        written = (
            f"From: {SENDER}\r\nSubject: {WORDS.decode()} {n}\r\n\r\n{TEXT}, all {n} of them.\r\n"
        )
        soon(
            lambda written=written: send_mail(
                *made.entry.mail, written.encode(), to=POST, sender=SENDER
            )
        )
    assert counted(made.entry, "accepted", "waiting") == (times, times)


def carried_off(made: Story, to: Path) -> Apart:
    """The whole folder of the entry, as it lies there."""
    shutil.copytree(made.entry.folder, to, ignore=shutil.ignore_patterns("control", "send"))
    copy = object.__new__(Apart)
    copy.__dict__ |= vars(made.entry)
    copy.folder, copy.file, copy.log = to, to / "relay.toml", to / "log"
    copy.process = None
    return copy


# ---------------------------------------------------------------- every command


def leaves(
    group: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group."""
    if not isinstance(group, click.Group):
        yield path, group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from leaves(command, (*path, name))


NOT_GIVEN: Final = {
    ("run",): "runs already",
    ("demo",): "has a node of its own",
    ("panic",): "destroys what is looked for",
    ("init",): "makes another folder",
}


def given(command: click.Command, id: str, folder: Path) -> Iterator[str]:
    """Words for its arguments: those of the queue, of the settings, of the disk."""
    for one in command.params:
        if isinstance(one, click.Argument):
            name = (one.name or "").lower()
            yield {
                "folder": str(folder),
                "name": "mail",
                "file": str(folder / "x"),
            }.get(name, id)


@pytest.mark.slow
def test_no_command_shows_a_text_or_a_sender(tmp_path: Path) -> None:
    with story(tmp_path / "n", apart=False) as made:
        full(made, 30)
        made.entry.stop()
        copy = carried_off(made, tmp_path / "copy")
        stick = tmp_path / "stick"
        stick.mkdir()
        try:
            copy.goes()
            ids = [one["id"] for one in listed(copy)]
            assert len(ids) >= 30 and counted(copy, "accepted") == (30,)
            every = [(path, one) for path, one in leaves(commands) if path not in NOT_GIVEN]
            assert len(every) > 40

            def tried(what: tuple[tuple[str, ...], click.Command]) -> tuple[str, bytes]:
                path, command = what
                words = [*path, *given(command, ids[0], stick), "-c", str(copy.file)]
                flags = {flag for one in command.params for flag in one.opts}
                words += [flag for flag in ("--all", "--yes") if flag in flags]
                with suppress(subprocess.TimeoutExpired):
                    done = subprocess.run(
                        [sys.executable, "-m", "relay", *words],
                        input=b"y\n",
                        capture_output=True,
                        timeout=30,
                        cwd=tmp_path,
                    )
                    assert b"Traceback" not in done.stderr, (path, done.stderr)
                    return f"relay {' '.join(path)}", done.stdout + done.stderr
                return f"relay {' '.join(path)}", b""

            with ThreadPoolExecutor(2) as pool:
                said = [*pool.map(tried, every)]
            assert any(content for _, content in said)
            assert found_in(said, SECRETS | SECRETS_TOO) == []
            assert found_in(disk(stick), SECRETS | SECRETS_TOO) == []
            assert status(copy)["quarantined"] == 0
        finally:
            copy.killed()


# ---------------------------------------------------------------- with all that is known


def stored(folder: Path) -> list[bytes]:
    """Every blob in the spool, and every file beside it."""
    found: list[bytes] = []
    with closing(sqlite3.connect(folder / "data/spool.sqlite")) as spool:
        tables = [name for (name,) in spool.execute("SELECT name FROM sqlite_master")]
        for name in tables:
            with suppress(sqlite3.DatabaseError):
                for row in spool.execute(f'SELECT * FROM "{name}"'):
                    found += [one for one in row if isinstance(one, bytes)]
    found += [one.read_bytes() for one in (folder / "data").rglob("*") if one.is_file()]
    return found


def windows(folder: Path, size: int) -> set[bytes]:
    """So many bytes from everywhere in each key file."""
    files = [one.read_bytes() for one in (folder / "keys").glob("*") if one.is_file()]
    return {
        content[at : at + size]
        for content in files
        for at in range(max(0, len(content) - size + 1))
    }


def known_infos() -> set[bytes]:
    """Every word that the code derives a key with."""
    sources = Path(next(iter(relay.wire.__path__))).parent.rglob("*.py")
    words = re.compile(rb'b"(outword/[^"]{1,60})"')
    return {word for one in sources for word in words.findall(one.read_bytes())}


class Knowing:
    """Somebody who has every key of a disk, and derives from each what the code derives."""

    def __init__(self, folder: Path, more: Iterable[bytes] = ()) -> None:
        plain = windows(folder, primitives.KEY)
        infos = known_infos()
        assert len(infos) > 5
        derived = {primitives.derive(key, info) for key in plain for info in infos}
        self.keys = plain | derived
        self.seeds = windows(folder, 96) | {*more}
        self.seeds |= {primitives.derive(key, info, length=96) for key in plain for info in infos}

    def opens(self, envelope: bytes) -> Opened | None:
        """What is in an envelope, if anything that is known opens it."""
        header = look(envelope)
        for seed in self.seeds:
            for id in header.key_ids:
                with suppress(Damaged, NotMine, ValueError):
                    return open_envelope(envelope, {id: EpochKey(id, seed)})
        return None

    def reveals(self, kept: bytes, binds: Iterable[bytes]) -> bool:
        """Whether it is a record, a token or anything else under one of the keys."""
        for bind in binds:
            with suppress(Damaged):
                reveal(kept, [StorageKey(key[:8], key) for key in self.keys], bind=bind)
                return True
        for key in self.keys:
            with suppress(Damaged):
                primitives.open_(key, kept, b"")
                return True
        with suppress(Damaged):
            open_token(kept, ByEveryName(self.keys))
            return True
        return False


class ByEveryName(Mapping[bytes, bytes]):
    """Each key in turn, whatever it is asked for as: none fits, unless the first one does."""

    def __init__(self, keys: set[bytes]) -> None:
        self._keys = sorted(keys)

    def __getitem__(self, name: bytes) -> bytes:
        return self._keys[0]

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"",))


def envelopes(blobs: Iterable[bytes]) -> list[bytes]:
    found = []
    for one in blobs:
        with suppress(Damaged):
            look(one)
            found.append(one)
    return found


@pytest.mark.slow
def test_who_knows_the_whole_format_and_has_every_key_opens_nothing(tmp_path: Path) -> None:
    times = 12
    with story(tmp_path / "n", apart=False) as made:
        full(made, times)
        made.entry.killed()  # as it is when somebody pulls the plug
        copy = carried_off(made, tmp_path / "copy")
        assert {one.name for one in (copy.folder / "keys").iterdir()} >= {"door.key", "link.key"}
        assert found_in(disk(copy.folder), SECRETS | SECRETS_TOO) == []
        blobs = stored(copy.folder)
        sealed = envelopes(blobs)
        assert len({look(one).id for one in sealed}) == times
        knowing = Knowing(copy.folder)
        assert not any(knowing.opens(one) for one in sealed[:2])
        binds = [b"", *(look(one).id for one in sealed[:2])]
        small = [one for one in {*blobs} if 40 <= len(one) < 2000]
        assert not any(knowing.reveals(one, binds) for one in small[:40])

        with_exit = Knowing(copy.folder, seeds_of(made.exits["b"]))
        opened = [with_exit.opens(one) for one in sealed[:2]]
        assert all(one is not None and TEXT.encode() in one.inside.content for one in opened)
        assert not any(SENDER.encode() in one.inside.content for one in opened if one is not None)
        for one, other in pairwise(sealed):
            assert one != other


def seeds_of(exit: Apart) -> list[bytes]:
    """What an exit alone has."""
    word = (exit.folder / "secrets/passphrase").read_bytes().strip()
    keys = unlock_exit(read_secret(exit.folder / "keys/exit.key"), word)
    return [one.seed for one in keys.epochs][:3]
