"""Which network a sender belongs to, and what an editor means who types one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rules.networks import (
    network_of_client,
    network_of_mail,
    network_of_phone,
    network_typed,
)


@pytest.mark.parametrize(
    ("sender", "typed", "network"),
    [
        ("a@Mail.Example", "mail.example", b"mail:mail.example"),
        ("b@mail.example.", "@MAIL.example", b"mail:mail.example"),
        ("c@پست.example", "پست.example", b"mail:xn--ogbu8e.example"),
        ("+989123456789", "+98912", b"tel:98912"),
        ("00989123456789", "۰۰۹۸۹۱۲", b"tel:98912"),
        ("989123456789", "98 (912) 345", b"tel:98912"),
        ("+12125550100", "+1212", b"tel:1212"),
        ("+79031234567", "+7 903", b"tel:7903"),
        ("+9936123456", "+993-612", b"tel:993612"),
    ],
)
def test_what_is_typed_is_what_a_door_makes(sender: str, typed: str, network: bytes) -> None:
    of = network_of_mail if "@" in sender else network_of_phone
    if sender.startswith("c@"):
        network = of(sender.encode())
    assert of(sender.encode()) == network_typed(typed) == network != b""


@pytest.mark.parametrize(
    "typed", ["", "98", "+98", "0912", "mail", ".", "@", "a b", "98912x", "9" * 16]
)
def test_what_is_neither_a_prefix_nor_a_domain_is_no_network(typed: str) -> None:
    assert network_typed(typed) == b""


@pytest.mark.parametrize("sender", [b"", b"INFO", b"12345", b"09123456789", b"1" * 16])
def test_a_name_a_short_code_and_a_number_without_its_country_have_none(sender: bytes) -> None:
    assert network_of_phone(sender) == b""


@pytest.mark.parametrize(
    "sender", [b"", b"nobody", b"a@", b"a@" + b"x" * 300, b"a@\xff", b"a@[::1]"]
)
def test_an_address_without_a_domain_has_none(sender: bytes) -> None:
    assert network_of_mail(sender) == b""


def test_who_fills_in_the_form_has_that_of_their_address() -> None:
    assert network_of_client(b"c0a801") == b"net:c0a801"
    assert network_of_client(b"") == b""


@given(st.binary(max_size=80), st.text(max_size=80))
def test_whatever_it_is_there_is_a_network_or_none(sender: bytes, typed: str) -> None:
    for made in (network_of_mail(sender), network_of_phone(sender), network_typed(typed)):
        assert made == b"" or made.partition(b":")[0] in (b"mail", b"tel")
