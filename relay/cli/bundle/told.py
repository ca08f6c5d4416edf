"""How ``relay bundle`` says what it does: a bar on a terminal, lines in a pipe; and what it did."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Final

import click

MOST_NAMED: Final = 20
"""Names of damaged files that are listed; with --json all of them."""

TENTHS: Final = 10


class Told:
    """How far it has come, of a total that is known or guessed; ``quiet`` for --json."""

    def __init__(self, what: str, total: int, *, quiet: bool) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._tenth = 0
        terminal = sys.stderr.isatty() and not quiet and total > 0
        self._bar: Any = (
            click.progressbar(length=total, label=what, file=sys.stderr, show_pos=True)
            if terminal
            else None
        )
        self._plain = not (quiet or terminal)

    def __enter__(self) -> Told:
        if self._bar is not None:
            self._bar.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, traceback)

    def step(self, count: int = 1) -> None:
        """So many more are done."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        tenth = TENTHS * self._done // self._total if self._total else 0
        if self._plain and self._tenth < tenth <= TENTHS:
            self._tenth = tenth
            click.echo(f"{self._what}: {self._done} of {self._total}", err=True)


def size(count: int) -> str:
    """Bytes, as people read them."""
    if count < 1_000_000:
        return f"{-(-count // 1000)} kB"
    return f"{count / 1_000_000:.1f} MB"


def counted(count: int, one: str) -> str:
    """So many of something: 1 file, 2 files."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def exported(peer: dict[str, Any]) -> Iterator[str]:
    """What was put there for one peer."""
    name = peer["peer"]
    if peer["files"]:
        what = f"{counted(peer['envelopes'], 'envelope')} in {counted(peer['files'], 'file')}"
        yield f"{name}: {what} ({size(peer['bytes'])})"
    else:
        yield f"{name}: nothing new to put there"
    if peer["there"]:
        yield f"{name}: {counted(peer['there'], 'envelope')} lay there already"
    if peer["removed"]:
        yield f"{name}: {counted(peer['removed'], 'file')} removed, since all in it has arrived"
    if peer["left"]:
        yield f"{name}: {counted(peer['left'], 'envelope')} did not fit, and go on another time"


def imported(peer: dict[str, Any]) -> Iterator[str]:
    """What was taken in of one peer."""
    name, said = peer["peer"], []
    for key, one in (("envelopes", "envelope"), ("receipts", "receipt"), ("answers", "answer")):
        if peer[key]:
            said.append(counted(peer[key], one))
    if peer["keys"]:
        said.append("its keys")
    if said:
        yield f"{name}: took in {', '.join(said)}"
    elif not _damaged(peer):
        yield f"{name}: nothing new for us"
    if peer["later"]:
        what = counted(peer["later"], "file")
        yield f"{name}: left there: {what}, since this node cannot keep them now (a full disk?)"
    yield from _damage(name, peer)


def _damaged(peer: dict[str, Any]) -> Sequence[str]:
    return [*peer["incomplete"], *peer["altered"], *peer["missing"]]


def _damage(name: str, peer: dict[str, Any]) -> Iterator[str]:
    for wrong in ("incomplete", "missing", "altered"):
        names = peer[wrong]
        if names:
            are = "is" if len(names) == 1 else "are"
            yield f"{name}: {len(names)} of {counted(peer['of'], 'file')} {are} {wrong}:"
            yield from (f"  {one}" for one in names[:MOST_NAMED])
            if len(names) > MOST_NAMED:
                yield f"  and {len(names) - MOST_NAMED} more (--json names all)"
    if _damaged(peer):
        yield f"{name}: copy it again from where it came, and import it again: nothing is lost,"
        yield "  since what did not arrive waits at its sender"
