"""The command ``relay``: one file a group of commands.

Every command takes ``-c relay.toml`` and ``--json``. Exit codes are those of sysexits(3): 0 good,
64 usage, 65 data, 69 no node, 70 a fault of ours, 73 cannot create, 74 I/O, 78 settings. An error
is one sentence with its remedy on standard error, never a traceback.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click

from relay.cli.common import Refusing
from relay.errors import OutwordError
from relay.journal import hush

EX_USAGE = 64
EX_SOFTWARE = 70
EX_IOERR = 74

COMMANDS: Final[Mapping[str, str]] = {
    "board": "look",
    "bridges": "bridges",
    "bundle": "bundle",
    "check": "run",
    "clock": "clock",
    "demo": "demo",
    "destinations": "destinations",
    "doctor": "doctor",
    "init": "init",
    "keys": "keys",
    "login": "login",
    "panic": "panic",
    "pause": "brake",
    "queue": "queue",
    "resume": "brake",
    "run": "run",
    "send": "send",
    "senders": "senders",
    "status": "look",
    "transports": "transports",
    "unlock": "run",
    "users": "users",
    "verify": "verify",
    "window": "window",
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
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a command may hold a secret, or a text
    _stand_in()
    hush()
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
        _say_no_more()
        status = 0
    except OSError as error:
        _say_no_more()
        where = f"{error.filename}: " if error.filename else ""
        with contextlib.suppress(OSError):  # it may be just there that nothing can be written
            click.echo(f"relay: {where}{error.strerror}", err=True)
        status = EX_IOERR
    except SystemExit as ended:
        if not isinstance(ended.code, str):
            raise
        status = _failed(ended)  # a bridge's own, and whatever it says
    except BaseException as error:
        status = _failed(error)
    sys.exit(status or 0)


def _failed(error: BaseException) -> int:
    """Say what kind of fault it is and where in the code, and nothing of what it says itself: that
    may quote a text or a secret, as a traceback may. Gives the exit status."""
    from relay.node.child import kind_of

    at = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(at.filename)}, line {at.lineno}"
    said = f"relay: a fault of ours, or of a bridge: {kind_of(error)} in {where}"
    click.echo(f"{said}; its words are not shown, since they may quote", err=True)
    return EX_SOFTWARE


def _say_no_more() -> None:
    """What is still to be written to standard output goes nowhere: it cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _stand_in() -> None:
    """Somewhere to write to and to read from, whoever started us with less.

    A descriptor that is closed would be given to the next file that is opened, and what is said
    would be written into it. What a terminal cannot show is no reason to stop in the middle.
    """
    while (null := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(null)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
