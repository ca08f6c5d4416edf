"""What every ``[transports.NAME]`` may say, and what the rest of the program asks of each kind.

A kind that can answer a sender inherits ``Answering``, one that answers by SMS ``AnsweringBySms``:
then it has their keys, and its door keeps to them. A kind that cannot answer has none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from relay.config.budget_checks import upside_down
from relay.config.reaching import DIRECT
from relay.config.values import Name, NumberPrefix, Seconds, Section, between
from relay.errors import Mistake
from relay.rules.policy import BY_SMS, MAY_READ

DAYS_A_MONTH = 10
"""Full days of answers by SMS that a month has, unless the settings say how many answers it has."""

AnswersTo = Literal["none", "asked"]
"""Whom a transport answers: nobody, or who asks. Nothing goes out unasked in either case."""


class WayIn(Section):
    """What every ``[transports.NAME]`` may say: whether people are told of it on ``/send``, after
    what time without a sign of life it is called silent (0: none is expected), and how many
    messages of one sender are taken at once and in each hour: by default more than a person types,
    or a phone brings that was off for a day, since not every gateway comes again."""

    public: bool = False
    silent_after: Seconds = 0
    per_sender: Annotated[int, Field(ge=1, le=1_000_000)] = 300

    to_show: ClassVar[str] = "take public away: there is nothing that people could be told"
    """What to do where it is public and there is nothing to show."""

    how_to_get: ClassVar[str] = ""
    """Where the operator gets its secret: shown before `relay login` asks for it."""

    makes_keys: ClassVar[bool] = False
    """Whether `relay login` may make its secret: a key that both sides are told."""

    no_canary: ClassVar[str] = ""
    """Why this node cannot write to it by itself; empty where it can."""

    by_http: ClassVar[bool] = False
    """Whether it is reached through ``[http]``."""

    def told(self) -> tuple[str, ...]:
        """What people are told to write to, where it is public; empty if there is nothing."""
        return ()

    def makes(self, key: str) -> bool:
        """Whether `relay login` may make the secret that this key names a file of."""
        return self.makes_keys

    def how_to_get_it(self, key: str) -> str:
        """Where the operator gets the secret that this key names a file of."""
        return self.how_to_get

    def unfit(self, key: str, secret: bytes) -> str:
        """Why this can be no secret of that key, in our own words; empty if it can be one."""
        return ""

    def listens(self) -> tuple[str, int] | None:
        """The address and port of its own listening socket, None if it has none."""
        return None

    def to_channels(self) -> Mapping[str, str]:
        """The channels it names, each with the key that names it."""
        return {}

    def marks(self) -> tuple[str, ...]:
        """The flags that whatever comes this way has."""
        return ()

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        """What is wrong beyond a single value. ``key`` is "transports.NAME"; ``table`` the whole
        file as it was written."""
        if self.by_http and "http" not in table:
            yield Mistake(key, "needs [http] to be reached", "add [http]")

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        """Each unsafe choice as (key, what it means): named at every start."""
        yield from ()


class GoingOut(WayIn):
    """A way in that connects to others by itself, by ``routes``: the best first."""

    routes: Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=8)] = (DIRECT,)

    def goes_out(self) -> bool:
        """Whether it does, as it is set."""
        return True

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        """Also routes on which nothing would ever go: they were meant."""
        yield from super().mistakes(key, table)
        if self.routes != (DIRECT,) and not self.goes_out():
            why = "says nothing where nothing goes out"
            yield Mistake(f"{key}.routes", why, "take it out: it is for answers, or for media")


class Answering(WayIn):
    """A way in that can answer who asks. Each kind says what ``answers`` is by default.

    ``answers_per_day`` bounds them all, ``answers_per_sender`` those to one person, both from
    midnight to midnight UTC; ``answers_per_month`` all of a calendar month. Answers leave together,
    each ``answers_every`` (0: at once).
    """

    answers: AnswersTo
    answers_per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    answers_per_month: Annotated[int, Field(ge=1, le=31_000_000)] | None = None
    answers_per_sender: Annotated[int, Field(ge=1, le=1000)] = 20
    answers_every: Annotated[Seconds, between("0s", "1d")] = 0

    only_for_answers: ClassVar[tuple[str, ...]] = ()
    """Keys by which an operator shows that answers are meant."""

    @property
    def most_per_month(self) -> int | None:
        """How many answers a calendar month has; None: as many as its days."""
        return self.answers_per_month

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        """Also what is written for answers where there are none: it was meant."""
        yield from super().mistakes(key, table)
        yield from upside_down(self, key, "answers")
        for name in self.only_for_answers if self.answers == "none" else ():
            if getattr(self, name):
                why = "says nothing where nobody is answered"
                remedy = 'set answers = "asked", or take it out'
                yield Mistake(f"{key}.{name}", why, remedy)


class AnsweringBySms(Answering):
    """A way in by SMS: the telephone company reads each answer, and it may cost money.

    So it answers nobody unless it is told to, and then only numbers that begin like one of
    ``answer_prefixes`` (E.164, with the plus). ``read``: READ is answered too, in one SMS or two.
    A month has ten days' worth of answers where nothing is said of it: enough for days on which
    everybody asks, and a third of what the days alone would let the bill grow to.
    """

    answers: AnswersTo = "none"
    answers_per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    answers_per_sender: Annotated[int, Field(ge=1, le=3)] = 3
    answers_every: Annotated[Seconds, between("0s", "1d")] = 600
    answer_prefixes: Annotated[tuple[NumberPrefix, ...], Field(strict=False, max_length=1000)] = ()
    read: bool = False

    only_for_answers: ClassVar[tuple[str, ...]] = ("answer_prefixes", "read")

    @property
    def most_per_month(self) -> int:
        return self.answers_per_month or DAYS_A_MONTH * self.answers_per_day

    def marks(self) -> tuple[str, ...]:
        return (BY_SMS, MAY_READ) if self.read else (BY_SMS,)

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if self.answers == "asked" and not self.answer_prefixes:
            remedy = 'name them, as in answer_prefixes = ["+98912"]'
            yield Mistake(f"{key}.answer_prefixes", "says of no number that it is answered", remedy)

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        yield from super().unsafe(key)
        if self.answers == "asked":
            why = "the telephone company sees every answer, and to whom it goes"
            yield f"{key}.answers", why
