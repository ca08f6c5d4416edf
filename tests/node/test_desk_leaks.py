"""What people at the desk write, and who they are, stands in no file and no log, sealed or not read
by anybody; nor in what a process shows of itself."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import soon
from hunting import disk, found_in
from test_desk_people import DESK, PASSPHRASE, Visitor, code, joins, link_for

from relay.cli.common import asked
from relay.cli.look import status_of
from relay.testing.ledger import marker
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, send_mail

pytestmark = pytest.mark.slow  # the parts are shown by test_audit.py, test_users.py, test_sheets.py

POST = "post@example.org"
HANDLE = "qzhandlevkj"


class Editor(Visitor):
    """Somebody who is signed in, and sends forms."""

    def sends(self, path: str, **fields: str) -> None:
        _, page = self.ask("GET", "/preferences")
        csrf = re.findall(r'name="csrf" value="([^"]*)"', page)[0]
        form = {"csrf": csrf, "token": secrets.token_hex(16), **fields}
        status, where = self.ask("POST", path, form)
        assert status == 303, where


def message(node: Node, said: str) -> str:
    answers = list(asked(node.file, {"do": "cards", "after": 0}))
    cards = [card for one in answers for card in one.get("cards", ()) if said in card["text"]]
    return str(cards[0]["id"]) if cards else ""


def shown(node: Node) -> list[tuple[str, bytes]]:
    """What every process of it shows of itself."""
    places = []
    for one in status_of(node.file)["processes"]:
        for name in ("cmdline", "comm", "environ"):
            content = (Path("/proc") / str(one["pid"]) / name).read_bytes()
            places.append((f"{name} of {one['role']}", content))
    return places


def test_nothing_that_is_written_at_the_desk_stands_anywhere(tmp_path: Path) -> None:
    settings = SETTINGS.format(destinations='"page"').replace('review = "none"', 'review = "all"')
    node = Node(tmp_path / "n", settings + DESK.replace("[desk]\n", '[desk]\noutbox = "0s"\n'))
    said = {
        what: f"qz{what}{marker()}"
        for what in ("mail", "note", "question", "why", "words", "day", "shift", "reason", "search")
    }
    with running(node):
        path = link_for(node, HANDLE, "editor")
        ada = Editor(node)
        phone = joins(ada, path)
        asked_of(node, {"do": "users", "change": HANDLE, "roles": ["editor", "operator"]})
        proof = {"name": HANDLE, "passphrase": PASSPHRASE, "code": code(phone, 1)}
        assert ada.fills_in("/sign-in", **proof)[0] == 303
        assert send_mail(*node.mail, mail(f"it says {said['mail']}", to=POST), to=POST)
        id = soon(lambda: message(node, said["mail"]))
        soon(lambda: ada.ask("GET", f"/messages/{id}")[0] == 200)
        at = f"/messages/{id}"
        ada.sends(f"{at}/note", text=said["note"])
        ada.sends(f"{at}/ask", text=said["question"])
        ada.sends(f"{at}/rewrite", title="", text=said["words"])
        ada.sends(f"{at}/drop", why=said["why"])
        ada.sends("/asides", channel="news", word=said["day"])
        ada.sends("/asides", typed=f"{said['reason']}.example", hours="1")
        ada.sends("/shift", text=said["shift"])
        assert ada.ask("GET", f"/search?q={quote(said['search'])}")[0] == 200
        [shows] = asked(node.file, {"do": "show", "id": id})
        assert {said["note"], said["why"]} == {one["text"] for one in shows["sheet"]["notes"]}
        assert [one["text"] for one in shows["sheet"]["questions"]] == [said["question"]]
        assert (shows["text"], shows["state"]) == (said["words"], "dropped")
        known = {
            **said,
            "handle": HANDLE,
            "passphrase": PASSPHRASE,
            "link": path.rsplit("/", 1)[1],
            **{name: value for name, value in ada.cookies.items() if len(value) > 12},
        }
        assert found_in(shown(node), known) == []
        assert found_in(disk(node.folder), known) == []
    assert found_in(disk(node.folder), known) == []


def asked_of(node: Node, order: Mapping[str, object]) -> None:
    assert list(asked(node.file, order))
