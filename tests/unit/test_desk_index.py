"""The desk's index: cards in their groups and lanes, kept in step, and found by their words."""

from __future__ import annotations

from typing import Any

import pytest

from bench.desk_cards import NOW, cards, one
from relay.desk.index.card import card_of
from relay.desk.index.groups import Came, Groups
from relay.desk.index.index import Index
from relay.desk.index.search import search

PROTEST = "Twenty people came together in Orchard street today"
FIRE = "The mill at the river burns since this morning"


def index(*told: Any) -> Index:
    made = Index()
    put(made, *told)
    return made


def put(made: Index, *told: Any) -> None:
    made.put(map(card_of, told))
    made.group()


def lane(made: Index, *lanes: str) -> list[str]:
    return [group.chosen.text for group in Groups(made).lane(lanes).groups]


def test_a_card_comes_back_as_it_was_told() -> None:
    for told in cards(40):
        assert index(told).card(told["seq"]) == card_of(told)


def test_messages_of_the_same_words_are_one_group_with_its_counts() -> None:
    made = index(
        one(1, PROTEST, transport="sms-1", network="aa", author="a1"),
        one(2, PROTEST, transport="sms-1", network="aa", author="a2"),
        one(3, PROTEST, transport="mail", network="bb", author="a2"),
        one(4, FIRE),
    )
    shown = Groups(made).lane(["held"])
    assert [group.tally.held for group in shown.groups] == [3, 1]
    assert shown.groups[0].came == (Came("sms-1", 2, 1), Came("mail", 1, 1))
    assert shown.groups[0].authors == 2
    assert shown.total == 2 and shown.further is None


def test_what_puts_right_is_in_no_group_with_what_tells_the_same() -> None:
    made = Index()
    made.put(map(card_of, (one(1, PROTEST), one(2, PROTEST, corrects=True), one(3, PROTEST))))
    before = [made.group_of(seq) for seq in (1, 2, 3)]
    made.group()
    for groups in (before, [made.group_of(seq) for seq in (1, 2, 3)]):
        assert groups[0] == groups[2] != groups[1]


def test_until_it_was_looked_at_a_message_is_grouped_with_the_very_same_words() -> None:
    made = Index()
    made.put(map(card_of, (one(1, PROTEST), one(2, PROTEST + "!!"), one(3, PROTEST))))
    assert made.ungrouped == 3
    assert [group.tally.held for group in Groups(made).lane(["held"]).groups] == [2, 1]
    assert search(made, "orchard").total == 3
    made.group(1)
    assert made.ungrouped == 2
    made.remove([2])
    made.group()
    assert [group.tally.held for group in Groups(made).lane(["held"]).groups] == [2]
    made.remove([1, 3])
    assert not made.tallies.groups and len(made) == 0


def test_danger_of_one_counts_for_its_whole_group() -> None:
    made = index(one(1, PROTEST), one(2, PROTEST, kinds=["phone", "name"]), one(3, FIRE))
    assert lane(made, "danger") == [PROTEST]
    assert Groups(made).lane(["danger"]).groups[0].kinds == ("name", "phone")


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("danger", {"kinds": ["phone"]}),
        ("asked-back", {"asked_back": True}),
        ("confirm", {"confirmed": ["mina"]}),
        ("mine:mina", {"assignee": "mina"}),
        ("word", {"flags": ["word-of-the-day"]}),
        ("known", {"known": True}),
        ("new", {"author": "aa"}),
        ("media", {"media": ["image/png"]}),
        ("language:fa", {"language": "fa"}),
        ("channel:family", {"channel": "family"}),
        ("transport:sms-2", {"transport": "sms-2"}),
        ("aside", {"aside": True}),
        ("outbox", {"held": False, "outbox_until": NOW + 60}),
    ],
)
def test_a_card_lies_in_its_lane(name: str, more: dict[str, Any]) -> None:
    made = index(one(1, PROTEST, **more), one(2, FIRE, known=name == "new"))
    assert lane(made, name) == [PROTEST]
    assert made.tallies.messages()[name] == 1


def test_what_is_set_aside_and_what_is_on_its_way_wait_in_no_other_lane() -> None:
    made = index(one(1, PROTEST, aside=True, kinds=["phone"]), one(2, FIRE, held=False))
    assert lane(made, "held") == [] and lane(made, "danger") == []


def test_who_wrote_before_today_is_not_new() -> None:
    made = index(one(1, PROTEST, author="aa"), one(2, FIRE, author="aa"), one(3, "x", author="bb"))
    assert lane(made, "new") == [PROTEST, "x"]
    assert lane(made, "seen") == [FIRE]


def test_lanes_can_be_laid_over_each_other() -> None:
    made = index(
        one(1, PROTEST, kinds=["phone"], language="en"),
        one(2, FIRE, kinds=["phone"], language="fa"),
        one(3, "third", language="fa"),
    )
    assert lane(made, "danger", "language:fa") == [FIRE]
    assert lane(made, "danger", "language:my") == []


def test_a_decision_takes_a_message_out_of_its_lanes() -> None:
    made = index(one(1, PROTEST, kinds=["phone"]), one(2, PROTEST))
    put(made, one(1, PROTEST, rev=3, held=False, state="posted"))
    [group] = Groups(made).lane(["held"]).groups
    assert (group.tally.held, group.tally.public, group.tally.members) == (1, 1, 2)
    assert group.chosen.seq == 2
    assert lane(made, "danger") == []
    made.remove([1, 2, 9])
    assert len(made) == 0 and not made.tallies.groups
    assert search(made, "orchard").total == 0


def test_what_is_older_than_what_is_known_changes_nothing() -> None:
    made = index(one(1, PROTEST, rev=5, held=False, state="posted"))
    put(made, one(1, PROTEST, rev=4))
    assert lane(made, "held") == []


def test_other_words_move_a_message_to_their_group_and_are_found() -> None:
    made = index(one(1, PROTEST), one(2, FIRE), one(3, FIRE))
    put(made, one(1, FIRE, rev=3))
    assert [group.tally.held for group in Groups(made).lane(["held"]).groups] == [3]
    assert search(made, "orchard").total == 0
    assert search(made, "mill").total == 3


def test_the_most_told_wording_that_waits_is_the_one_to_publish() -> None:
    made = index(one(1, PROTEST + "!"), one(2, PROTEST), one(3, PROTEST))
    group = Groups(made).of(2)
    assert group is not None and group.chosen.seq in (1, 2)
    put(made, one(1, PROTEST, rev=9, held=False, state="posted"))
    group = Groups(made).of(1)
    assert group is not None and group.chosen.held


def test_what_one_person_wants_published_is_what_a_second_one_is_asked_about() -> None:
    made = index(one(1, FIRE), one(2, FIRE), one(3, FIRE, confirmed=["mina"]))
    assert [group.chosen.seq for group in Groups(made).lane(["confirm"]).groups] == [3]
    assert Groups(made).chosen_in(["held"], 9) == [3]


def test_wordings_of_a_group_are_counted() -> None:
    made = index(one(1, FIRE), one(2, FIRE), one(3, FIRE, held=False))
    of = made.group_of(1)
    assert of is not None
    [telling] = Groups(made).tellings(of)
    assert (telling.card.seq, telling.messages, telling.held) == (1, 3, 2)
    assert [card.seq for card in Groups(made).members(of, after=1)] == [2, 3]
    assert [card.seq for card in Groups(made).waiting(of, 9)] == [1, 2]


def test_a_lane_is_shown_in_pages_and_in_three_orders() -> None:
    made = index(
        one(1, "one", hour=NOW), one(2, "two", hour=NOW - 7200), one(3, "two", hour=NOW - 3600)
    )
    groups = Groups(made)
    assert [g.chosen.text for g in groups.lane(["held"], "oldest").groups] == ["two", "one"]
    assert [g.chosen.text for g in groups.lane(["held"], "newest").groups] == ["one", "two"]
    first = groups.lane(["held"], n=1)
    assert (first.groups[0].chosen.text, first.total, first.further) == ("two", 2, 1)
    assert groups.lane(["held"], at=1, n=1).groups[0].chosen.text == "one"
    assert groups.longest() == NOW - 7200


def test_a_sample_is_a_tenth_and_the_same_for_the_same_seed() -> None:
    made = index(*(one(seq, f"story {seq}") for seq in range(1, 101)))
    drawn = [group.chosen.seq for group in Groups(made).sample(["held"], 7).groups]
    assert len(drawn) == 10
    assert drawn == [group.chosen.seq for group in Groups(made).sample(["held"], 7).groups]
    assert drawn != [group.chosen.seq for group in Groups(made).sample(["held"], 8).groups]


def test_the_outbox_has_what_can_still_be_undone() -> None:
    made = index(
        one(1, "a", held=False, outbox_until=NOW + 50),
        one(2, "b", held=False, outbox_until=NOW + 10),
        one(3, "c", held=False, outbox_until=NOW - 1),
    )
    assert [card.seq for card in Groups(made).outbox(NOW)] == [2, 1]


# ---------------------------------------------------------------- found by words


def found(text: str, said: str, title: str = "") -> bool:
    return search(index(one(1, text, title=title)), said).total == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("تجمع در خیابان آزادی", "ازادي"),  # an Arabic yeh, and no madda
        ("كتاب‌ها", "کتاب"),
        ("ساعت ۱۲:۳۰", "12"),
        ("ساعت 12:30", "١٢"),
        ("مُحَمَّد", "محمد"),
        ("ယနေ့ပန်းသီးလမ်းတွင်", "ပန်းသီး"),
        ("ရွှေ", "ရ"),
        ("今天有人聚集在长江路", "长江"),
        ("今天有人聚集在长江路", "路"),
        ("今天有人聚集在长江路", "江路"),
        ("電車が止まった", "止まった"),
        ("ตลาดสดไฟไหม้", "ไฟไหม้"),
        ("Café ÉCLAIR", "cafe eclair"),
        ("Straße", "strasse"),
        ("ﬁre", "fire"),
        ("Люди собрались", "ЛЮДИ собра"),
        ("two words", "words two"),
        ("a_b-c", "a b c"),
    ],
)
def test_a_text_is_found_however_it_is_typed(text: str, said: str) -> None:
    assert found(text, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("今天有人聚集在长江路", "江长"),
        ("two words", "two worlds"),
        ("anything", ""),
        ("anything", '" OR * NEAR('),
        ("anything", "-- ; ' \" \x00 ^ : ( )"),
    ],
)
def test_what_is_not_there_is_not_found(text: str, said: str) -> None:
    assert not found(text, said)


def test_a_title_is_searched_as_well() -> None:
    assert found("text", "subject", title="The Subject")


def test_a_search_for_words_of_the_language_of_searches_is_for_these_words() -> None:
    assert found("this OR that AND NOT NEAR", "or and not near")


def test_what_is_public_is_found_too_unless_only_what_waits_is_asked_for() -> None:
    made = index(one(1, FIRE), one(2, FIRE, held=False, state="posted"))
    assert [card.seq for card in search(made, "mill").cards] == [2, 1]
    assert [card.seq for card in search(made, "mill", held=True).cards] == [1]


def test_a_message_is_found_by_the_first_digits_of_its_id() -> None:
    made = index(one(1, FIRE), one(2, PROTEST))
    card = made.card(2)
    assert card is not None
    assert [c.seq for c in search(made, card.id[:6].upper()).cards] == [2]
    assert made.of_id(card.id) == card and made.of_id("00" * 16) is None


def test_a_search_goes_on_where_it_ended() -> None:
    made = index(*(one(seq, FIRE) for seq in range(1, 6)))
    first = search(made, "mill", n=2)
    assert ([card.seq for card in first.cards], first.total, first.before) == ([5, 4], 5, 4)
    assert [card.seq for card in search(made, "mill", before=first.before, n=2).cards] == [3, 2]


def test_the_words_of_a_long_text_are_bounded() -> None:
    assert not found("long " * 10_000 + "end", "end")
