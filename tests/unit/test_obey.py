"""What senders ask, and what they are told: never more than is theirs to know."""

from __future__ import annotations

from dataclasses import replace

import pytest
from obey_parts import CODE, KEYS, NOBODY, ONE, OTHER, START, Exit, Person, an_exit
from trio.testing import MockClock

from relay.exit.naming import Familiar, to_review
from relay.exit.obey import SPAN_S
from relay.exit.record import First, restore
from relay.exit.told import cut_to_fit
from relay.model import HOUR, Command, Message, Queue, State, Word
from relay.rules.gsm import fits
from relay.rules.policy import Policy
from relay.rules.words import normal, say
from relay.wire.names import DAY_S, code_name

UNKNOWN = say("unknown", "en")
NEXT = Person("one", "mail")
BY_SMS = Person(flags=("sms",))
MAY_READ = Person(flags=("sms", "may-read"))


async def told(at: Exit, word: Word, argument: str = "", **more: object) -> str:
    return await at.asks(word, argument, **more)


@pytest.mark.parametrize(
    ("state", "queue", "heard"),
    [
        (State.HELD, Queue.REVIEW, "waits"),
        (State.WAITING, Queue.DELIVER, "waits"),
        (State.QUARANTINED, Queue.ENDED, "waits"),
        (State.POSTED, Queue.ENDED, "done"),
        (State.DROPPED, Queue.ENDED, "done"),
        (State.WITHDRAWN, Queue.ENDED, "unknown"),
    ],
)
async def test_a_sender_is_told_that_a_message_waits_or_is_done(
    state: State, queue: Queue, heard: str, autojump_clock: MockClock
) -> None:
    at = an_exit()
    await at.message(code=CODE, state=state, queue=queue)
    assert await told(at, "status", CODE) == say(heard, "en")  # type: ignore[arg-type]


async def test_of_two_messages_with_one_code_the_newer_one_is_meant(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    await at.message(code=CODE, state=State.POSTED, queue=Queue.ENDED)
    await at.message(code=CODE)
    assert await told(at, "status", CODE) == say("waits", "en")


async def test_a_code_that_another_has_chosen_is_unknown(autojump_clock: MockClock) -> None:
    at = an_exit()
    async with at.running():
        await at.message(code=CODE, by=OTHER)
        await at.command("status", CODE)
        await at.command("status", CODE, by=NOBODY)
        await at.all_done()
    assert at.said == [UNKNOWN, UNKNOWN]


async def test_two_people_with_the_same_code_each_have_their_own(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    async with at.running():
        await at.message(code=CODE, state=State.POSTED, queue=Queue.ENDED)
        await at.message(code=CODE, by=OTHER)
        await at.command("status", CODE)
        await at.all_done()
        await at.command("status", CODE, by=OTHER)
        await at.all_done()
    assert at.said == [say("done", "en"), say("waits", "en")]


async def test_a_flood_of_messages_with_a_code_hides_nobody_s_own(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    at.clock.at += DAY_S
    async with at.running():
        for _ in range(1000):
            await at.message(code=CODE, by=OTHER)
        own = await at.message(code=CODE)
        await at.command("delete", CODE)
        await at.all_done()
    assert (await at.state(own))[0] == "withdrawn"


async def test_after_a_restart_nobody_can_tell_authors_apart_and_the_code_is_enough(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    await at.message(code=CODE)
    assert await told(at, "status", CODE, by=Person("one with new tags")) == say("waits", "en")


async def test_when_author_tags_are_over_the_code_is_enough(autojump_clock: MockClock) -> None:
    at = an_exit()
    async with at.running():
        await at.message(code=CODE)
        at.clock.at += 2 * DAY_S
        await at.command("status", CODE, by=OTHER)
        await at.all_done()
    assert at.said == [say("waits", "en")]


async def test_a_code_of_ours_is_enough_by_itself(autojump_clock: MockClock) -> None:
    at = an_exit()
    async with at.running():
        await at.message(given="7302 551 846", by=NOBODY)
        await at.command("status", "7302551846", by=OTHER)
        await at.all_done()
    assert at.said == [say("waits", "en")]


async def test_a_weak_code_is_never_bound(autojump_clock: MockClock) -> None:
    at = an_exit()
    await at.message(code="12345678")
    assert await told(at, "status", "12345678") == UNKNOWN


@pytest.mark.parametrize("word", ["status", "delete", "answers", "again", "code", "to"])
async def test_what_is_unknown_old_withdrawn_and_not_theirs_has_the_same_words_and_length(
    word: Word, autojump_clock: MockClock
) -> None:
    at = an_exit()
    gone = {"state": State.WITHDRAWN, "queue": Queue.ENDED}
    async with at.running():
        await at.message(code="55512900", by=OTHER, answers=("for another",))
        await at.message(code="55512911", **gone, answers=("for nobody",))
        for code in ("55512900", "55512911", "55512922"):
            await at.command(word, code)
        await at.all_done()
    assert len(set(at.said)) == 1
    assert len({len(one) for one in at.sealed}) == 1


async def test_an_answer_leaves_after_the_same_span_whatever_there_was_to_find(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    async with at.running():
        await at.posted(code=CODE)
        for word, code in (("status", CODE), ("status", "99990000"), ("delete", CODE)):
            await at.command(word, code)  # type: ignore[arg-type]
        await at.all_done()
    assert len(at.said_at) == 3
    assert at.said_at == pytest.approx([at.taken_at + SPAN_S] * 3)


async def test_who_did_not_ask_by_a_way_that_answers_is_told_nothing(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE)
    async with at.running():
        await at.command("delete", CODE, asked=False)
        await at.all_done()
    assert at.said == []
    assert await at.state(seq) == ("withdrawn", "")


async def test_every_command_ends_as_one_and_nothing_is_kept_of_it(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    words: list[Word] = ["status", "delete", "answers", "code", "read", "to", "help", "again"]
    async with at.running():
        seqs = [await at.command(word, CODE) for word in words]
        await at.all_done()
    for seq in seqs:
        row = await at.row(seq)
        assert (row.queue, row.state) == (Queue.ENDED, State.COMMAND)
        assert await at.spool.body(seq) == b""
    assert (await at.spool.counts()).states == {"command": len(words)}


# ---------------------------------------------------------------- CODE, TO, AGAIN


async def test_a_code_that_is_said_later_is_that_of_the_newest_message_of_the_same_author(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    first = await at.message("the first")
    second = await at.message("the second")
    await at.message("of another", by=OTHER)
    await at.message("by another way", by=NEXT)
    assert await told(at, "code", CODE) == say("code_set", "en")
    assert await told(at, "delete", CODE) == say("deleted", "en")
    assert [(await at.state(seq))[0] for seq in (first, second)] == ["held", "withdrawn"]


async def test_what_comes_after_a_command_is_not_meant_by_it(autojump_clock: MockClock) -> None:
    at = an_exit()
    before = await at.message()
    await at.command("to", "family")
    after = await at.message()
    async with at.running():
        await at.all_done()
    assert [(await at.row(seq)).name for seq in (before, after)] == ["family", "news"]


async def test_a_message_that_its_delete_has_overtaken_is_taken_back(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    await at.command("delete", CODE)
    seq = await at.message(code=CODE)
    async with at.running():
        await at.all_done()
    assert (await at.state(seq))[0] == "withdrawn"


async def test_a_weak_code_names_nothing(autojump_clock: MockClock) -> None:
    at = an_exit()
    await at.message()
    assert await told(at, "code", "11112222") == say("code_set", "en")
    assert await told(at, "status", "11112222") == UNKNOWN


@pytest.mark.parametrize("word", ["sunflower7", "notlooked8", "nobodys-word"])
async def test_nobody_can_tell_by_asking_whether_a_word_is_that_of_a_known_sender(
    word: str, autojump_clock: MockClock
) -> None:
    async def knows(code: str, tags: object) -> str | None:
        return {"sunflower7": "ada", "notlooked8": None}.get(code, "")

    at = an_exit(knows=knows)
    seq = await at.message()
    assert await told(at, "code", word) == say("code_set", "en")
    assert await told(at, "status", word) == say("waits", "en")
    on_disk = await at.spool.named(code_name(KEYS.desk_secret, normal(word)))
    assert [row.seq for row in on_disk] == ([seq] if word == "nobodys-word" else [])
    assert word not in str(await at.record(seq))


async def test_a_message_that_has_a_code_gets_no_other_one_by_whoever_writes_in_its_author_s_name(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE)
    assert await told(at, "code", "55512900") == say("code_set", "en")
    assert await told(at, "delete", "55512900") == say("deleted", "en")
    assert (await at.state(seq))[0] == "held"
    later = await at.message()
    for code in ("55512911", "55512922"):
        await told(at, "code", code)
    await told(at, "delete", "55512922")
    assert (await at.state(later))[0] == "held"
    await told(at, "delete", "55512911")
    assert (await at.state(later))[0] == "withdrawn"


async def test_a_message_that_a_step_holds_is_named_when_it_is_free(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(state=State.WAITING, due=0)
    [held] = await at.spool.take(Queue.REVIEW, now=START, limit=1)
    async with at.running():
        await at.command("code", CODE)
        for _ in range(300):
            await at.spool.look()
        at.spool.release(held)
        await at.all_done()
        await at.command("status", CODE)
        await at.all_done()
    assert at.said[-1] == say("waits", "en")
    assert (await at.row(seq)).queue == Queue.REVIEW
    assert await at.spool.named(code_name(KEYS.desk_secret, CODE)) == [await at.row(seq)]


async def test_a_message_goes_to_another_channel_and_is_reviewed_there(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(state=State.WAITING, queue=Queue.DELIVER, due=START + 999)
    assert await told(at, "to", "Family") == say("moved", "en")
    row = await at.row(seq)
    assert (row.queue, row.state, row.name, row.due) == (Queue.REVIEW, "waiting", "family", 0)
    assert (await at.record(seq)).channel == "family"


async def test_what_a_person_holds_stays_held_where_it_goes(autojump_clock: MockClock) -> None:
    at = an_exit()
    seq = await at.message()
    await told(at, "to", "family")
    row = await at.row(seq)
    assert (row.state, row.due, row.name) == ("held", None, "family")


@pytest.mark.parametrize(
    "looser", [Policy(review="none"), Policy(review="unknown"), Policy(danger="off")]
)
async def test_no_message_goes_where_less_is_reviewed_or_danger_is_not_held(
    looser: Policy, autojump_clock: MockClock
) -> None:
    at = an_exit()
    at.policies["family"] = looser
    seq = await at.message()
    assert await told(at, "to", "family") == say("moved", "en")
    assert (await at.row(seq)).name == "news"


@pytest.mark.parametrize("name", ["nowhere", "news", ""])
async def test_to_a_channel_that_is_none_or_its_own_nothing_moves(
    name: str, autojump_clock: MockClock
) -> None:
    at = an_exit()
    seq = await at.message()
    before = await at.row(seq)
    assert await told(at, "to", name) == say("moved", "en")
    assert await at.row(seq) == before


async def test_what_is_public_or_on_its_way_does_not_move(autojump_clock: MockClock) -> None:
    at = an_exit()
    seq = await at.posted()
    await told(at, "to", "family")
    assert (await at.row(seq)).name == "news"


async def test_what_is_asked_for_once_more_is_a_new_message_for_a_person(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.posted("come to the square", code=CODE)
    assert await told(at, "again", CODE) == say("again", "en")
    [row] = [one for one in await at.spool.look(queue=Queue.REVIEW) if one.seq != seq]
    assert (row.state, row.name, row.why) == ("held", "news", "asked once more")
    record = await at.record(row.seq)
    assert record.message is not None
    assert (record.message.text, record.command) == ("come to the square", None)
    assert await told(at, "again", CODE) == say("again", "en")
    assert len(await at.spool.look(queue=Queue.REVIEW)) == 1
    assert await told(at, "status", CODE) == say("waits", "en")


async def test_many_who_ask_for_it_once_more_at_the_same_time_get_one(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    async with at.running():
        await at.posted("come to the square", code=CODE)
        for _ in range(9):
            await at.command("again", CODE)
        await at.all_done()
    assert len(await at.spool.look(queue=Queue.REVIEW)) == 1


async def test_what_is_asked_for_once_more_and_taken_back_at_the_same_time_is_gone(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    async with at.running():
        await at.posted(code=CODE)
        for word in ("again", "delete", "again"):
            await at.command(word, CODE)  # type: ignore[arg-type]
        await at.all_done()
    assert await at.spool.look(queue=Queue.REVIEW) == []


async def test_once_more_is_not_said_by_a_known_sender_since_another_may_ask(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    at.clock.at -= 3 * DAY_S
    await at.posted(code=CODE, sender="ada", read_flags=("known", "edited"))
    at.clock.at += 3 * DAY_S
    await told(at, "again", CODE, by=OTHER)
    [row] = await at.spool.look(queue=Queue.REVIEW)
    record = await at.record(row.seq)
    assert record.message is not None
    assert (record.sender, record.message.flags) == ("", ("edited",))


async def test_what_is_asked_for_once_more_by_a_code_of_ours_is_taken_back_by_it(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    async with at.running():
        await at.posted(given="7302551846", by=NOBODY)
        await at.command("again", "7302551846", by=NOBODY)
        await at.all_done()
        [again] = await at.spool.look(queue=Queue.REVIEW)
        await at.command("delete", "7302551846", by=NOBODY)
        await at.all_done()
    assert (await at.state(again.seq))[0] == "withdrawn"


async def test_the_word_of_a_known_sender_is_not_written_down_by_asking_once_more(
    autojump_clock: MockClock,
) -> None:
    async def knows(code: str, tags: object) -> str | None:
        return "ada"

    at = an_exit(knows=knows)
    await at.posted()
    await told(at, "code", "sunflower7")
    await told(at, "again", "sunflower7")
    assert len(await at.spool.look(queue=Queue.REVIEW)) == 1
    assert await at.spool.named(code_name(KEYS.desk_secret, "sunflower7")) == []


async def test_a_correction_goes_to_no_other_channel(autojump_clock: MockClock) -> None:
    at = an_exit()
    seq = await at.message(corrects=First(bytes(16), 1, bytes(32)))
    await told(at, "to", "family")
    assert (await at.row(seq)).name == "news"


async def test_what_waits_or_was_taken_back_is_not_asked_for_once_more(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE)
    await told(at, "again", CODE)
    await told(at, "delete", CODE)
    await told(at, "again", CODE)
    assert [row.seq for row in await at.spool.look() if row.state != State.COMMAND] == [seq]


# ---------------------------------------------------------------- ANSWERS, READ, HELP


async def test_answers_are_told_the_next_one_first_and_all_of_them_in_turn(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    long = "چند نفر آنجا هستند و چه می‌بینند " * 3
    await at.message(code=CODE, answers=(f"{long}1", f"{long}2", f"{long}3"))
    heard = [await told(at, "answers", CODE) for _ in range(4)]
    assert [one[-1] for one in heard] == ["3", "2", "1", "3"]
    assert all(fits(one) for one in heard)


async def test_short_answers_go_together(autojump_clock: MockClock) -> None:
    at = an_exit()
    await at.message(code=CODE, answers=("how many?", "since when?"))
    assert await told(at, "answers", CODE) == "since when?\nhow many?"


async def test_where_nothing_is_said_to_a_sender_it_is_as_if_there_were_no_message(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    await at.message(code=CODE)
    assert await told(at, "answers", CODE) == await told(at, "answers", "99990000")


async def test_the_latest_items_are_read_without_links_numbers_and_mentions(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    await at.posted("the first, see https://x.example/1 or call 0912 345 6789")
    await at.posted("the second by @someone")
    await at.message("not public")
    assert await told(at, "read") == "the second by\nthe first, see or call"


async def test_items_are_read_by_topic(autojump_clock: MockClock) -> None:
    at = an_exit()
    await at.posted("the square is full")
    await at.posted("the bridge is closed")
    assert await told(at, "read", "SQUARE") == "the square is full"
    assert await told(at, "read", "news") == "the bridge is closed\nthe square is full"
    assert await told(at, "read", "harbour") == say("nothing_to_read", "en")


async def test_what_was_taken_off_the_page_is_read_no_more(autojump_clock: MockClock) -> None:
    at = an_exit()
    await at.posted("the square is full", code=CODE)
    await told(at, "delete", CODE)
    assert await told(at, "read") == say("nothing_to_read", "en")


@pytest.mark.parametrize(("by", "reads"), [(BY_SMS, False), (MAY_READ, True), (ONE, True)])
async def test_by_sms_the_page_is_read_only_where_its_transport_says_so(
    by: Person, reads: bool, autojump_clock: MockClock
) -> None:
    at = an_exit()
    await at.posted("the square is full")
    assert (await told(at, "read", by=by) == "the square is full") is reads


def test_items_fit_and_the_last_one_is_cut() -> None:
    for text in ("a word after a word " * 20, "میدان پر است و پل بسته " * 20):
        texts = cut_to_fit([text.strip(), text.strip()])
        assert fits("\n".join(texts))
        assert texts[0].endswith("…")


async def test_help_is_told_in_the_language_of_the_word(autojump_clock: MockClock) -> None:
    at = an_exit()
    assert await told(at, "help", language="") == say("help", "")


async def test_what_may_be_a_message_is_a_command_if_there_is_such_a_channel_or_code(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(code="sunflowers")
    asker = await at.record(seq)
    asker = replace(asker, message=None)
    async with at.running() as obeying:
        assert await obeying.means(asker, Command("to", "family"))
        assert not await obeying.means(asker, Command("to", "everyone"))
        assert await obeying.means(asker, Command("status", "sunflowers"))
        assert not await obeying.means(asker, Command("status", "critically"))
        await at.message(code="marigolds", state=State.WITHDRAWN, queue=Queue.ENDED)
        assert not await obeying.means(asker, Command("status", "marigolds"))


async def test_a_word_after_code_is_meant_by_who_has_just_written_something_without_a_code(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    named = Command("code", "violation")
    async with at.running() as obeying:
        asker = replace(await at.record(await at.message(code=CODE)), message=None)
        assert not await obeying.means(asker, named)
        await at.message(by=OTHER)
        assert not await obeying.means(asker, named)
        await at.message()
        assert await obeying.means(asker, named)
        assert not await obeying.means(asker, Command("code", "13571122"))
        at.clock.at += 3 * HOUR
        assert not await obeying.means(asker, named)


async def test_who_has_written_nothing_sends_nothing_to_another_channel(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    asker = replace(await at.record(await at.message(by=OTHER)), author_tags=ONE.tags)
    async with at.running() as obeying:
        assert not await obeying.means(asker, Command("to", "family"))
        assert await obeying.means(asker, Command("read", "family"))


async def test_what_was_read_as_a_message_is_obeyed_where_it_is_meant(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    asker = replace(await at.record(await at.message()), message=None)
    async with at.running() as obeying:
        familiar = Familiar(means=obeying.means)
        for text, queue in (("TO family", Queue.COMMAND), ("TO everyone", Queue.REVIEW)):
            message = Message(text, flags=("perhaps_command",))
            row = await at.row(1)
            change = await to_review(row, asker, message, KEYS, familiar)
            assert change.queue == queue
            assert change.body is not None
            assert restore(change.body, KEYS.storage, row.id).content == b""


async def test_a_command_that_is_damaged_is_set_aside(autojump_clock: MockClock) -> None:
    at = an_exit()
    async with at.running():
        seq = await at.message(queue=Queue.COMMAND, state=State.WAITING, due=0)
        await at.all_done()
    assert await at.state(seq) == ("quarantined", "damaged record")
