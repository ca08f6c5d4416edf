"""What is said of a bridge whose module cannot be imported, and what helps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relay.bridging import Unusable, class_of


@pytest.mark.parametrize("error", [ModuleNotFoundError, PermissionError])
def test_one_that_was_installed_while_the_node_ran_wants_a_restart(error: type[Exception]) -> None:
    with pytest.raises(Unusable, match="restart the node: a reload is not enough"):
        class_of(raising(error))


def test_of_any_other_fault_no_restart_is_promised() -> None:
    with pytest.raises(Unusable, match=r"cannot be imported: importerror$"):
        class_of(raising(ImportError))


def raising(error: type[Exception]) -> Callable[[], None]:
    """An entry point that cannot be loaded."""

    def load() -> None:
        raise error("a setting")

    return load
