"""The form: what a person writes on it, and what the page says back."""

from __future__ import annotations

import asyncio
import re
import tracemalloc
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import pytest

from relay.model import Arrival, Posted, Verdict
from relay.transports.form import Form
from relay.transports.form.page import words
from relay.transports.form.waiting import MOST
from relay.transports.inlet import Reply, Request
from relay.transports.limits import WebLimits

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
JPEG = b"\xff\xd8\xff\xe0" + bytes(2000)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)
PERSIAN = "در میدان اصلی شهر هزاران نفر جمع شده‌اند."


def field(name: str, value: bytes, filename: str | None = None) -> bytes:
    more = "" if filename is None else f'; filename="{filename}"\r\nContent-Type: image/jpeg'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def sent(*fields: bytes, query: str = "", **headers: str) -> Request:
    body = b"".join(fields) + f"--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return Request("POST", "", query, {"content-type": kind, **headers}, body, b"net")


def got(query: str = "", path: str = "", **headers: str) -> Request:
    return Request("GET", path, query, headers, b"")


class Door:
    """Takes in what the form hands over, with the verdict it is told."""

    def __init__(self, verdict: Verdict = Verdict.TAKEN) -> None:
        self.verdict = verdict
        self.arrivals: list[Arrival] = []
        self.answers: Callable[[bytes, str], Awaitable[object]] | None = None

    async def __call__(self, arrival: Arrival) -> Verdict:
        self.arrivals.append(arrival)
        if arrival.way_back and self.answers is not None:
            await self.answers(arrival.way_back, "an answer of ours")
        return self.verdict


def ask(form: Form, request: Request) -> Reply:
    return asyncio.run(form.request(request))


def make(door: Door, **more: object) -> Form:
    made = Form("form", "news", door, b"a secret of the node", **more)  # type: ignore[arg-type]
    door.answers = made.answer
    return made


def code_of(reply: Reply) -> str:
    found = re.search(rb'class="code" dir="ltr">([0-9 ]+)<', reply.body)
    assert found is not None
    return found[1].decode().replace(" ", "")


def test_a_text_is_taken_and_answered_at_once_with_the_code_that_was_sealed_in() -> None:
    door = Door()
    reply = ask(make(door), sent(field("text", PERSIAN.encode())))
    [arrival] = door.arrivals
    assert reply.status == 200
    assert arrival.content.decode() == PERSIAN
    assert (arrival.kind, arrival.sender, arrival.way_back) == ("text", b"", b"")
    assert arrival.network == b"net"
    assert code_of(reply) == arrival.code
    assert re.fullmatch(r"\d{12}", arrival.code)


def test_the_same_request_twice_is_one_message_with_one_code() -> None:
    door = Door()
    form = make(door)
    request = sent(field("once", b"0123456789abcdef"), field("text", b"Water is off."))
    first, second = ask(form, request), ask(form, request)
    assert door.arrivals[0].provider_id == door.arrivals[1].provider_id
    assert code_of(first) == code_of(second)


def test_another_text_on_the_same_page_is_another_message() -> None:
    door = Door()
    form = make(door)
    for text in (b"Water is off.", b"Water is on again."):
        ask(form, sent(field("once", b"0123456789abcdef"), field("text", text)))
    assert door.arrivals[0].provider_id != door.arrivals[1].provider_id


def test_pictures_go_along_without_the_names_of_their_files() -> None:
    door = Door()
    pictures = (field("pictures", JPEG, "me-at-home.jpg"), field("pictures", PNG, "b.png"))
    reply = ask(make(door), sent(field("text", b"Look."), *pictures))
    [arrival] = door.arrivals
    assert reply.status == 200
    assert arrival.kind == "multipart"
    assert arrival.content.count(b"image/jpeg") == arrival.content.count(b"image/png") == 1
    assert b"me-at-home" not in arrival.content


def test_a_file_field_that_was_left_empty_is_no_picture() -> None:
    door = Door()
    ask(make(door), sent(field("text", b"Only words."), field("pictures", b"", "")))
    assert door.arrivals[0].kind == "text"


def test_a_file_that_is_no_picture_sends_nothing_and_shows_the_text_again() -> None:
    door = Door()
    reply = ask(make(door), sent(field("text", b"Look here."), field("pictures", b"%PDF-1", "a")))
    assert reply.status == 422
    assert not door.arrivals
    assert b"Look here." in reply.body


def test_what_is_too_much_is_shown_again_as_well() -> None:
    door = Door()
    form = make(door)
    long = ask(form, sent(field("text", b"a long story " * 8000)))
    many = ask(form, sent(field("text", b"Eleven of them"), *[field("pictures", PNG, "x")] * 11))
    assert (long.status, many.status, door.arrivals) == (413, 413, [])
    assert b"a long story a long story" in long.body and b"Eleven of them" in many.body
    endless = ask(form, sent(field("text", b"&" * 1_000_000)))
    assert endless.status == 413 and len(endless.body) < 10_000


def test_each_message_has_a_code_of_its_own_whatever_page_it_was_written_on() -> None:
    door = Door()
    form = make(door)
    for text in (b"Water is off.", b"Water is on again."):  # as a proxy shows one page to two
        ask(form, sent(field("once", b"0123456789abcdef"), field("text", text)))
    assert len({one.code for one in door.arrivals}) == 2


def test_where_nothing_is_answered_a_command_is_obeyed_all_the_same() -> None:
    door = Door()
    form = make(door, answers=False)
    for request in (
        sent(field("code", b"1234567809"), field("ask", b"delete")),
        sent(field("text", b"-1234567809")),
    ):
        reply = ask(form, request)
        assert reply.status == 200
        assert words()["en"]["noted"].encode() in reply.body
    assert [one.content for one in door.arrivals] == [b"DELETE 1234567809", b"-1234567809"]
    assert [one.way_back for one in door.arrivals] == [b"", b""]
    page = ask(form, got()).body
    assert b'value="delete"' in page and b'value="status"' not in page


def test_a_code_stands_on_the_page_again_only_where_nothing_became_of_it() -> None:
    request = sent(field("code", b"1234567809"), field("ask", b"status"))
    assert b'value="1234567809"' in ask(make(Door(Verdict.FULL)), request).body
    assert b"1234567809" not in ask(make(Door()), request).body


def test_only_a_quarter_of_all_sessions_wait_for_answers() -> None:
    door = Door()
    form = make(door)
    door.answers = None
    request = sent(field("code", b"1234567809"), field("ask", b"status"))

    async def story() -> tuple[int, int, int]:
        waiting = [asyncio.create_task(form.request(request)) for _ in range(MOST)]
        await asyncio.sleep(0)
        one_more = await form.request(request)
        told = await form.request(sent(field("text", b"Hello")))
        for arrival in [*door.arrivals]:
            if arrival.way_back:
                await form.answer(arrival.way_back, "an answer of ours")
        return one_more.status, told.status, len(await asyncio.gather(*waiting))

    assert asyncio.run(story()) == (503, 200, MOST)
    assert WebLimits().sessions >= 4 * MOST


def test_who_goes_away_while_a_question_waits_leaves_nothing_behind() -> None:
    door = Door()
    form = make(door)
    door.answers = None

    async def story() -> object:
        waits = asyncio.create_task(
            form.request(sent(field("code", b"1234567809"), field("ask", b"status")))
        )
        await asyncio.sleep(0)
        waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)
        return await form.answer(door.arrivals[0].way_back, "late")

    assert not isinstance(asyncio.run(story()), Posted)
    assert not form._waiting._asked


def test_few_large_ones_are_read_at_once_and_a_text_waits_for_none() -> None:
    door = Door()
    form = make(door)
    two, go = asyncio.Event(), asyncio.Event()

    async def take_in(arrival: Arrival) -> Verdict:
        door.arrivals.append(arrival)
        if len(door.arrivals) == 2:
            two.set()
        if arrival.kind == "multipart":
            await go.wait()
        return Verdict.TAKEN

    form._take_in = take_in
    large = sent(field("pictures", JPEG[:4] + bytes(100_000), "x"))

    async def story() -> list[str]:
        tasks = [asyncio.create_task(form.request(large)) for _ in range(5)]
        await two.wait()
        await form.request(sent(field("text", b"Hello")))
        kinds: list[str] = [one.kind for one in door.arrivals]
        go.set()
        await asyncio.gather(*tasks)
        return kinds

    assert asyncio.run(story()) == ["multipart", "multipart", "text"]
    assert len(door.arrivals) == 6


@pytest.mark.parametrize(
    ("most_bytes", "language", "said"),
    [
        (10 * 1024 * 1024, "en", "at most 10 MB"),
        (14 * 1024 * 1024, "en", "at most 10 MB"),
        (3 * 1024 * 1024, "fa", "حداکثر ۳ مگابایت"),
        (512 * 1024, "fr", "0.5 Mo"),
    ],
)
def test_the_page_says_how_much_this_form_takes(most_bytes: int, language: str, said: str) -> None:
    form = make(Door(), body_bytes=most_bytes)
    assert said in ask(form, got(f"lang={language}")).body.decode()


def multipart_of(body: bytes) -> tuple[str, bytes]:
    return "multipart/form-data; boundary=a", body


TEXT = b'--a\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
URLENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        multipart_of(b"--a\r\n\r\n\r\n" * 500_000),
        multipart_of(b"--a\r\n" + b"b: c\r\n" * 500_000),
        multipart_of(b"--a\r\nb: " + b"c" * 5_000_000),
        multipart_of(TEXT + b"\r" * 5_000_000 + b"\r\n--a--\r\n"),
        multipart_of(b"\r\n-" * 1_000_000),
        (URLENCODED, b"text=" + b"%41" * 1_000_000),
        (URLENCODED, b"&" * 1_000_000),
        (URLENCODED, b"text=" + b"&" * 30 + b"+%" * 500_000),
        (URLENCODED, b"text=" + b"%" * 1_000_000),
        ("multipart/form-data; " + 'a="\\' * 3000, b""),
        ("multipart/form-data;" + " " * 15_000 + "boundary=a", b"--a--"),
    ],
    ids=range(11),
)
def test_no_bomb_of_a_form_costs_much(kind: str, body: bytes) -> None:
    door = Door()
    tracemalloc.start()
    reply = ask(make(door), Request("POST", "", "", {"content-type": kind}, body))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reply.status in (400, 413, 422)
    assert not door.arrivals
    assert most < 60 * 1024 * 1024


@pytest.mark.parametrize("verdict", [Verdict.BUSY, Verdict.FULL])
def test_what_cannot_be_taken_now_is_shown_again(verdict: Verdict) -> None:
    reply = ask(make(Door(verdict)), sent(field("text", PERSIAN.encode()), query="lang=fa"))
    assert reply.status == 503
    assert PERSIAN in reply.body.decode()
    assert words()["fa"]["later"] in reply.body.decode()


def test_after_a_page_that_could_not_be_taken_the_same_page_sends_the_same_message() -> None:
    door = Door(Verdict.BUSY)
    form = make(door)
    reply = ask(form, sent(field("once", b"abc"), field("text", b"Hello")))
    assert b'name="once" value="abc"' in reply.body


@pytest.mark.parametrize("blank", [b"", b"  \r\n  "])
def test_nothing_written_is_said_so(blank: bytes) -> None:
    door = Door()
    assert ask(make(door), sent(field("text", blank))).status == 422
    assert not door.arrivals


def test_what_is_written_comes_back_as_text_and_never_as_html() -> None:
    reply = ask(make(Door(Verdict.BUSY)), sent(field("text", b"</textarea><script>x</script>")))
    assert b"<script>" not in reply.body


def test_the_page_runs_no_script_and_loads_nothing() -> None:
    reply = ask(make(Door()), got())
    headers = dict(reply.headers)
    assert reply.status == 200
    assert b"<script" not in reply.body
    assert b"http" not in reply.body.split(b"<body>")[1]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


def test_each_language_has_its_page_and_direction() -> None:
    form = make(Door())
    for language, those in words().items():
        page = ask(form, got(f"lang={language}")).body.decode()
        assert those["title"] in page
        direction = "rtl" if language in ("fa", "ar") else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in page


def test_what_is_to_be_left_out_is_said_to_be_that() -> None:
    page = ask(make(Door()), got("lang=fa")).body.decode()
    lead = words()["en"]["leave_out"]  # as the list beneath it, which nobody has checked in Persian
    assert page.index(lead) < page.index("<ul>") < page.index("<li>")


def test_the_language_is_the_browsers_where_none_is_chosen() -> None:
    asked = got(**{"accept-language": "de-DE, fa-IR;q=0.9, en;q=0.8"})
    assert b'<html lang="fa"' in ask(make(Door()), asked).body


@pytest.mark.parametrize(
    ("word", "said"),
    [("status", b"STATUS 1234567809"), ("answers", b"ANSWERS 1234567809")],
)
def test_a_question_is_asked_by_its_code_and_waits_for_its_answer(word: str, said: bytes) -> None:
    door = Door()
    request = sent(field("code", "۱۲۳۴ ۵۶۷ ۸۰۹".encode()), field("ask", word.encode()))
    reply = ask(make(door), request)
    assert door.arrivals[0].content == said
    assert b"an answer of ours" in reply.body


def test_a_command_that_was_written_as_a_message_is_answered_too() -> None:
    door = Door()
    reply = ask(make(door), sent(field("text", b"?1234567809")))
    assert door.arrivals[0].way_back
    assert b"an answer of ours" in reply.body


def test_a_question_that_nobody_answers_ends_with_a_plain_word() -> None:
    door = Door()
    form = make(door, answer_s=0.01)
    door.answers = None
    reply = ask(form, sent(field("code", b"1234567809"), field("ask", b"status")))
    assert reply.status == 200
    assert words()["en"]["no_answer"].encode() in reply.body


def test_an_answer_that_comes_too_late_goes_nowhere() -> None:
    door = Door()
    form = make(door, answer_s=0.01)
    door.answers = None

    async def late() -> object:
        await form.request(sent(field("code", b"1234567809"), field("ask", b"status")))
        return await form.answer(door.arrivals[0].way_back, "late")

    assert not isinstance(asyncio.run(late()), Posted)


def test_what_is_no_code_is_asked_of_nobody() -> None:
    door = Door()
    reply = ask(make(door), sent(field("code", b"12"), field("ask", b"delete")))
    assert reply.status == 422
    assert not door.arrivals


def test_a_request_that_another_site_made_the_browser_send_is_refused() -> None:
    door = Door()
    reply = ask(make(door), sent(field("text", b"x"), **{"sec-fetch-site": "cross-site"}))
    assert reply.status == 403
    assert not door.arrivals


def test_every_letter_comes_whole_from_such_a_browser() -> None:
    door = Door()
    kind = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
    text = "نان 100% + \U0001f64f & = \n%zz"
    body = urlencode({"text": text, "once": "1"}).encode().replace(b"%25zz", b"%zz")
    ask(make(door), Request("POST", "", "", kind, body))
    assert door.arrivals[0].content.decode() == text


def test_a_browser_of_text_alone_sends_urlencoded() -> None:
    door = Door()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    body = b"text=Bread+is+sold&once=1"
    assert ask(make(door), Request("POST", "", "", kind, body)).status == 200
    assert door.arrivals[0].content == b"Bread is sold"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", b"text=x"),
        ("text/plain", b"text=x"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"nothing of that"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=text\r\n",
        ),
        ("multipart/form-data; boundary=" + "x" * 5000, b""),
        ("application/x-www-form-urlencoded", b"\xff=\xfe"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % n for n in range(100))),
    ],
)
def test_what_no_form_sends_is_a_clear_page(kind: str, body: bytes) -> None:
    door = Door()
    reply = ask(make(door), Request("POST", "", "", {"content-type": kind}, body))
    assert reply.status == 400
    assert words()["en"]["torn"].encode() in reply.body
    assert not door.arrivals


def test_ten_pictures_are_taken_and_eleven_are_too_many() -> None:
    door = Door()
    form = make(door)
    ten = [field("pictures", PNG, "x")] * 10
    assert ask(form, sent(*ten)).status == 200
    assert ask(form, sent(*ten, field("pictures", PNG, "x"))).status == 413
    assert len(door.arrivals) == 1


def test_a_text_at_the_limit_is_taken_and_one_letter_more_is_not() -> None:
    door = Door()
    form = make(door)
    assert ask(form, sent(field("text", "ن".encode() * 100_000))).status == 200
    assert ask(form, sent(field("text", "ن".encode() * 100_001))).status == 413


def test_a_body_that_was_too_large_to_be_read_gets_a_page_as_well() -> None:
    reply = make(Door()).refused(sent(query="lang=es"), 413)
    assert reply.status == 413
    assert words()["es"]["large"] in reply.body.decode()


def test_every_language_has_every_word() -> None:
    for language, those in words().items():
        assert set(those) == set(words()["en"]), language
