"""Whatever strangers, platforms and colleagues wrote is text on every page of the desk: as a parser
sees it; ``tests/browser/test_hostile_fields.py`` has a real browser show it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from desk_browser import Browser
from hostile_fields import EDITORS, OPERATORS, core

LEADS = ("href", "src", "action", "formaction")


class Tags(HTMLParser):
    """What of a page is more than text, and is not ours."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.foreign: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            leads_away = name in LEADS and not (value or "").startswith(("/", "#", "data:"))
            if leads_away or name.startswith("on") or name == "style":
                self.foreign.append(f"{tag} {name}")
        if tag in ("style", "iframe", "object") or (tag == "script" and "src" not in dict(attrs)):
            self.foreign.append(tag)


@pytest.mark.parametrize(("session", "paths"), [("s-editor", EDITORS), ("s-operator", OPERATORS)])
def test_whatever_stands_in_a_field_is_text_on_every_page(
    session: str, paths: tuple[str, ...]
) -> None:
    browser = Browser(core(), session)
    browser.get(paths[0])  # whoever looks first has it filled
    for path in paths:
        page = browser.get(path)
        assert (page.status, Tags(page.text).foreign) == (200, []), path
        assert "1337" not in page.text, path  # 7*191, if a template were made of it
