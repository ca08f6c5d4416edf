"""When something goes out tells nothing of when it came: delays are drawn, and so is the order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from relay.config import parse
from relay.exit.review import released
from relay.model import Queue, State
from relay.node.policies import drawn
from relay.rules.policy import Policy

NOW = 1_800_000_000


def due(draw: Random, policy: Policy, at: int) -> int:
    change = released(policy, at, draw.randint)
    assert (change.queue, change.state) == (Queue.DELIVER, State.WAITING)
    assert change.due is not None
    return change.due


def test_each_message_gets_a_delay_of_its_own_over_the_whole_length() -> None:
    draw, policy = Random(7), Policy()
    delays = [due(draw, policy, NOW) - NOW for _ in range(4000)]
    least, most = policy.delay
    assert min(delays) >= least and max(delays) <= most
    tenths = Counter((delay - least) * 10 // (most - least + 1) for delay in delays)
    assert set(tenths) == set(range(10))
    assert max(tenths.values()) < 1.3 * min(tenths.values())


@pytest.mark.parametrize(("apart_s", "least", "most"), [(1, 0.45, 0.55), (60, 0.42, 0.53)])
def test_two_messages_of_one_minute_come_out_in_either_order(
    apart_s: int, least: float, most: float
) -> None:
    draw, policy = Random(7), Policy()
    pairs = [(due(draw, policy, NOW), due(draw, policy, NOW + apart_s)) for _ in range(4000)]
    turned = sum(second < first for first, second in pairs) / len(pairs)
    assert least < turned < most


def test_what_is_released_by_ticks_or_after_a_delay_goes_out_in_any_order() -> None:
    settings = parse(
        {
            "channels": {
                "news": {"destinations": ["page", "hook"]},
                "now": {"destinations": ["other"], "delay": ["0s", "0s"]},
            },
            "destinations": {
                "page": {"bridge": "feed", "folder": "public", "tick": "10m"},
                "hook": {"bridge": "webhook", "url": "https://example.org/in"},
                "other": {"bridge": "webhook", "url": "https://example.org/in"},
            },
        },
        Path("relay.toml"),
    )
    assert drawn(settings) == {"page", "hook"}
