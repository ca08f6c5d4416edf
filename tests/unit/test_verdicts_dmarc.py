"""The policy of a domain, and which names are one owner's, found by walking up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.transports.verdicts.dmarc import MOST_LABELS, Owners, Policy, steps
from relay.transports.verdicts.lookup import NoAnswer, Record


class Zone:
    """TXT records of ``_dmarc`` names."""

    def __init__(self, **records: str) -> None:
        self.records = {name.replace("_", "."): text for name, text in records.items()}
        self.asked: list[str] = []

    def __call__(self, name: str, kind: str) -> list[Record]:
        assert kind == "TXT"
        self.asked.append(name)
        found = self.records.get(name.removeprefix("_dmarc."), "")
        if found == "broken":
            raise NoAnswer
        return [[one.encode()] for one in found.split("|") if one]


NONE = "v=DMARC1; p=none"


def test_the_own_policy_of_a_domain_comes_before_that_of_its_owner() -> None:
    owners = Owners(Zone(example_org=NONE, a_example_org="v=DMARC1; adkim=s; aspf=S"))
    assert owners.policy("a.example.org") == Policy(strict_dkim=True, strict_spf=True)
    assert owners.policy("b.example.org") == Policy()
    assert owners.policy("example.net") is None


@pytest.mark.parametrize(
    "record",
    [
        "v=DMARC1; p=none",
        " v = DMARC1;p=none",
        "V=DMARC1",
        "v=DMARC1; p=none;; =;x",
        "v=spf1 -all|v=DMARC1; p=none",
    ],
)
def test_a_record_is_read_as_people_write_it(record: str) -> None:
    assert Owners(Zone(example_org=record)).policy("example.org") == Policy()


@pytest.mark.parametrize(
    "record",
    [
        "",
        "v=spf1 -all",
        "p=none; v=DMARC1",
        "v=dmarc1",
        "v=DMARC2",
        NONE + "|" + NONE,
        "\xff=DMARC1",
    ],
)
def test_what_is_no_record_or_more_than_one_is_none(record: str) -> None:
    assert Owners(Zone(example_org=record)).policy("example.org") is None


@pytest.mark.parametrize(
    ("records", "domain", "owner"),
    [
        ({"example_org": NONE}, "a.b.example.org", "example.org"),
        ({"example_org": NONE, "a_example_org": NONE}, "a.example.org", "example.org"),
        (
            {"a_example_org": NONE + "; psd=n", "example_org": NONE},
            "b.a.example.org",
            "a.example.org",
        ),
        ({"co_uk": NONE + "; psd=y"}, "mail.shop.co.uk", "shop.co.uk"),
        ({"co_uk": NONE + "; psd=y", "shop_co_uk": NONE}, "mail.shop.co.uk", "shop.co.uk"),
        ({"uk": NONE + "; psd=y"}, "shop.co.uk", "co.uk"),
        ({"co_uk": NONE + "; psd=y"}, "co.uk", "co.uk"),
        ({}, "mail.example.org", "mail.example.org"),
    ],
)
def test_the_owners_domain_is_found_on_the_way_up(
    records: dict[str, str], domain: str, owner: str
) -> None:
    assert Owners(Zone(**records)).owner(domain) == owner


def test_relaxed_alignment_is_of_one_owner_and_strict_of_one_name() -> None:
    zone = Zone(example_org=NONE, co_uk=NONE + "; psd=y")
    owners = Owners(zone)
    assert owners.aligned("example.org", "mail.example.org", strict=False)
    assert not owners.aligned("example.org", "mail.example.org", strict=True)
    assert owners.aligned("example.org", "example.org", strict=True)
    assert not owners.aligned("shop.co.uk", "bank.co.uk", strict=False)
    assert not owners.aligned("example.org", "notexample.org", strict=False)


def test_of_a_stranger_nothing_is_asked() -> None:
    zone = Zone(example_org=NONE)
    assert not Owners(zone).aligned("example.org", "attacker.example", strict=False)
    assert zone.asked == []


def test_each_name_is_asked_once() -> None:
    zone = Zone(example_org=NONE)
    owners = Owners(zone)
    for _ in range(3):
        owners.policy("a.example.org")
        owners.owner("a.example.org")
    assert zone.asked == ["_dmarc.a.example.org", "_dmarc.example.org", "_dmarc.org"]


def test_a_long_name_leaves_out_the_labels_between() -> None:
    first, second, *_ = steps("a.b.c.d.e.f.g.h.i.example.org")
    assert (first, second) == ("a.b.c.d.e.f.g.h.i.example.org", "e.f.g.h.i.example.org")


@given(st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=100))
def test_no_name_makes_more_questions_than_the_walk_has_steps(labels: list[str]) -> None:
    domain = ".".join(labels)
    walked = steps(domain)
    assert walked[0] == domain and walked[-1] == labels[-1]
    assert len(walked) <= MOST_LABELS
    assert all(domain.endswith(one) for one in walked)


def test_what_nobody_answers_is_not_taken_for_nothing() -> None:
    with pytest.raises(NoAnswer):
        Owners(Zone(example_org="broken")).policy("a.example.org")
