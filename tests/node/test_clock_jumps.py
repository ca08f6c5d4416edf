"""The clock of the machine jumps under a real node: nothing is released, held, begun or destroyed.

The system's clock is that of libfaketime (Debian: faketime), which every process of the node loads
and which asks a file for the time; the uptime is the machine's own, but for one test.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import pytest
from conftest import listed, printed, relay, soon, status

from relay.cli.common import asked
from relay.errors import NoNode
from relay.testing.abroad import filtered
from relay.testing.aside import aside
from relay.testing.certificates import make_pair
from relay.testing.loopback import Fault
from relay.testing.nodes import Node, running
from relay.testing.senders import mail, page_texts, post_sms, send_mail, sms

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="apt-get install faketime")

HOUR = 3600
DAY = 86400
YEARS = 3652 * DAY
PURGED_S = 70
"""Seconds in which a node looks for what is to be purged."""

SETTINGS = """
[http]
listen = "127.0.0.1:0"
[channels.news]
review = "none"
delay = ["0s", "0s"]
[channels.late]
review = "none"
delay = ["2h", "2h"]
[channels.asked]
review = "all"
[channels.hall]
destinations = ["shut"]
review = "none"
delay = ["0s", "0s"]
[channels.yard]
destinations = ["open"]
review = "none"
delay = ["0s", "0s"]
[channels.far]
destinations = ["away"]
review = "none"
delay = ["0s", "0s"]
stale = "2h"
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
[transports.mail.addresses]
"news@example.org" = "news"
"late@example.org" = "late"
"asked@example.org" = "asked"
"hall@example.org" = "hall"
"yard@example.org" = "yard"
"far@example.org" = "far"
[transports.phone]
kind = "sms"
gateway = "generic"
secret_file = "secrets/phone"
channel = "news"
[destinations.page]
bridge = "feed"
folder = "public"
tick = "0s"
[destinations.shut]
bridge = "folder"
folder = "shut"
[destinations.open]
bridge = "folder"
folder = "open"
[destinations.away]
bridge = "webhook"
url = "http://127.0.0.1:9/in"
[windows.today]
destinations = ["shut"]
from = "{before}"
until = "+10h"
zone = "UTC"
[windows.soon]
destinations = ["open"]
from = "{after}"
until = "+2h"
zone = "UTC"
[spool]
keep = "1h"
min_free_bytes = 1048576
ballast_bytes = 65536
"""


@dataclass
class Clock:
    """The system's clock, as the node's processes are told it."""

    file: Path
    all_of_them: bool = False
    """Whether the clocks that nobody can set jump with it, as they do under libfaketime unless it
    is told not to."""

    def __post_init__(self) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.is_off(0)

    def is_off(self, seconds: int) -> None:
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.rename(self.file)

    @property
    def env(self) -> dict[str, str]:
        alone = {
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            # Else a thread that waits for a while by that clock does not wait, and takes a core.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }
        return {
            **({} if self.all_of_them else alone),
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "NO_FAKE_STAT": "1",
            # Confined processes read where time zones lie, and not elsewhere.
            "PYTHONTZPATH": f"/usr/share/zoneinfo:{self.file.parent}",
        }


@dataclass
class Scene:
    """A node with one of each that the time alone could change."""

    node: Node
    clock: Clock

    def writes(self, channel: str, text: str) -> None:
        to = f"{channel}@example.org"
        assert send_mail(*self.node.mail, mail(text, to=to), to=to)

    def texts(self, id: str, text: str, off: int = 0) -> bool:
        """By SMS, signed so far from the true time. Whether it was taken as new."""
        before = status(self.node)["repeats"]
        url, body = f"{self.node.url}/in/phone", sms(text, id=id)
        assert post_sms(url, body, self.node.secret, off_s=off) == 200
        return bool(status(self.node)["repeats"] == before)

    @property
    def stands(self) -> dict[str, tuple[str, str]]:
        """What has become of everything but of new messages: what moves by itself counts as what
        waits."""
        moves = {"prepared": "waiting", "sending": "waiting"}
        return {
            f"{row['id']} {row['destination']}": (moves.get(row["state"], row["state"]), row["why"])
            for row in listed(self.node, everything=True)
            if row["destination"] != "away" or row["state"] == "held"
        }

    def is_frozen(self, by: int) -> bool:
        """The jump is noticed, and an alarm tells it."""
        soon(lambda: abs(status(self.node)["clock"]["jumped_s"] - by) <= 2)
        said = [one["said"] for one in asked(self.node.file, {"do": "check"})]
        way = "ahead" if by > 0 else "back"
        return any(f"jumped {way} by" in one and "clock accept" in one for one in said)

    def goes_on(self, text: str) -> bool:
        """What comes now is taken and posted."""
        self.writes("news", text)
        self.writes("yard", f"{text} to the open one")
        soon(lambda: any(text in one for one in page_texts(self.node.url)))
        soon(lambda: text in "".join(read(self.node.folder / "open")))
        return True


def read(folder: Path) -> list[str]:
    """All that a folder of posts holds."""
    return [path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()]


def utc(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(at))


@contextmanager
def scene(folder: Path, *, all_clocks: bool = False) -> Iterator[Scene]:
    """All is there and nothing moves any more."""
    now = time.time()
    written = SETTINGS.format(before=utc(now - 600), after=utc(now + 50 * 60))
    made = Scene(Node(folder / "n", written), Clock(folder / "clock" / "time", all_clocks))
    for name in ("shut", "open"):
        (made.node.folder / name).mkdir()
    with running(made.node, env=made.clock.env) as node:
        made.writes("asked", "this one is dropped")
        soon(lambda: [row for row in listed(node) if row["state"] == "held"])
        [dropped] = [row["id"] for row in listed(node) if row["state"] == "held"]
        list(asked(node.file, {"do": "drop", "id": dropped}))
        for channel in ("late", "asked", "hall", "far"):
            made.writes(channel, f"for {channel}")
        assert made.texts("one", "an sms that comes again")
        soon(lambda: settled(node))
        yield made


def settled(node: Node) -> bool:
    now = status(node)
    waits = {name: place["waiting"] for name, place in now["board"].items()}
    return (now["held"], waits["shut"], waits["away"], now["posted"]) == (1, 1, 1, 1)


def stays(at: Scene, by: int, said: str) -> None:
    """A jump changes nothing of what was there, and holds up nothing that comes."""
    before = at.stands
    assert sorted(state for state, _ in before.values()).count("held") >= 1
    at.clock.is_off(by)
    assert at.is_frozen(by)
    assert at.goes_on(said)
    assert at.texts(said, f"an sms {said}")
    assert not at.texts("one", "an sms that comes again")
    assert before.items() <= at.stands.items()
    assert read(at.node.folder / "shut") == []
    assert all("for late" not in text for text in page_texts(at.node.url))


def restarts(at: Scene, by: int) -> None:
    """Nor does a start under a clock that jumped while the node was off, where all that is too old
    is held at once."""
    before = at.stands
    assert at.node.stop() == 0
    at.clock.is_off(by)
    at.node.start(env=at.clock.env)
    assert at.is_frozen(by)
    soon(lambda: before.items() <= at.stands.items())
    assert not at.texts("one", "an sms that comes again")
    assert "held" not in [row["state"] for row in listed(at.node) if row["destination"] == "away"]


def is_accepted(at: Scene, by: int) -> None:
    """A person says that it is so late by now, and what was due in two hours is due in two hours;
    what came before is known."""
    [accepted] = asked(at.node.file, {"do": "clock", "accept": True})
    assert accepted["accepted"] and abs(accepted["moved_s"] - by) <= 2
    assert abs(accepted["now"] - time.time() - by) <= 5
    assert status(at.node)["clock"]["state"] == "steady"
    assert not at.texts("one", "an sms that comes again", off=by)
    assert all("for late" not in text for text in page_texts(at.node.url))
    windows = {one["name"]: one["state"] for one in asked(at.node.file, {"do": "window"})}
    assert windows == dict.fromkeys(("today", "soon"), "over" if by > 0 else "coming")
    assert not {"ahead", "clock jumped"} & troubles(at.node)


def test_whatever_the_clock_says_nothing_is_released_held_or_begun(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        stays(at, YEARS, "ten years later")
        is_accepted(at, YEARS)


@pytest.mark.slow
def test_nor_is_anything_by_a_start_under_a_clock_that_jumped(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        restarts(at, YEARS)
        stays(at, -DAY, "a day earlier")
        restarts(at, YEARS)
        is_accepted(at, YEARS)


@pytest.mark.slow
def test_a_clock_that_comes_back_was_right_all_the_time(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        before = at.stands
        stays(at, HOUR, "an hour later")
        told = relay(at.node, "clock", "show").stdout.decode()
        assert "the clock of this machine jumped ahead by 60 min" in told
        stays(at, YEARS, "ten years later")
        at.clock.is_off(0)
        soon(lambda: status(at.node)["clock"]["state"] == "steady")
        assert "clock jumped" not in troubles(at.node)
        assert before.items() <= at.stands.items()
        restarts(at, HOUR)
        stays(at, -DAY, "a day earlier")
        is_accepted(at, -DAY)


@pytest.mark.slow
@pytest.mark.parametrize("by", [HOUR, YEARS])
def test_nor_is_anything_where_the_uptime_jumps_with_it(tmp_path: Path, by: int) -> None:
    """All timers end at once, and what is silent is started again."""
    with scene(tmp_path, all_clocks=True) as at:
        before = at.stands
        at.clock.is_off(by)
        soon(lambda: notices(at))
        assert at.is_frozen(by)
        assert before.items() <= at.stands.items()
        assert all("for late" not in text for text in page_texts(at.node.url))
        restarts(at, by)


def notices(at: Scene) -> bool:
    """Whether the node serves, and has seen the clock jump."""
    try:
        return bool(status(at.node)["clock"]["state"] == "frozen")
    except (NoNode, OSError):
        return False


NAME = "platform.outword.invalid"


@contextmanager
def telling_the_time(folder: Path) -> Iterator[Scene]:
    """A node that posts to a platform elsewhere, which says the true time in its answers."""
    (folder / "n").mkdir()
    pair = make_pair(folder / "n", "platform", host=NAME)
    with aside(lambda: filtered(NAME, pair)) as there:
        proxy = there.ask(lambda one: one.proxy.proxy)
        says = Fault(headers={"Date": formatdate(usegmt=True)}, made=True)
        there.ask(lambda one: setattr(one.hook, "good", says))
        more = f"""
[destinations.hook]
bridge = "webhook"
url = "https://{NAME}/in"
routes = ["abroad"]
ca_file = "platform.pem"
[routes.abroad]
proxy = "{proxy}"
"""
        node = Node(folder / "n", more=more, destinations=("page", "hook"))
        try:
            yield Scene(node, Clock(folder / "clock" / "time"))
        finally:
            node.kill()


def posts(at: Scene, text: str) -> None:
    before, to = status(at.node)["posted"], "post@example.org"
    assert send_mail(*at.node.mail, mail(text, to=to), to=to)
    soon(lambda: status(at.node)["posted"] > before, 60)


def troubles(node: Node) -> set[str]:
    return {one["what"] for one in asked(node.file, {"do": "check"})}


@pytest.mark.slow
def test_a_platform_says_which_time_is_right(tmp_path: Path) -> None:
    with telling_the_time(tmp_path) as at:
        at.clock.is_off(2 * DAY)  # by the first start it is believed, and it is wrong
        at.node.start(env=at.clock.env)
        posts(at, "before")
        soon(lambda: "clock" in troubles(at.node))
        at.clock.is_off(0)  # somebody sets it right
        assert at.is_frozen(-2 * DAY)
        posts(at, "when it was set right")
        soon(lambda: status(at.node)["clock"]["state"] == "steady")
        assert not {"clock", "clock jumped"} & troubles(at.node)
        at.clock.is_off(HOUR)  # and somebody wrong again
        assert at.is_frozen(HOUR)
        posts(at, "when it is wrong again")
        assert status(at.node)["clock"]["jumped_s"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("by", [2 * HOUR, YEARS])
def test_what_has_ended_is_not_purged_before_its_time(tmp_path: Path, by: int) -> None:
    with scene(tmp_path) as at:
        at.clock.is_off(by)
        assert at.is_frozen(by)
        before = at.stands
        time.sleep(PURGED_S)
        assert before == at.stands
        [accepted] = printed(at.node, "clock", "accept")
        assert accepted["accepted"]
        time.sleep(PURGED_S)
        assert {key for key, (state, _) in before.items() if state == "dropped"} <= {*at.stands}
