"""Whoever asks the desk for what a browser of ours would not: foreign sites, names, forms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from desk_browser import HOST, Browser
from desk_core import DeskCore
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relay.desk import guard
from relay.desk.app import app_of
from relay.desk.core import Refused
from relay.desk.pages import ROUTES
from relay.desk.reached import At
from relay.desk.state import Desk
from relay.serving.forwarded import Proxies

HOSTILE = [
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% raw %}",
    "\u202etxt.exe",
    "\x1b[31mred",
]


@pytest.fixture
def core() -> DeskCore:
    return DeskCore({"prefer": [{}], "sign-out": [{}], "cards": [{"upto": 0}]})


@pytest.fixture
def browser(core: DeskCore) -> Browser:
    return Browser(core)


def changed(core: DeskCore) -> list[dict[str, Any]]:
    return core.given("prefer")


# ---------------------------------------------------------------- by which name


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8081", "[::1]:8081", "LOCALHOST"])
def test_this_machine_is_known_by_its_names_for_itself(browser: Browser, host: str) -> None:
    browser.host = host
    assert browser.get("/preferences").status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.", "localhost@evil.example", "", "a b",
     "127.0.0.1:99999999", "127.0.0.1:8081\t", "localhost/x", "[::1", "0x7f.1",
     "desk.example.org."],
)  # fmt: skip
def test_by_any_other_name_nothing_is_answered(core: DeskCore, host: str) -> None:
    browser = Browser(core, at=At(frozenset({"desk.example.org"})))
    browser.host = host
    page = browser.get("/preferences")
    assert (page.status, page.body) == (421, b"") and not core.asked


def test_a_name_of_the_settings_is_known(core: DeskCore) -> None:
    browser = Browser(core, at=At(frozenset({"desk.example.org"})))
    browser.host = "desk.example.org"
    assert browser.get("/preferences").status == 200


def test_two_hosts_are_none(browser: Browser, core: DeskCore) -> None:
    page = browser.ask("GET", "/preferences", {"Host": HOST})  # beside the one in lower case
    assert page.status == 421 and not core.asked


# ---------------------------------------------------------------- by which method, from which site


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "X"])
def test_other_methods_are_refused(browser: Browser, core: DeskCore, method: str) -> None:
    assert browser.ask(method, "/preferences", {}).status == 405 and not core.asked


def test_nothing_is_done_by_going_to_an_address(browser: Browser, core: DeskCore) -> None:
    assert browser.get("/sign-out").status == 405
    assert browser.get("/preferences?sound=on&language=fa").status == 200
    assert not core.given("sign-out") and not changed(core)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"https://{HOST}"},
        {"origin": f"http://{HOST}.evil.example"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
    ],
)
def test_a_form_that_another_site_sends_does_nothing(
    browser: Browser, core: DeskCore, headers: dict[str, str]
) -> None:
    assert browser.post("/preferences", {"language": "fa"}, **headers).status == 403
    assert not changed(core)


def test_a_form_without_an_origin_does_nothing(browser: Browser, core: DeskCore) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded"}
    body = f"csrf={browser.csrf()}&language=fa".encode()
    assert browser.ask("POST", "/preferences", sent, body).status == 403
    assert not changed(core)


def test_another_site_may_lead_here_but_not_load_or_frame_a_page(browser: Browser) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert browser.get("/sign-in", **link, **{"sec-fetch-dest": "document"}).status == 200
    assert browser.get("/sign-in", **link, **{"sec-fetch-dest": "iframe"}).status == 403
    for mode in ("no-cors", "cors", "navigate"):
        page = browser.get("/pulse", **{"sec-fetch-site": "cross-site", "sec-fetch-mode": mode})
        assert page.status == 403


# ---------------------------------------------------------------- with which form


def test_a_form_without_the_token_of_its_session_does_nothing(
    browser: Browser, core: DeskCore
) -> None:
    core.people["s-other"] = core.people["s-editor"]
    others = Browser(core, "s-other").csrf()
    for token in ("", "0" * 32, others, "ü"):
        assert browser.post("/preferences", {"language": "fa"}, csrf=token).status == 403
    assert not changed(core)


def test_the_form_for_signing_in_is_bound_to_its_browser(core: DeskCore) -> None:
    core.says["sign-in"] = [{"session": "s-editor"}]
    foreign = Browser(core, session="").csrf()
    for token in ("", foreign):
        assert Browser(core, session="").post("/sign-in", {}, csrf=token).status == 403
    assert not core.given("sign-in")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""]
)
def test_what_is_no_form_of_ours_is_refused(browser: Browser, core: DeskCore, kind: str) -> None:
    assert browser.post("/preferences", {"language": "fa"}, content_type=kind).status == 415
    assert not changed(core)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"csrf=%ff", b"a&" * 5000])
def test_a_broken_form_is_refused(browser: Browser, body: bytes) -> None:
    sent = {
        "origin": f"http://{HOST}",
        "content-type": "application/x-www-form-urlencoded",
    }
    assert browser.ask("POST", "/preferences", sent, body).status == 400


def test_a_form_is_read_no_further_than_it_may_go(browser: Browser, core: DeskCore) -> None:
    sent = {
        "origin": f"http://{HOST}",
        "content-type": "application/x-www-form-urlencoded",
    }
    pieces = [b"a" * 65536] * 100
    page = browser.ask("POST", "/preferences", sent, *pieces)
    assert (page.status, page.header("connection")) == (413, "close")
    assert "too long" in page.text
    page = Browser(core, session="").ask("POST", "/sign-in", sent, b"a" * 20_000, *pieces)
    assert page.status == 413


def test_a_form_that_does_not_come_is_waited_for_no_longer_than_that(
    monkeypatch: pytest.MonkeyPatch, browser: Browser
) -> None:
    monkeypatch.setattr(guard, "BODY_S", 0.01)

    async def never(_: Request, *__: int) -> bytes:
        await asyncio.sleep(3600)
        return b""

    monkeypatch.setattr(guard.forms, "body_of", never)
    assert browser.post("/preferences", {}).status == 408


# ---------------------------------------------------------------- sessions


def test_a_session_that_ended_shows_and_does_nothing(core: DeskCore) -> None:
    browser = Browser(core)
    token = browser.csrf()
    del core.people["s-editor"]
    assert browser.get("/preferences").header("location") == "/sign-in?to=/preferences&out=1"
    assert Browser(core).post("/preferences", {}, csrf=token).header("location") == (
        "/sign-in?ended=1"
    )
    assert Browser(core).get("/pulse", **{"sec-fetch-dest": "empty"}).status == 401
    assert not changed(core)


def test_a_link_on_another_site_signs_nobody_out(core: DeskCore) -> None:
    led_here = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    page = Browser(core, "").ask("GET", "/", {**led_here, "sec-fetch-dest": "document"})
    assert (page.status, page.header("location")) == (303, "/sign-in")
    assert not page.header("set-cookie")  # the browser kept its own: a strict one stays at home
    assert "Max-Age=0" in Browser(core, "s-over").get("/").header("set-cookie")


def test_a_session_that_a_stranger_chose_is_not_taken_up(core: DeskCore) -> None:
    core.says["sign-in"] = [{"session": "s-editor"}]
    browser = Browser(core, session="s-operator")
    browser.cookies.pop("desk-visitor", None)
    page = browser.get("/sign-in")
    token = re.search(r'name="csrf" value="([0-9a-f]*)"', page.text)
    assert token
    browser.post("/sign-in", {"name": "ada"}, csrf=token[1])
    assert browser.cookies["desk-session"] == "s-editor"
    assert core.given("sign-out") == [{"do": "sign-out", "session": "s-operator"}]


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites(core: DeskCore) -> None:
    core.says["sign-in"] = [{"session": "s-editor", "device": "d"}]
    page = Browser(core, session="").post("/sign-in", {"name": "ada"})
    for cookie in (value for name, value in page.headers if name == "set-cookie"):
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
        assert "Domain" not in cookie and "expires" not in cookie.lower()


def test_by_tls_a_cookie_goes_by_tls_only_and_to_this_very_host(core: DeskCore) -> None:
    core.says["sign-in"] = [{"session": "s-editor"}]
    behind = At(frozenset({"desk.example.org", "abc.onion"}), Proxies(["192.0.2.7"]))
    for at, peer, host, scheme in (
        (At(tls=True), "127.0.0.1", HOST, "https"),
        (behind, "192.0.2.7", "desk.example.org", "https"),
        (behind, "192.0.2.7", "abc.onion", "http"),
        (behind, "127.0.0.1", HOST, "http"),
        (behind, "192.0.2.7", "localhost:8081", "http"),
    ):
        browser = Browser(core, session="", at=at)
        browser.peer, browser.host, browser.scheme = peer, host, scheme
        page = browser.post("/sign-in", {"name": "ada"})
        assert page.status == 303
        cookie = next(v for n, v in page.headers if n == "set-cookie" and "session" in v)
        assert cookie.startswith("__Host-") == (scheme == "https")
        assert ("Secure" in cookie) == (scheme == "https")


def test_only_what_somebody_does_keeps_them_signed_in(core: DeskCore) -> None:
    browser = Browser(core)
    browser.get("/pulse")
    browser.get("/pulse?active")
    browser.get("/preferences")
    assert [one.get("quiet", False) for one in core.given("who")] == [True, False, False]


# ---------------------------------------------------------------- what is shown


def routes(page: Any) -> list[Any]:
    return [*ROUTES, Route("/fails", page)]


@pytest.fixture
def failing(core: DeskCore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    async def fails(_: Request) -> Response:
        raise RuntimeError("the text of a message, 0912 000 0000")

    monkeypatch.setattr("relay.desk.app.ROUTES", routes(fails))
    yield Browser(core, app=app_of(Desk(core, At())))


def test_a_fault_is_told_to_nobody(
    failing: Browser, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    page = failing.get("/fails")
    assert page.status == 503 and "0912" not in page.text and "Error" not in page.text
    assert capfd.readouterr() == ("", "") and not caplog.records


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_stands_in_a_field_is_shown_as_text(core: DeskCore, text: str) -> None:
    core.people["s-x"] = {"handle": text, "roles": [text], "language": text, "ends": 0}
    core.says["joining"] = [{"handle": text, "roles": [text], "secret": text, "uri": text}]
    core.says["sign-in"] = Refused(text)
    stranger = Browser(core, session="")
    for page in (
        Browser(core, "s-x").get("/preferences"),
        stranger.get("/join/x"),
        stranger.post("/sign-in", {"name": text, "to": text}),
    ):
        assert "<script>alert" not in page.text and "<img src=x" not in page.text
        assert "49" not in re.sub(r'value="[0-9a-f]*"|\.[0-9a-f]{12}\.|data:\S*', "", page.text)
        for found in re.finditer("\u202e", page.text):
            assert page.text[: found.start()].rpartition("<")[2].startswith(("bdi", "code"))


def test_every_answer_is_kept_by_nobody_and_loads_nothing_from_elsewhere(browser: Browser) -> None:
    for path in ("/preferences", "/nowhere", "/sign-in", "/pulse", "/static/desk.js", "/static/x"):
        page = browser.get(path)
        policy = page.header("content-security-policy")
        assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and page.header("x-content-type-options") == "nosniff"
        assert "no-store" in page.header("cache-control")
        assert page.header("server") == page.header("date") == ""
    assert "sandbox" in browser.get("/pulse").header("content-security-policy")


def test_no_page_has_a_script_or_a_style_of_its_own(browser: Browser) -> None:
    from importlib.resources import files

    for one in files("relay.desk").joinpath("templates").iterdir():
        written = one.read_text()
        assert not re.search(r"\son[a-z]+=|\sstyle=|<style|javascript:", written), one.name
        assert not re.search(r"<script(?![^>]* src=)", written), one.name
        assert "|safe" not in written and "Markup" not in written, one.name


@pytest.mark.parametrize(
    "path", ["/static/../who.py", "/static/%2e%2e/who.py", "/static/desk.css/", "/join/a/b", "//x"]
)
def test_there_is_nothing_beside_what_pages_load(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 404
