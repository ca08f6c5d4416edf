"""Bridges of third parties in a real node: whatever they do stays in their own process.

One node has a good destination of ours and a channel each for a score of bad plug-ins. The good one
is posted to before and while all the others are at their worst.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import listed, relay, soon, status
from strangers import BADLY, modules, offered

from relay.testing.ledger import marker
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, post_sms, send_mail, sms

GOOD = 15
"""Posts that are timed, before and during."""

IN_SEND = ("raises", "leaves", "nonsense", "prints", "dies", "sleeps", "hangs", "deaf", "floods")
IN_SEND += ("forks", "hogs", "opens", "threads", "nosy", "huge", "quits", "garbage")
FAIL_AT_ONCE = {"raises", "leaves", "nonsense", "dies", "forks", "hogs", "opens", "threads"}
FAIL_AT_ONCE |= {"garbage"}
AT_START = ("missing", "sick", "wrong", "ends")

SECRET = "a-secret-in-the-wrong-place"
TOKEN = "the-token-of-nobody"

ENDS = "import os\nos._exit(0)\n"
RAISES = f"raise ImportError('{TOKEN}')\n"


@dataclass(frozen=True)
class Worst:
    """The node with all of them at their worst, and how long posts to the good one took."""

    node: Node
    strangers: Path
    before: list[float]
    during: list[float]
    texts: dict[str, str]
    ready: str


def settings() -> str:
    """A channel and a destination for each, and the mail addresses that lead there."""
    every = (*IN_SEND, *AT_START)
    named = ", ".join(f'"{one}@example.org" = "{one}-c"' for one in every)
    text = SETTINGS.format(destinations='"box"')
    text = text.replace(
        'channel = "news"\naddresses = ["post@example.org"]', f"addresses = {{ {named} }}"
    )
    text += '\n[destinations.box]\nbridge = "folder"\nfolder = "box"\n'
    for one in every:
        more = {"hangs": 'deadline = "2s"', "deaf": 'deadline = "2s"'}
        more |= {"floods": 'deadline = "3s"', "wrong": f'colour = "{SECRET}"'}
        text += f'\n[destinations.{one}]\nbridge = "bad-{one}"\n{more.get(one, "")}\n'
        text += f'folder = "own/{one}"\n'
        text += f'[channels.{one}-c]\ndestinations = ["{one}"]\nreview = "none"\n'
        text += 'delay = ["0s", "0s"]\n'
    return text


def bad_birds(folder: Path) -> Path:
    """What a stranger's package is after it was installed."""
    classes = {f"bad-{name}": f"badly:{name.capitalize()}" for name in (*IN_SEND, *AT_START)}
    classes |= {"bad-wrong": "badly:Good", "bad-missing": "not_whole:X", "bad-ends": "ends:X"}
    modules(folder, badly=BADLY.read_text(), ends=ENDS, not_whole=RAISES)
    return offered(folder, "bad-birds", classes)


def posts(node: Node, times: int) -> list[float]:
    """Seconds that posts to the good destination took, one after the other."""
    took, box = [], node.folder / "box"
    for _ in range(times):
        text = marker()
        began, there = time.monotonic(), len(os.listdir(box))
        assert post_sms(f"{node.url}/in/phone", sms(text, id=text), node.secret) == 200
        while len(os.listdir(box)) == there:
            assert time.monotonic() - began < 60
            time.sleep(0.002)
        took.append(time.monotonic() - began)
    return took


@pytest.fixture(scope="module")
def worst(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worst]:
    folder = tmp_path_factory.mktemp("plug-ins")
    strangers = bad_birds(folder / "strangers")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(strangers))
        patched.setenv("SECRET_OF_THE_SERVICE", SECRET)
        node = Node(folder / "n", settings())
        (node.folder / "box").mkdir(parents=True)
        with running(node):
            ready = " ".join(node.at)
            before = posts(node, GOOD)
            texts = {one: marker() for one in IN_SEND}
            for one, text in texts.items():
                to = f"{one}@example.org"
                assert send_mail(*node.mail, mail(text, to=to), to=to)
            soon(lambda: status(node)["board"]["prints"]["posted"] == 1)
            yield Worst(node, strangers, before, posts(node, GOOD), texts, ready)


def delivery(worst: Worst, to: str) -> dict[str, Any]:
    """What became of the post for one of them."""
    [row] = [one for one in listed(worst.node, everything=True) if one["destination"] == to]
    return row


def board(worst: Worst, name: str) -> dict[str, Any]:
    return dict(status(worst.node)["board"][name])


def own(worst: Worst, name: str, file: str) -> Path:
    """A file in the folder that one of them has for itself."""
    return worst.node.folder / "own" / name / file


def behind(pid: int) -> list[int]:
    """The processes that this one has started and that live."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in children.read_text().split()] if children.exists() else []


def called(pid: int) -> str:
    """What a process calls itself."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


def pids(worst: Worst) -> dict[str, int]:
    """The outlets that serve one destination alone, as they are now."""
    return {one["alone"]: one["pid"] for one in status(worst.node)["processes"] if one.get("alone")}


# ---------------------------------------------------------------- the others


def test_the_node_is_ready_and_the_good_destination_goes_on(worst: Worst) -> None:
    assert worst.ready.split() == ["mail", "http"]
    assert board(worst, "box")["state"] == "works"
    soon(lambda: board(worst, "box")["posted"] >= 2 * GOOD)
    assert board(worst, "box")["failed"] == 0


def test_others_wait_no_longer_while_plug_ins_are_at_their_worst(worst: Worst) -> None:
    before, during = statistics.median(worst.before), statistics.median(worst.during)
    assert during < 10 * before, f"{during / before:.1f} times as long"


def test_each_has_a_process_of_its_own_and_ours_share_one(worst: Worst) -> None:
    alive = soon(lambda: len(found := pids(worst)) >= len(IN_SEND) and found, 30)
    assert len(set(alive.values())) == len(alive)
    outlets = [one for one in status(worst.node)["processes"] if one["role"] == "outlet"]
    assert len([one for one in outlets if not one["alone"]]) == 1


# ---------------------------------------------------------------- a send that goes wrong


@pytest.mark.parametrize(
    "name",
    [
        "raises",
        "leaves",
        "nonsense",
        "dies",
        "hogs",
        "forks",
        "opens",
        "threads",
        "garbage",
    ],
)
def test_a_send_that_fails_is_in_doubt_and_counted(worst: Worst, name: str) -> None:
    soon(lambda: delivery(worst, name)["state"] == "held")
    assert board(worst, name)["failed"] >= 1
    assert board(worst, name)["posted"] == 0


@pytest.mark.parametrize("name", ["hangs", "deaf", "floods"])
def test_a_send_past_its_deadline_is_in_doubt(worst: Worst, name: str) -> None:
    soon(lambda: delivery(worst, name)["state"] == "held", 30)


def test_a_send_that_blocks_its_process_is_ended_with_it(worst: Worst) -> None:
    soon(lambda: delivery(worst, "sleeps")["state"] == "held", 30)
    assert "outlet.sleeps was silent" in worst.node.log.read_text()
    soon(lambda: "sleeps" in pids(worst))


def test_what_is_made_of_a_post_without_measure_is_not_kept(worst: Worst) -> None:
    row = soon(lambda: (row := delivery(worst, "huge"))["why"] and row, 30)
    assert (row["state"], row["why"]) == ("waiting", "its bridge could not prepare it")
    assert "core ended" not in worst.node.log.read_text()


def test_one_that_closes_its_own_socket_is_ended_and_posts_again(worst: Worst) -> None:
    first = soon(lambda: board(worst, "quits")["posted"])
    to = "quits@example.org"
    assert send_mail(*worst.node.mail, mail(marker(), to=to), to=to)
    soon(lambda: board(worst, "quits")["posted"] > first)


def test_what_is_kept_without_end_is_slowed_down(worst: Worst) -> None:
    soon(lambda: delivery(worst, "floods")["state"] == "held", 30)
    kept = own(worst, "floods", "notes").read_text().count("kept")
    assert 1 <= kept < 16 + 3 / 0.05 + 10


def test_a_plug_in_starts_neither_a_program_nor_a_copy_of_itself(worst: Worst) -> None:
    soon(lambda: delivery(worst, "forks")["state"] == "held")
    assert own(worst, "forks", "notes").read_text().split() == ["tried"]
    assert "sleep" not in map(called, behind(worst.node.process.pid))  # type: ignore[union-attr]


def test_what_a_plug_in_says_that_is_no_frame_ends_it_and_nothing_else(worst: Worst) -> None:
    soon(lambda: delivery(worst, "garbage")["state"] == "held")
    assert "outlet.garbage sent something that is no frame" in worst.node.log.read_text()


def test_what_a_plug_in_prints_is_nowhere(worst: Worst) -> None:
    assert board(worst, "prints")["posted"] == 1
    told = worst.node.log.read_text() + str(status(worst.node))
    assert not [one for one, text in worst.texts.items() if text in told]
    assert TOKEN not in told and SECRET not in told


def test_a_plug_in_sees_no_variable_of_the_environment(worst: Worst) -> None:
    notes = own(worst, "nosy", "notes")
    soon(notes.exists)
    assert notes.read_text().split() == ["seen:"]


# ---------------------------------------------------------------- one that does not start


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing", "its bridge cannot be imported: importerror"),
        ("sick", "its bridge failed: runtimeerror"),
        ("wrong", "its settings: colour is not a key we know"),
    ],
)
def test_one_that_cannot_post_says_why_on_the_board(worst: Worst, name: str, why: str) -> None:
    soon(lambda: board(worst, name)["state"] == "login")
    assert board(worst, name)["why"] == why


def test_one_that_ends_over_and_over_is_started_ever_less_often(worst: Worst) -> None:
    soon(lambda: board(worst, "ends")["state"] == "login", 30)
    assert "times at its start" in board(worst, "ends")["why"]
    assert board(worst, "ends")["failed"] > 3
    assert worst.node.log.read_text().count("outlet.ends ended") < 14


def test_a_module_is_imported_behind_the_outlet_of_its_destination_alone(worst: Worst) -> None:
    ours = {one["pid"] for one in status(worst.node)["processes"]}
    ours |= {worst.node.process.pid}  # type: ignore[union-attr]
    assert not [pid for pid in ours if called(pid) == "badly imported"]
    for one in ("raises", "nosy", "sick"):
        [plug_in] = behind(pids(worst)[one])
        assert called(plug_in) == "badly imported"


# ---------------------------------------------------------------- relay check


def test_relay_check_imports_nothing_and_looks_at_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(bad_birds(tmp_path / "strangers")))
    one = '\n[destinations.bad]\nbridge = "bad-wrong"\ncolour = "red"\ntoken_file = "secrets/bad"\n'
    node = Node(tmp_path / "n", SETTINGS.format(destinations='"bad"') + one)
    node.write("secrets/bad", b"token").chmod(0o644)
    done = relay(node, "check")
    assert done.returncode == 78 and b"destinations.bad.token_file" in done.stderr
    (node.folder / "secrets/bad").chmod(0o600)
    done = relay(node, "check")
    assert done.returncode == 0, done.stderr.decode()
    assert b"of the package bad-birds: its settings are checked when it starts" in done.stderr


def test_relay_login_says_whose_code_runs_and_puts_nothing_in_place_that_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(bad_birds(tmp_path / "strangers")))
    one = f'\n[destinations.bad]\nbridge = "bad-wrong"\ncolour = "{SECRET}"\n'
    one += 'token_file = "secrets/bad"\n'
    node = Node(tmp_path / "n", SETTINGS.format(destinations='"bad"') + one)
    node.write("secrets/bad", b"token").chmod(0o600)
    done = relay(node, "login", "bad", stdin=b"another\n")
    assert done.returncode == 65 and SECRET.encode() not in done.stderr
    said, refused = done.stderr.decode().splitlines()
    assert "a bridge of the package bad-birds 1.0" in said
    assert refused == "relay: its settings: colour is not a key we know; the old secret stays"
    assert (node.folder / "secrets/bad").read_bytes() == b"token"


# ---------------------------------------------------------------- the end


def test_a_node_full_of_them_stops_in_order(worst: Worst) -> None:
    alive = [*pids(worst).values()]
    assert worst.node.stop() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in alive)
