"""A real browser without a window, spoken to by WebDriver (https://www.w3.org/TR/webdriver2/)."""

from __future__ import annotations

import shutil
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from running import asked, free_port, running

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element in JSON (WebDriver, section 12.2)."""


class Browser:
    """One window."""

    def __init__(self, base: str, session: str) -> None:
        self._at = f"{base}/session/{session}"
        self._said("POST", "/timeouts", {"implicit": 10_000})  # until a page has come

    def go(self, url: str) -> None:
        """Load a page, as if its address was typed in."""
        self._said("POST", "/url", {"url": url})

    def back(self) -> None:
        """The button that everybody knows."""
        self._said("POST", "/back", {})

    def text(self, selector: str) -> str:
        """What stands there, as it is seen."""
        return str(self._said("GET", f"/element/{self._found(selector)}/text"))

    def value(self, selector: str) -> str:
        """What stands in a field."""
        return str(self._said("GET", f"/element/{self._found(selector)}/property/value"))

    def css(self, selector: str, name: str) -> str:
        """A property as it was computed."""
        return str(self._said("GET", f"/element/{self._found(selector)}/css/{name}"))

    def box(self, selector: str) -> Mapping[str, float]:
        """Where it is: x, y, width, height in pixels."""
        found = self._said("GET", f"/element/{self._found(selector)}/rect")
        return {name: float(value) for name, value in found.items()}

    def type(self, selector: str, text: str) -> None:
        """Write into a field; into one for files the path of a file."""
        self._said("POST", f"/element/{self._found(selector)}/value", {"text": text})

    def click(self, selector: str) -> None:
        """Click on it, and wait for the page that comes."""
        self._said("POST", f"/element/{self._found(selector)}/click", {})

    def run(self, script: str) -> Any:
        """What a function gives that the test brings along; the page has none of its own."""
        return self._said("POST", "/execute/sync", {"script": script, "args": []})

    def photograph(self, width: int, height: int) -> bytes:
        """What is seen in a window of this size, as PNG."""
        self._said("POST", "/window/rect", {"width": width, "height": height})
        return b64decode(str(self._said("GET", "/screenshot")))

    def _found(self, selector: str) -> str:
        given = self._said("POST", "/element", {"using": "css selector", "value": selector})
        return str(given[ELEMENT])

    def _said(self, method: str, path: str, what: object = None) -> Any:
        status, made, _ = asked(method, self._at + path, what)
        assert status == 200, made
        return made["value"]


@contextmanager
def chromium(folder: Path, *, scripts: bool = False, language: str = "en") -> Iterator[Browser]:
    """A browser with nothing kept of before. Without ``scripts`` as Tor Browser's safest level."""
    driver = shutil.which("chromedriver")
    assert driver, "chromedriver is missing: make test-peers installs it"
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 "--window-size=412,900", f"--user-data-dir={folder / 'profile'}"]  # fmt: skip
    preferences: dict[str, object] = {"intl.accept_languages": language}
    if not scripts:
        preferences["profile.managed_default_content_settings.javascript"] = 2
    options = {"args": arguments, "prefs": preferences}
    wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
    command = [driver, f"--port={port}", "--allowed-ips=127.0.0.1"]
    with running(command, folder, ready=f"{base}/status"):
        status, made, _ = asked("POST", f"{base}/session", {"capabilities": wanted})
        assert status == 200, made
        browser = Browser(base, made["value"]["sessionId"])
        try:
            yield browser
        finally:
            browser._said("DELETE", "")
