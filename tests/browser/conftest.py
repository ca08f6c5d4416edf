"""A real node, its desk, and people who work at it in Debian's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from at_desk import DESK, Person, joined
from playwright.sync_api import Browser, sync_playwright

from relay.testing.nodes import SETTINGS, Node, running

HELD = SETTINGS.format(destinations='"page"').replace('review = "none"', 'review = "all"')


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; one for each file. As long as Playwright is open an event loop counts as running
    in this thread, and what comes after could run none of its own."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        # As root it has no sandbox of its own, and in a container /dev/shm is small.
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node where a person sees everything first, with a desk."""
    folder: Path = tmp_path_factory.mktemp("desk") / "n"
    with running(Node(folder, HELD, more=DESK)) as started:
        yield started


@pytest.fixture(scope="module")
def person(node: Node, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Makes people who have joined and signed in, each in a browser context of their own."""
    made: list[Person] = []

    def make(handle: str, *roles: str, **more: object) -> Person:
        made.append(joined(node, chromium, handle, *roles, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
