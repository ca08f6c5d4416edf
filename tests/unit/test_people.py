"""Nothing is done from the desk without a session and a right, and all of it in a name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from desk_people import Office
from trio.testing import MockClock

import relay.desk
from relay.errors import Asked
from relay.node.desk.people import LOCKED, MAY_NOT
from relay.node.desk.proofs import WRONG
from relay.node.desk.service import SIGNED_OUT
from relay.node.desk.signing_in import NOT_PROVED
from relay.rules.rights import RIGHTS, ROLES, may, word_of


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


async def test_what_an_editor_orders_is_done_in_their_name(office: Office) -> None:
    session = await office.session("ada", "editor")
    assert await office.ask("hold", session=session, id="abcd", by="eve") == {"by": "ada"}
    assert office.done == [{"do": "hold", "id": "abcd", "by": "ada"}]


async def test_what_is_given_to_nobody_is_refused_and_is_with_nobody(office: Office) -> None:
    session = await office.session("ada", "editor")
    with pytest.raises(Asked, match="nobody of that name"):
        await office.ask("assign", session=session, ids=["abcd"], to="aba")
    assert office.done == []
    for to in ("ada", ""):
        assert await office.ask("assign", session=session, ids=["abcd"], to=to) == {"by": "ada"}


async def test_what_is_ordered_at_the_terminal_is_done_in_its_name(office: Office) -> None:
    assert await office.order("hold", id="abcd", by="ada") == {"by": "terminal"}


@pytest.mark.parametrize("session", [None, "", "00" * 32, 7, ["x"], "g" * 64, "é" * 64])
async def test_without_a_session_nothing_is_done(office: Office, session: object) -> None:
    await office.session("ada", "editor", "operator", "originals")
    for word in ("show", "who", "publish", "status", "unlock", "reload", "nonsense", ""):
        with pytest.raises(Asked, match=f"^{SIGNED_OUT}$"):
            await office.ask(word, session=session, id="abcd")
    assert office.done == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_do_what_is_its_own_and_nothing_else(office: Office, role: str) -> None:
    session = await office.session("ada", role)
    for word in {*(word.partition(" ")[0] for word in RIGHTS), "unlock", "reload", "x", "sign"}:
        if may((role,), word) or word == "sign-out":
            continue
        with pytest.raises(Asked, match=MAY_NOT):
            await office.ask(word, session=session)
    assert office.done == []


def test_only_an_editor_publishes_and_only_an_operator_stops_the_node_for_good() -> None:
    assert [role for role in ROLES if may((role,), "publish")] == ["editor"]
    assert [role for role in ROLES if may((role,), "panic")] == ["operator"]
    assert [role for role in ROLES if may((role,), "original")] == ["originals"]
    assert not may(("operator",), "show")


def test_an_order_that_changes_something_asks_for_another_right_than_one_that_looks() -> None:
    assert word_of({"do": "window"}) == "window"
    assert word_of({"do": "window", "add": {"x": 1}, "name": "w"}) == "window add"
    assert word_of({"do": "window", "add": {}, "name": ""}) == "window add"
    assert word_of({"do": "clock", "accept": True}) == "clock accept"
    assert word_of({"do": "clock", "accept": False}) == "clock"
    assert word_of({"do": ["window"]}) == ""


GIVEN = re.compile(r'(?:\b(?:one|each)\(\s*request,\s*|"do": )"([a-z-]+)"')
"""An order as a page of the desk gives it."""

ENTERING = {"locked", "sign-in", "joining", "join"}


def test_each_order_that_a_page_gives_has_a_right() -> None:
    pages = Path(relay.desk.__file__).parent.rglob("*.py")
    given = {word for page in pages for word in GIVEN.findall(page.read_text("utf-8"))}
    assert len(given) > 10
    assert given - RIGHTS.keys() <= ENTERING


@pytest.mark.parametrize("word", ["unlock", "reload", "users add", "senders add", "drop destroy"])
def test_what_outlives_a_session_is_for_the_terminal(word: str) -> None:
    assert not may(ROLES, word)


def test_to_destroy_is_another_order_than_to_drop() -> None:
    assert word_of({"do": "drop", "id": "abcd", "destroy": True}) == "drop destroy"
    assert word_of({"do": "drop", "id": "abcd", "destroy": 1}) == "drop destroy"
    assert word_of({"do": "drop", "ids": ["abcd"], "token": "x"}) == "drop"


async def test_nobody_adds_a_user_from_the_desk(office: Office) -> None:
    session = await office.session("ada", *ROLES)
    for change in ({"add": "eve", "roles": ["editor"]}, {"link": "ada"}, {"remove": "ada"}):
        with pytest.raises(Asked, match=MAY_NOT):
            await office.ask("users", session=session, **change)
    told = await office.ask("users", session=session)
    assert [one["handle"] for one in told["users"]] == ["ada"]


async def test_who_signs_out_is_signed_out(office: Office) -> None:
    session = await office.session("ada")
    await office.ask("sign-out", session=session)
    with pytest.raises(Asked, match=SIGNED_OUT):
        await office.ask("who", session=session)


async def test_who_signs_out_everywhere_is_signed_out_in_every_browser(office: Office) -> None:
    first = await office.session("ada")
    second, other = (await office.enters("ada"))["session"], await office.session("bo")
    await office.ask("sign-out", session=second, everywhere=True)
    for session in (first, second):
        with pytest.raises(Asked, match=SIGNED_OUT):
            await office.ask("who", session=session)
    assert (await office.ask("who", session=other))["handle"] == "bo"


async def test_each_session_is_a_new_one(office: Office) -> None:
    one = await office.session("ada")
    other = (await office.enters("ada"))["session"]
    assert one != other
    await office.ask("sign-out", session=one)
    assert (await office.ask("who", session=other))["handle"] == "ada"


async def test_who_does_nothing_is_signed_out(office: Office, mock_clock: MockClock) -> None:
    session = await office.session("ada")
    mock_clock.jump(1700)
    await office.ask("show", session=session, id="abcd")
    mock_clock.jump(1700)
    await office.ask("show", session=session, id="abcd", quiet=True)  # a page asked by itself
    assert "quiet" not in office.done[-1]
    mock_clock.jump(200)
    with pytest.raises(Asked, match=SIGNED_OUT):
        await office.ask("show", session=session, id="abcd")


async def test_everybody_is_signed_out_at_last(office: Office, mock_clock: MockClock) -> None:
    session = await office.session("ada")
    for _ in range(12 * 3):
        mock_clock.jump(1199)
        await office.ask("show", session=session, id="abcd")
    mock_clock.jump(100)
    with pytest.raises(Asked, match=SIGNED_OUT):
        await office.ask("show", session=session, id="abcd")


async def test_a_wall_clock_that_is_set_ends_no_session_and_prolongs_none(
    office: Office, mock_clock: MockClock
) -> None:
    session = await office.session("ada")
    office.clock.at += 10 * 86400
    await office.ask("show", session=session, id="abcd")
    office.clock.at -= 20 * 86400
    mock_clock.jump(1801)
    with pytest.raises(Asked, match=SIGNED_OUT):
        await office.ask("show", session=session, id="abcd")


async def test_a_user_who_is_removed_is_signed_out_at_once(office: Office) -> None:
    session = await office.session("ada")
    answers = office.people.answers({"do": "show", "session": session, "id": "abcd"})
    assert await anext(answers) == {"done": "show"}
    await office.order("users", remove="ada")
    with pytest.raises(Asked, match=SIGNED_OUT):
        await anext(answers)  # in the middle of a long answer
    with pytest.raises(Asked, match=SIGNED_OUT):
        await office.ask("who", session=session)
    with pytest.raises(Asked, match=WRONG):
        await office.enters("ada")


async def test_a_user_with_other_roles_signs_in_anew(office: Office) -> None:
    session = await office.session("ada", "editor")
    await office.order("users", change="ada", roles=["reader"])
    with pytest.raises(Asked, match=SIGNED_OUT):
        await office.ask("publish", session=session)
    assert (await office.enters("ada"))["roles"] == ["reader"]


async def test_a_person_has_a_few_sessions_and_the_one_used_least_lately_ends(
    office: Office, mock_clock: MockClock
) -> None:
    first = await office.session("ada")
    device = ""
    for _ in range(8):
        mock_clock.jump(60)
        device = (await office.enters("ada", device=device))["device"]
    with pytest.raises(Asked, match=SIGNED_OUT):
        await office.ask("who", session=first)


async def test_a_locked_node_lets_nobody_in_and_obeys_its_terminal(office: Office) -> None:
    office.begin(unlocked=False)
    for word in ("sign-in", "joining", "join"):
        with pytest.raises(Asked, match=LOCKED):
            await office.ask(word, name="ada")
    assert await office.ask("locked") == {"locked": True}
    with pytest.raises(Asked, match=LOCKED):
        await office.order("users")
    assert await office.order("unlock") == {"by": "terminal"}


async def test_whether_it_is_locked_is_one_word_for_everybody(office: Office) -> None:
    assert await office.ask("locked", name="ada", session="x", link="y") == {"locked": False}


async def test_what_somebody_likes_is_known_the_next_time(office: Office) -> None:
    session = await office.session("ada")
    told = await office.ask("prefer", session=session, language="fa", sound=True, notify="yes")
    assert (told["language"], told["sound"], told["notify"]) == ("fa", True, False)
    office.begin()
    assert (await office.enters("ada"))["language"] == "fa"
    with pytest.raises(Asked):
        await office.ask("prefer", session=(await office.enters("ada"))["session"], language="<b>")


async def test_it_is_known_whether_anybody_there_may_look(office: Office) -> None:
    assert not office.people.some_may("cards")
    session = await office.session("ada", "operator")
    assert not office.people.some_may("cards")
    await office.session("bo", "reader")
    assert office.people.some_may("cards")
    assert (await office.ask("who", session=session))["roles"] == ["operator"]


async def test_a_user_shows_at_the_terminal_that_they_are_there(office: Office) -> None:
    await office.has("ada", "editor")
    await office.has("bo", "reader")
    office.clock.at += 30
    proof = {"name": "ada", "passphrase": "seven grey herons wade", "code": office.code("ada")}
    assert await office.order("release", id="abcd", **{"as": proof}) == {"by": "ada"}
    with pytest.raises(Asked, match=NOT_PROVED):
        await office.order("release", id="abcd", **{"as": proof})  # the same code again
    other = {**proof, "name": "bo", "code": office.code("bo")}
    with pytest.raises(Asked, match=MAY_NOT):
        await office.order("release", id="abcd", **{"as": other})
    with pytest.raises(Asked, match=NOT_PROVED):
        await office.order("release", id="abcd", **{"as": "ada"})
    assert [one["by"] for one in office.done] == ["ada"]


ODD: list[object] = [None, True, -1, 10**30, 1.5, "", "x" * 5000, "\ud800", [], [[]], {}, {"a": []}]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:12])
async def test_whatever_an_order_holds_it_is_answered_or_refused(
    office: Office, odd: object
) -> None:
    session = await office.session("ada", "editor", "operator")
    for keys in (
        *(("language",), ("sound", "notify"), ("before",), ("limit", "before"), ("quiet",)),
        *(("add", "roles"), ("as", "by"), ("id", "ids", "with", "token"), ("name", "link")),
    ):
        more = dict.fromkeys(keys, odd)
        for word in ("who", "prefer", "audit", "users", "publish", "joining", "join"):
            try:
                await office.ask(word, session=session, **more)
            except Asked:
                continue
        for word in ("users", "audit", "release"):
            try:
                await office.order(word, **more)
            except Asked:
                continue
    assert all(one["by"] in ("ada", "terminal") for one in office.done)
