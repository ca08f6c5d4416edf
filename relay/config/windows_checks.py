"""What is wrong with ``[windows.*]``, and what they are for the core."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from relay.config.reaching import Window as Written
from relay.config.sections import Settings
from relay.config.window_times import NOW, times_of
from relay.errors import Mistake
from relay.model import Instant
from relay.rules.windows import Window

PAGE = "page"


@dataclass(frozen=True, slots=True)
class Around:
    """What a window is held against: all destinations, and those that only alarms go to.
    ``command``: it is no window of the file, and remedies are options; names may be echoed then."""

    destinations: Collection[str]
    alarms: Collection[str] = ()
    command: bool = False

    def do(self, what: str) -> str:
        """How it is said what a window does."""
        return f"--do {what}" if self.command else f'do = "{what}"'

    def unknown(self, names: Collection[str]) -> tuple[str, str]:
        """That there are no such destinations, and the remedy."""
        if not self.command:
            return "no destination is called that", "add [destinations.NAME] or mend it"
        called = ", ".join(name for name in names if name not in self.destinations)
        return f"no destination is called {called}", f"name one of {', '.join(sorted(self.posts))}"

    @property
    def posts(self) -> Collection[str]:
        """Those that a window may name."""
        return {*self.destinations} - {*self.alarms}


def around(settings: Settings, table: Mapping[str, Any] | None = None) -> Around:
    """What the windows of these settings are held against. ``table`` is the file as it was written:
    a destination with a mistake in it is missing in ``settings``, and is named all the same.
    Without it the window comes by a command."""
    written = settings.destinations if table is None else table.get("destinations")
    names = written if isinstance(written, Mapping) else ()
    alarms = settings.alarms.to if settings.alarms is not None else ()
    return Around({*names, PAGE}, alarms, command=table is None)


def windows_of(settings: Settings, now: Instant = 0) -> tuple[Window, ...]:
    """The windows of sound settings, for the core."""
    found = (made(name, one, now) for name, one in settings.windows.items())
    return tuple(one for one in found if isinstance(one, Window))


def made(name: str, written: Written, now: Instant) -> Window | Mistake:
    """A window as the rules have it, or what is wrong with its times, by its key."""
    times = times_of(written.begins, written.until, written.zone, written.days, now)
    if isinstance(times, Mistake):
        return times
    return Window(
        name,
        tuple(dict.fromkeys(written.destinations)),
        times,
        written.do,
        PAGE if written.do == "page" else written.to,
        written.why,
        written.first,
        written.rate,
    )


def wrong_windows(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """Every mistake in the windows of a file."""
    among = around(settings, table)
    for name, written in settings.windows.items():
        found = list(wrong_window(written, among))
        if written.begins == NOW:
            remedy = "write a date, or add it by `relay window add`"
            found.append(Mistake("from", "has no meaning in a file", remedy))
        elif isinstance(window := made(name, written, 0), Mistake):
            found.append(window)
        for one in found:
            if one.key != "to" or written.do == _given(table, name).get("do", written.do):
                yield Mistake(f"windows.{name}.{one.key}", one.what, one.remedy)


def _given(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A window as it stands in the file: what it does may be a mistake by itself."""
    given = table["windows"][name]
    return given if isinstance(given, Mapping) else {}


def wrong_window(written: Written, among: Around) -> Iterator[Mistake]:
    """What is wrong with one window but its times. The keys are its own."""
    if any(name not in among.destinations for name in written.destinations):
        yield Mistake("destinations", *among.unknown(written.destinations))
    if any(name in among.alarms for name in written.destinations):
        yield Mistake("destinations", "name where alarms go", "take it out: no alarm ever waits")
    if written.do == "page" and PAGE in written.destinations:
        remedy = f"take the page out, or hold it with {among.do('hold')}"
        yield Mistake("destinations", "name the page, and do names it as well", remedy)
    if written.do == "reroute":
        yield from _wrong_other(written, among)
    elif written.to:
        remedy = f"take it out, or write {among.do('reroute')}"
        yield Mistake("to", "has a meaning with reroute only", remedy)


def _wrong_other(written: Written, among: Around) -> Iterator[Mistake]:
    if not written.to:
        yield Mistake("to", "is missing", "name the destination that has it instead")
    elif written.to not in among.destinations:
        yield Mistake("to", *among.unknown([written.to]))
    elif written.to in among.alarms:
        remedy = "name a destination that the public reads"
        yield Mistake("to", "names where alarms go", remedy)
    if written.to in written.destinations:
        yield Mistake("to", "is one of its own destinations", "name another one")
