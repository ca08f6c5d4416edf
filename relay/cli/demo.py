"""``relay demo``: a node in a temporary folder, real mails and SMS into it, and its page.

Nothing in the node knows that it is a demo: it is started as ``relay run`` with settings that a
person could write. Its messages appear at once and unread, which the start warns of.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from relay.cli.common import common, said
from relay.cli.look import status_of
from relay.testing.ledger import Ledger, Verdicts
from relay.testing.nodes import Node, NotReady, running
from relay.testing.senders import mail, page_texts, post_sms, send_mail, sms

TEXTS = (
    ("mail", "Water", "The water in the north of the town has been off since Monday."),
    ("mail", "", "نان در نانوایی‌های مرکز شهر کمیاب شده و صف‌ها طولانی است."),
    ("sms", "", "The bridge by the market is open again, buses run."),
    ("sms", "", "برق محله ما از دیشب قطع است و کسی پاسخگو نیست."),
)
"""English and Persian, by both roads."""

STEPS = ("inbox", "read", "review", "deliver", "post")
"""The queues of the path, in order."""

ARRIVES_S = 20.0
QUIET_S = 1.0


@click.command()
@click.option("--once", is_flag=True, help="End by itself, with a table and an exit status.")
@common
def demo(once: bool, path: Path, as_json: bool) -> None:
    """The whole story on this machine, no accounts: mails and SMS in, a signed page out."""
    console = Console(stderr=as_json)
    folder = Path(tempfile.mkdtemp(prefix="outword-demo-"))
    try:
        with running(Node(folder / "node")) as node:
            _tell(console, node)
            ledger = Ledger()
            for n in range(2):
                _send(console, node, ledger, n)
            verdicts = _wait(console, node, ledger)
            _table(console, node, verdicts, as_json)
            if not once:
                _stay(console, node)
            node.stop()
    except NotReady as error:
        raise click.ClickException(f"the node did not start:\n{error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    raise click.exceptions.Exit(0 if verdicts.good else 1)


def _tell(console: Console, node: Node) -> None:
    port = node.url.rpartition(":")[2]
    console.print(f"A node runs in {node.folder}")
    console.print("  mail  {}:{}   sms  {}/in/phone".format(*node.mail, node.url))
    console.print(f"  page  [bold]{node.url}/[/bold]")
    if os.environ.get("SSH_CONNECTION"):
        console.print(f"  from your own machine: ssh -L {port}:127.0.0.1:{port} THIS-MACHINE")
    console.print()


def _send(console: Console, node: Node, ledger: Ledger, n: int) -> None:
    """Every text once; the second time round with a repeat of each, as a gateway repeats."""
    for kind, subject, text in TEXTS:
        made = ledger.sends()
        body = f"{text}\n\n{made}"
        for _ in range(n + 1):
            taken = _by_mail(node, body, subject) if kind == "mail" else _by_sms(node, body, made)
            if taken:
                ledger.yes(made)
        yes = "[green]kept[/green]" if taken else "[red]not taken[/red]"
        again = " (and again: the same)" if n else ""
        console.print(f"  {kind:>4} in  {text[:36]}…  {yes}{again}")


def _by_mail(node: Node, body: str, subject: str) -> bool:
    written = mail(body, to="post@example.org", subject=subject)
    return send_mail(*node.mail, written, to="post@example.org")


def _by_sms(node: Node, body: str, id: str) -> bool:
    return post_sms(f"{node.url}/in/phone", sms(body, id=id), node.secret) == 200


def _wait(console: Console, node: Node, ledger: Ledger) -> Verdicts:
    """Until everything acknowledged is on the page, then a moment longer for what comes twice."""
    console.print()
    until = time.monotonic() + ARRIVES_S
    shown = ""
    while True:
        moving = _moving(status_of(node.file))
        if moving != shown:
            console.print(f"  {moving}")
            shown = moving
        if not ledger.compare(page_texts(node.url)).missing or time.monotonic() > until:
            break
        time.sleep(0.05)
    time.sleep(QUIET_S)
    return ledger.compare(page_texts(node.url))


def _moving(now: dict[str, Any]) -> str:
    """Where everything is at this moment, in the order of the path."""
    steps = ((name, now["queues"].get(name, 0)) for name in STEPS)
    waiting = "  ".join(f"{name} {n}" for name, n in steps if n)
    return f"accepted {now['accepted']}  {waiting or 'nothing waits'}  posted {now['posted']}"


def _table(console: Console, node: Node, verdicts: Verdicts, as_json: bool) -> None:
    now = status_of(node.file)
    row = {
        "in": verdicts.acknowledged,
        "posted": verdicts.seen,
        "twice": len(verdicts.doubled),
        "lost": len(verdicts.missing),
        "repeats": now["repeats"],
    }
    if as_json:
        said(row)
        return
    table = Table(*row, box=SIMPLE)
    table.add_row(*(str(value) for value in row.values()))
    console.print()
    console.print(table)


def _stay(console: Console, node: Node) -> None:
    console.print(f"\nThe page is at [bold]{node.url}/[/bold]; look, then end with Ctrl-C.")
    console.print(
        f"  relay status -c {node.file}\n  relay verify -c {node.file} {node.url}/feed.json"
    )
    try:
        while node.process is not None and node.process.poll() is None:
            time.sleep(1)
    except KeyboardInterrupt:
        console.print()
