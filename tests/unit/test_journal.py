"""A log can say only what is on its list, with numbers and our own names."""

from __future__ import annotations

import io
import logging

from relay.journal import Event, Journal, silence_libraries


def test_an_event_is_a_line_with_its_facts() -> None:
    stream = io.StringIO()
    Journal("core", stream).say(Event.CHILD_ENDED, process="door", status=9, wait_s=0)
    assert stream.getvalue() == "relay: door ended, status 9; it is started again in 0 s\n"


def test_a_fact_that_is_no_name_is_not_written() -> None:
    stream = io.StringIO()
    for fact in ("+98 912 000", "a@example.org", "two words", "سلام", "x" * 65, "New\nline"):
        Journal("core", stream).say(Event.DESTINATION, destination=fact, state="works")
    assert stream.getvalue() == "relay: ?: works\n" * 6


def test_what_a_library_logs_is_reported_by_its_name_only_and_once() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        silence_libraries(Journal("core", stream))
        for _ in range(3):
            logging.getLogger("some.library").warning("GET https://x/bot123:SECRET %s", "+98912")
        logging.getLogger("mail.log").info("nothing below a warning")
    finally:
        root.handlers[:], root.level = handlers, level
    assert stream.getvalue() == "relay: a library warned: some.library\n"


def test_a_closed_stream_stops_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    Journal("core", stream).say(Event.STARTED)
