"""``relay queue``: what waits and why, and what a person decides about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from relay.cli import words
from relay.cli.common import asked, common, said
from relay.cli.dangers import lines_as_written, lines_of_dangers
from relay.cli.hiding import lines as hiding_lines
from relay.cli.look import status_of, stopped
from relay.cli.media import lines_of, media
from relay.cli.tables import show_table
from relay.cli.users import proof_of
from relay.errors import NoNode
from relay.reader.text import clean_line

MOST_BYTES = 4096
"""Of a text for a sender: several answers, each of which goes into two SMS."""


@click.group()
def queue() -> None:
    """What waits, and why; hold, release, retry or drop it."""


queue.add_command(media)
for _command in words.COMMANDS:
    queue.add_command(_command)


@queue.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what has ended.")
@common
def list_(path: Path, as_json: bool, everything: bool) -> None:
    """Every message and delivery that has not ended: one a line, without its text."""
    rows = asked(path, {"do": "list", "all": everything})
    if as_json:
        for row in rows:
            said(row)
        return
    table = []
    for row in rows:
        name = row["channel"] or row["destination"]
        age = f"{row['since_s'] // 3600} h"
        among = "?" if row.get("among") is None else str(row["among"])
        table.append((row["id"][:12], row["queue"], row["state"], name, age, among, row["why"]))
    if table:
        names = ("id", "queue", "state", "channel / destination", "age", "among", "why")
        show_table(names, table)
    else:
        click.echo("Nothing is there." if everything else "Nothing waits.")
    for line in stopped(status_of(path)):
        click.echo(line)


@queue.command()
@click.argument("id")
@common
def show(path: Path, as_json: bool, id: str) -> None:
    """One message: its text, what was marked in it, and its deliveries."""
    for message in asked(path, {"do": "show", "id": id}):
        if as_json:
            said(message)
        else:
            _print(message)


def _print(message: dict[str, Any]) -> None:
    click.echo(f"id       {message['id']}")
    click.echo(f"state    {message['state']} ({message['queue']})")
    click.echo(f"channel  {message['channel']}")
    if message["why"]:
        click.echo(f"why      {message['why']}")
    for delivery in message["deliveries"]:
        between = " " if delivery["state"] == "rerouted" else ": "  # rerouted to bluesky: ...
        why = f"{between}{delivery['why']}" if delivery["why"] else ""
        click.echo(f"to       {delivery['destination']} {delivery['state']}{why}")
    if not message.get("read"):
        gone = message.get("destroyed")
        click.echo("\n(nothing is kept of it)" if gone else "\n(not opened yet, or sealed)")
        return
    click.echo(f"way      {message['transport']}")
    for line in hiding_lines(message):
        click.echo(line)
    if message["code"]:
        click.echo(f"code     {message['code']}, by which its sender can ask")
    for line in (*lines_of_dangers(message), *lines_of(message)):
        click.echo(line)
    if message["sender"]:
        click.echo(f"sender   {message['sender']}, by the code word")
    for text in message["answers"]:
        click.echo(f"answer   {clean_line(text)}")
    for reply in message["replies"]:
        where = f"{reply['destination']} {reply['n']}"
        click.echo(f"reply    {where}: {clean_line(reply['text'])}")
    click.echo("")
    if message["title"]:
        click.echo(message["title"] + "\n")
    click.echo(message["text"])
    for line in lines_as_written(message):
        click.echo(line)


def _order(name: str, about: str) -> None:
    @queue.command(name, help=about)
    @click.argument("id")
    @common
    def order(path: Path, as_json: bool, id: str) -> None:
        for answer in asked(path, {"do": name, "id": id}):
            said(answer) if as_json else click.echo(f"{answer['id'][:12]}: {_DONE[name]}")


_DONE = {"hold": "held", "retry": "is tried again"}
_order("hold", "Keep a message from being posted until it is released.")
_order("retry", "Try again at once what waits, was refused, is unsure or was set aside.")


@queue.command()
@click.argument("id")
@click.option("--without-media", "bare", is_flag=True, help="Its text alone.")
@click.option("--only", metavar="N[,N...]", help="With these of its media, as `show` numbers them.")
@click.option("--as", "user", metavar="NAME", help="As this user, who proves to be here.")
@common
def release(
    path: Path, as_json: bool, id: str, bare: bool, only: str | None, user: str | None
) -> None:
    """Let a held message go on, after the channel's delay.

    Where two persons must say so, the terminal is one of them. With --as it is a user of the desk:
    passphrase and code are asked for without echo, or are two lines of standard input.

    Media that are left out are gone for good. Of a delivery that is held since its media do not
    fit, `release` sends what fits, and --without-media the text alone.
    """
    if bare and only is not None:
        raise click.UsageError("--without-media or --only, not both")
    order: dict[str, Any] = {"do": "release", "id": id}
    if bare or only is not None:
        order["only"] = _numbers(only) if only is not None else []
    if user is not None:
        order["as"] = proof_of(user)
    for answer in asked(path, order):
        if as_json:
            said(answer)
            continue
        waits = "you said so; it waits for a second person"
        click.echo(f"{answer['id'][:12]}: {waits if answer.get('waits') else 'released'}")
        for line in hiding_lines(answer):
            click.echo(line)


def _numbers(only: str) -> list[int]:
    """Numbers with commas between. Raises UsageError."""
    numbers = only.split(",")
    if not all(one.strip().isascii() and one.strip().isdigit() for one in numbers):
        raise click.UsageError("--only takes the numbers of media, with commas between: 1,3")
    return [int(one) for one in numbers]


@queue.command()
@click.argument("id")
@click.option("--destroy", is_flag=True, help="Also destroy its text, parts and media, at once.")
@common
def drop(path: Path, as_json: bool, id: str, destroy: bool) -> None:
    """End a message that is not public yet; it stays in the count as dropped.

    With --destroy nothing is kept of it, also if it has ended. What is public stays public.
    """
    done = "dropped, and destroyed" if destroy else "dropped"
    for answer in asked(path, {"do": "drop", "id": id, **({"destroy": True} if destroy else {})}):
        said(answer) if as_json else click.echo(
            f"{answer['id'][:12]}: {_STAYS if answer.get('public') else done}"
        )


_STAYS = "nothing of it is kept here; what is public stays: `relay queue withdraw` takes it back"


@queue.command()
@click.argument("id")
@click.option("--destination", default="", help="Where it was seen, if it is held in several.")
@click.option("--url", default="", help="Where it stands, to be kept with it.")
@common
def posted(path: Path, as_json: bool, id: str, destination: str, url: str) -> None:
    """Say that a doubtful delivery is public: you saw it on the platform. It is not sent again."""
    order = {"do": "posted", "id": id, "destination": destination, "url": url}
    for answer in asked(path, order):
        said(answer) if as_json else click.echo(f"{answer['id'][:12]}: counts as posted")


@queue.command()
@click.argument("id")
@click.option("--reply", type=int, metavar="N", help="Release this reply, as `show` numbers it.")
@click.option("--dismiss", is_flag=True, help="Release none of the replies that wait.")
@common
def answer(path: Path, as_json: bool, id: str, reply: int | None, dismiss: bool) -> None:
    """Let the sender of a message fetch a text, read from standard input, or a reply.

    Nothing is sent: it is given to who asks for it with ANSWERS and the code of the message. Links,
    numbers and mentions are taken out of a reply, and refused in a text of yours.
    """
    order: dict[str, Any] = {"do": "answer", "id": id}
    if reply is not None and dismiss:
        raise click.UsageError("--reply or --dismiss, not both")
    if reply is not None:
        order["reply"] = reply
    elif dismiss:
        order["dismiss"] = True
    else:
        order["text"] = _text()
    done = "the replies that wait are dismissed" if dismiss else "its sender may fetch that"
    for said_back in asked(path, order):
        said(said_back) if as_json else click.echo(f"{said_back['id'][:12]}: {done}")


def _text() -> str:
    """What stands on standard input. Raises UsageError."""
    try:
        text = sys.stdin.buffer.read(MOST_BYTES + 1).decode()
    except UnicodeDecodeError:
        raise click.UsageError("an answer is written in UTF-8") from None
    if len(text.encode()) > MOST_BYTES:
        raise click.UsageError(f"an answer has at most {MOST_BYTES} bytes")
    return text


@queue.command()
@click.argument("id")
@common
def withdraw(path: Path, as_json: bool, id: str) -> None:
    """Take a message back: out of the queue, off the page and off each platform that can.

    Ends with status 69 if something of it stays; then it may be tried again.
    """
    stayed = False
    for one in asked(path, {"do": "withdraw", "id": id}):
        stayed |= not one["gone"]
        if as_json:
            said(one)
            continue
        where = one["destination"] or "it"
        became = "is gone" if one["gone"] else f"STAYS ({one['why']})"
        click.echo(f"{one['id'][:12]}: {where} {became} {one['url']}".rstrip())
    if not as_json:
        click.echo("Copies that others made of what was public stay where they are.")
    if stayed:
        raise click.exceptions.Exit(NoNode.exit_code)


@queue.command("accept-loss")
@common
def accept_loss(path: Path, as_json: bool) -> None:
    """Say that you know of submissions missing from the disk; status stops reporting them."""
    for answer in asked(path, {"do": "accept-loss"}):
        said(answer) if as_json else click.echo(f"accepted the loss of {answer['accepted_loss']}")
