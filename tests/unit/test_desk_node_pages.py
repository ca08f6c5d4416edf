"""The pages of the node: what an operator sees, and what each form asks of the core."""

from __future__ import annotations

import re
from typing import Any

import pytest
from desk_browser import Browser
from desk_core import DeskCore
from desk_node import NOW, SCRIPT, a_window, node_says

from relay.desk.core import Refused
from relay.desk.drawing.columns import OTHERS
from relay.desk.pages.operator import board, flow, windows
from relay.desk.pages.operator.around import DONE, TABS
from relay.desk.pages.operator.panic import TYPED
from relay.desk.words import words_in
from relay.model import BESIDE, Queue, Sent, State

PATHS = (
    "/node",
    "/node?hours=168",
    "/node/queue",
    "/node/flow",
    "/node/flow?hours=840",
    "/node/windows",
    "/node/drills",
    "/node/brake",
    "/node/users",
    "/node/audit",
    "/node/panic",
    "/shift",
)


def operator(**says: Any) -> tuple[DeskCore, Browser]:
    core = DeskCore({**node_says(), **says})
    return core, Browser(core, session="s-operator")


@pytest.mark.parametrize("path", PATHS)
def test_every_page_of_the_node_is_shown_and_runs_nothing_that_it_shows(path: str) -> None:
    _, browser = operator()
    page = browser.get(path)
    assert page.status == 200, page.text
    assert SCRIPT not in page.text and "49" not in re.findall(r">(\d+)<", page.text)
    assert "style=" not in page.text
    assert page.text.count("<h1") == 1


@pytest.mark.parametrize("path", PATHS)
def test_every_page_of_the_node_stands_in_persian_too(path: str) -> None:
    core, browser = operator()
    core.people["s-operator"] = {**core.people["s-operator"], "language": "fa"}
    assert 'dir="rtl"' in browser.get(path).text


def test_every_word_that_the_core_says_of_itself_stands_in_persian() -> None:
    """They stand in no page: a catalogue that is made of pages alone would lose them."""
    words = [tab.name for tab in TABS]
    words += [*DONE.values(), *board.SPANS.values(), *flow.SPANS.values(), *flow.STEPS.values()]
    words += [*board.COLOURS, *windows.DAYS, *windows.DOES, *windows.DOES.values()]
    words += [*map(str, State), *map(str, Sent), *(one.value for one in Queue if one not in BESIDE)]
    words += ["now", "coming", "over", "shadowed", "every day", "destroyed", "unlinked", "left"]
    words += ["way in", "destination", "waits", "released", "dropped", OTHERS, TYPED]
    assert [word for word in words if word not in words_in("fa")] == []


def test_windows_are_drawn_and_stand_in_a_table_as_well() -> None:
    _, browser = operator()
    text = browser.get("/node/windows").text
    assert text.count('rx="3"') == 4  # three nights in two days, and the one that comes
    assert 'role="img"' in text and "2027-01-15" in text
    assert text.count("in relay.toml") == 1 and 'value="w1"' in text


def test_a_window_is_planned_by_the_words_of_the_command_line() -> None:
    core, browser = operator()
    form = [
        ("destination", "mastodon"),
        ("destination", "x"),
        ("from", "23:00"),
        ("until", "07:00"),
        ("zone", "Asia/Tehran"),
        ("do", "hold"),
        ("to", ""),
        ("day", "mon"),
        ("why", ""),
    ]
    assert browser.post("/node/windows", form).header("location") == "/node/windows?done=window"
    [order] = [one for one in core.given("window") if "add" in one]
    assert order["add"] == {
        "destinations": ["mastodon", "x"],
        "from": "23:00",
        "until": "07:00",
        "zone": "Asia/Tehran",
        "do": "hold",
        "days": ["mon"],
    }


def test_a_window_that_is_refused_can_be_put_right() -> None:
    def says(order: Any) -> Any:
        if "add" in order:
            raise Refused("--from: is no time")
        return []

    _, browser = operator(window=says)
    page = browser.post("/node/windows", {"from": "soon", "until": "07:00", "destination": "x"})
    assert page.status == 409 and "--from: is no time" in page.text
    assert 'value="soon"' in page.text and page.text.count(" checked") == 1


def test_what_is_odd_about_a_window_is_told() -> None:
    def says(order: Any) -> Any:
        odd = ["w1 <b>holds</b> it as well"]
        return [{"notes": odd}] if "add" in order else [a_window("w1", frozen=True)]

    _, browser = operator(window=says)
    page = browser.post("/node/windows", {"from": "now", "until": "+90m", "destination": "x"})
    assert page.status == 200 and "w1 &lt;b&gt;holds&lt;/b&gt; it as well" in page.text
    for path in ("/node", "/node/windows"):
        assert "The clock is not trusted" in browser.get(path).text


def test_the_queue_is_asked_for_by_what_was_chosen_and_goes_on_from_there() -> None:
    core, browser = operator()
    page = browser.get("/node/queue?queue=post&destination=mastodon&text=no%26&newest=1")
    [order] = core.given("queue")
    assert order["filter"] == {
        "queue": "post",
        "destination": "mastodon",
        "text": "no&",
        "newest": True,
    }
    further = re.search(r'href="(/node/queue\?[^"]*after=2)"', page.text)
    assert further
    browser.get(further[1].replace("&amp;", "&"))
    assert (
        core.given("queue")[1]["after"] == 2 and core.given("queue")[1]["filter"]["text"] == "no&"
    )


@pytest.mark.parametrize("after", ["-1", "x", "9" * 40, "²"])
def test_an_address_that_was_made_up_shows_the_beginning(after: str) -> None:
    core, browser = operator()
    assert browser.get(f"/node/queue?after={after}").status == 200
    assert core.given("queue")[0]["after"] == 0
    assert browser.get(f"/node/audit?before={after}").status == 200


def test_flow_is_drawn_and_the_same_numbers_stand_below() -> None:
    _, browser = operator()
    text = browser.get("/node/flow").text
    assert text.count('class="plot"') == 6
    assert text.count('<tr><th scope="row">') == 22  # of 24 hours; for two it did not run
    assert 'class="unknown"' in browser.get("/node/flow?hours=72").text


def test_a_node_that_has_counted_nothing_yet_says_so() -> None:
    empty = {"now": NOW, "steps": node_says()["flow"][0]["steps"], "hours": []}  # type: ignore[index,call-overload]
    _, browser = operator(flow=[empty])
    page = browser.get("/node/flow")
    assert page.status == 200 and "Nothing is known of this time" in page.text


@pytest.mark.parametrize(
    ("path", "form", "order", "to"),
    [
        ("/node/brake/pause", {"name": "relay"}, "pause", "/node/brake?done=paused"),
        ("/node/brake/resume", {"name": "news"}, "resume", "/node/brake?done=was-not-paused"),
        ("/node/windows/remove", {"name": "w1"}, "window", "/node/windows?done=removed"),
        ("/node/drills", {"name": ""}, "drill", "/node/drills?done=drill"),
        ("/shift", {"text": "a note"}, "handover", "/shift?done=note"),
    ],
)
def test_a_form_gives_one_order_and_says_what_came_of_it(
    path: str, form: dict[str, str], order: str, to: str
) -> None:
    core, browser = operator()
    assert browser.post(path, form).header("location") == to
    assert len(core.given(order)) == 1
    assert 'role="status"' in browser.get(to).text


def test_nothing_is_destroyed_by_another_word() -> None:
    core, browser = operator()
    for said in ("", "yes", "destroy", "destroy the keys now"):
        assert browser.post("/node/panic", {"typed": said}).status == 409
    assert not core.given("panic")


def test_the_typed_word_destroys_the_keys_and_the_page_says_so() -> None:
    core, browser = operator()
    page = browser.post("/node/panic", {"typed": f" {TYPED.upper()} "})
    assert page.status == 200 and "exit.key" in page.text
    assert [one["typed"] for one in core.given("panic")] == [TYPED]


def test_a_node_that_ended_before_it_could_answer_has_destroyed_its_keys() -> None:
    _, browser = operator(panic=Refused("gone", again=True))
    assert "The keys are destroyed" in browser.post("/node/panic", {"typed": TYPED}).text


def test_who_is_no_operator_finds_no_way_to_the_node() -> None:
    core = DeskCore({**node_says(), "board": Refused("you may not do that")})
    browser = Browser(core)
    assert 'href="/node"' not in browser.get("/shift").text
    assert browser.get("/node").status == 409
