"""Every page of the desk there is: none is had without a session, a form of ours, and the role."""

from __future__ import annotations

import re
from typing import Any

import pytest
from desk_browser import HOST, Browser
from desk_core import EDITOR, DeskCore
from starlette.routing import Route

from bench.desk_cards import cards
from relay.desk.guard import OPEN
from relay.desk.pages import ROUTES
from relay.rules.rights import RIGHTS, word_of

MADE = list(cards(12, 4))
SAMPLES = {"id": MADE[0]["id"], "seq": "1", "lane": "held", "n": "1", "token": "a" * 32}
TEXT = re.compile("|".join(re.escape(one["text"][:12]) for one in MADE))


def address(route: Route) -> str:
    """Its path, with something that is there in each of its places."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: SAMPLES.get(found[1], found[1]), route.path)


GUARDED = [one for one in ROUTES if isinstance(one, Route) and not OPEN.fullmatch(address(one))]
LOOKS = sorted({address(one) for one in GUARDED if "GET" in (one.methods or ())})
DOES = sorted({address(one) for one in GUARDED if "POST" in (one.methods or ())})


@pytest.fixture
def core() -> DeskCore:
    core = DeskCore({"cards": lambda order: [{"cards": MADE if not order["after"] else []}]})
    core.people["s-none"] = {**EDITOR, "roles": []}
    core.people["s-originals"] = {**EDITOR, "roles": ["originals"]}
    return core


def deeds(core: DeskCore) -> list[dict[str, Any]]:
    return [one for one in core.asked if one["do"] not in ("who", "cards")]


@pytest.mark.parametrize("path", LOOKS)
def test_nobody_without_a_session_sees_a_page(core: DeskCore, path: str) -> None:
    for session in ("", "s-unknown"):
        page = Browser(core, session).get(path)
        assert (page.status, page.body) == (303, b"")
        assert page.header("location").startswith("/sign-in")
    assert not deeds(core)


@pytest.mark.parametrize("path", DOES)
def test_nothing_is_done_without_a_session_or_a_form_of_ours(core: DeskCore, path: str) -> None:
    sent = {"origin": f"http://{HOST}", "content-type": "application/x-www-form-urlencoded"}
    for session, status in (("", 303), ("s-unknown", 303), ("s-editor", 403)):
        page = Browser(core, session).ask("POST", path, sent, b"token=abcdefgh&csrf=0")
        assert page.status == status
    foreign = {**sent, "origin": "https://evil.example"}
    assert Browser(core).ask("POST", path, foreign, b"").status == 403
    assert not deeds(core)


@pytest.mark.parametrize("session", ["s-none", "s-originals", "s-operator"])
def test_what_one_has_opened_is_not_there_for_others(core: DeskCore, session: str) -> None:
    editor = Browser(core)
    editor.get("/lanes/held")
    assert TEXT.search(editor.get("/lanes/held").text)
    other = Browser(core, session, app=editor.app)
    for path in LOOKS:
        assert not TEXT.search(other.get(path).text), path
    token = other.csrf()
    for path in DOES:
        said = other.post(path, {"q": "people", "pick": "1", "do": "publish"}, csrf=token)
        assert not TEXT.search(said.text), path


def test_pages_that_only_look_do_nothing(core: DeskCore) -> None:
    for session in ("s-editor", "s-operator"):
        browser = Browser(core, session)
        for path in LOOKS:
            browser.get(path)
    assert not [one["do"] for one in deeds(core) if RIGHTS[word_of(one)].deed]
