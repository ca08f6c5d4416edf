"""What is said to proxies, by the byte: every answer that is cut, wrong or endless is a failure
with a kind, and nothing that belongs to the host behind the proxy is ever read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.reach.failing import Unreached
from relay.reach.talks import MAX_HEAD_BYTES, Talk, socks5, tunnel

BEHIND = b"220 the host's own first words\r\n"
NAME = b"\x03" + bytes([12]) + b"news.example"
PORT = (443).to_bytes(2, "big")


def held(talk: Talk, answer: bytes) -> tuple[bytes, bytes]:
    """What is said to a proxy that answers this, and what of the answer was not read."""
    said = b""
    heard = b""
    while True:
        try:
            step = talk.send(heard) if said else next(talk)
        except StopIteration:
            return said, answer
        heard = b""
        if isinstance(step, int):
            heard, answer = answer[:step], answer[step:]
            if len(heard) < step:
                raise Unreached("proxy")  # as every driver does where the proxy closes
        else:
            said += step


def failure(talk: Talk, answer: bytes) -> str:
    with pytest.raises(Unreached) as raised:
        held(talk, answer)
    return raised.value.failure


@pytest.mark.parametrize(
    "address", [b"\x01" + bytes(4), b"\x04" + bytes(16), b"\x03\x09localhost", b"\x03\x00"]
)
def test_whatever_address_a_proxy_names_the_host_begins_behind_it(address):
    answer = b"\x05\x00" + b"\x05\x00\x00" + address + PORT + BEHIND
    said, rest = held(socks5("news.example", 443, None), answer)
    assert rest == BEHIND
    assert said == b"\x05\x01\x00" + b"\x05\x01\x00" + NAME + PORT


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", b"\x01\xc0\x00\x02\x07"),
        ("2001:db8::1", b"\x04\x20\x01\x0d\xb8" + bytes(11) + b"\x01"),
        ("é.example", b"\x03\x0fxn--9ca.example"),
    ],
)
def test_an_address_goes_as_it_is_and_a_name_as_a_name(host, address):
    said, _ = held(socks5(host, 443, None), b"\x05\x00\x05\x00\x00\x01" + bytes(6))
    assert said.endswith(b"\x05\x01\x00" + address + PORT)


def test_a_login_of_the_settings_is_the_only_one_that_is_offered():
    answer = b"\x05\x02" + b"\x01\x00" + b"\x05\x00\x00\x01" + bytes(6)
    said, rest = held(socks5("news.example", 443, (b"user", b"pass")), answer)
    assert said.startswith(b"\x05\x01\x02" + b"\x01\x04user\x04pass") and rest == b""
    assert failure(socks5("news.example", 443, (b"user", b"pass")), b"\x05\x00" * 9) == "proxy"


def test_a_login_that_keeps_apart_is_offered_beside_none():
    for chosen, answer in ((b"\x05\x00", b""), (b"\x05\x02", b"\x01\x00")):
        whole = chosen + answer + b"\x05\x00\x00\x01" + bytes(6)
        said, rest = held(socks5("news.example", 443, (b"u", b"p"), must=False), whole)
        assert said.startswith(b"\x05\x02\x00\x02") and rest == b""
        assert (b"\x01\x01u\x01p" in said) == (chosen == b"\x05\x02")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1, "unreachable"),
        (2, "proxy"),
        (3, "unreachable"),
        (4, "unreachable"),
        (5, "refused"),
        (6, "timed out"),
        (7, "proxy"),
        (8, "proxy"),
        (0xF0, "proxy"),
    ],
)
def test_each_reply_of_a_proxy_is_a_kind_of_failure(code, kind):
    answer = b"\x05\x00" + bytes([5, code, 0, 1]) + bytes(6)
    assert failure(socks5("news.example", 443, None), answer) == kind


@pytest.mark.parametrize(
    "answer",
    [
        b"\x05\xff",  # it wants a login
        b"\x05\x01",  # a method that was not offered
        b"\x05\x02",
        b"\x04\x00",
        b"\x00\x5a" + bytes(6),  # of SOCKS4
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x05\x00" + b"\x04\x00\x00\x01" + bytes(6),
        b"\x05\x00" + b"\x05\x00\x00\x02" + bytes(6),  # an address of no kind
        b"\x05\x00" + b"\x05\x00\x00\x00" + bytes(6),
    ],
)
def test_what_is_no_socks5_is_no_proxy(answer):
    assert failure(socks5("news.example", 443, None), answer) == "proxy"


def test_a_login_that_is_refused_is_the_proxys():
    for answer in (b"\x05\x02\x01\x01", b"\x05\x02\x05\x00"):
        assert failure(socks5("news.example", 443, (b"u", b"p")), answer) == "proxy"
    assert failure(socks5("news.example", 443, (b"u" * 256, b"")), b"\x05\x02") == "proxy"


WHOLE = {
    "socks5": b"\x05\x02" + b"\x01\x00" + b"\x05\x00\x00\x03\x09localhost" + PORT,
    "http": b"HTTP/1.1 200 OK\r\nVia: 1.1 x\r\n\r\n",
}


@pytest.mark.parametrize("kind", WHOLE)
def test_an_answer_that_is_cut_anywhere_is_a_failure(kind):
    for end in range(len(WHOLE[kind])):
        talk = {"socks5": socks5, "http": tunnel}[kind]("news.example", 443, (b"u", b"p"))
        assert failure(talk, WHOLE[kind][:end]) == "proxy"


@pytest.mark.parametrize("host", ["a" * 256, "a..b" + "é"])
def test_a_name_that_is_none_is_not_asked_for(host):
    assert failure(socks5(host, 443, None), b"\x05\x00") == "dns"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 Connection established\r\n\r\n",
        b"HTTP/1.0 200\r\n\r\n",
        b"HTTP/1.1 299 \r\nContent-Length: 5\r\n\r\n",  # which means nothing here
        b"HTTP/1.1 200 OK\nVia: x\n\n",
        b"HTTP/1.1 200 OK\nVia: x\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: \xff\r\n\r\n",
    ],
)
def test_a_tunnel_begins_behind_the_empty_line_and_not_a_byte_later(head):
    said, rest = held(tunnel("news.example", 443, None), head + BEHIND)
    assert rest == BEHIND
    assert said == b"CONNECT news.example:443 HTTP/1.1\r\nHost: news.example:443\r\n\r\n"


def test_a_tunnel_may_need_a_login_and_an_address_its_brackets():
    said, _ = held(tunnel("2001:db8::1", 443, (b"u", b"p")), b"HTTP/1.1 200 OK\r\n\r\n")
    assert said.startswith(b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic dTpw\r\n\r\n" in said


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy"),
        (b"HTTP/1.0 401 Unauthorized\r\n\r\n", "proxy"),
        (b"HTTP/1.1 403 Filtered\r\nContent-Type: text/html\r\n\r\n<html>", "block page"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n\r\n", "block page"),
        (b"HTTP/1.1 451 Unavailable\r\n\r\n", "block page"),
        (b"HTTP/1.0 500 Unable to connect\r\nContent-type: text/html\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 504 Gateway Timeout\r\n\r\n", "timed out"),
        (b"HTTP/2 200 OK\r\n\r\n", "proxy"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "proxy"),
        (b"HTTP/1.1 OK\r\n\r\n", "proxy"),
        (b"\x05\xff", "proxy"),
        (b"<html>a page</html>\r\n\r\n", "proxy"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2000, "proxy"),
        (b"HTTP/1.1 200 " + b"x" * MAX_HEAD_BYTES, "proxy"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, "proxy"),
    ],
)
def test_an_answer_that_opens_no_tunnel_is_a_failure_with_a_kind(head, kind):
    assert failure(tunnel("news.example", 443, None), head) == kind


def test_an_endless_answer_is_left_after_a_few_kilobytes():
    answer = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000
    unread = [answer]
    talk = tunnel("news.example", 443, None)
    next(talk)
    with pytest.raises(Unreached):
        step = talk.send(b"")
        while isinstance(step, int):
            heard, unread[0] = unread[0][:step], unread[0][step:]
            step = talk.send(heard)
    assert len(answer) - len(unread[0]) <= MAX_HEAD_BYTES + 2


@given(
    answer=st.binary(max_size=60), ready=st.sampled_from([b"", b"\x05\x00", b"\x05\x02\x01\x00"])
)
def test_whatever_a_socks_proxy_says_ends_well_or_as_a_failure(answer, ready):
    try:
        said, _ = held(socks5("news.example", 443, (b"u", b"p"), must=False), ready + answer)
    except Unreached as error:
        assert error.failure in ("proxy", "unreachable", "refused", "timed out")
    else:
        assert said.endswith(NAME + PORT)


@given(lines=st.lists(st.binary(max_size=12), max_size=8), end=st.sampled_from([b"\r\n", b"\n"]))
def test_whatever_an_http_proxy_says_ends_well_or_as_a_failure(lines, end):
    answer = end.join([b"HTTP/1.1 200 OK", *lines, b"", b""])
    try:
        _, rest = held(tunnel("news.example", 443, None), answer + BEHIND)
    except Unreached as error:
        assert error.failure in ("proxy", "unreachable", "block page", "timed out")
    else:
        assert rest.endswith(BEHIND)
