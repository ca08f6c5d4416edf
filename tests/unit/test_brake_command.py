"""``relay resume``: what it says of what it found."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from relay.cli.brake import resume


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"changed": True, "let_go": False}, "box goes on."),
        ({"changed": False, "let_go": False}, "box was not paused."),
        (
            {"changed": True, "let_go": True},
            "box goes on: what waited for its window goes out without order and pace.",
        ),
    ],
)
def test_what_is_resumed_is_told(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], said: str
) -> None:
    monkeypatch.setattr("relay.cli.brake.asked", lambda *_: [{**answer, "paused": {}}])
    done = CliRunner().invoke(resume, ["box"], catch_exceptions=False)
    assert done.output == f"{said}\n"
