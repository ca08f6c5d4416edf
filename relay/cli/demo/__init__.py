"""``relay demo``: a node in a temporary folder, real mails and SMS into it, and what comes out.

Nothing in the node knows that it is a demo: it is started as ``relay run`` with settings that a
person could write. Its messages appear at once and unread, which the start warns of. Each act has
a node of its own; the last one stays until Ctrl-C.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from relay.cli.common import common, said
from relay.cli.demo import blocked, page, platforms
from relay.cli.demo.scene import Ended
from relay.testing.nodes import NotReady

Act = Callable[[Console, Path, bool], Ended]

ACTS: Final[Mapping[int, Act]] = {1: page.act, 2: platforms.act, 3: blocked.act}


@click.command()
@click.option("--once", is_flag=True, help="End by itself, with a table and an exit status.")
@click.option(
    "--act",
    "acts",
    type=click.IntRange(1, len(ACTS)),
    multiple=True,
    help="Only this act: 1, the page; 2, platforms, one of which goes away; 3, a planned window"
    " and a filtered name. All without it.",
)
@common
def demo(once: bool, acts: tuple[int, ...], path: Path, as_json: bool) -> None:
    """The whole story on this machine, no accounts: mails and SMS in; a signed page and platforms
    out, whatever closes or is filtered."""
    console = Console(stderr=as_json, soft_wrap=True)  # commands are copied from it
    folder = Path(tempfile.mkdtemp(prefix="outword-demo-"))
    chosen = sorted(set(acts or ACTS))
    try:
        ended = [ACTS[n](console, folder / f"act{n}", not once and n == chosen[-1]) for n in chosen]
    except NotReady as error:
        raise click.ClickException(f"the node did not start:\n{error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        said(_summed(ended))
    raise click.exceptions.Exit(0 if all(one.good for one in ended) else 1)


def _summed(ended: list[Ended]) -> dict[str, object]:
    """The pages of all acts together, and what stood where in the last that has several places."""
    names = ("in", "posted", "twice", "held", "lost", "repeats")
    made: dict[str, object] = {name: sum(one.page[name] for one in ended) for name in names}
    for one in ended:
        if one.platforms:
            made["platforms"] = one.platforms
    return made
