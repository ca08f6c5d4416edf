"""``relay destinations test``: can this account post, and if it is wanted, does it?

With ``--post`` a short text that says what it is goes out, is looked up, and is taken back where
the platform lets us. It is no message: no node knows of it, and it is in no count.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import trio

from relay.cli.common import NotBuilt, common, said
from relay.cli.destinations.opened import Opened, named, opened
from relay.cli.owner import as_owner_of
from relay.cli.posting import (
    EX_DATA,
    EX_UNAVAILABLE,
    SIGNED,
    Tried,
    in_words,
    name_of,
    parts_of,
    post_of,
    sent_once,
    status_of,
)
from relay.config import Destination, Settings
from relay.exit.asking import looked_up
from relay.model import Absent, Found, Later, Lookup, Message, Posted, Removal, Removed, Unsure
from relay.ports import Bridge
from relay.reader.text import clean_line

TEXT = "Test {code}: the operator of a relay tries this account. This is no message."
"""With a few digits of chance: some platforms take no text twice."""


@click.command()
@click.argument("name")
@click.option("--post", is_flag=True, help="Also post a test text, look it up, take it back.")
@click.option("--yes", is_flag=True, help="With --post: do not ask before.")
@common
def test(name: str, post: bool, yes: bool, path: Path, as_json: bool) -> None:
    """Ask for the account of a destination; with --post also post a test text there.

    Ends with 65 where the account is refused, with 69 where nobody could be asked.
    """
    destination, settings = named(path, name)
    if post and destination.bridge == SIGNED:
        raise NotBuilt(
            f"--post to {name}: what is on the page is signed by a node; use `relay send`"
        )
    telling = _Telling(name, destination.bridge, as_json)
    with as_owner_of(settings.base):
        status = trio.run(_tested, destination, settings, telling, post, yes)
    telling.end()
    raise click.exceptions.Exit(status)


@dataclass(slots=True)
class _Telling:
    """What is said, step by step."""

    name: str
    bridge: str
    as_json: bool
    facts: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def account(self, there: Opened) -> None:
        facts = {"account": there.account, "trouble": there.trouble, "reached": there.reached}
        self.facts = {"good": not there.trouble, **facts, "routes": there.failures}
        self._print(there.trouble or f"the account can post: {there.account}")
        if there.failures and there.reached:
            self._print(f"not by every route: {there.failures}")

    def routes(self, there: Opened) -> None:
        """What is wrong with them after the post, if the look at the account did not show it."""
        if there.failures != self.facts["routes"]:
            self.facts["routes"] = there.failures
            self._print(f"by its routes: {there.failures}")

    def step(self, step: str, outcome: str, words: str, **more: Any) -> None:
        self.steps.append({"step": step, "outcome": outcome, "said": words, **more})
        self._print(words)

    def _print(self, words: str) -> None:
        if not self.as_json:
            click.echo(f"{self.name}: {words}")

    def end(self) -> None:
        if self.as_json:
            said({"name": self.name, "bridge": self.bridge, **self.facts, "steps": self.steps})


async def _tested(
    destination: Destination, settings: Settings, telling: _Telling, post: bool, yes: bool
) -> int:
    """The exit status."""
    async with opened(telling.name, destination, settings) as there:
        telling.account(there)
        if there.bridge is None or there.trouble or not post:
            return there.status
        if not yes and sys.stdin.isatty() and not _agreed(telling.name, there.bridge):
            telling.step("post", "not done", "nothing was posted")
            return 0
        status = await _posted(there.bridge, destination.deadline, telling)
        telling.routes(there)
        return status


def _agreed(name: str, bridge: Bridge) -> bool:
    """The operator's word for it."""
    takes_back = hasattr(bridge, "remove")
    after = "It is taken back at once." if takes_back else "It stays there until you remove it."
    bills = clean_line(str(getattr(bridge, "bills", "")))
    price = f" The platform bills it, in {bills}; no board counts that." if bills else ""
    question = f"This posts a test text to {name}, for everybody to see. {after}{price} Post it?"
    return click.confirm(question, err=True)


async def _posted(bridge: Bridge, deadline_s: float, telling: _Telling) -> int:
    """Post, look up, take back."""
    text = TEXT.format(code=os.urandom(3).hex())
    parts = await parts_of(bridge, post_of(Message(text, language="en")), deadline_s)
    if not parts:
        telling.step("post", "not prepared", "its bridge could not prepare the test text")
        return EX_DATA
    done = await sent_once(bridge, parts, deadline_s, lambda tried: _tell_post(telling, tried))
    last = done[-1]
    status = status_of(last.outcome)
    refs = [one.outcome.ref for one in done if isinstance(one.outcome, Posted)]
    if isinstance(last.outcome, Posted | Unsure):
        found = await looked_up(bridge, last.attempt, deadline_s)
        status = max(status, _tell_found(telling, found, last))
        if isinstance(found, Found) and found.ref not in refs:
            refs.append(found.ref)
    return max(status, await _taken_back(bridge, refs, deadline_s, telling)) if refs else status


def _tell_post(telling: _Telling, tried: Tried) -> None:
    outcome = tried.outcome
    more = {}
    if isinstance(outcome, Posted):
        more = {"ref": clean_line(outcome.ref), "url": clean_line(outcome.url)}
    telling.step("post", name_of(outcome), in_words(outcome), **more)


def _tell_found(telling: _Telling, found: Lookup, tried: Tried) -> int:
    """Whether looking it up tells the truth, as an exit status."""
    posted = isinstance(tried.outcome, Posted)
    match found:
        case Found():
            telling.step("find", "found", "looked up, and found")
            return 0 if posted or isinstance(tried.outcome, Unsure) else EX_DATA
        case Absent(strong=True) if posted:
            words = "looked up, and said not to be there: after a doubt it would be posted twice"
            telling.step("find", "absent", words)
            return EX_DATA
        case Absent():
            telling.step("find", "absent", "looked up, and not seen; listings may lag")
        case _:
            why = f": {clean_line(found.why)}" if found.why else ""
            telling.step("find", "unknown", f"looked up, and nobody can tell{why}")
    return 0


async def _taken_back(bridge: Bridge, refs: list[str], deadline_s: float, telling: _Telling) -> int:
    """From the last part on. What stays is said, and is status 69."""
    if not hasattr(bridge, "remove"):
        words = "its bridge cannot take it back: remove it there by hand"
        telling.step("remove", "not done", words)
        return 0
    status = 0
    for ref in reversed(refs):
        removal = await _removed(bridge, ref, deadline_s)
        if isinstance(removal, Removed):
            telling.step("remove", "removed", "taken back")
        else:
            words = f"it stays, so remove it there by hand: {in_words(removal)}"
            telling.step("remove", name_of(removal), words)
            status = EX_UNAVAILABLE
    return status


async def _removed(bridge: Any, ref: str, deadline_s: float) -> Removal:
    removal: object = Later("it took too long")
    try:
        with trio.move_on_after(deadline_s):
            removal = await bridge.remove(ref)
    except Exception as error:
        return Later(f"its bridge failed: {type(error).__name__.lower()}")
    return removal if isinstance(removal, Removal) else Later("its bridge gave no outcome")
