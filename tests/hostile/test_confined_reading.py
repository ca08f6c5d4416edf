"""A reader that may open nothing reads as it did before, whatever a mail makes Python look for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def test_a_confined_reader_reads_every_charset_as_any_other_and_opens_nothing() -> None:
    paths = os.pathsep.join([str(HERE.parent), str(HERE / "parts")])
    run = subprocess.run(
        [sys.executable, str(HERE / "parts" / "reading_confined.py")],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        check=True,
    )
    found = json.loads(run.stdout)
    assert found["read"] > 600
    assert found["other"] == [] and found["opened"] == []
