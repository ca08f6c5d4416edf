"""``relay bundle``: envelopes, receipts, answers and keys, carried between nodes on a stick.

The command signs, and knows whose it is that came: it reads ``link.key`` as the owner of the node,
as the process of the links does at its start. The core has no need of that key, and the links none
of a stick; so it lies in one short-lived process more, and no other learns anything.

::

    own.py        the node: its core, its link key, its peers
    core.py       what is asked of the core, and given it, in pieces
    outgoing.py   export                  incoming.py   import
    paper.py      print                   scanned.py    import of what was read from paper
    told.py       how far it has come, and what was done
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from relay.cli.bundle.incoming import Import, Imported
from relay.cli.bundle.outgoing import Export, Exported
from relay.cli.bundle.own import Own, own_of
from relay.cli.bundle.paper import Printed, page, write_new
from relay.cli.bundle.scanned import lines_of, take_in
from relay.cli.bundle.told import Told, counted, exported, imported
from relay.cli.common import common, said
from relay.clock import SystemClock
from relay.errors import CannotMake, OutwordError
from relay.links.folder.faults import why
from relay.links.folder.folder import Folder, Survey
from relay.links.folder.place import SUB
from relay.links.port import Peer

EX_DATA = 65
EX_CANTCREAT = 73
EX_IOERR = 74

MANY = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}


CANNOT_MAKE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM, errno.EROFS)


class BadFolder(OutwordError):
    """The folder cannot be used."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"{why(error)}: is the stick in, and mounted at that place?")
        self.exit_code = EX_CANTCREAT if error.errno in CANNOT_MAKE else EX_IOERR


@click.group()
def bundle() -> None:
    """Carry what no network carries: on a stick, or in any folder."""


@bundle.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--peer", "only", metavar="NAME", help="For this peer alone; by default for all.")
@click.option("--most", metavar="SIZE", help="At most so much: 500k, 200m, 2g.")
@common
def export(path: Path, as_json: bool, folder: Path, only: str | None, most: str | None) -> None:
    """Put all that waits for another node into FOLDER: envelopes, receipts, answers, keys.

    What is put there stays here as well, until the other node says that it has it. So a stick may
    be lost, and this may be done again at any time, also after it was cut off in the middle: what
    lies there already is not written twice, and what has arrived meanwhile is removed.
    """
    limit = _bytes(most)
    own = own_of(path)
    peers = own.meant(only)
    at = _opened(own, folder, peers)
    if not as_json:
        click.echo("looking at what lies there", err=True)  # it is read, at the pace of the stick
    try:
        survey = at.survey()
        done = _export(Export(own.core, at, limit), peers, quiet=as_json)
    except OSError as error:
        raise BadFolder(error) from None
    left = sum(one.left for one in done)
    shown = [one.shown() for one in done]
    if as_json:
        said({"peers": shown, "mended": survey.mended})
    else:
        _say(shown, exported)
        if survey.mended:
            click.echo(f"{counted(survey.mended, 'file')} of ours had been damaged, and gave way")
        more = "Put the rest on another stick." if left else "All that waits is there."
        click.echo(f"{more} Unmount it before you pull it out.")
    if left and limit is None:
        raise click.exceptions.Exit(EX_IOERR)


def _export(export: Export, peers: Sequence[Peer], *, quiet: bool) -> list[Exported]:
    begun = [(peer, *export.waiting(peer)) for peer in peers]
    with Told("writing", sum(count for _, count, _ in begun), quiet=quiet) as told:
        for peer, _, did in begun:
            export.run(peer, did, told.step)
    export.tell()
    return [did for _, _, did in begun]


@bundle.command("print")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--peer", "only", metavar="NAME", help="For this peer alone; by default for all.")
@click.option("--most", type=click.IntRange(1, 500), default=20, show_default=True, metavar="N")
@click.option("--skip", type=click.IntRange(0), default=0, metavar="N", help="Leave out the first.")
@common
def print_(path: Path, as_json: bool, file: Path, only: str | None, most: int, skip: int) -> None:
    """Write short messages that wait as a page for a printer: a sheet of QR codes each.

    FILE is HTML, to be opened in a browser and printed as it is, on A4. Whoever has the sheets
    reads their codes with a telephone or `zbarimg --raw`, and gives the text to `relay bundle
    import`. Of what waits the oldest N (--most) are printed; keys, and what is too long, are not.
    """
    own = own_of(path)
    printed = Printed(most, skip)
    for peer in own.meant(only):
        printed.add(peer, own.core.out(peer.name), own.seed)
    try:
        write_new(file, page(printed.sheets))
    except OSError as error:
        raise CannotMake(f"{file}: cannot be written: {error.strerror}") from None
    if as_json:
        said(printed.shown())
        return
    click.echo(f"{counted(len(printed.sheets), 'sheet')}, {counted(printed.codes, 'code')} in all")
    if printed.long:
        click.echo(f"{counted(printed.long, 'message')} too long for paper: `relay bundle export`")
    if printed.more:
        click.echo(f"more wait: print them with --skip {skip + most}")


@bundle.command("import")
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER|FILE")
@common
def import_(path: Path, as_json: bool, folder: Path) -> None:
    """Take in what lies in FOLDER for this node, and put receipts for it there.

    What was taken in is removed from there. What is incomplete, altered or missing is named, and
    the rest is taken in. Files of others are left alone. It may be done again at any time.

    A FILE, or - for standard input, is what a program has read from codes that `relay bundle print`
    has made, a line each.
    """
    own = own_of(path)
    if str(folder) == "-" or folder.is_file():
        _from_paper(own, folder, as_json=as_json)
    else:
        _from_folder(own, folder, as_json=as_json)


def _from_paper(own: Own, file: Path, *, as_json: bool) -> None:
    done = take_in(own, lines_of(file))
    if as_json:
        said(done.shown())
    else:
        for line in done.lines():
            click.echo(line)
    _end(done.peers, damaged=done.damaged)


def _from_folder(own: Own, folder: Path, *, as_json: bool) -> None:
    at = _opened(own, folder, own.peers)
    try:
        survey = at.survey()
        work = Import(own.core, at, survey)
        with Told("reading", len(survey.arrived), quiet=as_json) as told:
            done = [work.run(peer, told.step) for peer in own.peers]
    except OSError as error:
        raise BadFolder(error) from None
    told_there = work.tell()
    shown = [one.shown() for one in done]
    if as_json:
        said({"peers": shown, "strangers": len(survey.strangers)})
    else:
        _say(shown, imported)
        _say_more(survey, done, told_there=told_there)
    _end(done, damaged=any(one.damaged for one in done))


def _end(done: Sequence[Imported], *, damaged: bool) -> None:
    """End with another status than 0, where not all of it was taken in."""
    if damaged:
        raise click.exceptions.Exit(EX_DATA)
    if any(one.later for one in done):
        raise click.exceptions.Exit(EX_IOERR)


def _say_more(survey: Survey, done: Sequence[Imported], *, told_there: bool) -> None:
    if survey.strangers:
        what = counted(len(survey.strangers), "file")
        click.echo(f"{what} for this node of somebody who is no peer: left alone")
    if any(one.receipts_left for one in done) or not told_there:
        click.echo("No receipt could be written there: `relay bundle export` puts them on another")
        click.echo("stick. Until one arrives, the sender keeps all of it, and may give it again.")
    elif any(one.envelopes for one in done):
        click.echo("Receipts lie there now: take it back, and import it where it came from.")


def _say(shown: Sequence[dict[str, Any]], lines: Callable[[dict[str, Any]], Iterator[str]]) -> None:
    for one in shown:
        for line in lines(one):
            click.echo(line)


def _opened(own: Own, folder: Path, peers: Sequence[Peer]) -> Folder:
    outer = folder.parent if folder.name == SUB else folder  # who names the inner one means this
    return Folder(outer, own.seed, own.by_key, peers, SystemClock())


def _bytes(written: str | None) -> int | None:
    """A size as people write it. Raises UsageError."""
    if written is None:
        return None
    number, unit = written.lower(), ""
    if number[-1:] in MANY and number[-1:]:
        number, unit = number[:-1], number[-1:]
    if not (number.isascii() and number.isdigit() and len(number) < 10 and int(number)):
        raise click.UsageError("--most takes a size like 500k, 200m or 2g")
    return int(number) * MANY[unit]
