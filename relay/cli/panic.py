"""``relay panic``: what opens what is stored is destroyed, whatever becomes of the rest.

It imports little, reads no settings model and asks no node: what it needs must be there on the
worst of days.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

import click

from relay.cli.common import common, said
from relay.errors import OutwordError
from relay.node.panic.destroying import Ended, destroyed
from relay.node.panic.listed import FIRST, Listed, listed
from relay.node.panic.running import end_node

PATIENCE_S: Final = 5.0
"""Seconds that a disk which does not answer keeps the processes running."""

LEAVES: Final = (
    "What this cannot promise: flash storage, snapshots and btrfs keep older bytes for a while, and"
    " every copy elsewhere stays. Destroy those, and if the disk is encrypted its key.",
)

STAYS: Final = "What stays: the spool, which nothing opens any more; relay.toml; what is public."

STAYS_AT_ENTRY: Final = (
    "What stays: the spool, which the keys of its exits open, and nothing here; and relay.toml,"
    " which names the exits: remove it as well (shred -u)."
)

NONE_RUNS: Final = "No node was running, or none that this user may end."


class Left(OutwordError):
    """Something that was to be destroyed is still there: see above."""

    exit_code = 74


@click.command()
@click.option("--yes", "sure", is_flag=True, help="Without asking.")
@common
def panic(path: Path, as_json: bool, sure: bool) -> None:
    """Destroy all keys and secrets, then end the node. Nothing that waits can be read or posted.

    Keys go first, within a second; whether the node runs, hangs or is down makes no difference.
    Cut short, it is simply given again.
    """
    if not sure:
        click.confirm("Everything that waits is lost for ever. Destroy the keys?", abort=True)
    node = listed(path)
    ended: list[Ended] = []
    with _as_owner_of(node.base):
        work = threading.Thread(target=lambda: ended.extend(destroyed(node.files)), daemon=True)
        work.start()
        work.join(PATIENCE_S)
    processes = end_node(node.data)
    work.join()
    again = listed(path)  # what a process wrote down while it ended
    with _as_owner_of(node.base):
        ended.extend(destroyed(again.files))
    last = list({one.file: one for one in ended}.values())
    _tell(node, last, processes, as_json=as_json)
    if any(one.how == "left" for one in last):
        raise Left


def _as_owner_of(folder: Path) -> AbstractContextManager[None]:
    """As ``relay.cli.owner``, which only root needs."""
    if os.geteuid() != 0:
        return nullcontext()
    from relay.cli.owner import as_owner_of

    return as_owner_of(folder)


def _tell(node: Listed, ended: Sequence[Ended], processes: int, *, as_json: bool) -> None:
    leaves = (*LEAVES, STAYS if node.opens else STAYS_AT_ENTRY)
    shown = [{"file": _short(one.file, node), "how": one.how, "why": one.why} for one in ended]
    if as_json:
        said({"ended": shown, "processes": processes, "cannot_promise": list(leaves)})
        return
    for one in shown:
        why = f" ({one['why']})" if one["why"] else ""
        click.echo(f"{one['how']}: {one['file']}{why}")
    if not shown:
        click.echo(f"Nothing was there to destroy: no {FIRST}, no secrets.")
    click.echo(f"{processes} processes were ended." if processes else NONE_RUNS)
    for line in leaves:
        click.echo(line)


def _short(file: Path, node: Listed) -> str:
    return os.path.relpath(file, node.base) if file.is_relative_to(node.base) else str(file)
