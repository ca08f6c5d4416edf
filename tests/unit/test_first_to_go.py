"""Where memory ends, the kernel ends who opens what people sent, and the core goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from relay.node.child import FIRST, harden, settle_in

NOBODY = 65534


def settled(role: str) -> tuple[int, bool]:
    """What the kernel thinks of a child of that role, and whether its files are its user's own."""
    parent, (said, say), (told, tell) = os.getpid(), os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() == 0:  # it has to be heard without any rights as well
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            harden()  # as the launcher is from which it comes
            settle_in(role, parent)
            os.write(say, b".")
            os.close(tell)
            os.read(told, 1)
        finally:
            os._exit(0)
    os.close(say)
    try:
        assert os.read(said, 1) == b"."
        own = Path(f"/proc/{pid}/oom_score_adj")
        return int(own.read_text()), own.stat().st_uid != 0
    finally:
        os.close(tell)
        os.waitpid(pid, 0)
        os.close(said)
        os.close(told)


@pytest.mark.parametrize("role", ["reader", "cleaner"])
def test_a_reader_and_a_cleaner_go_before_the_core(role: str) -> None:
    ours = int(Path("/proc/self/oom_score_adj").read_text())
    assert settled("core")[0] == ours
    assert settled(role) == (max(FIRST, ours), False)  # and nobody looks into them
