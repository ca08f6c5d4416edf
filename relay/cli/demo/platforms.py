"""The second act: two platforms beside the page, one of which closes for maintenance midway.

What it shows: the messages for the closed one wait, and go out when it is open again; the page and
the other platform have theirs meanwhile; nothing is lost and nothing comes twice. Both platforms
are stand-ins on this machine; the node posts to them through the bridges it would use anywhere.
"""

from __future__ import annotations

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
from relay.testing.aside import Aside, aside
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.ledger import Ledger
from relay.testing.nodes import Node, running
from relay.testing.recorder import Recorder, maintenance, recorder

BEFORE: Final = (
    Text("mail", "Bread", "Bread is sold at the school in the east from early in the morning."),
    Text("sms", "", "اینترنت خانه‌ها از ظهر قطع شده، پیامک هنوز کار می‌کند."),
    Text("sms", "", "The road to the hospital is free again."),
)
WHILE: Final = (
    Text("mail", "دارو", "داروخانه‌های بیمارستان مرکزی تا شب باز می‌مانند."),
    Text("sms", "", "The trains stand still, and nobody says why."),
    Text("sms", "", "چراغ‌های میدان دوباره روشن شد."),
)
"""What is written while one platform is closed."""

RETRY_AFTER_S: Final = 3
SHUT_S: Final = 10.0
"""The platform opens again after this long, whatever has or has not come out elsewhere."""

MORE: Final = """
[destinations.mastodon]
bridge = "mastodon"
server = "{server}"
token_file = "secrets/mastodon"

[destinations.webhook]
bridge = "webhook"
url = "{url}"
"""


def act(console: Console, folder: Path, stays: bool) -> Ended:
    """Play it in a folder. Raises NotReady."""
    console.print("[bold]Act 2: two platforms beside the page, and one of them closes[/bold]\n")
    with aside(fediverse) as server, aside(recorder) as hook:
        more = MORE.format(
            server=server.ask(lambda one: one.base), url=hook.ask(lambda one: one.url)
        )
        node = Node(folder, more=more, destinations=("page", "mastodon", "webhook"))
        node.write("secrets/mastodon", server.ask(lambda one: one.token.encode()))
        with running(node):
            opening(console, node)
            console.print("  mastodon and webhook are stand-ins on this machine\n")
            ended = _play(console, node, server, hook)
            if stays:
                stay(console, node)
            node.stop()
    return ended


def _play(console: Console, node: Node, server: Aside[Fediverse], hook: Aside[Recorder]) -> Ended:
    ledger = Ledger()
    read: dict[str, Read] = {
        "webhook": lambda: hook.ask(lambda one: [post.body.decode() for post in one.made]),
        "mastodon": lambda: server.ask(lambda one: one.texts),
    }
    places = Places(console, node, read)
    everywhere = tuple(places.since)
    kept = write(console, node, ledger, BEFORE)
    console.print("\nWhat stands where, looked up at each place:")
    until(lambda: places.have(kept, *everywhere))

    said = f"503, Retry-After: {RETRY_AFTER_S}"
    console.print(f"\n[bold]The Mastodon server closes[/bold]: it answers everybody {said}")
    server.ask(lambda one: setattr(one, "closed", maintenance(str(RETRY_AFTER_S))))
    kept |= write(console, node, ledger, WHILE)
    until(lambda: places.have(kept, "page", "webhook") and _left_alone(node), SHUT_S)
    waited = places.missing(kept)

    console.print("\n[bold]It is open again[/bold]: the relay comes back when it was told to")
    server.ask(lambda one: setattr(one, "closed", None))
    until(lambda: places.have(kept, *everywhere))
    time.sleep(QUIET_S)
    places.look()
    waiting = held(node)
    verdicts = {place: ledger.compare(texts) for place, texts in places.texts().items()}
    rows = {
        place: places.row(place, verdicts[place], waited[place], kept, waiting)
        for place in everywhere
    }
    table(console, [{"where": place, **row} for place, row in rows.items()])
    tell_held(console, waiting)
    console.print("waited: was not there yet when the server opened again")
    good = all(one.good for one in verdicts.values()) and len(kept) == len(BEFORE + WHILE)
    in_time = waited == {"page": 0, "webhook": 0, "mastodon": len(WHILE)}
    repeats = {"repeats": status_of(node.file)["repeats"]}
    page = {name: int(rows["page"][name]) for name in ("in", "posted", "twice", "held", "lost")}
    return Ended(good and in_time, page | repeats, rows)


def _left_alone(node: Node) -> bool:
    """Whether the board shows that the closed server is left alone until later."""
    return bool(status_of(node.file)["board"]["mastodon"]["state"] != "works")
