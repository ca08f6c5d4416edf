"""Whatever strangers, platforms and colleagues wrote is text on every page of the desk, in a real
browser: nothing of it runs, leads anywhere, or lies over what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk_node import NOW
from desk_served import served
from hostile_fields import EDITORS, OPERATORS, SEEN, core
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow  # that it is text, tests/hostile/test_desk_fields.py shows


@pytest.fixture(scope="module")
def desk() -> Iterator[str]:
    with served(core(), now=lambda: NOW) as address:
        yield f"http://{address}"


@pytest.mark.parametrize(
    ("session", "paths"), [("s-editor", EDITORS), ("s-operator", OPERATORS)], ids=["editor", "node"]
)
def test_whatever_stands_in_a_field_is_text(
    chromium: Browser, desk: str, session: str, paths: tuple[str, ...]
) -> None:
    faults: list[str] = []
    with chromium.new_context(viewport={"width": 360, "height": 640}) as of:
        of.add_cookies([{"name": "desk-session", "value": session, "url": desk}])
        page = of.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.goto(desk + paths[0])  # whoever looks first has it filled
        shows = 0
        for path in paths:
            answer = page.goto(desk + path, wait_until="load")
            assert answer and answer.status == 200, path
            shows += _is_harmless(page, path)
        assert shows >= len(paths) // 2
    assert faults == []


def _is_harmless(page: Page, path: str) -> bool:
    """Nothing ran, nothing leads away, and nothing is wider than a telephone; whether any of the
    hostile words are there at all."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    found = page.evaluate(
        """() => ({
        pwned: window.pwned,
        made: document.querySelectorAll('script:not([src]), style, iframe, [onerror]').length,
        leads: [...document.querySelectorAll('[href], [src], [action], [formaction]')].flatMap(
          (one) => ['href', 'src', 'action', 'formaction'].map((name) => one.getAttribute(name))
        ).filter((to) => to && to !== 'data:,' && !/^(\\/(?!\\/)|#)/.test(to)),
        wide: document.documentElement.scrollWidth,
        text: document.body.textContent,
        })"""
    )
    assert found["pwned"] is None and found["made"] == 0, path
    assert found["leads"] == [], path
    assert found["wide"] <= 360, (path, found["wide"])
    assert "1337" not in found["text"], path
    return SEEN in found["text"]
