"""What a look has found: in our words, never with a name, a token or an address of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing. ``wrong`` breaks a promise of ours and makes the exit status 69; ``mind`` is for
    the operator to weigh; ``good`` is shown with -v."""

    check: str
    state: Literal["good", "mind", "wrong"]
    what: str
    why: str = ""
    remedy: str = ""


def good(check: str, what: str) -> Finding:
    """As it should be."""
    return Finding(check, "good", what)


def mind(check: str, what: str, why: str, remedy: str) -> Finding:
    """Something to know or to weigh."""
    return Finding(check, "mind", what, why, remedy)


def wrong(check: str, what: str, why: str, remedy: str) -> Finding:
    """Something to mend."""
    return Finding(check, "wrong", what, why, remedy)
