"""A table on any terminal: what is needed to act, a name or an id, is never cut.

Where a table does not fit, each row becomes a few lines. In a pipe a row is one line, however long:
who reads there has no width. Cells are shown as they are; none is taken for markup.
"""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

GAP = 2
"""Columns of blanks that a cell has around it."""

LEAST = 20
"""Columns in which the last cell of a row, which may be a sentence, can still be read."""


def fits(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether ``show_table`` has a line for each row here; in a pipe it always has."""
    console, widths = _console(), _widths(heads, rows)
    room = console.width - sum(widths[:-1])
    return not console.is_terminal or room >= min(widths[-1], LEAST)


def show_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their heads. Only the last column is ever broken into lines."""
    console, widths = _console(), _widths(heads, rows)
    if not console.is_terminal:
        console.width = sum(widths)
    if not fits(heads, rows):
        _one_below_another(heads, rows)
        return
    if console.width >= sum(widths):
        _line_by_line(heads, rows, widths)
        return
    table = Table(box=None)
    for head in heads[:-1]:
        table.add_column(head, no_wrap=True)
    table.add_column(heads[-1], overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _console() -> Console:
    return Console(markup=False, emoji=False, highlight=False)


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[int]:
    columns = zip(heads, *rows, strict=True)
    return [max(map(cell_len, column)) + GAP for column in columns]


def _line_by_line(
    heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> None:
    """As rich has it, without its work on each cell: ten thousand rows are there in a moment."""

    def line(cells: Sequence[str]) -> str:
        return "".join(
            f" {cell}" + " " * (width - cell_len(cell) - 1)
            for cell, width in zip(cells, widths, strict=True)
        )

    click.secho(line(heads), bold=True)
    click.echo("".join(f"{line(row)}\n" for row in rows), nl=False)


def _one_below_another(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for first, *rest in rows:
        click.echo(first)
        for head, cell in zip(heads[1:], rest, strict=True):
            if cell:
                click.echo(f"  {head}: {cell}")
