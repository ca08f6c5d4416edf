"""The command ``relay``: one file a group of commands.

Every command takes ``-c relay.toml`` and ``--json``. Exit codes are those of sysexits(3): 0 good,
64 usage, 65 data, 69 no node, 73 cannot create, 74 I/O, 78 settings. An error is one sentence with
its remedy on standard error, never a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click

from relay.cli.common import Refusing
from relay.errors import OutwordError

EX_USAGE = 64

COMMANDS: Final[Mapping[str, str]] = {
    "board": "look",
    "check": "run",
    "demo": "demo",
    "init": "init",
    "queue": "queue",
    "run": "run",
    "send": "send",
    "status": "look",
    "unlock": "run",
    "verify": "verify",
}
"""Every command with the file it is in. Only the one that is called is imported: `relay status`
needs no cryptography, and a node that runs for months no tables for a terminal."""


class _Relay(Refusing):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return super().get_command(ctx, name)
        command = getattr(import_module(f"relay.cli.{COMMANDS[name]}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Relay, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="outword", prog_name="relay")
def relay() -> None:
    """Outword: a resilient message relay for restricted networks."""


def main() -> None:
    """Run the command line; the entry point of the distribution."""
    os.umask(0o077)
    try:
        status = relay.main(prog_name="relay", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as ended:
        status = ended.exit_code
    except click.UsageError as error:
        error.show()
        status = EX_USAGE
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        status = 130
    except OutwordError as error:
        click.echo(f"relay: {error}", err=True)
        status = error.exit_code
    except BrokenPipeError:  # `relay queue list | head`: who read has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 0
    sys.exit(status or 0)
