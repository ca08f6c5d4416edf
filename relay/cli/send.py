"""``relay send``: a message from standard input; as an argument, process lists would show it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from relay.cli.common import common, said
from relay.config import load
from relay.errors import OutwordError
from relay.model import Verdict
from relay.transports.local import MAX_BYTES, is_text
from relay.transports.local import send as hand_over


class NotTaken(OutwordError):
    """The node did not take it now: try again; nothing of it was kept."""

    exit_code = 75


class NotText(OutwordError):
    """It is no text in UTF-8: save it as UTF-8 and send it again; nothing of it was kept."""

    exit_code = 65


class HearsNobody(OutwordError):
    """This node is an exit: it takes messages from its entries alone. Send it at an entry."""

    exit_code = 78


@click.command()
@click.option("--channel", default="", help="A channel; the only one there is, if there is one.")
@common
def send(channel: str, path: Path, as_json: bool) -> None:
    """Hand over a message, read from standard input to its end."""
    settings = load(path)
    if settings.node.role == "exit":
        raise HearsNobody
    if not channel and len(settings.channels) == 1:
        channel = next(iter(settings.channels))
    if channel not in settings.channels:
        raise click.UsageError("name a channel of the settings with --channel")
    text = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise click.UsageError(f"a message has at most {MAX_BYTES} bytes")
    if not text.strip():
        raise click.UsageError("there is nothing to send on standard input")
    if not is_text(text):
        raise NotText
    verdict = hand_over(settings.data / "send", channel, text)
    if verdict not in (Verdict.TAKEN, Verdict.KNOWN):
        raise NotTaken
    said({"taken": True}) if as_json else click.echo("taken: it is sealed and on the disk")
