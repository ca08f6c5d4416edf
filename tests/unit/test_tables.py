"""Tables: a name that is needed to act is never cut, however narrow the terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.console import Console

from relay.cli.tables import show_table

HEADS = ("id", "state", "why")
WHY = "put [tls] there; a long reason that does not fit into forty columns"
ROWS = [("ca1a9d12a958", "held", WHY)]


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    def console(**options: bool) -> Console:
        return Console(width=width, force_terminal=True, color_system=None, **options)

    monkeypatch.setattr("relay.cli.tables.Console", console)


def test_a_row_is_one_line_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(HEADS, [("ca1a9d12a958", "held", WHY * 10)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and WHY * 10 in lines[1]


# 14 columns for the id with its gap, 7 for the state; the last needs 20
@pytest.mark.parametrize(("width", "lines"), [(41, 5), (40, 3)])
def test_a_narrow_terminal_has_whole_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int, lines: int
) -> None:
    on_a_terminal(monkeypatch, width)
    show_table(HEADS, ROWS)
    out = capsys.readouterr().out
    assert len(out.splitlines()) == lines
    assert "ca1a9d12a958" in out and "held" in out and "[tls]" in out and "…" not in out


def test_below_another_empty_cells_are_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_a_terminal(monkeypatch, 20)
    show_table(HEADS, [("ca1a9d12a958", "", "review")])
    assert capsys.readouterr().out == "ca1a9d12a958\n  why: review\n"


def test_columns_stand_one_below_another_also_beside_wide_signs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_table(HEADS, [("ca1a", "held", "review"), ("日本", "waiting", "")])
    lines = capsys.readouterr().out.splitlines()
    words = ("state", "held", "waiting")
    assert [cell_len(a.partition(b)[0]) for a, b in zip(lines, words, strict=True)] == [7, 7, 7]
