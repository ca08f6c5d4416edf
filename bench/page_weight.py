"""What the public page weighs, and when a reader on a thin line sees something of it.

    python -m bench.page_weight [--pictures docs/pictures] [--json FILE]

Makes a page of 300 items in Persian, Burmese and English as a node makes it, serves it as a door
does, and opens it in Debian's Chromium, throttled by its own network conditions (Chrome DevTools
Protocol, ``Network.emulateNetworkConditions``). The first paint is Chromium's own
``first-contentful-paint``, counted from the start of the navigation. Nothing is kept from one run
to the next. Weights are bytes of the bodies, uncompressed, as they stand on the disk; pictures are
counted apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import statistics
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright

from bridges.page.item import item_file, read_item
from bridges.page.look import Look
from bridges.page.shelf import Shelf
from bridges.page.ways import read_ways
from bridges.page.withdrawn import read_withdrawn
from relay.transports.pages import Pages
from relay.wire.item import make_item, sign_item
from relay.wire.ways import Way, make_ways, sign_ways
from relay.wire.withdrawn import make_withdrawn, sign_withdrawn

SEED: Final = bytes(range(32))
DATE: Final = 1_795_017_600
ITEMS: Final = 300
ROUNDS: Final = 3

KBIT: Final = 1000 / 8

TEXTS: Final = (
    ("fa", "", "از ساعت هشت امروز صبح آب در سه محلهٔ شمال شهر قطع است. شهرداری می‌گوید تعمیر تا شب"
     " طول می‌کشد. مردم از تانکرهای کنار مدرسه آب می‌برند. #آب #شیراز"),
    ("fa", "نانوایی‌ها باز شدند", "بیشتر نانوایی‌های خیابان اصلی دوباره باز کرده‌اند. صف‌ها کوتاه است و"
     " قیمت همان قیمت هفتهٔ پیش.\n\nاز دو نفر در دو محله شنیده شد. #نان"),
    ("en", "The bridge is open again", "Cars and people can cross the northern bridge since noon."
     " The southern one stays closed until the cables are checked. Details: https://example.org/bridge"
     " #bridge"),
    ("my", "", "မြို့လယ်ရှိ ဆေးရုံကို ယနေ့မနက်မှစ၍ ပြန်ဖွင့်ထားသည်။ ဆေးဝါးအချို့"
     " လိုအပ်နေသေးသည်။ #ဆေးရုံ"),
    ("fa", "", "برق مرکز شهر آمد. اگر هنوز برق ندارید بنویسید کدام محله هستید؛"
     " نام و نشانی ننویسید. #برق"),
    ("en", "", "Heard from three people in the harbour: the ferry runs again, twice a day, at seven"
     " and at four. Bring water. #ferry #harbour"),
)  # fmt: skip
"""What people write, by language, with a title or without. Nobody wrote these."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line to a reader: kbit/s down, and seconds until an answer begins."""

    name: str
    kbit: float
    latency_s: float


LINES: Final = (
    Line("50 kbit/s, 2 s", 50, 2.0),
    Line("2G (250 kbit/s, 0.8 s)", 250, 0.8),
    Line("3G (1.6 Mbit/s, 0.3 s)", 1600, 0.3),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One page over one line: seconds until something is seen and until all is there."""

    page: str
    line: str
    first_paint_s: float
    loaded_s: float


@dataclass(frozen=True, slots=True)
class Weight:
    """A page's bytes: its HTML, and the style sheet."""

    page: str
    html: int
    style: int


def a_page(folder: Path, language: str, title: str) -> None:
    """A page as a node makes it."""
    shelf = Shelf(folder, Look(title, "https://news.example.org", language), lambda: DATE)
    shelf.put([_item(n) for n in range(ITEMS)])
    shelf.revise(_item(ITEMS - 4, " Since six it is closed again.", 2), {})
    ways = make_ways([Way("mail", "post@example.org", ("mail-provider",))], DATE, SEED)
    gone = make_withdrawn([_item(3).id], DATE, SEED)
    for trouble in (
        shelf.ways(read_ways(ways, sign_ways(ways, SEED))),
        shelf.withdrawn(read_withdrawn(gone, sign_withdrawn(gone, SEED))),
        shelf.check(),
    ):
        if trouble:
            raise RuntimeError(trouble)


def _item(n: int, more: str = "", revision: int = 1) -> Any:
    language, title, text = TEXTS[n % len(TEXTS)]
    id = uuid.UUID(bytes=hashlib.sha256(b"%d" % n).digest()[:16], version=4).urn
    hour = DATE + (n - ITEMS) * 1800
    item = make_item(id, text + more, title, language, hour, SEED, revision, hour + 7200)
    return read_item(item_file(item, sign_item(item, SEED)))


PAINTED: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder as a door serves it: its address."""
    pages = Pages(folder)

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path if self.path != "/" else "/index.html"
            status, headers, body = pages.answer(path.encode())
            assert isinstance(body, bytes)
            self.send_response(status)
            for name, value in headers:
                if name != "content-length":
                    self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def seen(browser: Browser, address: str, page: str, line: Line) -> Seen:
    """A page opened anew over a line, three times: the middle of each."""
    paints, loads = [], []
    for _ in range(ROUNDS):
        context = browser.new_context(viewport={"width": 390, "height": 800})
        tab = context.new_page()
        _throttle(tab, line)
        tab.goto(address + page, wait_until="load", timeout=120_000)
        while not (painted := tab.evaluate(PAINTED)):
            tab.wait_for_timeout(20)
        paints.append(painted)
        loads.append(tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        context.close()
    return Seen(page, line.name, statistics.median(paints) / 1000, statistics.median(loads) / 1000)


def _throttle(tab: Page, line: Line) -> None:
    client = tab.context.new_cdp_session(tab)
    client.send("Network.enable")
    bytes_s = line.kbit * KBIT
    client.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": line.latency_s * 1000,
            "downloadThroughput": bytes_s,
            "uploadThroughput": bytes_s,
        },
    )


def weighed(folder: Path) -> list[Weight]:
    """What the pages weigh that a reader opens first."""
    style = (folder / "style.css").stat().st_size
    item = sorted(folder.glob("items/*.html"))[0].relative_to(folder)
    lists = sorted(folder.glob("by/*.html"), key=lambda path: -path.stat().st_size)
    names = ("index.html", str(lists[0].relative_to(folder)), str(item), "send/index.html",
             "check/index.html", "newest.html")  # fmt: skip
    return [
        Weight(name.replace(str(item), "items/*.html"), (folder / name).stat().st_size, style)
        for name in names
    ]


def pictured(browser: Browser, address: str, path: Path, dark: bool) -> None:
    """A picture of the first screen."""
    context = browser.new_context(
        viewport={"width": 760, "height": 900}, color_scheme="dark" if dark else "light"
    )
    tab = context.new_page()
    tab.goto(address, wait_until="load")
    tab.screenshot(path=str(path))
    context.close()


def tables(weights: Sequence[Weight], all_seen: Sequence[Seen]) -> str:
    """The figures as Markdown."""
    lines = ["| Page | HTML | with the style sheet |", "|---|---|---|"]
    lines += [f"| `{w.page}` | {w.html:,} | {w.html + w.style:,} |" for w in weights]
    lines += ["", "| Line | Page | first paint | all there |", "|---|---|---|---|"]
    lines += [
        f"| {s.line} | `{s.page or 'index.html'}` | {s.first_paint_s:.1f} s | {s.loaded_s:.1f} s |"
        for s in all_seen
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--pictures", type=Path, help="write two screenshots into this folder")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        persian, english = Path(made) / "fa", Path(made) / "en"
        a_page(persian, "fa", "خبرها")
        a_page(english, "en", "News")
        with served(persian) as fa, served(english) as en:
            if told.pictures:
                pictured(browser, fa, told.pictures / "page-fa-dark.png", dark=True)
                pictured(browser, en, told.pictures / "page-en-light.png", dark=False)
            all_seen = [
                seen(browser, fa, page, line) for line in LINES for page in ("", "newest.html")
            ]
        weights = weighed(persian)
        browser.close()
    print(tables(weights, all_seen))
    if told.json:
        said = {"weights": [asdict(w) for w in weights], "seen": [asdict(s) for s in all_seen]}
        told.json.write_text(json.dumps(said, indent=1) + "\n")


if __name__ == "__main__":
    main()
