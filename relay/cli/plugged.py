"""The class of a bridge that the operator named: whose it is, and its settings.

Nothing else of the command line imports the module of a third party. Where it happens, in the
commands that name one bridge or one destination, it is said first: code of strangers then runs
with the rights of whoever gave the command, and not in an outlet that is kept apart.
"""

from __future__ import annotations

import os
from typing import Any

import click
from pydantic import ValidationError

from relay.cli.trying import why_failed
from relay.config import Destination, Settings
from relay.keyfiles import user_called
from relay.plugins import Unusable, absolute
from relay.plugins.building import wrong_keys
from relay.plugins.found import Offered, candidates
from relay.reader.text import clean_line


def offered_as(bridge: str) -> Offered:
    """What a bridge's name means here. Raises Unusable."""
    found = candidates(bridge)
    if not found:
        raise Unusable(f"no bridge called {clean_line(bridge)} is installed: see `relay bridges`")
    if len(found) > 1:
        raise Unusable(f"several packages offer a bridge called {bridge}: see `relay bridges`")
    return found[0]


def say_whose(bridge: str) -> None:
    """On standard error: a third party's code is about to run here. Nothing for a bridge of ours.

    Raises Unusable.
    """
    one = offered_as(bridge)
    if not one.ours:
        package = clean_line(f"{one.distribution} {one.version}")
        click.echo(
            f"{bridge} is a bridge of the package {package}, not of the relay: its code now runs"
            f" in this process, with the rights of {user_called(os.geteuid())}.",
            err=True,
        )


def class_of(bridge: str) -> Any:
    """Its class; imports its module. Raises Unusable in our words."""
    one = offered_as(bridge)
    try:
        return one.load()
    except Exception as error:
        raise Unusable(why_failed(error)) from None


def settings_of(cls: Any, destination: Destination, settings: Settings) -> Any:
    """The bridge's own settings, as it is given them in a node; no file they name is read.

    Raises Unusable, which names each key that is wrong.
    """
    table = absolute(destination.rest, settings.base)
    try:
        if settings.http and settings.http.url and "url" in cls.Settings.model_fields:
            table.setdefault("url", settings.http.url)
        return cls.Settings.model_validate(table)
    except ValidationError as error:
        wrong = ", ".join(f"{key} {what}" for key, what in wrong_keys(error))
        raise Unusable(f"its settings: {wrong}") from None
    except Exception as error:
        raise Unusable(why_failed(error)) from None
