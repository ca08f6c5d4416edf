"""Makes the pictures of the desk, for docs/desk.md and the README.

    .venv/bin/python docs/pictures/desk.py        (needs Debian's chromium)

Nothing is drawn by hand: a node of this machine is sent made-up messages, people join its desk by
their links, and a browser shows what they see. The plots of a day come from made-up counts, since
a node that was started just now has an hour of them. The events are made up; no sentence is
from a real message, and the number belongs to nobody that we know of.
"""

from __future__ import annotations

import io
import shutil
import smtplib
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests/parts"))

from at_desk import DESK, Person, joined  # noqa: E402
from desk_core import OPERATOR, DeskCore  # noqa: E402
from desk_node import board, flow, node_says  # noqa: E402
from desk_served import served  # noqa: E402

from relay.cli.common import asked  # noqa: E402
from relay.desk.who import SESSION  # noqa: E402
from relay.testing.aside import aside  # noqa: E402
from relay.testing.fediverse import fediverse  # noqa: E402
from relay.testing.nodes import SETTINGS, Node, running  # noqa: E402
from relay.testing.senders import mail, post_sms, sms  # noqa: E402

POST: Final = "post@example.org"
MOST_BYTES: Final = 150_000
"""Of a picture."""

COLOURS: Final = 64
"""Of a picture: text on a plain ground needs no more."""

NUMBER: Final = "09123456789"
"""Of the form that telephone numbers have in Iran, which is danger wherever it stands."""

WATER: Final = (
    "In Shiraz the water has been cut off in 6 streets since yesterday. People queue at the mosque"
    " with bottles and no tanker came."
)
GATE: Final = (
    "Police arrested 14 students at the gate of the university in Tabriz this morning. Their phones"
    " were taken and nobody knows where they were brought. Families wait in front of the court."
)
BUS: Final = "The buses between Qom and Kerman run again. The price has doubled."
STRIKE: Final = (
    "کارگران پالایشگاه اهواز در اعتصاب هستند و امروز ۲۳ نفر اخراج شدند. آن‌ها سه ماه حقوق نگرفته‌اند."
)
BLOOD: Final = (
    "بیمارستان رشت برای ۹ زخمی خون ندارد. پزشکان از همه با گروه خونی او منفی می‌خواهند از در پشتی"
    f" بیایند. شماره تماس: {NUMBER}"
)

MAILS: Final = (
    (GATE, "Students"), (GATE, ""), (f"Forwarded: {GATE}", ""),
    (f"{GATE.partition(' Families')[0]} Please share!", ""),
    (GATE.replace("Their phones", "They were beaten, their phones"), ""),
    (WATER, ""), (f"{WATER} Call {NUMBER}.", ""), (WATER.lower(), ""),
    (BUS, "Buses"), (STRIKE, ""), (STRIKE, "اعتصاب"), (BLOOD, ""),
)  # fmt: skip
"""What comes by mail, each from another provider: text and subject."""

SMS: Final = (WATER.partition(" People")[0], GATE.partition(" Their")[0])

MORE: Final = (
    DESK
    + """
[destinations.mastodon]
bridge = "mastodon"
server = "{server}"
token_file = "secrets/mastodon"
"""
)


def written(node: Node) -> None:
    """Everybody writes, and all of it waits."""
    with smtplib.SMTP(*node.mail) as client:
        for n, (text, subject) in enumerate(MAILS):
            sender = f"person{n}@example{n}.net"
            written_mail = mail(text, to=POST, sender=sender, subject=subject)
            client.sendmail(sender, [POST], written_mail)
    for n, text in enumerate(SMS):
        body = sms(text, id=f"m{n}", number=f"+9891200000{n}0")
        assert post_sms(f"{node.url}/in/phone", body, node.secret) == 200
    wait(lambda: held(node) == len(MAILS) + len(SMS))


def held(node: Node) -> int:
    """How many messages wait for a person."""
    [told] = asked(node.file, {"do": "status"})
    return int(told["held"])


def wait(done: Callable[[], bool]) -> None:
    """Until it is so, for half a minute at most."""
    until = time.monotonic() + 30
    while not done():
        assert time.monotonic() < until
        time.sleep(0.1)


def photograph(page: Page, name: str, **how: Any) -> None:
    """What the browser shows, with few colours."""
    png = page.screenshot(animations="disabled", **how)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(HERE / name, optimize=True)
    assert (HERE / name).stat().st_size < MOST_BYTES, name


def lanes(person: Person) -> None:
    """Everything that waits, and then a group with what differs in it."""
    page = person.goes("/lanes")
    wait(lambda: bool(page.reload()) and page.locator(".told.note").count() == 0)
    page.keyboard.press("j")
    photograph(page, "desk-lanes.png")
    page.locator("[data-item]", has_text="Tabriz").first.get_by_text("Open").click()
    photograph(page, "desk-group.png", full_page=True)


def message(person: Person) -> None:
    """A message in Persian, in which something was found."""
    person.goes("/preferences").select_option("[name=language]", "fa")
    person.page.click("main form button.main")
    person.page.wait_for_url("**/preferences?kept*")
    page = person.goes("/lanes/danger")
    item = page.locator("[data-item]", has_text="رشت")
    wait(lambda: bool(page.reload()) and item.count() == 1)
    item.first.locator("[data-key=Enter]").click()
    photograph(page, "desk-message.png")


def node_board(node: Node, person: Person) -> None:
    """The board of the node, with two windows, when the first messages have gone out."""
    nightly = {"from": "21:00", "until": "02:30", "zone": "Asia/Tehran", "do": "reroute"}
    nightly |= {"to": "page", "why": "filtered at night"}
    later = (datetime.now(UTC) + timedelta(hours=9)).strftime("%Y-%m-%d %H:00")
    coming = {"from": later, "until": "+5h", "zone": "UTC", "why": "maintenance"}
    for name, window in (("nights", nightly), ("update", coming)):
        order = {"do": "window", "name": name, "add": {"destinations": ["mastodon"], **window}}
        list(asked(node.file, order))
    fine = [one for one in asked(node.file, {"do": "list"}) if one["why"] == "review"]
    for one in fine[:3]:
        list(asked(node.file, {"do": "release", "id": one["id"]}))
    wait(lambda: held(node) == len(MAILS) + len(SMS) - 3)
    page = person.goes("/node")
    wait(lambda: bool(page.reload()) and page.locator("tbody", has_text="3").count() > 0)
    photograph(page, "desk-board.png", full_page=True)


def a_day(chromium: Browser) -> None:
    """Plots of a day; the counts are made up."""
    core = DeskCore({**node_says(), "flow": [flow()], "board": [board()]})
    core.people["s-operator"] = OPERATOR
    with served(core, now=lambda: int(flow()["now"])) as at:
        context = chromium.new_context(viewport={"width": 900, "height": 760}, locale="en-GB")
        host = {"url": f"http://{at}"}
        context.add_cookies([{"name": SESSION, "value": "s-operator", **host}])
        page = context.new_page()
        page.goto(f"http://{at}/node/flow")
        photograph(page, "desk-flow.png")
        context.close()


def main() -> None:
    """All pictures."""
    settings = SETTINGS.format(destinations='"page", "mastodon"').replace(
        'review = "none"', 'review = "all"\ntwo_persons = "danger"', 1
    )
    flags = ["--no-sandbox", "--disable-dev-shm-usage"]
    with (
        tempfile.TemporaryDirectory() as folder,
        aside(fediverse) as server,
        sync_playwright() as playwright,
    ):
        path = shutil.which("chromium")
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        more = MORE.format(server=server.ask(lambda one: one.base))
        node = Node(Path(folder) / "n", settings, more=more)
        node.write("secrets/mastodon", server.ask(lambda one: one.token).encode())
        with running(node):
            written(node)
            light = {"viewport": {"width": 900, "height": 900}, "color_scheme": "light"}
            ada = joined(node, chromium, "ada", "editor", **light)
            lanes(ada)
            wide = {**light, "viewport": {"width": 1150, "height": 900}}
            dark = {"viewport": {"width": 900, "height": 900}, "color_scheme": "dark"}
            message(joined(node, chromium, "noor", "editor", **dark))
            node_board(node, joined(node, chromium, "oz", "operator", **wide))
        a_day(chromium)
        chromium.close()


if __name__ == "__main__":
    main()
