"""One message that is looked for, and whether what is seen there is it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import regex

from bridges.channel.media import kind_of
from bridges.channel.publishing import ref_of, shown
from bridges.kit.drafts import Draft
from bridges.kit.matching import same
from relay.ports import Absent, Found, Instant, Lookup, Unknown

BEFORE_S: Final = 120
"""How much earlier than our first try a message may be dated: clocks differ."""

A_DAY_S: Final = 24 * 3600
"""By how much our clock may have been wrong at the try, for all that a look-up knows."""

KINDS: Final = ("animation", "photo", "video", "audio", "document", "voice", "video_note")
"""Fields of a message that has a medium; what is an animation is a document too, so in order."""

_TAKEN_OUT: Final = regex.compile("[\u030a\u0333\u033f]")
"""Signs over and under others that Telegram takes out of a text (``clean_input_string`` in
tdlib)."""


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A message as it was seen: its number, date (None: not said), text or caption, and what kind
    of medium it has ("": none; "any": one of a kind that cannot be told)."""

    id: int
    date: Instant | None
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """A part that is looked for. ``since`` is by Telegram's clock; ``last`` the number that the
    chat had reached before (None: not known). ``others`` are numbers that are known to be other
    parts, whatever they say: two messages may have the same words."""

    draft: Draft
    since: Instant
    last: int | None
    others: frozenset[int] = frozenset()

    def begins_with(self, seen: Seen) -> bool:
        """Whether this is the part, or the first message of its album."""
        if seen.date is not None and seen.date < self.since:
            return False
        return self._is_like(seen.kind, 0) and self.resembles(seen)

    def resembles(self, seen: Seen) -> bool:
        """Whether it says the same, and no more than a date or a kind speaks against it: our clock
        may have been wrong, and Telegram makes an animation of a film without sound."""
        if self._was_there(seen) or seen.id in self.others:
            return False
        if bool(seen.kind) != bool(self.draft.media):
            return False
        return same(_TAKEN_OUT.sub("", seen.text), _TAKEN_OUT.sub("", self.draft.text))

    def is_before(self, seen: Seen) -> bool:
        """Whether what is older than this was there before our first try."""
        dated = seen.date is not None and seen.date < self.since - A_DAY_S
        return dated or self._was_there(seen)

    def _was_there(self, seen: Seen) -> bool:
        return self.last is not None and seen.id <= self.last

    def _is_like(self, kind: str, number: int) -> bool:
        if not self.draft.media:
            return not kind
        return kind in (kind_of(self.draft.media[number]), "any")

    def told(self, seen: Mapping[int, Seen], chat: Any, *, whole: bool) -> Lookup:
        """What these messages say of the part. ``whole``: they are all there are since."""
        firsts = [one.id for one in seen.values() if self.begins_with(one)]
        if len(firsts) > 1:
            return Unknown("several messages there are like it")
        if not firsts and any(map(self.resembles, seen.values())):
            return Unknown("a message there resembles it")
        if not firsts:
            return Absent(strong=whole)
        ids = range(firsts[0], firsts[0] + max(1, len(self.draft.media)))
        for number, id in enumerate(ids):  # an album is there in whole or not at all
            if id not in seen or not self._is_like(seen[id].kind, number):
                return Unknown("an album like it is there, and not all of it")
        return Found(ref_of(ids), shown(chat, ids[0]))


def seen_in(id: int, message: Mapping[str, Any]) -> Seen:
    """A message of the Bot API (type Message) that is a forward of number ``id``."""
    origin = message.get("forward_origin")
    date = origin.get("date") if isinstance(origin, Mapping) else None
    text = message.get("text", message.get("caption", ""))
    kind = next((kind for kind in KINDS if kind in message), "")
    return Seen(
        id, date if isinstance(date, int) else None, text if isinstance(text, str) else "", kind
    )
