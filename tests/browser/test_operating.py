"""An operator at the desk of a real node: the board, a window, a drill, the brake, and panic."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from at_desk import DESK, Person, joined
from playwright.sync_api import Browser, expect

from relay.testing.nodes import Node, running
from relay.testing.senders import mail, send_mail

POST = "post@example.org"
TABS = ("", "/queue", "/flow", "/windows", "/drills", "/brake", "/users", "/audit", "/panic")


@pytest.fixture(scope="module")
def operator(person: Callable[..., Person]) -> Person:
    return person("oz", "operator", "editor")


def test_every_page_of_the_node_is_there(operator: Person) -> None:
    for tab in TABS:
        page = operator.goes(f"/node{tab}")
        expect(page.locator(".tabs [aria-current=page]")).to_be_visible()
        expect(page.locator(".trouble")).to_have_count(0)


def test_a_window_is_planned_drawn_and_taken_away(operator: Person) -> None:
    page = operator.goes("/node/windows")
    page.check("[name=destination][value=page]")
    page.fill("[name=from]", "now")
    page.fill("[name=until]", "+90m")
    page.fill("[name=zone]", "Asia/Tehran")
    page.fill("[name=why]", "maintenance <b>tonight</b>")
    page.press("[name=why]", "Enter")
    expect(page.locator("main [role=status]")).to_contain_text("planned")
    expect(page.locator("svg rect.there")).to_have_count(1)
    there, utc = (page.locator("tbody td bdi[dir=ltr]").nth(n).inner_text() for n in (0, 1))
    assert there != utc and len(there) >= len("2026-11-30 01:00 – 02:30") <= len(utc)
    expect(page.locator("tbody td.why")).to_have_text("maintenance <b>tonight</b>")
    expect(operator.goes("/node").locator("td .chip", has_text="planned")).to_be_visible()
    operator.goes("/node/windows").locator("tbody button", has_text="Remove").click()
    expect(page.locator("svg rect.there")).to_have_count(0)


def test_a_window_that_is_none_is_said_and_can_be_put_right(operator: Person) -> None:
    page = operator.goes("/node/windows")
    page.check("[name=destination][value=page]")
    page.fill("[name=from]", "soon")
    page.fill("[name=until]", "+90m")
    page.press("[name=until]", "Enter")
    expect(page.locator("[role=alert]")).to_contain_text("--from")
    expect(page.locator("[name=from]")).to_have_value("soon")
    operator.faults.clear()  # that a page was refused is what a browser calls an error


def test_the_brake_is_pulled_and_let_go_from_the_keyboard(operator: Person, node: Node) -> None:
    page = operator.goes("/node/brake")
    page.keyboard.press("Shift+KeyP")
    expect(page.locator("section.amber .chip")).to_have_text("paused")
    page.locator("section.amber button").press("Enter")
    expect(page.locator("section.amber")).to_have_count(0)


def test_a_drill_tells_of_every_way_and_what_came_is_counted(operator: Person, node: Node) -> None:
    assert send_mail(*node.mail, mail("a text that waits", to=POST), to=POST)
    page = operator.goes("/node/drills")
    page.click("main form button.main")
    for _ in range(100):
        if page.locator("[data-key=KeyN]").count() == 0:
            break
        page.wait_for_timeout(100)
        page.click("[data-key=KeyN]")
    row = page.locator("tbody tr", has=page.locator("th", has_text="mail"))
    expect(row.locator(".chip")).to_have_text("waits")  # `[canary]` does not name it
    expect(page.locator("tbody tr", has_text="page").locator(".chip")).to_have_text("works")
    page = operator.goes("/node/flow")
    expect(page.locator("svg.plot")).to_have_count(6)
    expect(page.locator("tbody tr")).to_have_count(1)
    page = operator.goes("/node/queue?queue=review")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_note_is_there_for_the_next_shift(operator: Person) -> None:
    page = operator.goes("/shift")
    page.fill("[name=text]", "یادداشت برای شیفت بعد")
    page.click("main form button.main")
    expect(page.locator("ol.list .text")).to_have_text("یادداشت برای شیفت بعد")


@pytest.mark.slow
def test_panic_wants_the_words_and_then_leaves_nothing(tmp_path: Path, chromium: Browser) -> None:
    with running(Node(tmp_path / "n", more=DESK)) as node:
        operator = joined(node, chromium, "oz", "operator")
        page = operator.goes("/node/panic")
        page.fill("[name=typed]", "yes")
        page.press("[name=typed]", "Enter")
        expect(page.locator("[role=alert]")).to_contain_text("Nothing was done")
        assert (node.folder / "keys/exit.key").exists()
        page.fill("[name=typed]", "destroy the keys")
        page.press("[name=typed]", "Enter")
        expect(page.locator("h1")).to_have_text("The keys are destroyed")
        assert node.process is not None and node.process.wait(10) == 0
        assert not list((node.folder / "keys").iterdir())
        assert not list((node.folder / "secrets").iterdir())
        operator.context.close()
