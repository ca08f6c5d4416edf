"""The third act: the story that this was made for, on one machine.

One platform announces maintenance for the worst hour, another is filtered: its name leads nowhere
from here. What it shows: during the window nothing is even asked of the first, and what waited goes
out afterwards in order; the second is reached through a SOCKS5 proxy, which knows the name; the
page has everything at once. The platforms and the proxy are stand-ins; the node, its windows and
its routes are what they would be anywhere.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from relay.cli.demo.places import Places, Read
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
from relay.testing.abroad import Filtered, filtered
from relay.testing.aside import Aside, aside
from relay.testing.certificates import make_pair
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.ledger import MARKER, Ledger
from relay.testing.nodes import Node, running
from relay.testing.recorder import maintenance

NAME: Final = "filtered.outword.invalid"
"""RFC 6761, 6.4: such a name never leads anywhere, which is what a filter makes of one."""

WINDOW_S: Final = 8

BEFORE: Final = (
    Text("mail", "نان", "نانوایی خیابان شمالی از صبح زود باز است."),
    Text("sms", "", "The market is open, prices are up by a third."),
)
WHILE: Final = (
    Text("mail", "Square", "Thousands stand in the square, and nobody leaves."),
    Text("sms", "", "مردم در میدان مانده‌اند و چراغ‌ها خاموش است."),
    Text("sms", "", "Ambulances pass, the crowd makes way for them."),
    Text("sms", "", "اینترنت قطع شد، پیامک هنوز می‌رسد."),
)
"""What is written while one platform is closed."""

MORE: Final = """
[destinations.mastodon]
bridge = "mastodon"
server = "{server}"
token_file = "secrets/mastodon"

[destinations.filtered]
bridge = "webhook"
url = "https://{name}/in"
routes = ["direct", "abroad"]
ca_file = "platform.pem"

[routes.abroad]
proxy = "{proxy}"
"""


def act(console: Console, folder: Path, stays: bool) -> Ended:
    """Play it in a folder. Raises NotReady."""
    console.print("[bold]Act 3: one platform plans maintenance, another is filtered[/bold]\n")
    folder.mkdir(parents=True, exist_ok=True)
    pair = make_pair(folder, "platform", host=NAME)
    with aside(fediverse) as server, aside(lambda: filtered(NAME, pair)) as there:
        more = MORE.format(
            server=server.ask(lambda one: one.base),
            name=NAME,
            proxy=there.ask(lambda one: one.proxy.proxy),
        )
        node = Node(folder, more=more, destinations=("page", "mastodon", "filtered"))
        node.write("secrets/mastodon", server.ask(lambda one: one.token.encode()))
        with running(node):
            opening(console, node)
            console.print(f"  the name {NAME} leads nowhere from here; a SOCKS5 proxy knows it\n")
            ended = _play(console, node, server, there)
            if stays:
                stay(console, node)
            node.stop()
    return ended


def _play(console: Console, node: Node, server: Aside[Fediverse], there: Aside[Filtered]) -> Ended:
    ledger = Ledger()
    read: dict[str, Read] = {
        "filtered": lambda: there.ask(lambda one: [post.body.decode() for post in one.hook.made]),
        "mastodon": lambda: server.ask(lambda one: one.texts),
    }
    places = Places(console, node, read)
    kept = write(console, node, ledger, BEFORE)
    console.print("\nWhat stands where, looked up at each place:")
    until(lambda: places.have(kept, *places.since))
    routes = status_of(node.file)["board"]["filtered"]
    console.print(f"  filtered is reached via [bold]{routes['route']}[/bold]")

    _plan(console, node)
    server.ask(lambda one: setattr(one, "closed", maintenance("3600")))
    asked = server.ask(lambda one: len(one.requests))
    kept |= write(console, node, ledger, WHILE)
    until(lambda: places.have(kept, "page", "filtered"), WINDOW_S * 2 / 3)
    waited = places.missing(kept)
    disturbed = server.ask(lambda one: len(one.requests)) - asked

    console.print("\n[bold]It opens in time[/bold]: what waited goes out, the oldest first")
    server.ask(lambda one: setattr(one, "closed", None))
    until(lambda: places.have(kept, *places.since), WINDOW_S + 20.0)
    time.sleep(QUIET_S)
    places.look()
    waiting = held(node)
    verdicts = {place: ledger.compare(texts) for place, texts in places.texts().items()}
    rows = {
        place: places.row(place, verdicts[place], waited[place], kept, waiting)
        for place in places.since
    }
    table(console, [{"where": place, **row} for place, row in rows.items()])
    tell_held(console, waiting)
    console.print(f"asked of the closed platform during its window: {disturbed} times")
    came = _order(server.ask(lambda one: one.texts))
    in_order = came[-len(WHILE) :] == list(kept)[-len(WHILE) :]
    good = (
        all(one.good for one in verdicts.values())
        and waited == {"page": 0, "filtered": 0, "mastodon": len(WHILE)}
        and in_order
        and disturbed == 0
        and routes["route"] == "abroad"
    )
    page = {name: int(rows["page"][name]) for name in ("in", "posted", "twice", "held", "lost")}
    return Ended(good, page | {"repeats": status_of(node.file)["repeats"]}, rows)


def _plan(console: Console, node: Node) -> None:
    """As an operator does it who has read the announcement."""
    words = ["window", "add", "mastodon", "--from", "now", "--until", f"+{WINDOW_S}s"]
    words += ["--zone", "Asia/Tehran", "--do", "hold", "--why", "maintenance"]
    console.print(f"\n[bold]relay {' '.join(words)}[/bold]")
    made = subprocess.run(
        [sys.executable, "-m", "relay", *words, "-c", str(node.file)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    console.print((made.stdout + made.stderr).rstrip(), highlight=False)


def _order(texts: list[str]) -> list[str]:
    """The markers in the order in which their texts came."""
    return [marker for text in texts for marker in MARKER.findall(text)]
