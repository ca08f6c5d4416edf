"""What docs/said.md names exists."""

from __future__ import annotations

import pytest
from test_docs import exists, names


@pytest.mark.parametrize("name", names("docs/said.md"))
def test_every_name_exists(name: str) -> None:
    assert exists(name)
