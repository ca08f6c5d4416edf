"""Everybody can work at the desk: axe finds nothing serious, keys are enough, it may be large."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from at_desk import Person, joined
from axe_playwright_python.sync_playwright import Axe
from looking import soon, status
from playwright.sync_api import Browser

from relay.testing.nodes import Node
from relay.testing.senders import mail, send_mail

POST = "post@example.org"
TEXTS = (
    "Two students were taken at the gate. Call 09123456789 if you know more.",
    "امروز صبح ۱۲ دانشجو جلوی در دانشگاه بازداشت شدند.",
    "امروز صبح ۱۲ دانشجو جلوی در دانشگاه بازداشت شدند. پخش کنید",
    "<script>alert(1)</script> {{ 7*7 }} \u202egnp.exe \x1b[31mred",
)
PAGES = (
    "/lanes",
    "/lanes/danger",
    "/search",
    "/outbox",
    "/asides",
    "/originals",
    "/shift",
    "/preferences",
    "/node",
    "/node/queue",
    "/node/flow",
    "/node/windows",
    "/node/drills",
    "/node/brake",
    "/node/users",
    "/node/audit",
    "/node/panic",
)


@pytest.fixture(scope="module")
def written(node: Node) -> Node:
    """The node, once some people have written."""
    for text in TEXTS:
        assert send_mail(*node.mail, mail(text, to=POST), to=POST)
    soon(lambda: status(node)["held"] == len(TEXTS))
    return node


@pytest.fixture(scope="module", params=["fa", pytest.param("en", marks=pytest.mark.slow)])
def worker(written: Node, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Somebody who may do everything, in one of the languages of the desk."""
    handle = f"all-{request.param}"
    made = joined(written, chromium, handle, "editor", "operator", "originals")
    made.goes("/preferences").select_option("[name=language]", request.param)
    made.page.locator("main button.main").first.click()
    soon(lambda: made.goes("/lanes").locator("[data-item]").count() == 3)
    yield made
    made.close()


def serious(person: Person) -> list[tuple[str, str]]:
    """What axe finds that keeps somebody out: the rule, and where."""
    found = Axe().run(person.page).response["violations"]
    return [
        (one["id"], node["html"][:120])
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_serious_is_found_on_a_page(worker: Person, path: str) -> None:
    worker.goes(path)
    assert serious(worker) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_on_a_group_and_on_each_message(
    worker: Person, scheme: str
) -> None:
    worker.page.emulate_media(color_scheme=scheme)
    for at in range(3):
        worker.goes("/lanes").locator("[data-item] a.button").nth(at).click()
        for details in worker.page.locator("details").all():
            details.evaluate("one => one.open = true")
        assert serious(worker) == []


@pytest.mark.parametrize("path", PAGES)
def test_at_twice_the_size_nothing_is_off_the_side(worker: Person, path: str) -> None:
    worker.page.set_viewport_size({"width": 640, "height": 450})
    worker.goes(path)
    wide = worker.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0
    worker.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_page_reads_from_the_side_that_its_language_begins_at(worker: Person) -> None:
    worker.goes("/lanes")
    page = worker.page.locator("html")
    wanted = {"en": "ltr", "fa": "rtl"}[page.get_attribute("lang") or ""]
    assert page.get_attribute("dir") == wanted
    persian = worker.page.locator("[data-item] .text", has_text="دانشجو").first
    assert persian.evaluate("one => getComputedStyle(one).direction") == "rtl"
    english = worker.page.locator("[data-item] .text", has_text="students").first
    assert english.evaluate("one => getComputedStyle(one).direction") == "ltr"


def test_what_looks_like_code_is_text(worker: Person) -> None:
    worker.goes("/lanes")
    shown = worker.page.locator("[data-item] .text", has_text="alert").first.inner_text()
    assert "<script>alert(1)</script> {{ 7*7 }}" in shown
    assert "\u202e" not in shown and "\x1b" not in shown


def test_keys_are_known_by_their_place_under_another_layout(worker: Person) -> None:
    """What Chromium tells of a Persian layout: the letter of that layout, and where the key is."""
    worker.goes("/lanes")
    press = """([key, code]) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", {key, code, bubbles: true, cancelable: true}))"""
    worker.page.evaluate(press, ["ت", "KeyJ"])
    assert worker.page.locator("[data-item]:focus").count() == 1
    worker.page.evaluate(press, ["ت", "KeyJ"])
    focused = worker.page.evaluate("document.activeElement.id")
    assert focused == "at-1"


def test_everything_is_reached_by_the_tabulator(worker: Person) -> None:
    """From the first link on: what is focused is visible, and comes round within bounds."""
    worker.goes("/lanes")
    seen: set[str] = set()
    for _ in range(120):
        worker.page.keyboard.press("Tab")
        name = worker.page.evaluate(
            """() => { const one = document.activeElement;
            const {width, height} = one.getBoundingClientRect();
            const seen = one !== document.body && width && height;
            return seen ? one.outerHTML.slice(0, 90) : ""; }"""
        )
        seen.add(name)
    assert any('name="publish"' in one for one in seen)
    assert any("/preferences" in one for one in seen)
