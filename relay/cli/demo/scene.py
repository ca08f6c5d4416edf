"""What the acts share: people who write, and what is printed about it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from relay.cli.common import asked
from relay.testing.ledger import MARKER, Ledger
from relay.testing.nodes import Node
from relay.testing.senders import mail, post_sms, send_mail, sms

ARRIVES_S = 20.0
"""What has not come out after this long is counted as held, or as lost."""

QUIET_S = 1.0
"""How long we look on for what comes twice, once everything is there."""

LOOKS_S = 0.05

SHOWN = 36
"""Characters of a text on a line of the terminal."""


@dataclass(frozen=True, slots=True)
class Text:
    """What one person writes, and by which road."""

    kind: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How an act ended. ``page``: its row of the closing table; ``platforms``: a row for every
    place, if there are several."""

    good: bool
    page: Mapping[str, int]
    platforms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def opening(console: Console, node: Node) -> None:
    """Where the node can be reached."""
    port = node.url.rpartition(":")[2]
    console.print(f"A node runs in {node.folder}")
    console.print("  mail  {}:{}   sms  {}/in/phone".format(*node.mail, node.url))
    console.print(f"  page  [bold]{node.url}/[/bold]")
    if os.environ.get("SSH_CONNECTION"):
        console.print(f"  from your own machine: ssh -L {port}:127.0.0.1:{port} THIS-MACHINE")


def write(
    console: Console, node: Node, ledger: Ledger, texts: Sequence[Text], *, times: int = 1
) -> dict[str, float]:
    """Every text once, or again with the same bytes, as a gateway repeats; each one's marker
    and when (monotonic) the node said yes to it."""
    kept: dict[str, float] = {}
    for one in texts:
        made = ledger.sends()
        body = f"{one.text}\n\n{made}"
        for _ in range(times):
            if one.kind == "mail":
                taken = _by_mail(node, body, one.subject)
            else:
                taken = _by_sms(node, body, made)
            if taken:
                ledger.yes(made)
                kept.setdefault(made, time.monotonic())
        yes = "[green]kept[/green]" if taken else "[red]not taken[/red]"
        again = " (and again: the same)" if times > 1 else ""
        shown = one.text if len(one.text) <= SHOWN else one.text[:SHOWN] + "…"
        console.print(f"  {one.kind:>4} in  {shown}  {yes}{again}")
    return kept


def _by_mail(node: Node, body: str, subject: str) -> bool:
    written = mail(body, to="post@example.org", subject=subject)
    return send_mail(*node.mail, written, to="post@example.org")


def _by_sms(node: Node, body: str, id: str) -> bool:
    return post_sms(f"{node.url}/in/phone", sms(body, id=id), node.secret) == 200


def until(done: Callable[[], bool], wait_s: float = ARRIVES_S) -> bool:
    """Look on until it is so, or for ``wait_s``; whether it was."""
    end = time.monotonic() + wait_s
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(LOOKS_S)
    return True


def held(node: Node) -> Mapping[str, str]:
    """Why each message waits for a person, by its marker. Raises NoNode."""
    found: dict[str, str] = {}
    for row in list(asked(node.file, {"do": "list", "all": False})):
        if row["state"] == "held":
            for message in asked(node.file, {"do": "show", "id": row["id"]}):
                made = MARKER.findall(message.get("text") or "")
                found.update(dict.fromkeys(made, row["why"]))
    return found


def tell_held(console: Console, waiting: Mapping[str, str]) -> None:
    """What did not come out since a person has to see it first, and why; never its words."""
    for why, times in Counter(waiting.values()).items():
        console.print(f"[yellow]held: {escape(why)}[/yellow]{f' ({times})' if times > 1 else ''}")


def table(console: Console, rows: Sequence[Mapping[str, object]]) -> None:
    """The closing table."""
    shown = Table(*rows[0], box=SIMPLE)
    for row in rows:
        shown.add_row(*(str(value) for value in row.values()))
    console.print()
    console.print(shown, soft_wrap=False)


def stay(console: Console, node: Node) -> None:
    """Leave the node to whoever looks, until Ctrl-C."""
    console.print(f"\nThe page is at [bold]{node.url}/[/bold]; look, then end with Ctrl-C.")
    console.print(
        f"  relay status -c {node.file}\n  relay verify -c {node.file} {node.url}/feed.json"
    )
    try:
        while node.process is not None and node.process.poll() is None:
            time.sleep(1)
    except KeyboardInterrupt:
        console.print()
