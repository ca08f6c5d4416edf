"""Known senders: who knows a code word, looked at so seldom that nobody can guess it."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from relay.errors import Asked, KeyFileError
from relay.exit.known import IN_ALL, MINUTE_S, PER_AUTHOR, Senders
from relay.exit.naming import Familiar, to_review
from relay.exit.record import Record, restore
from relay.model import Mark, Message, Queue, Row, State
from relay.node.correspondence import shown
from relay.rules.policy import Policy, held_for
from relay.wire.keys import make_exit_keys
from relay.wire.names import code_name
from relay.wire.primitives import Argon2

KEYS = make_exit_keys()
CHEAP = Argon2(8 * 1024, 1, 1)
WORD = "sunflower7"
TAGS = (b"today".ljust(16), b"yesterday".ljust(16))
ID = bytes(16)


class File:
    """A file that is read and replaced whole."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.broken = False

    def load(self) -> bytes | None:
        if self.broken:
            raise KeyFileError("senders can be read by others: use chmod 600")
        return self.content

    def save(self, content: bytes) -> None:
        if self.broken:
            raise OSError(28, "No space left on device")
        self.content = content


def senders(file: File | None = None) -> Senders:
    return Senders(file or File(), KEYS, CHEAP)


async def test_who_ends_a_message_with_the_word_is_known() -> None:
    known = senders()
    await known.add("Ada", WORD)
    assert await known.knows("SunFlower7", TAGS) == "Ada"
    assert await known.knows("sunflower8", TAGS) == ""


async def test_who_is_known_is_known_after_a_restart_and_lies_nowhere_readable() -> None:
    file = File()
    await senders(file).add("Ada", WORD)
    assert file.content is not None
    assert b"Ada" not in file.content
    assert WORD.encode() not in file.content
    assert senders(file).names == ["Ada"]
    assert await senders(file).knows(WORD, TAGS) == "Ada"


async def test_how_many_are_known_does_not_show_in_the_size_of_the_file() -> None:
    file = File()
    await senders(file).add("Ada", WORD)
    one = len(file.content or b"")
    await senders(file).add("Grace", "marigold88")
    assert len(file.content or b"") == one


async def test_a_sender_that_was_removed_is_not_known_any_more() -> None:
    known = senders()
    await known.add("Ada", WORD)
    await known.remove("Ada")
    assert (known.names, await known.knows(WORD, TAGS)) == ([], "")
    with pytest.raises(Asked):
        await known.remove("Ada")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("", WORD),
        ("a\nb", WORD),
        ("a" * 41, WORD),
        ("Ada", "short7"),
        ("Ada", "two words8"),
        ("Ada", "11112222"),
        ("Ada", "12345678"),
        ("Ada", ""),
        ("Grace", WORD),
        ("Ada", "marigold88"),
    ],
)
async def test_what_cannot_be_a_name_or_a_word_or_is_another_s_is_refused(
    name: str, word: str
) -> None:
    known = senders()
    await known.add("Ada", "other-word99")
    await known.add("Linus", WORD)
    with pytest.raises(Asked) as refused:
        await known.add(name, word)
    assert word == "" or word not in str(refused.value)
    assert known.names == ["Ada", "Linus"]


async def test_digits_may_be_a_word() -> None:
    known = senders()
    await known.add("Ada", "48151623")
    assert await known.knows("48151623", TAGS) == "Ada"


async def test_where_nobody_is_known_no_code_is_looked_at() -> None:
    known = senders()
    assert [await known.knows(WORD, TAGS) for _ in range(IN_ALL + 1)] == [""] * (IN_ALL + 1)


async def test_guesses_of_one_author_are_few_in_a_minute(autojump_clock: MockClock) -> None:
    known = senders()
    await known.add("Ada", WORD)
    assert [await known.knows("wrongword1", TAGS) for _ in range(PER_AUTHOR)] == [""] * PER_AUTHOR
    assert await known.knows(WORD, TAGS) is None
    assert await known.knows(WORD, (b"another".ljust(16),)) == "Ada"
    await trio.sleep(MINUTE_S)
    assert await known.knows(WORD, TAGS) == "Ada"


async def test_what_cannot_be_opened_is_never_taken_for_nobody() -> None:
    file = File()
    await senders(file).add("Ada", WORD)
    assert file.content is not None
    for spoilt in (file.content[:-1] + b"\x00", b"", b"OUTWS1\n", file.content[1:]):
        file.content = spoilt
        known = senders(file)
        assert await known.knows("anycode99", TAGS) is None
        assert not known.opened
        with pytest.raises(Asked, match="keys/senders"):
            await known.add("Grace", "marigold88")
        with pytest.raises(Asked, match="keys/senders"):
            assert known.names
    assert senders().opened
    file.broken = True
    assert await senders(file).knows("anycode99", TAGS) is None


async def test_the_file_of_another_exit_is_not_opened() -> None:
    file = File()
    await senders(file).add("Ada", WORD)
    with pytest.raises(Asked):
        assert Senders(file, make_exit_keys(), CHEAP).names


async def test_a_full_disk_adds_nobody() -> None:
    file = File()
    known = senders(file)
    file.broken = True
    with pytest.raises(Asked, match="nothing was changed"):
        await known.add("Ada", WORD)
    assert known.names == []


# ---------------------------------------------------------------- what becomes of a message


ROW = Row(1, 1, 1, Queue.READ, State.WAITING, ID, 0, 0, "news", "")


def opened(*flags: str) -> Record:
    return Record(bytes(32), "text", "phone", "news", flags, TAGS)


@pytest.mark.parametrize(
    ("sender", "bound", "known"), [("", True, False), ("Ada", False, True), (None, False, False)]
)
async def test_a_code_word_is_bound_to_nothing_and_shown_to_nobody(
    sender: str | None, bound: bool, known: bool
) -> None:
    async def knows(code: str, tags: object) -> str | None:
        return sender

    message = Message("text", code=WORD)
    change = await to_review(ROW, opened(), message, KEYS, Familiar(knows))
    assert change.body is not None
    record = restore(change.body, KEYS.storage, ID)
    assert record.message is not None
    assert (code_name(KEYS.desk_secret, WORD) in change.names) is bound
    assert record.message.code == (WORD if bound else "")
    assert ("known" in record.message.flags) is known
    assert record.sender == (sender or "")


@pytest.mark.parametrize(
    ("code", "sender", "held"),
    [
        ("violation", "", True),
        ("violation", None, True),
        ("violation", "Ada", False),
        ("sunflower7", "", False),
        ("sunflower7", None, False),
    ],
)
async def test_a_word_of_letters_that_was_taken_off_is_seen_unless_it_is_a_known_sender_s(
    code: str, sender: str | None, held: bool
) -> None:
    async def knows(code: str, tags: object) -> str | None:
        return sender

    change = await to_review(ROW, opened(), Message("text", code=code), KEYS, Familiar(knows))
    assert change.body is not None
    record = restore(change.body, KEYS.storage, ID)
    assert record.message is not None
    assert ("perhaps_code" in record.message.flags) is held
    assert shown(record)["code"] == (code if sender == "" else "")


async def test_neither_a_reader_nor_a_door_can_say_that_somebody_is_known() -> None:
    message = Message("text", flags=("known", "may-read"))
    change = await to_review(ROW, opened("known", "sms"), message, KEYS, Familiar())
    assert change.body is not None
    record = restore(change.body, KEYS.storage, ID)
    assert record.message is not None
    assert record.message.flags == ("sms",)


@pytest.mark.parametrize(
    ("flags", "reviewed"),
    [((), True), (("known",), False), (("known", "sms"), True), (("sms",), True)],
)
def test_where_the_unknown_are_reviewed_a_word_by_sms_is_no_pass(
    flags: tuple[str, ...], reviewed: bool
) -> None:
    held = held_for(Message("text", flags=flags), Policy(review="unknown"))
    assert held == (("review",) if reviewed else ())


def test_danger_holds_also_what_a_known_sender_wrote() -> None:
    message = Message("call 0912 345 6789", marks=(Mark("phone", 5, 13),), flags=("known",))
    assert held_for(message, Policy(review="unknown")) == ("danger: phone",)


async def test_what_is_a_message_keeps_no_way_back() -> None:
    asked = Record(bytes(32), "text", "bot", "news", return_token=b"t" * 578, answer_key=b"k" * 32)
    change = await to_review(ROW, asked, Message("a message"), KEYS, Familiar())
    assert change.body is not None
    kept = restore(change.body, KEYS.storage, ID)
    assert (kept.return_token, kept.answer_key) == (b"", b"")
