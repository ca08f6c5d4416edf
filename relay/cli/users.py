"""``relay users``: who may use the desk."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from relay.cli.common import asked, common, said
from relay.cli.tables import show_table
from relay.config import Settings, load
from relay.errors import OutwordError
from relay.rules.rights import ROLES

MOST_BYTES = 2048
"""Of a passphrase, or a code, before the node looks at it."""


class NoProof(OutwordError):
    """No passphrase or no code was given; nothing was changed."""

    exit_code = 65


class NoDesk(OutwordError):
    """There is no desk: add [desk] to the settings, and start the relay again."""

    exit_code = 78


ELSEWHERE = "this is an entry, and the desk is at its exit: give this command there"
"""Instead of the remedy above: ``[desk]`` is refused at an entry."""


@click.group()
def users() -> None:
    """People who use the desk: readers, editors, operators, and who may open originals."""


_role = click.option(
    "--role",
    "roles",
    type=click.Choice(ROLES),
    multiple=True,
    required=True,
    help="What they may do; may be given several times.",
)


@users.command()
@click.argument("name")
@_role
@common
def add(path: Path, as_json: bool, name: str, roles: tuple[str, ...]) -> None:
    """Let NAME use the desk: prints a link that is good once, for a day.

    Give it to them where nobody listens: whoever opens it first is NAME. They choose a passphrase
    there, and have an authenticator take up the second factor.
    """
    _linked(path, as_json, {"do": "users", "add": name, "roles": list(roles)})


@users.command()
@click.argument("name")
@common
def link(path: Path, as_json: bool, name: str) -> None:
    """A new link for NAME, who has lost the passphrase or the telephone. The old ones, and whatever
    browser is signed in with them, end at once."""
    _linked(path, as_json, {"do": "users", "link": name})


def _linked(path: Path, as_json: bool, order: Mapping[str, Any]) -> None:
    settings = load(path)
    if settings.desk is None:
        raise NoDesk(*([ELSEWHERE] if settings.node.role == "entry" else []))
    for answer in asked(path, order):
        links = list(_links(settings, answer["link"]))
        if as_json:
            said({**answer, "links": links})
            continue
        click.echo(f"For {answer['handle']}, once, and for 24 hours:")
        for one in links:
            click.echo(f"  {one}")


def _links(settings: Settings, secret: str) -> Iterator[str]:
    """Where the desk is, by every name that it has."""
    desk = settings.desk
    assert desk is not None  # as was looked for
    tls = settings.tls is not None and not desk.behind
    address, port = desk.listen
    here = f"[{address}]" if ":" in address else address
    for host in desk.hosts or (here,):
        outside = bool(desk.behind) or host.endswith(".onion")
        scheme = "https" if tls or (desk.behind and not host.endswith(".onion")) else "http"
        yield f"{scheme}://{host}{'' if outside else f':{port}'}/join/{secret}"


@users.command()
@click.argument("name")
@_role
@common
def roles(path: Path, as_json: bool, name: str, roles: tuple[str, ...]) -> None:
    """Give NAME these roles, and no others; they have to sign in again."""
    for answer in asked(path, {"do": "users", "change": name, "roles": list(roles)}):
        said(answer) if as_json else click.echo(f"{name} is {', '.join(answer['roles'])}.")


@users.command("list")
@common
def list_(path: Path, as_json: bool) -> None:
    """Everybody who may use the desk."""
    everybody = [one for answer in asked(path, {"do": "users"}) for one in answer["users"]]
    if as_json:
        for one in everybody:
            said(one)
    elif everybody:
        show_table(
            ("name", "roles", "state"),
            [(one["handle"], " ".join(one["roles"]), _state(one)) for one in everybody],
        )
    else:
        click.echo("Nobody may use the desk: `relay users add NAME --role editor`")


def _state(user: Mapping[str, Any]) -> str:
    if user["joined"]:
        return "has joined"
    late = "" if user["invited"] else "; the link is too old: `relay users link`"
    return f"has not joined yet{late}"


@users.command()
@click.argument("name")
@common
def remove(path: Path, as_json: bool, name: str) -> None:
    """Let NAME use the desk no more; they are signed out at once. What they did stays written."""
    for answer in asked(path, {"do": "users", "remove": name}):
        said(answer) if as_json else click.echo(f"{name} may not use the desk any more.")


def proof_of(name: str) -> Mapping[str, str]:
    """What shows that a user is here: asked for without echo, or the first two lines of standard
    input, passphrase and code. Raises NoProof."""
    if sys.stdin.isatty():
        passphrase, code = _typed(f"Passphrase of {name}"), _typed("Code")
    else:
        passphrase, code = _line(), _line()
    if not passphrase or not code:
        raise NoProof
    return {"name": name, "passphrase": passphrase, "code": code}


def _typed(what: str) -> str:
    typed: str = click.prompt(what, hide_input=True, default="", show_default=False, err=True)
    return typed


def _line() -> str:
    try:
        return sys.stdin.buffer.readline(MOST_BYTES).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise NoProof from None
