"""Who is granted what: a table of the roles, made from settings."""

from __future__ import annotations

import contextlib
import os
import sys
from io import StringIO
from pathlib import Path

import pytest

from relay.clock import SystemClock
from relay.config import Settings, load
from relay.confine import Grants, libraries, possible
from relay.confine.calls import allowed
from relay.confine.landlock import EXECUTE, READ_FILE, WRITE_FILE, granted, handled_by
from relay.confine.placed import Placed
from relay.journal import Journal
from relay.node.confined import keep_to
from relay.node.granted import Granted, granted_to
from relay.node.making import make_keys
from relay.plugins import destinations
from relay.wire.linkkeys import link_key_of

FILE = """
[node]
name = "n1"
[http]
listen = "127.0.0.1:0"
[channels.news]
destinations = ["page", "hook"]
danger_words_file = "{words}"
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]
{mail}
[transports.phone]
kind = "sms"
gateway = "android"
secret_file = "secrets/phone"
channel = "news"
{more}
[destinations.hook]
bridge = "webhook"
url = "https://hook.example.org/in"
token_file = "secrets/hook"
routes = ["tor"]
[destinations.unused]
bridge = "webhook"
url = "https://other.example.org/in"
token_file = "secrets/unused"
[routes.tor]
proxy = "socks5://127.0.0.1:9050"
user = "us"
password_file = "secrets/tor"
"""

MAILBOX = """
[transports.box]
kind = "imap"
host = "imap.example.org"
user = "us"
password_file = "secrets/box"
folder = "INBOX"
channel = "news"
"""


def settings(folder: Path, *, mail: str = "", more: str = "", words: str = "words") -> Settings:
    file = folder / "relay.toml"
    file.write_text(FILE.format(mail=mail, more=more, words=words))
    return load(file)


def reach(one: Granted, folder: Path) -> tuple[set[str], set[str]]:
    """What of the node's folder may be read, and what written."""
    grants = one.grants
    return (
        {str(path.relative_to(folder)) for path in grants.reads if path.is_relative_to(folder)},
        {
            str(path.relative_to(folder))
            for path in (*grants.writes, *grants.replaces)
            if path.is_relative_to(folder)
        },
    )


def of(role: str, made: Settings) -> Granted:
    every = destinations(made)
    return granted_to(role, made, every)


def ways(*names: str) -> set[str]:
    return {f"keys/{name}.{kept}" for name in names for kept in ("seen", "again", "answers")}


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("reader", set(), set()),
        ("cleaner", set(), set()),
        ("core", {"secrets/passphrase", "words"}, {"data", "keys"}),
        (
            "door",
            {"keys/door.key", "secrets/phone", "public", *ways("mail", "phone")},
            {"keys"},
        ),
        ("outlet", {"secrets/hook", "secrets/tor"}, {"public"}),
    ],
)
def test_each_role_reaches_its_own(
    role: str, reads: set[str], writes: set[str], tmp_path: Path
) -> None:
    assert reach(of(role, settings(tmp_path)), tmp_path) == (reads, writes)


@pytest.mark.parametrize(
    ("role", "network", "accepts", "sockets"),
    [
        ("reader", False, False, False),
        ("cleaner", False, False, False),
        ("core", False, True, True),
        ("door", True, True, False),
        ("outlet", True, False, False),
    ],
)
def test_each_role_has_its_side_of_the_network(
    role: str, network: bool, accepts: bool, sockets: bool, tmp_path: Path
) -> None:
    grants = of(role, settings(tmp_path)).grants
    assert (grants.network, grants.accepts, grants.sockets) == (network, accepts, sockets)
    assert not grants.forks and not grants.executes


LMTP = """
[transports.box]
kind = "lmtp"
socket = "lmtp/socket"
channel = "news"
addresses = ["box@example.org"]
"""


def test_a_door_makes_unix_sockets_only_for_lmtp(tmp_path: Path) -> None:
    assert of("door", settings(tmp_path, more=LMTP)).grants.sockets


def test_nor_does_any_other_open_keys_to_all_users(tmp_path: Path) -> None:
    """By chmod(2), at which Landlock does not look."""
    grants = of("door", settings(tmp_path)).grants
    assert "chmod" not in {one.name for one in allowed(grants)} and not grants.by_name


def test_a_door_that_has_mails_judged_may_start_python_and_nothing_else(tmp_path: Path) -> None:
    grants = of("door", settings(tmp_path, mail='verdicts = "compute"')).grants
    assert grants.forks and grants.executes == (Path(sys.executable),)


def test_a_mailbox_adds_its_password_to_the_door(tmp_path: Path) -> None:
    before, _ = reach(of("door", settings(tmp_path)), tmp_path)
    after, _ = reach(of("door", settings(tmp_path, more=MAILBOX)), tmp_path)
    assert after - before == {"secrets/box", *ways("box")}


LINKS = """
[peers.entry]
link = "{link}"
[links.tls]
kind = "https"
listen = "127.0.0.1:0"
[links.box]
kind = "mail"
peer = "entry"
to = "a@example.org"
sender = "b@example.org"
smtp = "smtp.example.org:465"
imap = "imap.example.org:993"
user = "us"
password_file = "secrets/link"
routes = ["tor"]
[links.share]
kind = "folder"
folder = "{folder}"
peer = "entry"
"""


def linked(folder: Path, share: str = "share") -> Settings:
    link = link_key_of(b"e" * 32).written
    return settings(folder, more=LINKS.format(link=link, folder=share))


def test_links_reach_their_passwords_and_folders_and_no_key(tmp_path: Path) -> None:
    of_links = of("links", linked(tmp_path))
    assert reach(of_links, tmp_path) == ({"secrets/link", "secrets/tor"}, {"share"})
    grants = of_links.grants
    assert (grants.network, grants.accepts, grants.sockets) == (True, True, False)
    assert not grants.forks and not grants.executes


def test_a_folder_in_which_the_node_lies_is_granted_to_no_link(tmp_path: Path) -> None:
    made = linked(tmp_path)
    for folder in (".", "..", "/"):  # the settings would refuse it by themselves
        share = made.links["share"].model_copy(update={"folder": folder})
        odd = made.model_copy(update={"links": {**made.links, "share": share}})
        odd.lies_at(made.file)
        grants = of("links", odd).grants
        assert grants.writes == () and not grants.by_name


@pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")
def test_a_link_key_cannot_be_read_once_the_links_are_confined(tmp_path: Path) -> None:
    made = linked(tmp_path)
    (tmp_path / "share").mkdir()
    make_keys(made, SystemClock(), Journal("links", StringIO()))

    def reads(path: Path) -> bool:
        with contextlib.suppress(OSError):
            return bool(path.read_bytes())
        return False

    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            before = reads(made.keys / "link.key")
            keep_to(of("links", made))
            (tmp_path / "share" / "one").write_bytes(b"a batch")
            found = any(reads(made.keys / name) for name in ("link.key", "door.key", "exit.key"))
            status = 0 if before and not found else 1
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_door_of_an_exit_serves_the_page_and_holds_no_key(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(
        '[node]\nrole = "exit"\n[http]\n[channels.news]\n[peers.entry]\nlink = "'
        + link_key_of(b"e" * 32).written
        + '"\n[links.tls]\nkind = "https"\nlisten = "127.0.0.1:0"\n'
    )
    door = of("door", load(tmp_path / "relay.toml"))
    assert reach(door, tmp_path) == ({"public"}, set())
    grants = door.grants
    assert (grants.network, grants.accepts, grants.sockets) == (False, True, False)


def test_an_outlet_of_its_own_reaches_its_own_section_alone(tmp_path: Path) -> None:
    made = settings(tmp_path)
    alone = granted_to("outlet", made, {"unused": made.destinations["unused"]})
    assert reach(alone, tmp_path) == ({"secrets/unused"}, set())


def test_a_certificate_of_a_folder_of_its_own_is_granted_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "n").mkdir()
    renewed = tmp_path / "live"
    tls = f'[tls]\ncertificate = "{renewed}/chain.pem"\nkey = "{renewed}/key.pem"\n'
    door = of("door", settings(tmp_path / "n", more=tls)).grants
    assert renewed in door.reads


def test_one_that_lies_among_our_own_is_granted_by_itself(tmp_path: Path) -> None:
    tls = '[tls]\ncertificate = "secrets/chain.pem"\nkey = "secrets/key.pem"\n'
    reads, _ = reach(of("door", settings(tmp_path, more=tls)), tmp_path)
    assert {"secrets/chain.pem", "secrets/key.pem"} <= reads and "secrets" not in reads


def test_so_it_is_where_a_link_leads_to_the_node(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "n").symlink_to("there")
    tls = '[tls]\ncertificate = "chain.pem"\nkey = "key.pem"\n'
    door = of("door", settings(tmp_path / "n", more=tls)).grants
    assert tmp_path / "n/chain.pem" in door.reads
    assert not {tmp_path / "n", tmp_path / "there"} & set(door.reads)


def test_one_beside_a_list_of_words_is_granted_without_it(tmp_path: Path) -> None:
    (tmp_path / "n").mkdir()
    away = tmp_path / "away"
    tls = f'[tls]\ncertificate = "{away}/chain.pem"\nkey = "{away}/key.pem"\n'
    made = settings(tmp_path / "n", more=tls, words=f"{away}/words")
    assert away not in of("door", made).grants.reads


@pytest.mark.parametrize("role", ["reader", "cleaner", "core", "door", "outlet"])
def test_nobody_is_granted_a_folder_in_which_the_node_lies(
    role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.node.granted.libraries", lambda: (tmp_path, *libraries()))
    made = settings(tmp_path / "n") if (tmp_path / "n").mkdir() is None else None
    assert made is not None and tmp_path not in of(role, made).grants.reads


# ---------------------------------------------------------------- what grants mean to the kernel


def test_a_library_is_read_and_never_written_or_started() -> None:
    rights = dict(granted(Grants(reads=(Path("/lib"),))))
    assert rights[Path("/lib")] & READ_FILE
    assert not rights[Path("/lib")] & (WRITE_FILE | EXECUTE)


def test_a_program_is_granted_with_what_loads_it() -> None:
    rights = dict(granted(Grants(executes=(Path("/bin/true"),))))
    assert Path("/bin/true") in rights and len(rights) > 1
    assert all(one & EXECUTE for one in rights.values())


@pytest.mark.parametrize("abi", range(1, 9))
def test_an_older_kernel_is_asked_only_for_what_it_has(abi: int) -> None:
    newer = handled_by(abi + 1)
    assert handled_by(abi) & newer == handled_by(abi)
    assert handled_by(1) == 0x1FFF


def test_who_is_granted_nothing_makes_no_socket_and_opens_no_file() -> None:
    names = {one.name for one in allowed(Grants())}
    assert not names & {"openat", "socket", "socketpair", "connect", "execve", "fork", "ptrace"}
    assert {"read", "write", "mmap", "futex", "sendmsg", "recvmsg", "exit_group"} <= names


# ---------------------------------------------------------------- what is replaced


def test_a_file_that_is_replaced_has_moved_and_one_that_is_written_has_not(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old")
    placed = Placed((file,))
    file.write_text("longer than it was")
    assert not placed.moved()
    (tmp_path / "new").write_text("new")
    (tmp_path / "new").rename(file)
    assert placed.moved()


def test_a_file_that_comes_and_one_that_goes_have_moved(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    placed = Placed((file,))
    assert not placed.moved()
    file.write_text("there")
    assert placed.moved()
    placed = Placed((file,))
    file.unlink()
    assert placed.moved()
