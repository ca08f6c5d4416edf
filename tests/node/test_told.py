"""The story of a reader who asks "is it really yours?", on a real node."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path

import pytest
from conftest import printed, relay, soon
from test_reload import reload

from relay.cli.common import asked
from relay.cli.look import status_of
from relay.errors import Asked
from relay.testing.nodes import SETTINGS, Node, running

OLD, NEW = "+15550100123", "+15550100999"
PUBLIC = (
    SETTINGS.format(destinations='"page"')
    .replace('addresses = ["post@example.org"]', 'addresses = ["post@example.org"]\npublic = true')
    .replace('secret_file = "secrets/phone"', f'secret_file = "secrets/phone"\nnumber = "{OLD}"')
    .replace(f'number = "{OLD}"', f'public = true\nnumber = "{OLD}"')
)


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def shows(node: Node, number: str) -> bool:
    page = node.folder / "public/send/index.html"
    return page.exists() and number in page.read_text()


def written(node: Node) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in (node.folder / "public").rglob("*")
        if path.is_file()
    }


def test_whoever_has_the_words_can_tell_that_the_ways_are_ours(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n", PUBLIC)) as node:
        soon(lambda: shows(node, OLD))
        html = fetched(f"{node.url}/send")  # without its slash: a step away
        assert "post@example.org" in html and OLD in html
        assert html == fetched(f"{node.url}/send/")
        soon(lambda: "send/index.html" in fetched(f"{node.url}/"))
        words = status_of(node.file)["page_key"]
        assert "-".join(words.split("-")[:4]) in html
        stranger = tmp_path / "elsewhere"  # the reader has no relay.toml
        stranger.mkdir()
        statement = f"{node.url}/send/ways.json"
        done = relay(stranger / "relay.toml", "verify", "--key", words, statement)
        assert done.returncode == 0 and OLD in done.stdout.decode()
        assert b"good: the ways in, signed on" in done.stdout
        [good] = printed(node, "verify", statement)
        assert good["good"] and good["kind"] == "ways"
        assert [way["shown"] for way in good["ways"]] == ["post@example.org", OLD]

        forged = stranger / "ways.json"
        file = json.loads(fetched(statement))
        forged.write_text(json.dumps({**file, "signed": file["signed"][:-8] + "AAAAAAA="}))
        done = relay(node, "verify", "--json", str(forged))
        assert done.returncode == 65 and json.loads(done.stdout)["good"] is False
        done = relay(node, "verify", str(forged))
        assert done.returncode == 65 and b"not good" in done.stderr and not done.stdout
        other = "-".join(reversed(words.split("-")))
        assert relay(node, "verify", "--key", other, statement).returncode == 65

        # Another number: the page says so, and what is old is gone.
        reload(node, node.file.read_text().replace(OLD, NEW))
        soon(lambda: shows(node, NEW))
        assert OLD.encode() not in b"".join(written(node).values())
        [good] = printed(node, "verify", f"{node.url}/send/ways.json")
        assert [way["shown"] for way in good["ways"]] == ["post@example.org", NEW]

        # Locked: nobody can sign, so the page of before stays as it is, and no paper is printed.
        before = written(node)
        (node.folder / "secrets/passphrase").rename(node.folder / "passphrase")
        reload(node, node.file.read_text().replace(NEW, OLD))
        soon(lambda: _standing(node) == "locked")
        assert {path: one for path, one in written(node).items() if "/send/" in path} == {
            path: one for path, one in before.items() if "/send/" in path
        }
        assert "send/index.html" in fetched(f"{node.url}/")
        with pytest.raises(Asked, match="unlock"):
            list(asked(node.file, {"do": "ways"}))
        relay(node, "unlock", stdin=(node.folder / "passphrase").read_bytes())
        soon(lambda: shows(node, OLD))
        assert NEW.encode() not in b"".join(written(node).values())


def _standing(node: Node) -> str:
    try:
        return str(status_of(node.file)["standing"])
    except Exception:
        return ""


def test_a_node_that_tells_nobody_says_so_and_prints_its_key(tmp_path: Path) -> None:
    with running(Node(tmp_path / "n")) as node:
        soon(lambda: (node.folder / "public/send/index.html").exists())
        assert "names no way to write to us" in fetched(f"{node.url}/send/")
        done = relay(node, "transports", "--print")
        assert done.returncode == 0 and b"set public = true" in done.stderr
        assert b"set url in [http]" in done.stderr
        assert status_of(node.file)["page_key"].split("-")[0] in done.stdout.decode()
        [good] = printed(node, "verify", f"{node.url}/send/ways.json")
        assert good["good"] and good["ways"] == []


def test_the_transports_are_listed_and_a_paper_is_printed(tmp_path: Path) -> None:
    address = PUBLIC.replace("[http]", '[http]\nurl = "https://news.example.org/"')
    with running(Node(tmp_path / "n", address)) as node:
        lines = printed(node, "transports")
        assert [(one["name"], one["kind"], one["public"]) for one in lines] == [
            ("mail", "smtp", True),
            ("phone", "sms", True),
        ]
        assert {one["state"] for one in lines} == {"works"}
        assert b"phone" in relay(node, "transports").stdout
        [paper] = printed(node, "transports", "--print")
        assert paper["url"] == "https://news.example.org"
        assert [way["shown"] for way in paper["ways"]] == ["post@example.org", OLD]
        file = tmp_path / "ways.json"
        file.write_text(paper["file"])
        [good] = printed(node, "verify", str(file))
        assert good["good"] and good["day"] == paper["day"]
        text = relay(node, "transports", "--print").stdout.decode()
        html = relay(node, "transports", "--print", "--format", "html").stdout.decode()
        for form in (text, html):
            assert OLD in form and "https://news.example.org/send/ways.json" in form
            assert paper["page_key"] in form
        assert "\x1b" not in text and "<svg" in html
        assert relay(node, "transports", "--print", "--format", "svg").returncode == 64
        done = relay(node, "transports", "test", "mail")
        assert done.returncode == 78 and b"not built yet" in done.stderr


def test_without_a_node_there_is_nothing_to_print(tmp_path: Path) -> None:
    node = Node(tmp_path / "n", PUBLIC)
    os.makedirs(node.folder / "data")
    for words in (("transports",), ("transports", "--print")):
        done = relay(node, *words)
        assert done.returncode == 69 and not done.stdout
