"""The form through a real door, before people who are slow, many, or mean."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from relay.model import Arrival, Verdict
from relay.testing.door import Taken, Tick, listening, serving
from relay.transports.form import Form
from relay.transports.form.page import words
from relay.transports.gateways.generic import Generic
from relay.transports.limits import WebLimits
from relay.transports.sms import Sms
from relay.transports.web import Web

KIND = "multipart/form-data; boundary=a"
JPEG = b"\xff\xd8\xff\xe0"
MIB = 1024 * 1024


class Clock:
    def now(self) -> int:
        return 1_800_000_000


class Door:
    """A door with a form and a gateway, reached through a proxy here that says for whom."""

    def __init__(self, limits: WebLimits) -> None:
        self.taken = Taken()
        self.form = Form("form", "news", self.taken, b"a secret", answer_s=0.05)
        sms = Sms("phone", Generic(b"key"), "news", self.taken, Clock(), service=Tick())
        inlets = {"form": self.form, "phone": sms}
        self.web = Web(listening(), inlets, None, lambda: "ok", limits)
        self.address = ""

    def connect(self) -> socket.socket:
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host, int(port)), 5)

    def request(self, method: str, path: str, body: bytes = b"", **more: str) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=5) as client:
            headers = {"content-type": KIND, **more}
            return client.request(
                method, f"http://{self.address}{path}", content=body, headers=headers
            )

    def says(self, text: bytes, picture: bytes = b"") -> httpx.Response:
        return self.request("POST", "/in/form", parts(text, picture))

    @contextmanager
    def slow(self, count: int, length: int, begun: bytes = b"") -> Iterator[None]:
        """So many who have begun to send so much, and go on for ever."""
        with ExitStack() as stack:
            for _ in range(count):
                raw = stack.enter_context(self.connect())
                head = f"POST /in/form HTTP/1.1\r\nHost: a\r\nContent-Type: {KIND}\r\n"
                raw.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + begun)
            yield


def parts(text: bytes, picture: bytes = b"") -> bytes:
    head = b'--a\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
    file = b'--a\r\nContent-Disposition: form-data; name="pictures"; filename="x"\r\n\r\n'
    return head + text + b"\r\n" + (file + picture + b"\r\n") * bool(picture) + b"--a--\r\n"


@contextmanager
def open_door(limits: WebLimits | None = None) -> Iterator[Door]:
    door = Door(limits or WebLimits())
    with serving(door.web.run) as door.address:
        yield door


def settled(door: Door, count: int) -> None:
    """All that was begun has reached the door."""
    while door.web._people.taken < count:
        door.request("GET", "/healthz")


def test_people_who_are_slow_take_half_of_the_sessions_and_leave_the_rest() -> None:
    with open_door(WebLimits(sessions=20)) as door:
        with door.slow(10, 1000):
            settled(door, 10)
            answer = door.says(b"one more")
            assert (answer.status_code, words()["en"]["busy"] in answer.text) == (503, True)
            assert door.request("POST", "/in/phone").status_code == 403  # it was looked at
        assert takes_again(door)


def takes_again(door: Door) -> bool:
    """Whether a message is taken again, once those who were slow are gone."""
    return any(door.says(b"Hello").status_code == 200 for _ in range(200))


def test_large_pictures_in_the_making_leave_room_for_every_text() -> None:
    limits = WebLimits(in_flight=4 * MIB)  # a quarter of which this form has
    with open_door(limits) as door, door.slow(2, 8 * MIB, bytes(700 * 1024)):
        settled(door, 2)
        while door.web._in_flight.taken < 2 * (700 - 256) * 1024:
            door.request("GET", "/healthz")
        assert door.says("یک نوشته".encode() * 5000).status_code == 200
        answer = door.says(b"with a picture", JPEG + bytes(MIB))
        assert (answer.status_code, words()["en"]["busy"] in answer.text) == (503, True)
    assert [one.kind for one in door.taken.arrivals] == ["text"]


def test_what_found_no_room_holds_none() -> None:
    limits = WebLimits(in_flight=4 * MIB)
    with open_door(limits) as door:
        assert door.says(b"too large for the room", JPEG + bytes(3 * MIB)).status_code == 503
        assert door.web._in_flight.taken == 0
        assert door.says(b"not too large", JPEG + bytes(MIB)).status_code == 200


def test_a_body_over_the_cap_gets_the_page_that_says_so() -> None:
    with open_door() as door:
        door.form.body_bytes = 2 * MIB
        answer = door.says(b"x", JPEG + bytes(2 * MIB))
        assert (answer.status_code, words()["en"]["large"] in answer.text) == (413, True)


@pytest.mark.parametrize("verdict", [Verdict.BUSY, Verdict.FULL, Verdict.REFUSED])
def test_no_answer_splits_into_two(verdict: Verdict) -> None:
    odd = b"x\r\nSet-Cookie: a=b\r\n\r\n<script>alert(1)</script>"
    with open_door() as door:
        door.taken.verdict = verdict
        for answer in (
            door.says(odd),
            door.request("POST", "/in/form?lang=%0d%0aSet-Cookie:%20a=b", parts(odd)),
            door.request("GET", "/in/form", **{"accept-language": "fa\t<script>"}),
        ):
            assert "set-cookie" not in answer.headers
            assert "<script" not in answer.text
            assert "Set-Cookie: a=b" not in str(answer.headers)


def test_nobody_hears_the_answer_of_somebody_else() -> None:
    """A way back is of one request, and over with it."""
    with open_door() as door:
        heard: list[bytes] = []

        async def take_in(arrival: Arrival) -> Verdict:
            heard.append(arrival.way_back)
            await door.form.answer(heard[0], "for the first alone")
            return Verdict.TAKEN

        door.form._take_in = take_in
        first, second = door.says(b"?1234567809"), door.says(b"?1234567809")
        assert "for the first alone" in first.text
        assert "for the first alone" not in second.text
        assert len(set(heard)) == 2
