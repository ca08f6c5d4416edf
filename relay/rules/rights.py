"""Who may do what: the roles that an order asks for, and whether it is written down.

What does not stand here nobody may do from the desk. The terminal of the node asks for no role:
who has that can read the keys.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Role = Literal["reader", "editor", "operator", "originals"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)

TERMINAL: Final = "terminal"
"""The handle of whoever uses the command line on the node itself."""


@dataclass(frozen=True, slots=True)
class Right:
    """``roles``: any of these may. ``deed``: the audit has it before it is done. ``anyway``: it is
    done also where the audit cannot be written, since not to do it would be worse."""

    roles: frozenset[Role]
    deed: bool = True
    anyway: bool = False


ANYBODY: Final = frozenset(ROLES)
LOOKS: Final[frozenset[Role]] = frozenset({"reader", "editor"})
DECIDES: Final[frozenset[Role]] = frozenset({"editor"})
OPERATES: Final[frozenset[Role]] = frozenset({"operator"})
OPENS: Final[frozenset[Role]] = frozenset({"originals"})
NOT_OPENS: Final = LOOKS | OPERATES

CHANGES: Final[Mapping[str, tuple[str, ...]]] = {
    "window": ("add", "remove"),
    "senders": ("add", "remove"),
    "users": ("add", "link", "change", "remove"),
    "clock": ("accept",),
    "drop": ("destroy",),
}
"""Orders that are others with one of these keys: then their word is ``WORD KEY``."""


def _looking(roles: frozenset[Role], words: str) -> dict[str, Right]:
    return {word: Right(roles, deed=False) for word in words.split()}


def _doing(roles: frozenset[Role], words: str) -> dict[str, Right]:
    return {word: Right(roles) for word in words.split()}


RIGHTS: Final[Mapping[str, Right]] = {
    **_looking(ANYBODY, "who prefer"),
    **_doing(ANYBODY, "sign-out"),
    # ---- what was sent
    **_looking(LOOKS, "cards show media preview stands asides ways outbox"),
    **_looking(NOT_OPENS, "status check handovers window users"),
    **_doing(NOT_OPENS, "handover"),
    **_doing(DECIDES, "publish drop hold undo release retry posted withdraw answer"),
    **_doing(DECIDES, "assign note ask redact rewrite correct aside aside-end word"),
    # ---- the node
    **_looking(OPERATES, "board queue list flow drills senders clock audit"),
    **_doing(OPERATES, "resume drill accept-loss"),
    **{name: Right(OPERATES) for name in ("window add", "window remove", "clock accept")},
    "pause": Right(DECIDES | OPERATES, anyway=True),
    "panic": Right(OPERATES, anyway=True),
    # ---- what lies sealed beside a message, as it came
    **_doing(OPENS, "original original-confirm original-fetch"),
    # ---- at the terminal alone: what outlives the session that gave the order, and no undo helps
    **{name: Right(frozenset()) for name in ("senders add", "senders remove", "drop destroy")},
    **{f"users {key}": Right(frozenset()) for key in CHANGES["users"]},
}
"""By the word of an order."""


def word_of(order: Mapping[str, Any]) -> str:
    """By which word its right is found; empty for what is no order."""
    word = order.get("do")
    if not isinstance(word, str):
        return ""
    for key in CHANGES.get(word, ()):
        if order.get(key) is not None and order[key] is not False:  # also what is empty is meant
            return f"{word} {key}"
    return word


def may(roles: Collection[str], word: str) -> bool:
    """Whether somebody with these roles may give an order of this word."""
    right = RIGHTS.get(word)
    return right is not None and not right.roles.isdisjoint(roles)
