"""The example of a third party's bridge, as a stranger installs it: tested there, then posting."""

from __future__ import annotations

import json
import shutil
import signal
import site
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
from conftest import listed, printed, relay, soon, status

from relay.errors import NoNode
from relay.testing.aside import aside
from relay.testing.ledger import marker
from relay.testing.nodes import Node, running
from relay.testing.recorder import Fault, recorder
from relay.testing.senders import post_sms, sms

EXAMPLE = Path(__file__).parent.parent.parent / "examples/outword-pigeon"

LOFT = """
[destinations.loft]
bridge = "pigeon"
url = "{url}"
token_file = "secrets/loft"
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of its own in which the example is installed beside Outword, without a network."""
    folder = tmp_path_factory.mktemp("stranger")
    venv.create(folder / "venv", symlinks=True)
    made = folder / "venv/bin/python"
    [packages] = (folder / "venv/lib").glob("python*/site-packages")
    ours = [repr(one) for one in site.getsitepackages()]
    (packages / "outword.pth").write_text(
        "".join(f"import site; site.addsitedir({one})\n" for one in ours)
    )
    shutil.copytree(
        EXAMPLE, folder / "outword-pigeon", ignore=shutil.ignore_patterns("__pycache__")
    )
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    done = ran(made, "-m", "pip", "install", "--quiet", *offline, str(folder / "outword-pigeon"))
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def ran(python: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, *words], capture_output=True, text=True, timeout=120, cwd=cwd)


@pytest.mark.slow  # the contract suite once more, in another environment
def test_its_own_tests_pass_where_it_is_installed(python: Path) -> None:
    tests = python.parent.parent.parent / "outword-pigeon/tests"
    done = ran(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests), cwd=tests.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_it_posts_from_a_node_that_names_it(
    python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(python))
    good = Fault(headers={"Content-Type": "application/json"}, body=b'{"id": "7"}')
    with aside(lambda: recorder(good=good)) as platform:
        url = platform.ask(lambda one: one.url)
        node = Node(tmp_path / "n", more=LOFT.format(url=url), destinations=("page", "loft"))
        node.write("secrets/loft", b"a-token")
        checked = relay(node, "check")
        assert checked.returncode == 0, checked.stderr.decode()
        assert b"of the package outword-pigeon" in checked.stderr
        with running(node):
            text = marker()
            assert post_sms(f"{node.url}/in/phone", sms(text, id=text), node.secret) == 200
            [made] = soon(lambda: platform.ask(lambda one: list(one.made)))
            assert json.loads(made.body)["text"] == text
            assert made.headers["authorization"] == "Bearer a-token"
            soon(lambda: status(node)["board"]["loft"]["posted"] == 1)
            [message] = [one for one in listed(node, everything=True) if one["channel"]]
            [_, loft] = printed(node, "queue", "preview", message["id"])
            part = {"text": text, "count": len(text), "most": 5000, "media": 0}
            assert (loft["destination"], loft["parts"]) == ("loft", [part])
            assert len(platform.ask(lambda one: list(one.made))) == 1
            assert "loft" in [one.get("alone") for one in status(node)["processes"]]


@pytest.mark.slow
def test_a_node_that_runs_takes_one_up_when_its_settings_are_read_again(
    python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(python))
    node = Node(tmp_path / "n")
    with running(node):
        assert [one["alone"] for one in status(node)["processes"] if one.get("alone")] == []
        written = node.file.read_text() + LOFT.format(url="http://127.0.0.1:9/in")
        node.file.write_text(written.replace('["page"]', '["page", "loft"]'))
        node.write("secrets/loft", b"a-token")
        assert node.process is not None
        node.process.send_signal(signal.SIGHUP)
        soon(lambda: board_of(node).get("loft", {}).get("state") == "works", 30)


def board_of(node: Node) -> dict[str, Any]:
    """The board; empty while no core answers."""
    try:
        return dict(status(node)["board"])
    except NoNode:
        return {}
