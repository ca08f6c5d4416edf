"""What becomes of the crossings of one envelope, decided from their states alone."""

from __future__ import annotations

import pytest

from relay.model import AFTER, SET_BACK, Queue, Row, Sent, State
from relay.rules.backoff import pause_s
from relay.rules.crossing import due_at, expired, handed, is_after, offered, refused

HOUR = 3600
NOW = 500_000 * HOUR


def message(note: bytes = b"") -> Row:
    return Row(1, 1, 1, Queue.ASSIGNED, State.WAITING, b"i" * 16, NOW, None, "", "", note)


def crossing(
    name: str = "b", state: Sent = Sent.WAITING, *, due: int | None = NOW, note: bytes = b""
) -> Row:
    ended = state not in (Sent.WAITING, Sent.SENDING, Sent.UNSURE)
    queue = Queue.ENDED if ended else Queue.OUTBOUND
    return Row(ord(name), 1, 1, queue, state, b"i" * 16, NOW, due, name, "", note)


@pytest.mark.parametrize(
    ("state", "note", "other", "after"),
    [
        (Sent.WAITING, b"", Sent.WAITING, False),
        (Sent.WAITING, b"", Sent.REROUTED, False),
        (Sent.WAITING, b"", Sent.REFUSED, False),
        (Sent.WAITING, b"", Sent.EXPIRED, False),
        (Sent.WAITING, b"", Sent.SENDING, True),
        (Sent.WAITING, b"", Sent.UNSURE, True),
        (Sent.WAITING, b"", Sent.HANDED, True),
        (Sent.SENDING, b"", Sent.SENDING, False),  # it was the first, and stays it
        (Sent.UNSURE, b"", Sent.UNSURE, False),
        (Sent.UNSURE, b"", Sent.HANDED, True),  # the other one has posted by now
        (Sent.SENDING, AFTER, Sent.SENDING, True),
        (Sent.UNSURE, AFTER, Sent.REFUSED, True),
    ],
)
def test_who_is_the_first_is_decided_once(
    state: Sent, note: bytes, other: Sent, after: bool
) -> None:
    own = crossing("b", state, note=note)
    assert is_after(message(), own, [crossing("c", other)]) is after


def test_of_a_spool_that_was_set_back_nobody_is_the_first() -> None:
    assert is_after(message(SET_BACK), crossing(), [crossing("c")])


def test_an_offer_keeps_its_place_and_who_was_before() -> None:
    changed = offered(crossing(due=NOW + 5), after=True)
    assert (changed.state, changed.due, changed.note) == (Sent.SENDING, NOW + 5, AFTER)
    assert offered(crossing(), after=False).note == b""


@pytest.mark.parametrize(
    ("name", "takers", "rerouted"),
    [
        ("b", (), []),  # each of several gets it
        ("b", ("c",), ["c"]),  # the first has it: nobody need take over
        ("c", ("c",), ["b", "d"]),  # who took over has it: nobody else need
    ],
)
def test_who_need_not_get_what_another_has(
    name: str, takers: tuple[str, ...], rerouted: list[str]
) -> None:
    all_three = [crossing(one) for one in "bcd"]
    own = next(one for one in all_three if one.name == name)
    changes = handed(own, [one for one in all_three if one is not own], takers)
    assert changes[0][0] is own and changes[0][1].state == Sent.HANDED
    assert [row.name for row, to in changes[1:]] == rerouted
    assert {to.state for _, to in changes[1:]} <= {Sent.REROUTED}


def test_what_was_offered_to_another_is_not_taken_back() -> None:
    others = [crossing("c", Sent.SENDING), crossing("d", Sent.UNSURE)]
    assert len(handed(crossing(), others, ("b", "c", "d"))) == 1


def test_what_one_exit_is_not_to_get_another_gets_at_once() -> None:
    later, now = crossing("c", due=NOW + HOUR), crossing("d")
    changes = refused(crossing(), [later, now], "its exit was revoked")
    assert [(row.name, to.state, to.due) for row, to in changes] == [
        ("b", Sent.REFUSED, None),
        ("c", Sent.WAITING, NOW),
    ]


def test_what_expired_says_why() -> None:
    assert expired(crossing())[1].why == "its time on the road is over"


@pytest.mark.parametrize(
    ("after_s", "drawn", "due"),
    [
        (0, 0.9, NOW),  # at once: and no finer than the hour
        (60, 0.0, NOW + 700),
        (60, 1.0, NOW + 760),
        (6 * HOUR, 0.5, NOW + 640 + 6 * HOUR + HOUR // 2),
    ],
)
def test_what_lies_on_the_disk_does_not_tell_when_somebody_wrote(
    after_s: int, drawn: float, due: int
) -> None:
    assert due_at(NOW + 640, NOW, after_s, drawn) == due


def test_a_link_rests_ever_longer_and_never_for_ever() -> None:
    assert [pause_s(tries, 300, 1.0) for tries in (1, 2, 3, 9, 10, 10_000)] == [
        1, 2, 4, 256, 300, 300,
    ]  # fmt: skip
    assert [pause_s(tries, 300, 0.0) for tries in (1, 2, 10)] == [0.5, 1, 150]
