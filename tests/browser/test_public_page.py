"""The public page as people open it: read by everybody, on a thin line, and from a stick."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from signed_page import DATE, HOUR, Public, signed, uuid_of

from bench.page_weight import LINES, seen, served
from bridges.page.topics import Key
from relay.model import Media


def a_picture() -> Media:
    """A red one, of 40 by 30 pixels (PNG, third edition)."""
    rows = b"".join(b"\0" + b"\xff\0\0" * 40 for _ in range(30))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0))
    made = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return Media("image/png", made, "a red wall", width=40, height=30)


@pytest.fixture(scope="module", params=["fa", pytest.param("en", marks=pytest.mark.slow)])
def public(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Public:
    """A page with all that there is on one."""
    page = Public(tmp_path_factory.mktemp("page"), language=request.param, title="خبرها")

    async def make() -> None:
        texts = (
            "آب نیست #آب",
            "No water #آب in https://example.org/x",
            "ရေမရှိပါ",
            "A long one " * 90,
        )
        languages, titles = ("fa", "en", "my", "en"), ("A title", "", "")
        await page.fill(
            [
                signed(
                    f"{n}",
                    text,
                    title=titles[n % 3],
                    language=languages[n % 4],
                    date=DATE + n * HOUR,
                )
                for n, text in enumerate(texts * 14)
            ]
        )
        await page.post(signed("seen", media=(a_picture(),)), signed("fire", "two houses"))
        await page.correct(signed("fire", "three houses", revision=2))
        await page.correct(signed("fire", "houses", revision=3, hides=True))
        await page.state("0")

    trio.run(make)
    return page


@pytest.fixture
def address(public: Public) -> Iterator[str]:
    with served(public.folder) as at:
        yield at


PAGES = (
    "index.html", "newest.html", "archive-1.html", "by/index.html", "by/lang-fa.html",
    f"by/{Key(True, 'آب').file}", "send/index.html", "check/index.html",
    f"items/{uuid_of('fire')}.html", "copy.html",
)  # fmt: skip


def troubles(page: Page) -> list[str]:
    """What axe finds, in a few words each."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody(
    public: Public, address: str, chromium: Browser, scheme: str
) -> None:
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    for name in PAGES:
        page.goto(address + name)
        assert troubles(page) == [], name
    context.close()


def test_at_twice_the_size_nothing_runs_out_of_the_page(address: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 400})  # WCAG 2.2, 1.4.10
    page = context.new_page()
    for name in PAGES:
        page.goto(address + name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    context.close()


def test_with_the_keyboard_the_news_are_two_keys_away(address: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.close()


def test_each_text_runs_as_it_is_written_whatever_stands_around_it(
    address: str, chromium: Browser
) -> None:
    page = chromium.new_page()
    page.goto(f"{address}newest.html")
    ways = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.text p')]"
        ".map(p => [p.textContent.slice(0, 5), p.matches(':dir(rtl)')]))"
    )
    assert ways["آب نی"] is True and ways["No wa"] is False
    page.close()


def test_a_copy_opens_from_a_stick_with_its_pictures_and_runs_nothing(
    public: Public, tmp_path: Path, chromium: Browser
) -> None:
    (tmp_path / "copy.html").write_bytes((public.folder / "copy.html").read_bytes())
    with zipfile.ZipFile(public.folder / "copy-media.zip") as packed:
        packed.extractall(tmp_path)
    context = chromium.new_context(java_script_enabled=True, offline=True)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    page.goto((tmp_path / "copy.html").as_uri())
    page.locator("img").scroll_into_view_if_needed()
    page.wait_for_function("() => document.images[0].naturalWidth === 40")
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"
    assert refused == []
    context.close()


@pytest.mark.slow
def test_on_a_line_of_fifty_kilobits_something_is_seen_in_ten_seconds(
    address: str, chromium: Browser
) -> None:
    assert seen(chromium, address, "", LINES[0]).first_paint_s < 10
