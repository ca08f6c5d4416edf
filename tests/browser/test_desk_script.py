"""The desk's one script in a real browser: keys by their place, and what waits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from desk_core import EDITOR, DeskCore
from desk_served import served
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from bench.desk_cards import NOW, cards

PERSIAN = {"KeyJ": "ت", "KeyK": "ن", "KeyI": "ه", "KeyP": "ح", "KeyG": "ل", "KeyF": "ب"}
"""What stands on these keys of a Persian keyboard (ISIRI 9147)."""


@pytest.fixture(scope="module")
def core() -> DeskCore:
    made = list(cards(12, 4))
    core = DeskCore({"cards": lambda order: [{"cards": made if not order["after"] else []}]})
    core.people["s-fa"] = {**EDITOR, "language": "fa"}
    return core


@pytest.fixture(scope="module")
def desk(core: DeskCore) -> Iterator[str]:
    with served(core, now=lambda: NOW) as address:
        yield f"http://{address}"


def context(chromium: Browser, desk: str, session: str, **more: Any) -> BrowserContext:
    made = chromium.new_context(**more)
    made.add_cookies([{"name": "desk-session", "value": session, "url": desk}])
    return made


@pytest.fixture(scope="module")
def opened(chromium: Browser, desk: str) -> Iterator[Page]:
    """A window of somebody who has a keyboard for Persian; the desk has its messages."""
    faults: list[str] = []
    with context(chromium, desk, "s-fa") as of:
        page = of.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{desk}/lanes/held")
        yield page
    assert not faults


@pytest.fixture
def page(opened: Page, desk: str) -> Page:
    """It shows a lane."""
    opened.goto("about:blank")  # the page of the test before may be on its way to itself
    opened.goto(f"{desk}/lanes/held", wait_until="domcontentloaded")
    opened.wait_for_selector("[data-item]")
    return opened


def press(page: Page, code: str, key: str = "", shift: bool = False) -> None:
    """A key by its place, with the letter that a Persian layout puts there."""
    page.evaluate(
        "([code, key, shiftKey]) => document.activeElement.dispatchEvent(new KeyboardEvent("
        "'keydown', {code, key, shiftKey, bubbles: true, cancelable: true}))",
        [code, key or PERSIAN[code], shift],
    )


def at(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.id")
    return found


def test_keys_are_known_by_their_place_whatever_letter_stands_there(page: Page, desk: str) -> None:
    press(page, "KeyJ")
    press(page, "KeyJ")
    assert at(page) == "at-1"
    press(page, "KeyI")
    assert page.inner_text("[data-picked]") == "۱"
    press(page, "KeyK")
    assert at(page) == "at-0"
    press(page, "KeyG")
    press(page, "KeyF")
    page.wait_for_url(f"{desk}/search")


def test_a_key_does_nothing_to_what_one_is_not_at(page: Page, core: DeskCore) -> None:
    press(page, "KeyP")
    assert at(page) == "at-0" and not core.given("publish")


def test_keys_do_nothing_while_one_writes_and_when_they_are_switched_off(
    page: Page, desk: str
) -> None:
    page.goto(f"{desk}/search")
    page.focus("input[type=search], main input:not([type=hidden])")
    page.keyboard.type("gl?j")
    assert page.url == f"{desk}/search" and not page.is_visible("#keys")
    page.keyboard.press("Escape")
    press(page, "Slash", "؟", shift=True)
    page.uncheck("#keys-used")
    page.click("#keys button")
    press(page, "KeyG")
    press(page, "KeyF")
    press(page, "KeyJ")
    assert at(page) == ""
    page.evaluate("localStorage.clear()")


def test_the_keys_of_a_page_are_listed_in_its_language(page: Page) -> None:
    press(page, "Slash", "؟", shift=True)
    listed = page.inner_text("#keys dl")
    assert "انتشار" in listed and "P" in listed


def test_all_boxes_are_ticked_at_once(page: Page) -> None:
    page.check("[data-all]")
    every = page.locator("input[name=pick]").count()
    assert page.locator("input[name=pick]:checked").count() == every > 1
    page.locator("input[name=pick]").first.uncheck()
    assert page.evaluate("document.querySelector('[data-all]').indeterminate")


def test_a_title_tells_what_waits_and_a_page_that_is_signed_out_leaves_the_screen(
    page: Page, desk: str
) -> None:
    told = {"waits": 5, "colour": "", "lanes": {"held": 5}, "ends_s": 1000}

    def answer(route: Route) -> None:
        route.fulfill(json=told) if told else route.fulfill(status=401)

    page.clock.install()
    page.route("**/pulse*", answer)
    page.reload()
    expect(page).to_have_title(re.compile("^[(]۵[)]"))
    assert not page.is_visible("[data-fresh]")
    told |= {"waits": 6, "ends_s": 60}
    page.clock.run_for(5_100)
    expect(page).to_have_title(re.compile("^[(]۶[)]"))
    assert page.is_visible("[data-fresh]") and page.is_visible("[data-lost]")
    told.clear()
    page.clock.run_for(5_100)
    page.wait_for_url(f"{desk}/sign-in?to=*")


def test_a_lane_is_there_without_scripts(chromium: Browser, desk: str) -> None:
    with context(chromium, desk, "s-editor", java_script_enabled=False) as of:
        page = of.new_page()
        page.goto(f"{desk}/lanes/held")
        assert page.locator("[data-item] button[name=publish]").count() > 1
        page.goto(f"{desk}/preferences")
        assert page.is_visible("text=Language") and not page.is_visible("[data-tries-sound]")
