"""Eight days later: what came with a message is gone, and what was made of it is not.

Time is moved by libfaketime (Debian: faketime), which the node's processes load.
"""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from conftest import listed, shown, soon, status
from media_parts import jpeg

from relay.cli.common import asked
from relay.testing.nodes import Node, running
from relay.testing.senders import send_mail

POST = "post@example.org"
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


@pytest.mark.slow
@pytest.mark.skipif(LIBRARY is None, reason="apt-get install faketime")
def test_what_came_is_destroyed_after_seven_days_and_counted(tmp_path: Path) -> None:
    node = Node(tmp_path / "n")
    node.file.write_text(node.file.read_text().replace("[spool]", '[spool]\nkeep = "30d"'))
    with running(node):
        for n in range(2):
            written = EmailMessage()
            written["From"], written["To"] = "someone@example.net", POST
            written.set_content(f"the bridge, seen {'twice' if n else 'once'}\n")
            written.add_attachment(jpeg(), maintype="image", subtype="jpeg")
            raw = written.as_bytes().replace(b"\n", b"\r\n")
            assert send_mail(*node.mail, raw, to=POST)
        soon(lambda: status(node)["held"] == 2)
        first, second = (row["id"] for row in listed(node))
        list(asked(node.file, {"do": "release", "id": first}))
        soon(lambda: status(node)["posted"] == 1)
        assert node.stop() == 0
    node.boots()
    later = {"LD_PRELOAD": str(LIBRARY), "FAKETIME": "+8d", "FAKETIME_DONT_RESET": "1"}
    with running(node, env=later):
        soon(lambda: not shown(node, first)["originals_kept"])
        decided, undecided = shown(node, first), shown(node, second)
        assert [one["n"] for one in decided["media"]] == [1]
        assert undecided["originals_kept"] and undecided["originals_until"] is None
        assert "what came with 1 messages, as it came" in node.log.read_text()
        assert node.stop() == 0
