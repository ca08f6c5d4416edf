"""What the relay may say about itself: a closed list of events, with counts and our own names.

There is no function that logs a free text, so no address, number, text or token can reach a log by
mistake: an event is one of ``Event``, a fact is a whole number or a name from ``relay.toml``
(lower-case letters, digits, ``_ - .``, at most 64); anything else is written as ``?``. Nothing is
written per message: a log with times would tell when somebody wrote to us.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, TextIO

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
    NOTICES = "odd about the spool or the keys: {count}; `relay status` says what"
    NO_SEND = "`relay send` cannot be heard: {why}; mail and webhooks can"
    NOT_ROLLED = "door.key cannot be written ({why}): yesterday's secrets serve another day"
    LOST = "{lost} accepted submissions are missing from the disk: see `relay status`"
    SET_BACK = "paused: the spool may be older than what was posted; then `relay resume`"
    LOCKED = "exit.key is locked: accepting, opening nothing; use `relay unlock`"
    UNLOCKED = "exit.key is open"
    MADE_KEYS = "made {file}"
    ROLLED = "exit.key holds the keys of this day, and of those to come"
    KEYS_DESTROYED = "{count} keys of earlier days are destroyed"
    LATE_REPORT = "a report about an attempt that is not the current one was refused"
    DAMAGED = "{process} sent something that is no frame; it is ended"
    ORIGINALS = "what came with {count} messages, as it came, was kept long enough and is destroyed"
    PURGED = "{count} that had ended long enough ago were destroyed"
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
    LINK = "link {link}: {state}"
    BUNDLE_TAKEN = "exit {peer}: newer keys are here"
    BUNDLE_REFUSED = "exit {peer}: keys that came were refused; those before are in force"
    BUNDLE_DAMAGED = "exit {peer}: the file of its keys cannot be used, and was put aside"
    EXIT_ENDED = "exit {peer} was revoked: nothing more is sealed to it"
    STALE = "{destination}: its window is over; {count} waited too long and are held"
    FELL_BACK = "{count} for {destination} went to {to} instead"
    LIBRARY = "a library warned: {name}"
    FAULT = "a fault that nothing took up: {kind} in {where}, line {line}"
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


WORDLESS: Final = "(its words are not shown)"

Told = Callable[[str, str, int], None]
"""Told of a fault: its kind, and the file and the line of the code that met it."""


class _Wordless(logging.LogRecord):
    """A record without anything that was to be logged: whatever handler a library brings along, it
    has no words, arguments, exceptions or stacks to write."""

    def __init__(self, name: str, level: int, *_: object, **__: object) -> None:
        super().__init__(name, level, "", 0, WORDLESS, (), None)


def hush(journal: Journal | None = None) -> None:
    """From now on no hook of Python writes what an exception, a warning or a record says: not of a
    thread, not of what is finalised, and not of what nobody took up. Their kinds and their places
    are written, once each: to the journal, or to standard error where there is none."""
    said: set[tuple[str, str, int]] = set()

    def told(kind: str, where: str, line: int) -> None:
        if (kind, where, line) in said:
            return
        said.add((kind, where, line))
        (journal or Journal("relay")).say(Event.FAULT, kind=kind, where=where, line=line)

    logging.setLogRecordFactory(_Wordless)
    _hook_faults(told)
    warnings.showwarning = _showing(told)


def _hook_faults(told: Told) -> None:
    def fault(kind: type[BaseException], trace: TracebackType | None) -> None:
        where, line = "?", 0
        for frame, number in traceback.walk_tb(trace):  # no look into files, as extract_tb has
            where, line = frame.f_code.co_filename, number
        told(kind.__name__.lower(), os.path.basename(where).lower(), line)

    sys.excepthook = lambda kind, _, trace: fault(kind, trace)
    threading.excepthook = lambda given: fault(given.exc_type, given.exc_traceback)
    sys.unraisablehook = lambda given: fault(given.exc_type, given.exc_traceback)


def _showing(told: Told) -> Callable[..., None]:
    def show(_: object, kind: type[Warning], where: str, line: int, *__: Any) -> None:
        told(kind.__name__.lower(), os.path.basename(where).lower(), line)

    return show
