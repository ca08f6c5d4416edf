"""What can go wrong with a bot, in our own words: an error's text may quote a token or a name.

Two states of the board, as of a mailbox: "login", when the operator must do something, and
"blocked", when waiting helps or the network is to be looked at.
"""

from __future__ import annotations

from typing import Final, Literal

from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

State = Literal["works", "login", "blocked"]

_KNOWN: Final[tuple[tuple[type[Exception], State, str], ...]] = (
    (InvalidToken, "login", "the token is not good any more: `relay login NAME` puts a new one in"),
    (Forbidden, "login", "the bot may not do this: look at it with @BotFather"),
    (
        Conflict,
        "login",
        "another program asks for this bot's messages: end it, or make a bot for this node alone",
    ),
    (RetryAfter, "blocked", "Telegram asks us to wait: it is tried again"),
    (BadRequest, "blocked", "Telegram refuses: it is tried again"),
    (NetworkError, "blocked", "Telegram cannot be reached: look at the network, and at routes"),
    (TelegramError, "blocked", "Telegram refuses: it is tried again"),
)


def trouble_of(error: Exception) -> tuple[State, str]:
    """The state of the board, and why."""
    for kind, state, why in _KNOWN:
        if isinstance(error, kind):
            return state, why
    return "blocked", "a fault of ours: please report it; it is tried again"


def wait_of(error: Exception) -> float:
    """Seconds that Telegram itself asks for (429); 0 if it does not."""
    if isinstance(error, RetryAfter):
        after = error.retry_after
        return float(after if isinstance(after, int | float) else after.total_seconds())
    return 0.0
