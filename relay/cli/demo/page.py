"""The first act: eight messages in, four of them twice, and eight items on the page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from relay.cli.demo.scene import (
    QUIET_S,
    Ended,
    Text,
    held,
    opening,
    stay,
    table,
    tell_held,
    until,
    write,
)
from relay.cli.look import status_of
from relay.testing.ledger import Ledger
from relay.testing.nodes import Node, running
from relay.testing.senders import page_texts

TEXTS: Final = (
    Text("mail", "Water", "The water in the north of the town has been off since Monday."),
    Text("mail", "", "نان در نانوایی‌های مرکز شهر کمیاب شده و صف‌ها طولانی است."),
    Text("sms", "", "The bridge by the market is open again, buses run."),
    Text("sms", "", "برق محله ما از دیشب قطع است و کسی پاسخگو نیست."),
)
"""English and Persian, by both roads."""

STEPS: Final = ("inbox", "read", "review", "deliver", "post")
"""The queues of the path, in order."""


def act(console: Console, folder: Path, stays: bool) -> Ended:
    """Play it in a folder. Raises NotReady."""
    console.print("[bold]Act 1: mails and SMS become a signed page[/bold]\n")
    with running(Node(folder)) as node:
        opening(console, node)
        console.print()
        ledger = Ledger()
        for times in (1, 2):
            write(console, node, ledger, TEXTS, times=times)
        console.print()
        _look_on(console, node, ledger)
        time.sleep(QUIET_S)
        verdicts = ledger.compare(page_texts(node.url))
        waiting = held(node)
        row = {
            "in": verdicts.acknowledged,
            "posted": verdicts.seen,
            "twice": len(verdicts.doubled),
            "held": len(verdicts.missing & waiting.keys()),
            "lost": len(verdicts.missing - waiting.keys()),
            "repeats": status_of(node.file)["repeats"],
        }
        table(console, [row])
        tell_held(console, waiting)
        if stays:
            stay(console, node)
        node.stop()
    return Ended(verdicts.good, row)


def _look_on(console: Console, node: Node, ledger: Ledger) -> None:
    """Until everything acknowledged is on the page."""
    shown = ""

    def there() -> bool:
        nonlocal shown
        moving = _moving(status_of(node.file))
        if moving != shown:
            console.print(f"  {moving}")
            shown = moving
        return not ledger.compare(page_texts(node.url)).missing

    until(there)


def _moving(now: dict[str, Any]) -> str:
    """Where everything is at this moment, in the order of the path."""
    steps = ((name, now["queues"].get(name, 0)) for name in STEPS)
    waiting = "  ".join(f"{name} {n}" for name, n in steps if n)
    return f"accepted {now['accepted']}  {waiting or 'nothing waits'}  posted {now['posted']}"
