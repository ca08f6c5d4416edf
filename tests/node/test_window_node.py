"""A window on a real node: what is accepted meanwhile goes out when it is over, in order, slowly.

Mails by SMTP to a node whose only platform is in a window; the node ends in its middle. What came
and when is what the platform itself saw.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import listed, soon, status

from relay.cli.common import asked
from relay.testing.aside import Aside, aside
from relay.testing.ledger import MARKER, marker
from relay.testing.loopback import on_loopback
from relay.testing.nodes import Node, running
from relay.testing.recorder import Fault, Recorder, Request, maintenance
from relay.testing.senders import mail, send_mail

POST = "post@example.org"

PLANNED = "planned: maintenance (moving)"
"""What a delivery waits for."""

BOX = """
[destinations.box]
bridge = "webhook"
url = "{url}"
"""


@dataclass
class Seen:
    """What came, and when by the clock of this machine."""

    texts: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


class Platform(Recorder):
    """A receiver that knows when each post was made."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()

    async def meet(self, request: Request, fault: Fault | None) -> Fault:
        before = len(self.made)
        answer = await super().meet(request, fault)
        if len(self.made) > before:
            self.seen.texts += MARKER.findall(request.body.decode())
            self.seen.times.append(time.time())
        return answer


@asynccontextmanager
async def platform() -> AsyncIterator[Platform]:
    async with on_loopback(Platform()) as made:
        yield made


def accepted(node: Node, count: int) -> list[str]:
    """So many mails, each of which was answered 250, in their order."""
    made = [marker() for _ in range(count)]
    for one in made:
        assert send_mail(*node.mail, mail(f"news {one}", to=POST), to=POST)
    return made


def restarted(node: Node) -> None:
    node.stop()
    node.start()


def killed(node: Node) -> None:
    node.kill()
    node.start()


def ordered(node: Node, **order: Any) -> list[dict[str, Any]]:
    """What an order of the command `relay window` or `relay resume` is answered."""
    return list(asked(node.file, order))


def plan(node: Node, lasts_s: int, **more: str) -> int:
    """A window that begins now; the instant at which it ends."""
    given = {"destinations": ["box"], "from": "now", "until": f"+{lasts_s}s", "zone": "UTC"}
    window = {**given, "why": "maintenance", **more}
    [planned] = ordered(node, do="window", add=window, name="moving")
    return int(planned["ends"])


def in_line(node: Node, count: int) -> dict[str, Any]:
    """The platform's place on the board once so many wait for it."""
    place: dict[str, Any] = status(node)["board"]["box"]
    return place if place["waiting"] == count else {}


def seen_once_posted(node: Node, box: Aside[Platform], count: int, within_s: float) -> Seen:
    soon(lambda: status(node)["posted"] == count, within_s)
    return box.ask(lambda one: one.seen)


def comes_back_by_a_word(node: Node, box: Aside[Platform]) -> None:
    """A platform that says when it is back has a window of its own, until its operator knows."""
    posted = status(node)["posted"]
    box.ask(lambda one: setattr(one, "closed", maintenance("3600")))
    accepted(node, 1)
    place = soon(lambda: as_planned(node))
    assert place["why"].startswith("answered 503, until ")
    box.ask(lambda one: setattr(one, "closed", None))
    [resumed] = ordered(node, do="resume", name="box")
    assert resumed["changed"]
    soon(lambda: status(node)["posted"] == posted + 1)
    assert ordered(node, do="window") == []


def as_planned(node: Node) -> dict[str, Any]:
    """The platform's place on the board once it is planned."""
    place: dict[str, Any] = status(node)["board"]["box"]
    return place if place["state"] == "planned" else {}


def test_mails_of_a_window_go_out_when_it_is_over_in_order_and_at_its_pace(tmp_path: Path) -> None:
    with aside(platform) as box:
        more = BOX.format(url=box.ask(lambda one: one.url))
        with running(Node(tmp_path / "n", destinations=("box",), more=more)) as node:
            plan(node, 3600, first="newest", rate="600/m")
            made = accepted(node, 3)
            restarted(node)
            made += accepted(node, 3)
            place = soon(lambda: in_line(node, 6))
            assert (place["state"], place["posted"]) == ("planned", 0)
            assert place["why"].startswith("maintenance (moving), until ")
            assert place["why"].endswith("; then 6, newest first, 600/m")
            waiting = [row["why"] for row in listed(node) if row["destination"]]
            assert [why.partition(", until ")[0] for why in waiting] == [PLANNED] * 6
            over = time.time()
            ordered(node, do="window", remove="moving")
            seen = seen_once_posted(node, box, 6, 30)
            comes_back_by_a_word(node, box)
    assert seen.texts[:6] == made[::-1]
    assert min(seen.times) >= over
    assert seen.times[5] - over >= 5 * 0.1


@pytest.mark.slow
@pytest.mark.parametrize("first", ["oldest", "newest"])
def test_a_thousand_mails_of_a_window_across_two_kills(tmp_path: Path, first: str) -> None:
    count, pace_s = 1000, 0.02
    with aside(platform) as box:
        more = BOX.format(url=box.ask(lambda one: one.url))
        with running(Node(tmp_path / "n", destinations=("box",), more=more)) as node:
            over = plan(node, 30, first=first, rate="3000/m")
            made = accepted(node, count // 2)
            killed(node)
            made += accepted(node, count // 2)
            assert time.time() < over, "this machine is too slow for so short a window"
            assert box.ask(lambda one: one.seen.times) == []
            soon(lambda: box.ask(lambda one: len(one.made)) > count // 4, 60)
            killed(node)
            seen = seen_once_posted(node, box, count, 120)
    assert seen.texts == (made if first == "oldest" else made[::-1])
    assert min(seen.times) >= over
    assert seen.times[-1] - over >= (count - 1) * pace_s
