"""Nothing that Python says by itself quotes anybody: every hook is made to speak, with a marker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from relay.testing.nodes import Node, running

MARKER = "qzmarkervkj"
HEAD = """
import asyncio, logging, sys, threading, warnings
from relay.journal import Journal, hush, silence_libraries

words = "".join(("qz", "marker", "vkj")) + " +98 912 345 6789"

def raises():
    local = words
    raise ValueError(local)
"""
HUSHED = HEAD + "journal = Journal('core')\nsilence_libraries(journal)\nhush(journal)\n"

SPEAKS = {
    "a thread": """
thread = threading.Thread(target=raises)
thread.start()
thread.join()
""",
    "what is finalised": """
class Gone:
    def __del__(self):
        raises()
Gone()
""",
    "a warning": "warnings.warn(words)",
    "a warning about what was not closed": """
warnings.simplefilter("always")
warnings.warn(words, ResourceWarning, source=words)
""",
    "the main program": "raises()",
    "a task that nobody waited for": """
async def task():
    raises()

async def main():
    asyncio.get_running_loop().create_task(task(), name=words)
    await asyncio.sleep(0)
asyncio.run(main(), debug=True)
import gc; gc.collect()
""",
    "a library with a handler of its own": """
logger = logging.getLogger("library")
logger.addHandler(logging.StreamHandler(sys.stdout))
try:
    raises()
except ValueError:
    logger.exception("%s", words, stack_info=True)
logger.warning("GET https://user:%s@example.org/?q=%s", words, words)
""",
    "a library that sets logging up": """
logging.basicConfig(level=logging.DEBUG, force=True, format="%(message)s %(exc_text)s")
logging.getLogger("httpx").info("GET %s", words)
logging.error(words, exc_info=ValueError(words))
""",
}


def said(script: str) -> bytes:
    """Everything that a process says."""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60)
    return ran.stdout + ran.stderr


def test_a_hook_that_was_left_alone_would_quote() -> None:
    assert MARKER.encode() in said(HEAD + SPEAKS["a thread"])


def test_no_hook_says_a_word_of_what_it_was_given() -> None:
    last = SPEAKS["the main program"]
    everything = "\n".join(script for script in SPEAKS.values() if script is not last) + "\n" + last
    heard = said(HUSHED + everything)
    assert MARKER.encode() not in heard and b"98 912" not in heard
    assert b"relay: a fault that nothing took up: valueerror in ?" in heard  # "<string>" is no name
    assert b"relay: a library warned: asyncio" in heard
    assert b"userwarning" in heard


FAULTY = """
import sys, os
if "relay" in sys.orig_argv:
    import threading, warnings
    from relay.node import child

    settle_in = child.settle_in

    def faulty(label, launcher):
        settle_in(label, launcher)
        words = "".join(("qz", "marker", "vkj"))

        def raises():
            raise ValueError(words)

        class Gone:
            def __del__(self):
                raises()

        thread = threading.Thread(target=raises)
        thread.start()
        thread.join()
        Gone()
        warnings.warn(words)
        with open(os.environ["ROLES"], "a") as roles:
            roles.write(label + "\\n")

    child.settle_in = faulty
    from relay.node import launcher
    launcher.settle_in = faulty
"""


@pytest.mark.slow
def test_no_process_of_a_node_does(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(FAULTY)
    node = Node(tmp_path / "n")
    env = {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        "ROLES": str(tmp_path / "roles"),
    }
    with running(node, env=env):
        assert node.stop() == 0
    roles = set((tmp_path / "roles").read_text().split())
    assert {"core", "door", "outlet", "reader"} <= roles
    heard = node.log.read_bytes()
    assert MARKER.encode() not in heard
    assert heard.count(b"a fault that nothing took up: valueerror") >= 4


def test_a_command_that_fails_says_what_kind_of_fault_and_where() -> None:
    script = HEAD + (
        "import click\nfrom relay import cli\n"
        "cli.relay.add_command(click.Command('faulty', callback=raises))\n"
        "sys.argv = ['relay', 'faulty']\ncli.main()\n"
    )
    heard = said(script)
    assert MARKER.encode() not in heard
    assert b"a fault of ours" in heard and b"valueerror" in heard
