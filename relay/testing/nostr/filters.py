"""What a subscription asks for (NIP-01). Checked as ``events`` was, against a filter's schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_letters
from typing import Final

from relay.model import Instant
from relay.testing.nostr.events import HEX32, Event, No
from relay.testing.shapes import Listed, Record, Text, Whole

FILTER: Final = Record(
    may={
        "ids": Listed(HEX32, least=1),
        "authors": Listed(HEX32, least=1),
        "kinds": Listed(Whole(least=0, most=65535), least=1),
        "since": Whole(least=0),
        "until": Whole(least=0),
        "limit": Whole(least=0),
        **{f"#{one}": Listed(HEX32 if one in "ep" else Text(), least=1) for one in ascii_letters},
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class Filter:
    """One filter: everything it says must be true of an event."""

    ids: frozenset[str] | None = None
    authors: frozenset[str] | None = None
    kinds: frozenset[int] | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: int | None = None
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def fits(self, event: Event) -> bool:
        """Whether an event is asked for; ``limit`` is not looked at."""
        return (
            (self.ids is None or event.id in self.ids)
            and (self.authors is None or event.pubkey in self.authors)
            and (self.kinds is None or event.kind in self.kinds)
            and (self.since is None or event.created_at >= self.since)
            and (self.until is None or event.created_at <= self.until)
            and all(among & {*event.values(name)} for name, among in self.tags.items())
        )


def read(value: object) -> Filter:
    """A filter of the right shape. Raises No."""
    for flaw in FILTER.flaws(value):
        if flaw.rule == "unknown":
            raise No("unsupported: filter contains unknown elements")
        raise No(f"invalid: filter: {flaw.name}: {flaw.rule}")
    assert isinstance(value, dict)
    lists = {name: frozenset(one) for name, one in value.items() if isinstance(one, list)}
    tags = {name[1:]: one for name, one in lists.items() if name.startswith("#")}
    return Filter(
        lists.get("ids"),
        lists.get("authors"),
        lists.get("kinds"),
        value.get("since"),
        value.get("until"),
        value.get("limit"),
        tags,
    )
