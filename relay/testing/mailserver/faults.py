"""What a script can do at one moment of an SMTP dialogue.

A moment is named by its verb: GREETING, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (the command), DOT
(the end of the message), RSET, QUIT; those with an address also as ``"RCPT one@example.org"``. As
with HTTP it matters whether the command was acted on all the same, so each fault says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens at a moment. ``reply`` is said in place of the server's own; after a 421 it
    closes (RFC 5321, 3.8)."""

    then: Literal["say", "cut", "hang", "late", "endless"] = "say"
    reply: str = ""
    made: bool = False


def says(reply: str, *, made: bool = False) -> Trouble:
    """Another reply: ``"450 4.2.0 Greylisted"``. Each line of it is one line of the reply."""
    return Trouble("say", reply, made)


def maintenance() -> Trouble:
    """421: the server goes down, and closes. As a greeting it is a planned window."""
    return says("421 4.3.2 Service not available, closing transmission channel")


def greylisted() -> Trouble:
    """450: come back later, which only a program that keeps the mail will do (RFC 6647)."""
    return says("450 4.2.0 Greylisted, see http://postgrey.example.org/help")


def unknown() -> Trouble:
    """550: nobody has this address."""
    return says("550 5.1.1 Recipient address rejected: User unknown")


def full() -> Trouble:
    """452: no room for now (RFC 3463: 4.3.1)."""
    return says("452 4.3.1 Insufficient system storage")


def quota() -> Trouble:
    """552: the mailbox of the recipient is full for good."""
    return says("552 5.2.2 Mailbox full")


def spam() -> Trouble:
    """554: the message is not wanted."""
    return says("554 5.7.1 Message rejected as spam")


def cut(*, made: bool = True) -> Trouble:
    """The connection ends where the reply should come."""
    return Trouble("cut", made=made)


def hang(*, made: bool = True) -> Trouble:
    """No reply comes, and the connection stays."""
    return Trouble("hang", made=made)


def late() -> Trouble:
    """Nothing happens until the client has gone; then the command is acted on."""
    return Trouble("late")


def endless(*, made: bool = True) -> Trouble:
    """A reply whose last line never comes."""
    return Trouble("endless", made=made)


def long_line(*, made: bool = True) -> Trouble:
    """A good reply of 100,000 characters in one line; 512 are allowed (RFC 5321, 4.5.3.1.5)."""
    return says("250 " + "x" * 100_000, made=made)


def garbage(*, made: bool = True) -> Trouble:
    """A line that is no reply."""
    return says("<html>log in</html>", made=made)
