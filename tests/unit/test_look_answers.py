"""What `relay status` tells people of answers: counts, and only where there are any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from relay.cli.look import status
from relay.model import State

STATUS = {
    "node": "n1", "role": "entry", "standing": "ok", "paused": {}, "board": {}, "accepted": 0,
    "page_key": "", "repeats": 0, "turned_away": 0, "lost": 0, **{one.value: 0 for one in State},
}  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"answered": 3, "capped": 0, "failed": 0, "forgotten": 1}, "3 answered, 1 forgotten"),
        ({"answered": 0, "capped": 0, "failed": 0, "forgotten": 0}, ""),
    ],
)
def test_what_became_of_answers_is_told(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, int], said: str
) -> None:
    def asked(_: Path, order: dict[str, Any]) -> list[dict[str, Any]]:
        return [{**STATUS, "answers": answers}]

    monkeypatch.setattr("relay.cli.look.asked", asked)
    output = CliRunner().invoke(status, []).output
    assert "accepted" in output
    assert (
        (f"answers to senders since the start: {said}" in output)
        if said
        else ("answers" not in output)
    )
