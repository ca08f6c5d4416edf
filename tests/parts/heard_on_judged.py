"""What groups of the second corpus are worth: which stories they mix, which copies they miss."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from heard_on import Corpus, Kind, Message, Template
from heard_on_ways import APART, AS_IT_WAS

ANOTHER = "another story"
MORE = ", a word more"
"""What one twin says stands in what the other says: Mill Street, Old Mill Street."""
KINDS = (ANOTHER, *(kind.name + more for kind in Kind for more in ("", MORE)))


@dataclass(frozen=True)
class Verdict:
    """`mixed` has by kind the pairs of stories in one group, with one message of each."""

    mixed: dict[str, dict[frozenset[object], tuple[Message, Message]]]
    found: Counter[str] = field(default_factory=Counter)
    """Copies in the group of their original, by way."""
    copies: Counter[str] = field(default_factory=Counter)
    missed: tuple[Message, ...] = ()

    @property
    def recall(self) -> float:
        """The share of copies that are with their original, ways that stand apart left out."""
        ways = set(self.copies) - APART
        return sum(self.found[w] for w in ways) / sum(self.copies[w] for w in ways)

    def figures(self) -> str:
        """A line a way, the worst first."""
        lines = [
            f"{self.found[way] / many:6.3f}  {self.found[way]:4} of {many:4}  {way}"
            + (" (apart)" if way in APART else "")
            for way, many in self.copies.items()
        ]
        return "\n".join(["", f"recall {self.recall:.3f}", *sorted(lines)])

    def mixes(self, *kinds: str) -> str:
        """Every pair of stories of these kinds that share a group, with their texts."""
        return "".join(
            f"\n[{kind}] {one.way} / {other.way}\n  {one.text!r}\n  {other.text!r}"
            for kind in kinds
            for one, other in self.mixed[kind].values()
        )


def judged(corpus: Corpus, groups: list[int], *, only_whole: bool = False) -> Verdict:
    """The groups of the messages, in the corpus's order, against what was told.

    With `only_whole` a copy counts for the recall only if it still says all in which a twin of
    its story differs: without that nobody could know whose copy it is.
    """
    verdict = Verdict({kind: {} for kind in KINDS})
    for kind, one, other in _mixed(corpus, groups):
        verdict.mixed[kind].setdefault(frozenset({one.story, other.story}), (one, other))
    at_home = {
        message.story: group
        for message, group in zip(corpus.messages, groups, strict=True)
        if message.way == AS_IT_WAS
    }
    missed = []
    for message, group in zip(corpus.messages, groups, strict=True):
        slots = len(corpus.templates[message.story.template].slots)
        if message.way == AS_IT_WAS or (only_whole and len(message.said) < slots):
            continue
        verdict.copies[message.way] += 1
        if at_home[message.story] == group:
            verdict.found[message.way] += 1
        else:
            missed.append(message)
    return Verdict(verdict.mixed, verdict.found, verdict.copies, tuple(missed))


def _mixed(corpus: Corpus, groups: list[int]) -> Iterator[tuple[str, Message, Message]]:
    """Pairs of messages in one group whose texts differ in what their stories differ in."""
    members: defaultdict[int, list[Message]] = defaultdict(list)
    for message, group in zip(corpus.messages, groups, strict=True):
        members[group].append(message)
    for group_members in members.values():
        for one, other in combinations(group_members, 2):
            if one.story.template != other.story.template:
                yield ANOTHER, one, other
            elif one.story != other.story and (slot := _told_apart_by(corpus, one, other)):
                yield slot, one, other


def _told_apart_by(corpus: Corpus, one: Message, other: Message) -> str | None:
    """The first kind of slot that both still say, and say differently."""
    template = corpus.templates[one.story.template]
    apart = {twin.slot for twin in (one.story.twin, other.story.twin) if twin}
    for kind in Kind:
        for at in sorted(apart & one.said & other.said):
            if template.slots[at].kind is kind:
                said = [_said(template, message, at) for message in (one, other)]
                return kind.name + (MORE if _has_more(template, *said) else "")
    return None


def _has_more(template: Template, one: str, other: str) -> bool:
    """Whether one says all words of the other; where words touch, letters that are no digits."""
    if template.language in {"zh", "my"} and not one[-1].isdigit():
        return one in other or other in one
    words = set(one.split()), set(other.split())
    return words[0] <= words[1] or words[1] <= words[0]


def _said(template: Template, message: Message, at: int) -> str:
    """What the message's story says at this slot."""
    twin = message.story.twin
    slot = template.slots[at]
    return slot.twins[twin.which] if twin and twin.slot == at else slot.first
