"""``relay transports``: the ways in, how each fares, and the paper that tells people of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from relay.cli.common import Refusing, asked, common, said
from relay.cli.look import status_of
from relay.cli.tables import show_table
from relay.config import Settings, SmsIn, load


class _Transports(Refusing):
    not_built = frozenset(("test",))


@click.group(cls=_Transports, invoke_without_command=True)
@click.option("--print", "paper", is_flag=True, help="Half a page to hand out.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "html")),
    default="text",
    show_default=True,
    help="With --print: for a terminal, or for a printer.",
)
@common
@click.pass_context
def transports(ctx: click.Context, paper: bool, form: str, path: Path, as_json: bool) -> None:
    """The ways in: each with its state; with --print, a paper that tells people of them."""
    if ctx.invoked_subcommand is not None:
        return
    if paper:
        _print(path, form, as_json)
    else:
        _list(path, as_json)


def _list(path: Path, as_json: bool) -> None:
    written = load(path).transports
    places = status_of(path)["board"]
    rows = []
    for name, transport in written.items():
        place = places.get(name, {})  # written since the node was started: it does not run yet
        line = {
            "name": name,
            "kind": transport.kind,
            "public": transport.public,
            "state": place.get("state", ""),
            "since": place.get("since"),
            "why": place.get("why", ""),
        }
        if as_json:
            said(line)
        public = "yes" if transport.public else ""
        rows.append((name, transport.kind, public, str(line["state"]), str(line["why"])))
    if rows and not as_json:
        show_table(("name", "kind", "public", "state", "why"), rows)
    elif not as_json:
        click.echo("There is no transport in the settings.")


def _print(path: Path, form: str, as_json: bool) -> None:
    [ways] = asked(path, {"do": "ways"})
    _hint(ways)
    for line in _to_type(load(path)):
        click.echo(f"relay: {line}", err=True)
    if as_json:
        said(ways)
        return
    from relay.cli import paper  # templates and QR codes: nothing else here needs them

    click.echo(paper.as_html(ways) if form == "html" else paper.as_text(ways), nl=False)


def _to_type(settings: Settings) -> Iterator[str]:
    """What the operator types into the console of each gateway. It is for nobody else: where the
    address has a secret, that is named by its file."""
    url = settings.http.url if settings.http is not None else ""
    for name, at in settings.transports.items():
        if isinstance(at, SmsIn):
            yield f"{name} ({at.gateway}): POST {at.address(url, name)}: {at.of.console}"


def _hint(ways: dict[str, Any]) -> None:
    """What is missing on the paper, to the operator and not into the paper."""
    if not ways["ways"]:
        hint = "no transport is public: set public = true in [transports.NAME]"
        click.echo(f"relay: {hint}", err=True)
    if not ways["url"]:
        hint = "the page has no address to print: set url in [http] or [destinations.page]"
        click.echo(f"relay: {hint}", err=True)
