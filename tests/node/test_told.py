"""The story of a reader who asks "is it really yours?", on a real node."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import relay, soon
from test_reload import reload

from relay.cli import relay as command_line
from relay.cli.common import asked
from relay.cli.look import status_of
from relay.errors import Asked, OutwordError
from relay.testing.nodes import SETTINGS, Node, running

OLD, NEW = "+15550100123", "+15550100999"
PUBLIC = (
    SETTINGS.format(destinations='"page"')
    .replace('addresses = ["post@example.org"]', 'addresses = ["post@example.org"]\npublic = true')
    .replace('secret_file = "secrets/phone"', f'secret_file = "secrets/phone"\nnumber = "{OLD}"')
    .replace(f'number = "{OLD}"', f'public = true\nnumber = "{OLD}"')
)


def told(node: Node, *words: str) -> tuple[int, str, str]:
    """Status, output and errors of a command, without starting a process."""
    done = CliRunner().invoke(command_line, [*words, "-c", str(node.file)])
    if isinstance(done.exception, OutwordError):
        return done.exception.exit_code, done.stdout, done.stderr + str(done.exception)
    return done.exit_code, done.stdout, done.stderr


def as_json(node: Node, *words: str) -> list[dict[str, Any]]:
    status, out, said = told(node, *words, "--json")
    assert status == 0, said
    return [json.loads(line) for line in out.splitlines()]


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
        [good] = as_json(node, "verify", statement)
        assert good["good"] and good["kind"] == "ways"
        assert [way["shown"] for way in good["ways"]] == ["post@example.org", OLD]

        forged = stranger / "ways.json"
        file = json.loads(fetched(statement))
        forged.write_text(json.dumps({**file, "signed": file["signed"][:-8] + "AAAAAAA="}))
        status, out, _ = told(node, "verify", "--json", str(forged))
        assert status == 65 and json.loads(out)["good"] is False
        status, out, said = told(node, "verify", str(forged))
        assert status == 65 and "not good" in said and not out
        other = "-".join(reversed(words.split("-")))
        assert told(node, "verify", "--key", other, statement)[0] == 65

        # Another number: the page says so, and what is old is gone.
        reload(node, node.file.read_text().replace(OLD, NEW))
        soon(lambda: shows(node, NEW))
        assert OLD.encode() not in b"".join(written(node).values())
        [good] = as_json(node, "verify", f"{node.url}/send/ways.json")
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
        status, out, said = told(node, "transports", "--print")
        assert status == 0 and "set public = true" in said and "set url in [http]" in said
        assert status_of(node.file)["page_key"].split("-")[0] in out
        [good] = as_json(node, "verify", f"{node.url}/send/ways.json")
        assert good["good"] and good["ways"] == []


def test_the_transports_are_listed_and_a_paper_is_printed(tmp_path: Path) -> None:
    address = PUBLIC.replace("[http]", '[http]\nurl = "https://news.example.org/"')
    with running(Node(tmp_path / "n", address)) as node:
        lines = as_json(node, "transports")
        assert [(one["name"], one["kind"], one["public"]) for one in lines] == [
            ("mail", "smtp", True),
            ("phone", "sms", True),
        ]
        assert {one["state"] for one in lines} == {"works"}
        assert "phone" in told(node, "transports")[1]
        [paper] = as_json(node, "transports", "--print")
        assert paper["url"] == "https://news.example.org"
        assert [way["shown"] for way in paper["ways"]] == ["post@example.org", OLD]
        file = tmp_path / "ways.json"
        file.write_text(paper["file"])
        [good] = as_json(node, "verify", str(file))
        assert good["good"] and good["day"] == paper["day"]
        text = relay(node, "transports", "--print").stdout.decode()
        html = told(node, "transports", "--print", "--format", "html")[1]
        for form in (text, html):
            assert OLD in form and "https://news.example.org/send/ways.json" in form
            assert paper["page_key"] in form
        assert "\x1b" not in text and "<svg" in html
        assert told(node, "transports", "--print", "--format", "svg")[0] != 0
        status, _, said = told(node, "transports", "test", "mail")
        assert status == 78 and "not built yet" in said


def test_without_a_node_there_is_nothing_to_print(tmp_path: Path) -> None:
    node = Node(tmp_path / "n", PUBLIC)
    os.makedirs(node.folder / "data")
    for words in (("transports",), ("transports", "--print")):
        status, out, _ = told(node, *words)
        assert status == 69 and not out
