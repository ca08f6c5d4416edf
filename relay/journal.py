"""What the relay may say about itself: a closed list of events, with counts and our own names.

There is no function that logs a free text, so no address, number, text or token can reach a log by
mistake: an event is one of ``Event``, a fact is a whole number or a name from ``relay.toml``
(lower-case letters, digits, ``_ - .``, at most 64); anything else is written as ``?``. Nothing is
written per message: a log with times would tell when somebody wrote to us.
"""

from __future__ import annotations

import logging
import re
import sys
from enum import StrEnum
from typing import TextIO

_NAME = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,63}", re.ASCII)


class Event(StrEnum):
    """All that can be said, with the facts that go with it."""

    STARTED = "{process} started"
    WARNING = "warning: {setting}"
    NOT_STARTED = "{process} cannot be started now: {why}"
    CHILD_ENDED = "{process} ended, status {status}; it is started again in {wait_s} s"
    CHILD_SILENT = "{process} was silent for 10 s and is ended"
    CHILD_FAILED = "{process} failed: {why}"
    CORE_ENDED = "core ended, status {status}; waiting for {children} other processes"
    STAYS_DOWN = "core failed {times} times in an hour; the doors answer 'try again later'"
    DISK = "the disk reported an error; nothing more is accepted until a new core has read it"
    NOT_OPENED = "the spool cannot be opened: {why}; doors answer 'try again later'"
    NOTICES = "{count} things about the spool were odd: see `relay status --json`"
    NO_SEND = "`relay send` cannot be heard: {why}; mail and webhooks can"
    NOT_ROLLED = "door.key cannot be written ({why}): yesterday's secrets serve another day"
    LOST = "{lost} accepted submissions are missing from the disk: see `relay status`"
    SET_BACK = "paused: the spool may be older than what was posted; then `relay resume`"
    LOCKED = "exit.key is locked: accepting, opening nothing; use `relay unlock`"
    UNLOCKED = "exit.key is open"
    MADE_KEYS = "made {file}"
    LATE_REPORT = "a report about an attempt that is not the current one was refused"
    DAMAGED = "{process} sent something that is no frame; it is ended"
    ORIGINALS = "what came with {count} messages, as it came, was kept long enough and is destroyed"
    QUARANTINED = "{count} set aside as damaged or hostile"
    NEW_CERTIFICATE = "a new certificate is in force"
    BAD_CERTIFICATE = "the files of [tls] cannot be used ({why}): the old ones stay in force"
    NO_CERTIFICATE = "the files of [tls] cannot be used ({why}): no TLS until they can"
    CERTIFICATE_ENDS = "the certificate ends in {days} days"
    CERTIFICATE_VOID = "the certificate is not valid now ({why})"
    CLOCK_JUMPED = (
        "the clock of this machine is {count} {unit} away from ours: see `relay clock show`"
    )
    CLOCK_BELIEVED = "the clock of this machine is believed again"
    DESTINATION = "{destination}: {state}"
    STALE = "{destination}: its window is over; {count} waited too long and are held"
    FELL_BACK = "{count} for {destination} went to {to} instead"
    LIBRARY = "a library warned: {name}"
    RELOADED = "new settings are in force"
    NOT_RELOADED = "the new settings cannot be used; the old ones stay in force"
    STOPPING = "stopping"


class Journal:
    """Writes events of one process to a stream, a line each (systemd adds the time)."""

    def __init__(self, process: str, stream: TextIO | None = None) -> None:
        self._process = process
        self._stream = stream or sys.stderr

    def say(self, event: Event, **facts: int | str) -> None:
        """Write one event. A fact that is neither a number nor a name is written as ``?``."""
        shown = {key: _shown(fact) for key, fact in facts.items()}
        line = event.value.format_map({"process": self._process, **shown})
        try:
            self._stream.write(f"relay: {line}\n")
            self._stream.flush()
        except (OSError, ValueError):
            return  # a full disk under the log, or a closed pipe, stops no message


def _shown(fact: int | str) -> str:
    if isinstance(fact, int):
        return str(int(fact))
    return fact if _NAME.fullmatch(fact) else "?"


class _Warned(logging.Handler):
    """Turns what libraries log into LIBRARY events: their name, never their words.

    Libraries put URLs with tokens, addresses and text into their messages and arguments.
    """

    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name not in self._said:
            self._said.add(record.name)
            self._journal.say(Event.LIBRARY, name=record.name.lower())


def silence_libraries(journal: Journal) -> None:
    """From now on what libraries log is reported by name only, once for each in this process."""
    root = logging.getLogger()
    root.handlers[:] = [_Warned(journal)]
    root.setLevel(logging.WARNING)
