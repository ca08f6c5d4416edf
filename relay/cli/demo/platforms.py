"""The second act: two platforms beside the page, one of which closes for maintenance midway.

What it shows: the messages for the closed one wait, and go out when it is open again; the page and
the other platform have theirs meanwhile; nothing is lost and nothing comes twice. Both platforms
are stand-ins on this machine; the node posts to them through the bridges it would use anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.console import Console

from relay.cli.demo.scene import QUIET_S, Ended, Text, opening, stay, table, until, write
from relay.cli.look import status_of
from relay.testing.aside import Aside, aside
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.ledger import MARKER, Ledger, Verdicts
from relay.testing.nodes import Node, running
from relay.testing.recorder import Recorder, maintenance, recorder
from relay.testing.senders import page_texts

BEFORE: Final = (
    Text("mail", "Bread", "Bread is sold at the school in the east from six in the morning."),
    Text("sms", "", "اینترنت خانه‌ها از ظهر قطع شده، پیامک هنوز کار می‌کند."),
    Text("sms", "", "The road to the hospital is free again."),
)
WHILE: Final = (
    Text("mail", "دارو", "داروخانه‌های بیمارستان مرکزی تا شب باز می‌مانند."),
    Text("sms", "", "Trains stand still since noon, nobody says why."),
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


class Places:
    """Where the messages come out: what stands there, and since when."""

    def __init__(
        self, console: Console, node: Node, server: Aside[Fediverse], hook: Aside[Recorder]
    ) -> None:
        self._console = console
        self._node = node
        self._server = server
        self._hook = hook
        self._began = time.monotonic()
        self._shown = ""
        self.since: dict[str, dict[str, float]] = {"page": {}, "webhook": {}, "mastodon": {}}

    def texts(self) -> dict[str, list[str]]:
        """Every text at every place, as anybody can read it there."""
        return {
            "page": page_texts(self._node.url),
            "webhook": self._hook.ask(lambda one: [post.body.decode() for post in one.made]),
            "mastodon": self._server.ask(lambda one: one.texts),
        }

    def look(self) -> None:
        """Note what is new, and print how the board stands if that changed."""
        there = self.texts()
        board = status_of(self._node.file)["board"]  # after what it may have waited for
        shown = []
        for place, texts in there.items():
            for text in texts:
                for marker in MARKER.findall(text):
                    self.since[place].setdefault(marker, time.monotonic())
            shown.append(f"{place} {len(self.since[place])}")
            if board[place]["state"] != "works":
                why, waiting = board[place]["why"], board[place]["waiting"]
                shown[-1] += f" ([yellow]{board[place]['state']}: {why}; {waiting} wait[/yellow])"
        if (line := "   ".join(shown)) != self._shown:
            self._console.print(f"{time.monotonic() - self._began:6.1f} s   {line}")
            self._shown = line

    def have(self, markers: Iterable[str], *places: str) -> bool:
        """Whether all of these stand at each of the places, after a look."""
        self.look()
        return all(marker in self.since[place] for marker in markers for place in places)

    def wait(self, markers: Iterable[str]) -> bool:
        """Whether the board shows that the closed server is left alone until later, after a look,
        and all the others have everything."""
        state = status_of(self._node.file)["board"]["mastodon"]["state"]
        return self.have(markers, "page", "webhook") and state != "works"


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
    places = Places(console, node, server, hook)
    everywhere = tuple(places.since)
    kept = write(console, node, ledger, BEFORE)
    console.print("\nWhat stands where, looked up at each place:")
    until(lambda: places.have(kept, *everywhere))

    said = f"503, Retry-After: {RETRY_AFTER_S}"
    console.print(f"\n[bold]The Mastodon server closes[/bold]: it answers everybody {said}")
    server.ask(lambda one: setattr(one, "closed", maintenance(str(RETRY_AFTER_S))))
    kept |= write(console, node, ledger, WHILE)
    until(lambda: places.wait(kept), SHUT_S)
    waited = {place: len(kept.keys() - places.since[place].keys()) for place in everywhere}

    console.print("\n[bold]It is open again[/bold]: the relay comes back when it was told to")
    server.ask(lambda one: setattr(one, "closed", None))
    until(lambda: places.have(kept, *everywhere))
    time.sleep(QUIET_S)
    places.look()
    verdicts = {place: ledger.compare(texts) for place, texts in places.texts().items()}
    rows = {
        place: _row(verdicts[place], waited[place], kept, places.since[place])
        for place in everywhere
    }
    table(console, [{"where": place, **row} for place, row in rows.items()])
    console.print("waited: was not there yet when the server opened again")
    good = all(one.good for one in verdicts.values()) and len(kept) == len(BEFORE + WHILE)
    in_time = waited == {"page": 0, "webhook": 0, "mastodon": len(WHILE)}
    repeats = {"repeats": status_of(node.file)["repeats"]}
    page = {name: int(rows["page"][name]) for name in ("in", "posted", "twice", "lost")}
    return Ended(good and in_time, page | repeats, rows)


def _row(
    verdicts: Verdicts, waited: int, kept: dict[str, float], since: dict[str, float]
) -> dict[str, float]:
    slowest = max((since[one] - kept[one] for one in kept if one in since), default=0.0)
    return {
        "in": verdicts.acknowledged,
        "posted": verdicts.seen,
        "twice": len(verdicts.doubled),
        "lost": len(verdicts.missing),
        "waited": waited,
        "slowest_s": round(slowest, 1),
    }
