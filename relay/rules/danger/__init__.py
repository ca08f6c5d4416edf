"""What in a text could name or harm a person: what kinds there are, and where they stand.

It errs towards marking: a mark costs an editor a look, a number that was published cannot be called
back. Digits are those of any script, and what cannot be seen between them does not part them.
Linear in the length of the text, whatever is in it: every repetition is of one class of characters
or bounded, and what lies around a match is looked at a bounded way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from relay.model import Mark
from relay.rules.danger.codes import codes
from relay.rules.danger.mails import mails
from relay.rules.danger.phones import phones
from relay.rules.danger.seen import Seen, Span

Finder = Callable[[Seen], Iterator[Span]]

_FINDERS: Final[dict[str, Finder]] = {
    "phone": phones,
    "mail": mails,
    "login_code": codes,
}


def marks(text: str) -> tuple[Mark, ...]:
    """Every danger found, in order: its kind, where it begins and how long it is, in characters of
    ``text`` as it is given."""
    seen = Seen(text)
    found = [seen.mark(kind, *span) for kind, finder in _FINDERS.items() for span in finder(seen)]
    return tuple(sorted(found, key=lambda mark: (mark.offset, mark.kind)))
