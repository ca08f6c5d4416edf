"""What every command has: where the settings are, ``--json``, and what is refused by name."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from relay.control import ask
from relay.errors import OutwordError

if TYPE_CHECKING:
    from relay.config import Settings

F = TypeVar("F", bound=Callable[..., Any])

NOT_BUILT = frozenset({"spool"})
"""Commands that the design names and this version does not have."""


class NotBuilt(OutwordError):
    """This command is not built yet."""

    exit_code = 78


class Refusing(click.Group):
    """A group that refuses by name what is not built yet, instead of calling it unknown."""

    not_built = NOT_BUILT

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        command = super().get_command(ctx, name)
        if command is None and name in self.not_built:
            raise NotBuilt(f"`{ctx.command_path} {name}` is not built yet")
        return command


def common(command: F) -> F:
    """Add ``-c FILE`` (as ``path``) and ``--json`` (as ``as_json``) to a command."""
    with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)
    return click.option(
        "-c",
        "path",
        type=click.Path(path_type=Path),
        default=Path("relay.toml"),
        show_default=True,
        help="The settings file.",
    )(with_json)


def asked(path: Path, request: Mapping[str, Any]) -> Iterator[Any]:
    """Send an order to the node of a settings file. Raises SettingsError, NoNode or Asked."""
    from relay.config import load  # seconds on a small machine, and a panic has no use for it

    settings = load(path)
    return ask(control_of(settings), request)


def control_of(settings: Settings) -> Path:
    """The control socket of a node."""
    return settings.data / "control"


def passphrase_of(name: str) -> str:
    """The passphrase of a key file, asked for; from a pipe a line is read."""
    if sys.stdin.isatty():
        return str(click.prompt(f"Passphrase of {name}", hide_input=True))
    return sys.stdin.readline().rstrip("\r\n")


def said(value: object) -> None:
    """Print one value as JSON, on one line; in ASCII where nothing else can be written."""
    as_it_is = "utf" in (sys.stdout.encoding or "").lower()
    click.echo(json.dumps(value, ensure_ascii=not as_it_is))
