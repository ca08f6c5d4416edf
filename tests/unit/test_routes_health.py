"""Which way is used: a way that fails is left alone, and comes back by itself."""

from __future__ import annotations

import pytest

from relay.reach.routes import Routes, Way
from relay.reach.way import Target
from relay.rules.routes import LONGEST_PROBE_S, STEADY_S, Health
from relay.rules.standing import MOST_HOSTS, Standing

THERE = Target("news.example", 443)
DIRECT, TOR, OTHER = Way("direct"), Way("tor", "socks5"), Way("other", "http")


class Time:
    at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def told():
    return []


@pytest.fixture
def routes(time, told):
    return Routes([DIRECT, TOR, OTHER], "mastodon", lambda *said: told.append(said), now=time)


def test_what_works_is_tried_first_and_all_stand_behind_it(routes):
    assert routes.in_order(THERE) == [DIRECT, TOR, OTHER]


def test_a_better_way_that_fails_is_not_touched(routes):
    routes.failed(DIRECT, "tls", THERE)
    assert routes.in_order(THERE) == [TOR, OTHER]


def test_a_worse_way_that_failed_is_the_last_to_be_tried(routes):
    routes.failed(TOR, "proxy", THERE)
    assert routes.in_order(THERE) == [DIRECT, OTHER, TOR]


def test_what_breaks_is_gone_round_only_by_who_has_another_way(routes, told):
    routes.broke(DIRECT, "reset", THERE)
    assert routes.in_order(THERE) == [TOR, OTHER]
    alone = Routes([DIRECT], told=lambda *said: told.append(said))
    alone.broke(DIRECT, "reset", THERE)
    assert told == [("tor", {"direct": "reset"})] and not alone.failures


def test_where_none_works_all_are_tried(routes):
    for way in (DIRECT, TOR, OTHER):
        routes.failed(way, "timed out", THERE)
    assert routes.in_order(THERE) == (DIRECT, TOR, OTHER)


def test_whoever_listens_is_told_of_what_changes_and_of_nothing_else(routes, told):
    routes.worked(DIRECT, THERE)
    routes.failed(DIRECT, "tls", THERE)
    routes.failed(DIRECT, "tls", THERE)
    routes.worked(TOR, THERE)
    routes.failed(DIRECT, "reset", THERE)
    routes.failed(TOR, "proxy", THERE)
    routes.failed(OTHER, "refused", THERE)
    routes.worked(DIRECT, THERE)
    assert told == [
        ("tor", {"direct": "tls"}),
        ("tor", {"direct": "reset"}),
        ("other", {"direct": "reset", "tor": "proxy"}),
        ("", {"direct": "reset", "tor": "proxy", "other": "refused"}),
        ("direct", {"tor": "proxy", "other": "refused"}),
    ]


@pytest.mark.parametrize("ways", [[], [DIRECT, DIRECT]])
def test_routes_need_a_way_and_names(ways):
    with pytest.raises(ValueError, match="name"):
        Routes(ways)


def test_each_destination_has_a_login_of_its_own_that_names_nothing():
    logins = [Routes([TOR], name).login(TOR) for name in ("mastodon", "bluesky", "mastodon")]
    assert logins[0] == logins[2] != logins[1]
    assert all(len(part) == 24 and b"mastodon" not in part for part in logins[0])


def test_no_login_is_made_up_where_there_is_one_or_none_is_wanted():
    for way in (
        Way("tor", "socks5", isolate=False),
        Way("tor", "socks5", user=b"me"),
        Way("web", "http"),
        DIRECT,
    ):
        assert Routes([way], "mastodon").login(way) is None
    assert Routes([TOR]).login(TOR) is None


# ---------------------------------------------------------------- host by host

MEDIA = Target("media.example", 443)
DEAD = Target("dead.example", 443)


def everywhere(routes, target, *ways):
    for way in ways:
        routes.failed(way, "refused", target)


def test_a_name_that_is_filtered_says_nothing_of_the_others(routes, told):
    routes.worked(DIRECT, THERE)
    routes.failed(DIRECT, "reset", MEDIA)
    assert routes.in_order(MEDIA) == [TOR, OTHER]
    assert routes.in_order(THERE) == [DIRECT, TOR, OTHER]
    assert told == [("tor", {"direct": "reset"})]  # the better one that all of it goes by


def test_a_way_that_fails_for_all_is_left_alone_for_a_name_that_is_new(routes):
    routes.failed(DIRECT, "timed out", THERE)
    assert routes.in_order(MEDIA) == [TOR, OTHER]
    routes.worked(DIRECT, MEDIA)
    assert routes.in_order(DEAD)[0] == DIRECT


def test_one_of_many_servers_that_is_down_is_no_way_that_fails(time, told):
    alone = Routes([DIRECT], told=lambda *said: told.append(said), now=time)
    for _ in range(3):
        alone.worked(DIRECT, THERE)
        alone.failed(DIRECT, "timed out", DEAD)
    assert told == []


def test_a_server_that_is_down_by_all_ways_is_no_way_that_fails_either(routes, told):
    routes.worked(DIRECT, THERE)
    everywhere(routes, DEAD, DIRECT, TOR, OTHER)
    told.clear()
    for _ in range(3):
        assert routes.in_order(DEAD) == (DIRECT, TOR, OTHER)
        everywhere(routes, DEAD, DIRECT, TOR, OTHER)
        routes.worked(DIRECT, THERE)
    assert told == []


def test_whoever_reads_along_at_one_name_is_told_of_all_the_same(time, told):
    alone = Routes([DIRECT], told=lambda *said: told.append(said), now=time)
    alone.worked(DIRECT, THERE)
    alone.failed(DIRECT, "tls", MEDIA)
    assert told == [("direct", {"direct": "tls"})]


def test_where_no_name_is_reached_there_is_no_way(routes, told):
    everywhere(routes, THERE, DIRECT, TOR, OTHER)
    assert told[-1][0] == "" and routes.in_order(MEDIA) == (DIRECT, TOR, OTHER)
    routes.worked(OTHER, MEDIA)
    assert told[-1] == ("other", {"direct": "refused", "tor": "refused"})


def test_of_endless_names_only_the_last_are_remembered():
    standing = Standing({"direct": 60.0})
    for n in range(MOST_HOSTS * 3):
        standing.meets(n, 0.0)
        standing.failed("direct", n, 0.0, "refused")
    assert len(list(standing.due(60.0))) == MOST_HOSTS


def test_looks_are_at_better_ways_and_not_at_servers_that_are_down():
    standing = Standing({"direct": 60.0, "tor": 60.0})
    assert standing.until_due_s(0.0) is None
    standing.failed("direct", "news", 0.0, "reset")
    for name in ("direct", "tor"):
        standing.failed(name, "dead", 10.0, "refused")
    assert standing.until_due_s(50.0) == 10.0
    assert list(standing.due(100.0)) == [("direct", "news")]
    assert list(standing.due(159.0)) == []  # it may take long
    standing.failed("tor", "news", 50.0, "proxy")  # now nothing is reached
    assert len(list(standing.due(200.0))) == 4


# ---------------------------------------------------------------- when it is probed


def probes(health, begins, lasts):
    """When a way is probed that goes on failing, from its first failure on."""
    at, found = begins, []
    while at < begins + lasts:
        if health.probe_due(at):
            found.append(at - begins)
            health.failed(at, "timed out")
        at += 1
    return found


def test_a_way_that_fails_is_probed_at_even_intervals():
    health = Health(60)
    assert not health.probe_due(0) and health.until_probe_s(0) is None
    health.failed(0, "timed out")
    assert health.until_probe_s(20) == 40 and health.until_probe_s(99) == 0
    assert probes(health, 0, 300) == [60, 120, 180, 240]
    assert not health.usable


def test_a_way_that_falls_again_soon_is_probed_ever_more_rarely_up_to_half_an_hour():
    health = Health(60)
    waits, at = [], 0.0
    for _ in range(8):
        health.failed(at, "reset")
        waits.append(health.until_probe_s(at))
        at += waits[-1]
        health.worked(at)
        at += STEADY_S - 1
    assert waits == [60, 120, 240, 480, 960, 1800, 1800, 1800] and LONGEST_PROBE_S == 1800


def test_a_way_that_lasted_is_believed_again():
    health = Health(60)
    for at in (0, 100):
        health.failed(at, "reset")
        health.worked(at + 60)
    health.failed(160 + STEADY_S, "reset")
    assert health.until_probe_s(160 + STEADY_S) == 60


def test_a_probe_that_was_asked_to_be_rare_stays_so():
    health = Health(3600)
    for at in (0, 10, 20):
        health.failed(at, "reset")
        assert health.until_probe_s(at) == 3600
        health.worked(at + 1)
