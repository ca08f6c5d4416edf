"""``relay queue redact | rewrite | correct | preview``: the words of a message, before it is public
and afterwards.

Words are read from standard input: what stands in a command can be read by every user of a machine.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from relay.cli.common import asked, common, said
from relay.errors import NoNode
from relay.reader.text import MAX_TEXT, clean_line

MOST_BYTES: Final = 4 * MAX_TEXT + 2000

_STANDS: Final = {
    "edited": "says it",
    "beside": "has it beside the earlier one",
    "anew": "has it anew; the earlier one was taken back",
}


@click.command()
@click.argument("id")
@click.argument("kinds", nargs=-1, metavar="[KIND]...")
@common
def redact(path: Path, as_json: bool, id: str, kinds: tuple[str, ...]) -> None:
    """Cut what was marked out of a held message: all of it, or what is of these kinds.

    In its place stands "[…]". The message stays held; what its sender wrote is kept beside it.
    """
    [shown] = asked(path, {"do": "show", "id": id})
    marks = [one for one in shown.get("marks", ()) if not kinds or one["kind"] in kinds]
    cuts = [_cut(one) for one in marks if one["length"] or one["where"] == "alt"]
    if not cuts:
        raise click.UsageError("nothing of it is marked so, or nothing that has a place of its own")
    for answer in asked(path, {"do": "redact", "id": shown["id"], "cuts": cuts}):
        said(answer) if as_json else _print_words(answer)


def _cut(mark: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: mark[key] for key in ("where", "offset", "length")}


@click.command()
@click.argument("id")
@click.option("--title", "titled", is_flag=True, help="The first line is the title.")
@common
def rewrite(path: Path, as_json: bool, id: str, titled: bool) -> None:
    """Put other words, read from standard input, in the place of those of a held message.

    The message stays held; what its sender wrote is kept beside it.
    """
    for answer in asked(path, {"do": "rewrite", "id": id, **_words(titled)}):
        said(answer) if as_json else _print_words(answer)


def _print_words(answer: Mapping[str, Any]) -> None:
    click.echo(f"{answer['id'][:12]}: held, and would be published so:\n")
    if answer["title"]:
        click.echo(answer["title"] + "\n")
    click.echo(answer["text"])


@click.command()
@click.argument("id")
@click.option("--title", "titled", is_flag=True, help="The first line is the title.")
@click.option("--hides", is_flag=True, help="What it said before is not to be seen any more.")
@common
def correct(path: Path, as_json: bool, id: str, titled: bool, hides: bool) -> None:
    """Put other words, read from standard input, in the place of those that are public.

    A post is edited where its platform can, else the new one stands beside it. With --hides it is
    taken back first and posted anew wherever people could see what it said before.

    Ends with status 69 if it is not everywhere yet, or an earlier one stays.
    """
    everywhere = True
    for one in asked(path, {"do": "correct", "id": id, "hides": hides, **_words(titled)}):
        everywhere &= one["state"] in _STANDS and not one["why"]
        if as_json:
            said(one)
            continue
        became = _STANDS.get(one["state"], one["state"])
        why = f" ({one['why']})" if one["why"] else ""
        where = one["destination"] or "it"
        click.echo(f"{one['id'][:12]}: {where} {became}{why} {one['url']}".rstrip())
    if not everywhere:
        raise click.exceptions.Exit(NoNode.exit_code)


@click.command()
@click.argument("id")
@common
def preview(path: Path, as_json: bool, id: str) -> None:
    """What a message would look like wherever it goes: its parts, counted as each platform does."""
    for one in asked(path, {"do": "preview", "id": id}):
        if as_json:
            said(one)
            continue
        trouble = f": {one['trouble']}" if one["trouble"] else ""
        left_out = "".join(f"; {why}" for why in one["left_out"])
        click.echo(f"{one['destination']}  parts: {one['of']}{trouble}{left_out}")
        for part in one["parts"]:
            most = f" of {part['most']}" if part["most"] else ""
            click.echo(f"\n  ({part['count']}{most})\n")
            click.echo("\n".join(f"  {line}" for line in part["text"].split("\n")))
        click.echo("")


def _words(titled: bool) -> dict[str, str]:
    """What stands on standard input. Raises UsageError."""
    try:
        written = sys.stdin.buffer.read(MOST_BYTES + 1).decode()
    except UnicodeDecodeError:
        raise click.UsageError("words are written in UTF-8") from None
    if len(written.encode()) > MOST_BYTES:
        raise click.UsageError(f"a text has at most {MAX_TEXT} characters")
    if not titled:
        return {"text": written}
    title, _, text = written.partition("\n")
    return {"title": clean_line(title), "text": text}


COMMANDS: Final = (redact, rewrite, correct, preview)
