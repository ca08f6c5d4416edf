"""A working day: hundreds of messages wait, made of a few stories; people at the desk, by keys.

By default a quiet one; in the slow run the day of 2,000 messages and 150 stories.
"""

from __future__ import annotations

import random
import smtplib
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from at_desk import Person, joined
from looking import soon, status
from playwright.sync_api import Browser
from retold import Story, Told, retold, stories

from relay.testing.aside import Aside, aside
from relay.testing.bluesky import Bluesky, bluesky
from relay.testing.fediverse import Fediverse, fediverse
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts

POST = "post@example.org"
NUMBER = "09123456789"
"""A telephone number (of the form that Iran's have), which is danger wherever it stands."""

DANGEROUS = 3
"""Of the stories that matter, those whose tellers add a number."""

MORE = """
[desk]
listen = "127.0.0.1:0"
outbox = "0s"

[destinations.masto]
bridge = "mastodon"
server = "{masto}"
token_file = "secrets/masto"

[destinations.sky]
bridge = "bluesky"
service = "{sky}"
handle = "{handle}"
password_file = "secrets/sky"
"""


@dataclass
class Newsroom:
    """A node where everything is held, what came to it, and two platforms."""

    node: Node
    masto: Aside[Fediverse]
    sky: Aside[Bluesky]
    stories: list[Story]
    told: list[Told]
    matter: int

    @property
    def story_of(self) -> dict[str, int | None]:
        """Every text, and which story it tells."""
        return {one.text: one.story for one in self.told}

    @property
    def public(self) -> tuple[list[str], list[str], list[str]]:
        """What everybody sees: on the page and on both platforms."""
        masto = self.masto.ask(lambda one: one.texts)
        return page_texts(self.node.url), masto, self.sky.ask(lambda one: one.texts)


def numbered(told: list[Told]) -> list[Told]:
    """The same, where those who tell the second to the fourth of the most told stories say whom to
    call."""
    often = [story for story, _ in Counter(one.story for one in told).most_common(DANGEROUS + 1)]
    return [
        replace(one, text=f"{one.text}\nCall {NUMBER}") if one.story in often[1:] else one
        for one in told
    ]


def sent(node: Node, told: list[Told]) -> None:
    """Everybody writes; over one connection, as from a provider."""
    with smtplib.SMTP(*node.mail) as client:
        for at, one in enumerate(told):
            sender = f"person{at % 700}@example{at % 13}.net"
            client.sendmail(sender, [POST], mail(one.text, to=POST, sender=sender))
    soon(lambda: status(node)["held"] == len(told), 120)


@contextmanager
def newsroom(folder: Path, messages: int, of: int, matter: int) -> Iterator[Newsroom]:
    chance = random.Random(2009)
    made = stories(of, chance)
    told = numbered(retold(messages, made, chance))
    settings = SETTINGS.format(destinations='"page", "masto", "sky"').replace(
        'review = "none"', 'review = "all"\ntwo_persons = "danger"', 1
    )
    with ExitStack() as stack:
        masto = stack.enter_context(aside(fediverse))
        sky = stack.enter_context(aside(bluesky))
        more = MORE.format(
            masto=masto.ask(lambda one: one.base),
            sky=sky.ask(lambda one: one.base),
            handle=sky.ask(lambda one: one.handle),
        )
        node = Node(folder / "n", settings, more=more)
        node.write("secrets/masto", masto.ask(lambda one: one.token).encode())
        node.write("secrets/sky", sky.ask(lambda one: one.password).encode())
        stack.enter_context(running(node))
        sent(node, told)
        yield Newsroom(node, masto, sky, made, told, matter)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((200, 30, 10), id="a quiet day"),
        pytest.param((2000, 150, 30), id="a day", marks=pytest.mark.slow),
    ],
)
def room(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Newsroom]:
    with newsroom(tmp_path_factory.mktemp("day"), *request.param) as made:
        yield made


@pytest.fixture(scope="module")
def editor(room: Newsroom, chromium: Browser) -> Iterator[Person]:
    made = joined(room.node, chromium, "morning", "editor")
    yield made
    made.close()


class Keys:
    """What somebody presses, counted."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.pressed = 0

    def press(self, key: str) -> None:
        self.pressed += 1
        self._person.page.keyboard.press(key)

    def publish(self, many: int) -> None:
        """So many groups, one after the other as the list has them: what was published leaves it,
        and the next one is there; what waits for a second person stays, and is stepped over."""
        page, before = self._person.page, ""
        for _ in range(many):
            if self._here() in ("", before):
                self.press("j")
            before = self._here()
            with page.expect_navigation():
                self.press("p")

    def _here(self) -> str:
        """The words of the group that one is at."""
        at = self._person.page.locator("[data-item]:focus .text")
        return at.inner_text() if at.count() else ""


def at_the_lane(person: Person) -> Keys:
    """Before everything that waits, once the desk knows all of it."""
    page = person.goes("/lanes")
    # As long as nothing is shown it comes again by itself, and then not any more.
    page.locator("[data-filling=all]").wait_for(state="detached")
    soon(lambda: page.reload() and "filled" not in page.content())
    return Keys(person)


def published(room: Newsroom) -> list[str]:
    """The texts on the page; at most as many as a feed has."""
    return page_texts(room.node.url)


def test_what_matters_is_public_with_at_most_three_keys_each_and_danger_by_a_second_person(
    room: Newsroom, editor: Person, chromium: Browser
) -> None:
    keys = at_the_lane(editor)
    keys.publish(room.matter)
    assert keys.pressed <= 3 * room.matter

    second = joined(room.node, chromium, "noon", "editor")
    page = second.goes("/lanes/confirm")
    dangerous = page.locator("[data-item]").count()
    assert 1 <= dangerous <= room.matter
    soon(lambda: len(published(room)) == room.matter - dangerous, 60)
    assert not any(NUMBER in text for text in published(room))
    keys = Keys(second)
    keys.publish(dangerous)
    assert keys.pressed <= 3 * dangerous
    soon(lambda: len(published(room)) == room.matter, 60)
    second.close()

    public = [room.story_of[text] for text in published(room)]
    assert len(set(public)) >= room.matter * 0.8


def test_a_correction_reaches_the_page_and_both_platforms(room: Newsroom, editor: Person) -> None:
    if not published(room):  # where this is the only test that is run
        at_the_lane(editor).publish(1)
    soon(lambda: all(room.public), 120)
    words = next(text for text in published(room) if NUMBER not in text)
    page = editor.page

    def is_found() -> bool:
        """Once the desk has heard that it is public."""
        editor.goes("/search").fill("#said", " ".join(words.split()[:6]))
        with page.expect_navigation():
            page.press("#said", "Enter")
        return page.locator("[data-item]", has_text="posted").count() > 0

    soon(is_found)
    page.locator("[data-item]", has_text="posted").first.locator("a").first.click()
    page.get_by_text("Correct it, everywhere").click()
    page.fill("#correct-text", "It was the day before. Everybody is well.")
    page.get_by_role("button", name="Correct it", exact=True).click()
    soon(lambda: all("Everybody is well" in " ".join(texts) for texts in room.public), 60)
    assert words not in published(room)
