"""A login that the bridge leads: it asks, the operator answers, and secrets come of it.

What it asks stands on the screen, nothing is opened for anybody; on a terminal an answer that is a
secret is not echoed. In a pipe each line of standard input is an answer.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from relay.bridging import hosts_of
from relay.cli.going_out import out_of
from relay.cli.login_asked import MAX_BYTES, NotGood
from relay.cli.plugged import class_of, offered_as, settings_of
from relay.cli.trying import why_failed
from relay.clock import SystemClock
from relay.config import Destination, Settings
from relay.errors import OutwordError
from relay.plugins import Unusable
from relay.reader.text import clean, clean_line


class NoMore(OutwordError):
    """Standard input ended before the login did: it has a line for each question."""

    exit_code = 65


def leads(destination: Destination) -> Any:
    """The class of its bridge, if that leads through a login (``relay.ports.LogsIn``); else None.

    A bridge that cannot be used leads nobody: what is wrong with it is said where it is tried.
    """
    try:
        cls = class_of(destination.bridge)
    except Unusable:
        return None
    return cls if hasattr(cls, "login") else None


def where_to_get(destination: Destination, key: str) -> str:
    """Where a third party's bridge says that a secret is got; its module is imported for it."""
    try:
        if offered_as(destination.bridge).ours:
            return ""
        return clean_line(str(getattr(class_of(destination.bridge), "secrets", {}).get(key, "")))
    except (Unusable, AttributeError):
        return ""


async def led(
    name: str,
    cls: Any,
    destination: Destination,
    settings: Settings,
    files: Mapping[str, Path],
) -> dict[str, bytes]:
    """The secrets by the setting that names their file. Raises Unusable, KeyFileError, NotGood or
    NoMore."""
    own = settings_of(cls, destination, settings)
    asking = _Asking()
    try:
        async with out_of(name, destination, settings, hosts_of(cls, own)) as http:
            given: object = await cls.login(own, http, SystemClock(), asking)
    except (click.Abort, OutwordError):
        raise
    except Exception as error:
        if asking.ended:
            raise NoMore from None
        raise NotGood(f"{why_failed(error)}; nothing was put in place") from None
    if isinstance(given, str):
        raise NotGood(f"{clean_line(given)}; nothing was put in place")
    return _checked(given, files)


class _Asking:
    """``relay.ports.Ask``."""

    def __init__(self) -> None:
        self.ended = False

    async def __call__(self, question: str, secret: bool) -> str:
        # It waits in the loop: nothing else runs here, and Ctrl-C ends both.
        click.echo(clean(str(question)), err=True)
        if sys.stdin.isatty():
            shown = "Answer (not shown)" if secret else "Answer"
            return str(
                click.prompt(shown, hide_input=secret, default="", show_default=False, err=True)
            )
        line = sys.stdin.buffer.readline(MAX_BYTES + 2)
        if not line:
            self.ended = True
            raise NoMore
        return line.decode("utf-8", "replace").rstrip("\r\n")


def _checked(given: object, files: Mapping[str, Path]) -> dict[str, bytes]:
    """Contents, each for a file that the settings name. Raises NotGood, which quotes none."""
    if not isinstance(given, Mapping) or not given:
        raise NotGood("its bridge gave no secret; nothing was put in place")
    for key, content in given.items():
        if key not in files:
            shown = clean_line(str(key))
            where = f'name its file in the settings, as in {shown} = "secrets/..."'
            raise NotGood(f"the login gives {shown}: {where}; nothing was put in place")
        if not isinstance(content, bytes) or not 0 < len(content.strip()) <= MAX_BYTES:
            raise NotGood(f"its bridge gave no secret for {key}; nothing was put in place")
    return dict(given)
