"""What can go wrong with a mailbox, in our own words: a server's words may quote a name or a mail.

Two states of the board: "login", when the operator must do something at the provider or in the
settings, and "blocked", when waiting helps or the network is to be looked at. Each comes with what
to do about it.
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Mapping
from typing import Final, Literal

from imap_tools.errors import ImapToolsError, UnexpectedCommandStatusError

from relay.reach.trying import NoWay
from relay.reach.unreached import why_of
from relay.rules.routes import Failure

State = Literal["login", "blocked"]
Step = Literal["connect", "log in", "select", "work", "remove"]

_FOR_NOW = re.compile(rb"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)
"""Response codes of RFC 5530 that say nothing against this account."""


class Trouble(Exception):
    """A mailbox cannot be used now: the state for the board, and why, with its remedy."""

    def __init__(self, state: State, why: str) -> None:
        super().__init__(why)
        self.state = state
        self.why = why


def trouble_of(error: Exception, step: Step) -> Trouble:
    """What an exception of the socket, of imaplib or of imap-tools means at this step."""
    if isinstance(error, imaplib.IMAP4.readonly):
        return Trouble("login", "the folder is read-only: give this account the right to delete")
    refused = isinstance(error, (imaplib.IMAP4.error, ImapToolsError))
    if step == "connect":
        return Trouble("blocked", _connecting(error, refused))
    if refused and not isinstance(error, imaplib.IMAP4.abort):
        return _refused(error, step)
    if isinstance(error, (OSError, imaplib.IMAP4.abort)):
        return Trouble("blocked", "the connection broke: it is tried again")
    return Trouble("blocked", "the server's answers cannot be understood: look at host and port")


_OWN: Final[Mapping[Failure, str]] = {
    "block page": "it speaks no TLS that we do: look at port (993 is usual)"
}


def _connecting(error: Exception, refused: bool) -> str:
    if isinstance(error, NoWay):
        return why_of(error, _OWN)
    if isinstance(error, (TimeoutError, ConnectionError, imaplib.IMAP4.abort)):
        return "it does not answer: look at host, port and network"
    if isinstance(error, OSError):
        return "it cannot be reached: look at the network"
    if refused:
        return "it turns us away, or speaks no IMAP: look at host and port"
    return "its answers cannot be understood: look at host and port"


def _refused(error: Exception, step: Step) -> Trouble:
    """The server said NO or BAD. Its words are looked at for a code, and never shown."""
    said = b""
    if isinstance(error, UnexpectedCommandStatusError):
        said = b" ".join(one for one in error.command_result[1] if isinstance(one, bytes))
    elif error.args:
        said = str(error.args[0]).encode("utf-8", "replace")
    if _FOR_NOW.search(said):
        return Trouble("blocked", "the server refuses for now: it is tried again")
    if step == "log in":
        why = "user or password is not accepted: put the right (app) password into password_file"
        return Trouble("login", why)
    if step == "select":
        why = "the folder cannot be opened: make it at the provider, or look at its name"
        return Trouble("login", why)
    if step == "remove":
        why = "what was taken cannot be removed: give this account the right to delete"
        return Trouble("login", why)
    return Trouble("blocked", "the server refuses for now: it is tried again")
