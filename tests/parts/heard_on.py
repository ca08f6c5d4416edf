"""A second corpus of messages passed on, held out: who wrote it has not seen what groups them.

The stories stand in `heard_on.txt`, in twelve languages, each with twins that differ from it in
one thing: a place, a number, an hour or a date, or whether something is so. `heard_on_ways` says
how people pass them on, `heard_on_judged` what groups of them are worth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from random import Random

from heard_on_ways import AS_IT_WAS, OTHERWISE, WAYS, Mark, Told, Way

TEXTS = Path(__file__).with_name("heard_on.txt")
SLOT = re.compile(r"\{([PNDX]):([^|~{}]+)(?:~([^|{}]+))?\|([^{}]+)\}")


class Kind(Enum):
    """In what a twin differs."""

    PLACE = "P"
    NUMBER = "N"
    DATE = "D"
    WHETHER = "X"


@dataclass(frozen=True)
class Slot:
    """What may be said otherwise: by a twin, or, meaning the same, by a copy."""

    kind: Kind
    first: str
    same: str | None
    twins: tuple[str, ...]


@dataclass(frozen=True)
class Twin:
    """Which slot a twin has otherwise, and which of its other values that is."""

    slot: int
    which: int


@dataclass(frozen=True)
class Template:
    """A message with its slots: `between` has one part more than there are slots."""

    language: str
    between: tuple[str, ...]
    slots: tuple[Slot, ...]

    @property
    def twins(self) -> list[Twin]:
        """All its twins."""
        return [
            Twin(at, which)
            for at, slot in enumerate(self.slots)
            for which in range(len(slot.twins))
        ]

    def told(self, twin: Twin | None, same: int | None = None) -> Told:
        """The message with one slot as a twin has it, or one as somebody else would write it."""
        text, marks = self.between[0], []
        for at, slot in enumerate(self.slots):
            said = slot.first
            if twin and at == twin.slot:
                said = slot.twins[twin.which]
            elif at == same and slot.same:
                said = slot.same
            marks.append(Mark(len(text), len(text) + len(said), at))
            text += said + self.between[at + 1]
        return Told(self.language, text, tuple(marks))


@dataclass(frozen=True)
class Story:
    """A message of a template: itself, or the twin that has one slot otherwise."""

    template: int
    twin: Twin | None


@dataclass(frozen=True)
class Message:
    """What came in. `said` are the slots of its template that it still says whole."""

    story: Story
    way: str
    text: str
    said: frozenset[int]


@dataclass(frozen=True)
class Corpus:
    """Messages in the order in which they came."""

    templates: tuple[Template, ...]
    messages: tuple[Message, ...]


def templates() -> tuple[Template, ...]:
    """All that stands in the file."""
    found, language = [], ""
    for block in TEXTS.read_text(encoding="utf-8").strip().split("\n\n"):
        if block.startswith("## "):
            language = block[3:].strip()
        elif not block.startswith("#"):
            found.append(_template(language, block))
    return tuple(found)


def corpus(
    seed: int, *, twins: bool = True, ways: int = len(WAYS), ways_of_a_twin: int = 3
) -> Corpus:
    """Every story in so many ways, as far as they fit it, and its twins in fewer."""
    chance, known = Random(seed), templates()
    messages: list[Message] = []
    for number, template in enumerate(known):
        story = Story(number, None)
        messages.append(_original(template, story))
        messages += _copies(template, story, chance.sample(WAYS, ways), chance)
        messages += _otherwise(template, story, chance)
        for twin in template.twins if twins else ():
            story = Story(number, twin)
            messages.append(_original(template, story))
            messages += _copies(template, story, chance.sample(WAYS, ways_of_a_twin), chance)
    chance.shuffle(messages)
    return Corpus(known, tuple(messages))


def _template(language: str, block: str) -> Template:
    """One message of the file."""
    parts = SLOT.split(block)
    slots = tuple(
        Slot(Kind(kind), first, same, tuple(twins.split("|")))
        for kind, first, same, twins in zip(*(parts[n::5] for n in range(1, 5)), strict=True)
    )
    return Template(language, tuple(parts[0::5]), slots)


def _original(template: Template, story: Story) -> Message:
    told = template.told(story.twin)
    return Message(story, AS_IT_WAS, told.text, told.said)


def _copies(template: Template, story: Story, ways: list[Way], chance: Random) -> list[Message]:
    """One copy in each of these ways that fits."""
    copies = []
    for way in ways:
        whole = template.told(story.twin)
        told = way.cut(whole, chance)
        text = way.dress(told, chance) if told else None
        if told and text and text != whole.text:
            copies.append(Message(story, way.name, text, told.said))
    return copies


def _otherwise(template: Template, story: Story, chance: Random) -> list[Message]:
    """Copies that say the same place or number in another way."""
    copies = []
    for at, slot in enumerate(template.slots):
        if slot.same:
            told = template.told(None, same=at)
            copies.append(Message(story, OTHERWISE[slot.kind.value], told.text, told.said))
    return copies
