"""The form as people see it: in Chromium without scripts, and in a browser of text alone.

``python tests/peers/test_form_browser.py`` takes the pictures of it that are in docs/pictures.
"""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, chromium
from running import SERVERS
from small_png import small
from text_browser import W3m

from relay.rules.words import say
from relay.testing.nodes import SETTINGS, Node, running
from relay.transports.form.page import RIGHT_TO_LEFT, words

FORM = """
[transports.form]
kind = "form"
channel = "news"
"""
PERSIAN = "در میدان اصلی شهر هزاران نفر جمع شده‌اند."
WIDTH, HEIGHT = 440, 1800
PICTURES = Path(__file__).parent.parent.parent / "docs/pictures"


@pytest.fixture(scope="module", autouse=True)
def _browsers() -> None:
    if not (SERVERS / "browsers/whole").exists():
        pytest.fail("not installed: browsers; make test-peers does it", pytrace=False)


def node_in(folder: Path) -> Node:
    held = SETTINGS.format(destinations='"page"').replace('review = "none"', 'review = "all"')
    return Node(folder / "n", held, more=FORM)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a form that a node serves."""
    with running(node_in(tmp_path_factory.mktemp("node"))) as node:
        yield f"{node.url}/in/form"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("browser")) as made:
        yield made


def picture(folder: Path) -> Path:
    """A grey PNG of 64 by 64."""
    rows = zlib.compress(b"\x00" + b"\x80" * 64 + (b"\x00" + b"\x80" * 64) * 63)
    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    made = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")):
        crc = struct.pack(">I", zlib.crc32(name + content))
        made += struct.pack(">I", len(content)) + name + content + crc
    path = folder / "a picture of mine.png"
    path.write_bytes(made)
    return path


def test_a_person_writes_with_a_picture_asks_and_takes_it_back(
    browser: Browser, page: str, tmp_path: Path
) -> None:
    browser.go(f"{page}?lang=fa")
    browser.type("#text", f"{PERSIAN}\n\nسطر دوم")
    browser.type("#pictures", str(picture(tmp_path)))
    browser.click("form:first-of-type button")
    assert browser.text(".told > p") == words()["fa"]["taken"]
    code = browser.text(".code")
    assert re.fullmatch(r"[0-9 ]{10,16}", code)
    browser.type("#code", code)
    browser.click('button[value="status"]')
    waits = (say("waits", "fa"), say("waits", "en"))
    assert browser.text(".answer") in waits
    browser.go(f"{page}?lang=fa")  # no answer stands there that could be taken for the next one
    browser.type("#code", code)
    browser.click('button[value="delete"]')
    assert browser.text(".answer") in (say("deleted", "fa"), say("deleted", "en"))


def test_the_enter_key_in_a_code_asks_how_it_is_and_takes_nothing_back(
    browser: Browser, page: str
) -> None:
    browser.go(page)
    browser.type("#code", "1234567809\n")
    assert browser.text(".answer") == say("unknown", "en")


def test_what_is_no_picture_is_said_and_the_text_stays(
    browser: Browser, page: str, tmp_path: Path
) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7")
    browser.go(page)
    browser.type("#text", "a story & more")
    browser.type("#pictures", str(tmp_path / "letter.pdf"))
    browser.click("form:first-of-type button")
    assert browser.text(".note") == words()["en"]["odd"]
    assert browser.value("#text") == "a story & more"


def test_what_is_more_than_the_form_takes_is_said_on_a_page(
    browser: Browser, page: str, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(picture(tmp_path).read_bytes() + bytes(10 * 1024 * 1024))
    browser.go(page)
    browser.type("#text", "a large one")
    browser.type("#pictures", str(large))
    browser.click("form:first-of-type button")
    assert browser.text(".note") == words()["en"]["large"]
    browser.back()
    assert browser.value("#text") == "a large one"


@pytest.mark.parametrize("language", words())
def test_each_language_fits_a_small_screen_and_runs_its_own_way(
    browser: Browser, page: str, language: str
) -> None:
    browser.go(f"{page}?lang={language}")
    browser.photograph(320, 700)
    body = browser.box("body")
    assert body["x"] >= 0 and body["x"] + body["width"] <= browser.box("html")["width"]
    way = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    assert browser.css("h1", "direction") == way
    heading, button = browser.box("body"), browser.box("form:first-of-type button")
    left = button["x"] - heading["x"]
    right = heading["x"] + heading["width"] - button["x"] - button["width"]
    assert (left > right) == (way == "rtl")
    for name in ("title", "text", "send", "ask_title"):
        assert words()[language][name] in browser.text("body")


def test_the_policy_of_the_page_lets_its_own_style_in_and_nothing_else(
    tmp_path: Path, page: str
) -> None:
    with chromium(tmp_path, scripts=True) as one:
        one.go(page)
        assert one.css("body", "max-width") == "680px"  # 40 of its letters
        entries = "return performance.getEntriesByType('resource').map(e => e.name)"
        assert [name for name in one.run(entries) if not name.startswith("data:")] == []
        assert one.run("return document.cookie + localStorage.length + sessionStorage.length") == (
            "00"
        )


def test_the_language_of_the_browser_is_that_of_the_page(tmp_path: Path, page: str) -> None:
    with chromium(tmp_path, language="ar,en") as one:
        one.go(page)
        assert one.text("h1") == words()["ar"]["title"]


def test_a_browser_of_text_shows_all_of_it(page: str) -> None:
    command = ["w3m", "-I", "UTF-8", "-O", "UTF-8", "-dump", "-cols", "70", f"{page}?lang=en"]
    shown = subprocess.run(command, capture_output=True, timeout=30, check=True).stdout.decode()
    for name in ("title", "text", "pictures", "send", "ask_title", "status", "delete"):
        assert words()["en"][name] in shown
    assert "فارسی" in shown


def test_a_browser_of_text_sends(page: str, tmp_path: Path) -> None:
    w3m = W3m(f"{page}?lang=en", tmp_path, PERSIAN)
    try:
        w3m.sees(words()["en"]["delete"])
        w3m.press("\t" * (len(words()) + 1), until="")  # past the languages, to the text
        w3m.press("\r", until=PERSIAN[:10])
        answer = w3m.press("\t\t\r", until="Who knows the code")  # past the pictures, to "Send"
    finally:
        w3m.close()
    assert re.search(r"\d{4}\s+\d{3,4}\s+\d{3,4}", answer)


def main() -> None:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        with running(node_in(at)) as node, chromium(at) as one:
            for language in ("en", "fa"):
                one.go(f"{node.url}/in/form?lang={language}")
                taken = one.photograph(WIDTH, HEIGHT)
                (PICTURES / f"form-{language}.png").write_bytes(small(taken))


if __name__ == "__main__":
    sys.exit(main())
