"""The canary's SMS are taken by every gateway of ours, as what its provider would have sent."""

from __future__ import annotations

import asyncio

import pytest

from relay.model import Arrival
from relay.testing.door import Taken, Tick
from relay.transports.canary.note import drawn
from relay.transports.canary.sms import CALLS, Wanted
from relay.transports.gateways.table import GATEWAYS, Account
from relay.transports.inlet import Reply, Request
from relay.transports.sms import Sms

NOW = 1_800_000_000
KEY = b"signing key of ours"
URL = "https://news.example.org/in/phone"
SEGMENT = "0123456789abcdef"
LINE = "canary " + "A" * 52


class Clock:
    def now(self) -> int:
        return NOW


def asked(gateway: str, *, key: bytes = KEY, secret: str = "") -> tuple[Reply, list[Arrival]]:
    taken = Taken()
    made = Sms(
        "phone",
        GATEWAYS[gateway].make(Account(KEY, URL, "AC1")),
        "news",
        taken,
        Clock(),
        service=Tick(),
        path_secret=secret.encode(),
    )
    path = f"/{secret}" if secret else ""
    call = CALLS[gateway](
        Wanted(Account(key, URL, "AC1"), path, "+15550100123", drawn(LINE), "id-1", NOW)
    )
    target, _, query = call.target.partition("?")
    rest = target.removeprefix("/in/phone")
    request = Request(call.method, rest, query, dict(call.headers), call.body)
    return asyncio.run(made.request(request)), taken.arrivals


def test_every_gateway_has_its_canary() -> None:
    assert CALLS.keys() == GATEWAYS.keys()


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("secret", ["", SEGMENT])
def test_what_the_canary_brings_is_taken(gateway: str, secret: str) -> None:
    reply, [arrival] = asked(gateway, secret=secret)
    assert (reply.status, arrival.content.decode()) == (200, LINE)
    assert arrival.sender.lstrip(b"+").startswith(b"999") and arrival.provider_id == b"id-1"


@pytest.mark.parametrize("gateway", [name for name, kind in GATEWAYS.items() if kind.signs])
def test_without_our_secret_it_is_not(gateway: str) -> None:
    reply, arrivals = asked(gateway, key=b"another")
    assert (reply.status, arrivals) == (403, [])


def test_who_is_said_to_write_is_nobody_and_never_the_same() -> None:
    numbers = {drawn(LINE).number for _ in range(50)}
    assert len(numbers) == 50 and all(len(one) == 16 for one in numbers)
    assert LINE not in repr(drawn(LINE)) and "999" not in repr(drawn(LINE))
