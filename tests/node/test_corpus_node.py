"""The corpus through a real node, over real sockets, while somebody honest writes as always.

Mails by SMTP and by LMTP, webhooks with good signatures, the form, whole requests that are none,
pictures and films; from four sides at once. Each is refused with an answer, or is accepted and has
a state; the core lives, the sum adds up, and who is honest is served.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from attacked import Honest, Watch, beside, handed_over, page_has, said_to, settings
from corpus import Corpus
from hostile_bombs import BOMBS
from hostile_files import FILES, attached
from hostile_mails import MAILS
from hostile_media import FILMS, PICTURES
from hostile_webhooks import BY_FORM, BY_JSON, FORMS, JSONS, MULTIPARTS, REQUESTS, Sign
from hostile_words import WORDS
from looking import soon, status

from relay.model import State
from relay.testing.nodes import Node, running
from relay.testing.senders import request

MIB = 1024 * 1024
QUIET = 20
"""Mails of somebody honest before the attack."""

PART = 20
"""Of the corpus, every so many are tried in a default run; all of it takes minutes."""

SMALL = 100_000
"""Bytes of the largest input of a default run."""

SECRET = "0123456789abcdef0123456789abcdef"
AT_PATH = 'path_secret_file = "secrets/path"\n'
KEY = 'secret_file = "secrets/phone"\n'
GATEWAYS = {
    "android": KEY,
    "infobip": AT_PATH,
    "africastalking": AT_PATH,
    "smssync": KEY + AT_PATH,
    "kannel": AT_PATH,
    "vonage": KEY + 'account = "AC00000000000000000000000000000001"\n',
}

GROWS = {"core": 192 * MIB, "door": 128 * MIB, "outlet": 64 * MIB, "launcher": 16 * MIB}
"""Bytes of PSS by which each may be larger than before. The core passes frames of 16 MiB on."""


@dataclass
class Attack:
    """What was heard in answer to each input, and what others saw meanwhile."""

    node: Node
    quiet: Honest
    honest: Honest
    watch: Watch
    before: Mapping[str, int]
    codes: dict[str, int] = field(default_factory=dict)
    """Of mails, by their names: the code of SMTP or LMTP."""
    statuses: dict[str, int] = field(default_factory=dict)
    """Of webhooks and forms: the status of HTTP."""
    heard: dict[str, bytes] = field(default_factory=dict)
    """Of whole requests: all that came back."""
    after: dict[str, Any] = field(default_factory=dict)
    took_s: float = 0.0


Fires = Callable[[Attack], None]


def mails(corpus: Mapping[str, Callable[[], bytes]], *, lmtp: bool = False) -> Fires:
    def fire(attack: Attack) -> None:
        way = "local" if lmtp else "mail"
        host, _, port = attack.node.at[way].rpartition(":")
        for name, make in corpus.items():
            code = handed_over((host, int(port)), make(), lmtp=lmtp)
            attack.codes[f"{way}: {name}"] = code

    return fire


def webhooks(by: Mapping[str, Sign], bodies: Corpus) -> Fires:
    def fire(attack: Attack) -> None:
        for gateway in by.keys() & {*GATEWAYS, "generic"}:
            path = "phone" if gateway == "generic" else gateway
            behind = f"/{SECRET}" if AT_PATH in GATEWAYS.get(gateway, "") else ""
            url = f"{attack.node.url}/in/{path}{behind}"
            for name, make in bodies.items():
                post = by[gateway](url, make(), attack.node.secret, int(time.time()))
                status_, _ = request("POST", url, post.body, dict(post.headers))
                attack.statuses[f"{gateway}: {name}"] = status_

    return fire


def forms(bodies: Corpus) -> Fires:
    def fire(attack: Attack) -> None:
        headers = {"content-type": "multipart/form-data; boundary=b"}
        for name, make in bodies.items():
            status_, _ = request("POST", f"{attack.node.url}/in/form", make(), headers)
            attack.statuses[f"form: {name}"] = status_

    return fire


def requests(whole: Corpus) -> Fires:
    def fire(attack: Attack) -> None:
        for name, make in whole.items():
            attack.heard[name] = said_to(attack.node.url, make(), patience_s=0.3)

    return fire


def some(corpus: Mapping[str, Callable[[], bytes]], whole: bool, every: int = PART) -> Corpus:
    """All of a corpus, or every so many that are small."""
    if whole:
        return Corpus(corpus)
    return Corpus({name: make for name, make in [*corpus.items()][::every] if len(make()) < SMALL})


def sent(corpus: Mapping[str, Callable[[], bytes]], kind: str) -> Corpus:
    """Media as mails bring them."""
    return Corpus({name: lambda make=make: attached(make(), kind) for name, make in corpus.items()})


@pytest.fixture(scope="module", params=["some", pytest.param("all", marks=pytest.mark.slow)])
def attack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Attack]:
    whole = request.param == "all"
    folder: Path = tmp_path_factory.mktemp("corpus")
    node = Node(folder / "n", settings(GATEWAYS))
    node.write("secrets/path", SECRET.encode())
    with running(node):
        quiet, watch = Honest(node), Watch(node)
        for _ in range(QUIET):
            quiet.writes()
        soon(lambda: status(node)["waiting"] == 0)
        watch.sample()
        made = Attack(node, quiet, Honest(node), watch, dict(watch.most))
        every: list[Fires] = [
            mails(some({**MAILS, **WORDS, **BOMBS}, whole)),
            mails(some({**FILES, **WORDS}, whole), lmtp=True),
            webhooks(BY_JSON, some(JSONS, whole)),
            webhooks(BY_FORM, some(FORMS, whole)),
            forms(some(MULTIPARTS, whole, 5)),
            requests(some(REQUESTS, whole, 3)),
            mails(sent(some(PICTURES, whole), "image/jpeg")),
            mails(sent(some(FILMS, whole), "video/mp4")),
        ]
        began = time.monotonic()
        with beside(watch, made.honest), ThreadPoolExecutor(4) as crowd:
            for fired in [crowd.submit(fire, made) for fire in every]:
                fired.result()
            soon(lambda: status(node)["waiting"] == 0, 1800.0 if whole else 120.0)
        soon(lambda: status(node)["waiting"] == 0)  # what was honest, and the last
        made.took_s = time.monotonic() - began
        made.after = status(node)
        print("\n" + told(made))
        yield made


def told(attack: Attack) -> str:
    """The figures."""
    most = {role: f"{size // MIB} MiB" for role, size in attack.watch.most.items()}
    spent = {role: f"{seconds:.1f} s" for role, seconds in attack.watch.cpu_s.items()}
    inputs = len(attack.codes) + len(attack.statuses) + len(attack.heard)
    return (
        f"{inputs} inputs in {attack.took_s:.0f} s; PSS at most {most}; CPU {spent}; "
        f"honest p95 {attack.quiet.p95:.3f} s before, {attack.honest.p95:.3f} s meanwhile "
        f"({attack.honest.p95 / attack.quiet.p95:.1f} times, {len(attack.honest.took)} mails)"
    )


def test_every_mail_is_taken_or_refused_with_a_code(attack: Attack) -> None:
    odd = {name: code for name, code in attack.codes.items() if not 200 <= code < 600}
    assert odd == {}
    assert 250 in attack.codes.values()


def test_every_body_is_answered_and_none_is_a_fault_of_ours(attack: Attack) -> None:
    odd = {name: one for name, one in attack.statuses.items() if one not in _ANSWERS}
    assert odd == {}


_ANSWERS = {200, 400, 403, 413, 415, 422}


def test_what_is_no_request_is_refused_or_left(attack: Attack) -> None:
    codes = {name: int(one[9:12]) for name, one in attack.heard.items() if one}
    assert all(one.startswith(b"HTTP/1.1 ") for one in attack.heard.values() if one)
    assert all(100 <= code < 600 for code in codes.values()), codes
    secret = (b"root:", b"Traceback", b"hypercorn", b"relay")
    assert not [name for name, one in attack.heard.items() if any(word in one for word in secret)]


def test_all_that_was_accepted_is_accounted_for(attack: Attack) -> None:
    after = attack.after
    assert after["accepted"] == sum(after[state] for state in State)
    assert after["waiting"] == after["lost"] == 0
    taken = sum(code == 250 for code in attack.codes.values())
    assert after["accepted"] >= taken + len(attack.honest.texts) + QUIET - after["repeats"]


def test_no_process_ended_but_in_order(attack: Attack) -> None:
    ended = {role for role, pids in attack.watch.pids.items() if len(pids) > 1}
    assert ended <= {"reader", "cleaner", "door"}  # doors take turns after so many messages
    log = attack.node.log.read_text()
    assert log.count("core started") == 1
    assert not [line for line in log.splitlines() if re.search(NOT_IN_ORDER, line)]


NOT_IN_ORDER = "Traceback|fault of ours|(core|door|outlet|launcher) ended, status [^0]"


def test_who_is_honest_is_served_as_before(attack: Attack) -> None:
    assert attack.honest.refused == 0
    assert attack.honest.p95 < 10 * attack.quiet.p95 + 1.0
    soon(lambda: page_has(attack.node, attack.quiet.texts + attack.honest.texts))


def test_memory_stays_within_its_bounds(attack: Attack) -> None:
    most = attack.watch.most
    grown = {role: most[role] - attack.before[role] for role in GROWS}
    assert {role: size for role, size in grown.items() if size > GROWS[role]} == {}
    assert most["reader"] < attack.before["reader"] + 256 * MIB
    assert most["cleaner"] < attack.before["cleaner"] + 1024 * MIB
