"""``relay doctor``: each thing that is wrong is named, what is right is not, and nothing is asked
of a machine that a test cannot make up."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import requires
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trio
from click.testing import CliRunner

from relay.cli import going_out
from relay.cli.doctor import doctor
from relay.cli.doctoring import folder, machine, neighbours, ports, world
from relay.cli.doctoring.finding import Finding
from relay.cli.doctoring.host import MAX_CHARACTERS, Host
from relay.config import Settings, load
from relay.errors import OutwordError
from relay.model import Health
from relay.ports import Answer, NotSent

SETTINGS = """
[http]
listen = "127.0.0.1:8080"
url = "https://news.example.net"
[channels.news]
destinations = ["page", "hook"]
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:2525"
channel = "news"
addresses = ["*@example.net"]
[transports.phone]
kind = "sms"
gateway = "android"
secret_file = "secrets/phone"
channel = "news"
[destinations.hook]
bridge = "webhook"
url = "https://hook.example.org/in"
"""
WHY = "a finding says why it matters, and what to do"


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A node's folder as it should be."""
    place = tmp_path / "n"
    for name in (place, place / "keys", place / "data", place / "secrets"):
        name.mkdir(mode=0o700)
    files = {"relay.toml": SETTINGS, "secrets/phone": "k" * 64, "keys/door.key": "x"}
    for name, text in files.items():
        (place / name).touch(mode=0o600)
        (place / name).write_text(text)
    return place


@pytest.fixture
def settings(node: Path) -> Settings:
    return load(node / "relay.toml")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Host]:
    """A machine with these files (path to text)."""

    def made(files: dict[str, str] | None = None, **more: Any) -> Host:
        root = tmp_path / "root"
        root.mkdir(exist_ok=True)
        for path, text in (files or {}).items():
            at = root / path.lstrip("/")
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_text(text)
        more.setdefault("run", lambda _: None)
        more.setdefault("clock", lambda: 0)
        return Host(root, **more)

    return made


def states(found: Iterator[Finding] | Sequence[Finding]) -> dict[str, str]:
    """What was not good, by what was looked at; and that each of these is whole."""
    told = {}
    for one in found:
        if one.state != "good":
            assert one.why and one.remedy, WHY
            told[one.check] = one.state
    return told


# ---------------------------------------------------------------- the machine


def test_versions_against_their_floors() -> None:
    assert machine.python((3, 11, 14)).state == "mind"
    assert machine.python((3, 11, 15)).state == "good"
    assert machine.python((3, 13, 0)).state == "good"
    bad, fine = [(3, 40, 1), (3, 44, 5), (3, 50, 6), (3, 51, 2), (3, 45, 0)], [
        (3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 52, 0), (4, 0, 0)]  # fmt: skip
    assert {machine.sqlite(v).state for v in bad} == {"mind"}
    assert {machine.sqlite(v).state for v in fine} == {"good"}
    assert machine.system("linux").state == "good"
    assert machine.system("darwin").state == "wrong"


def test_libraries_are_held_against_the_floors_of_our_own_package() -> None:
    needs = requires("outword") or []
    floors = {"msgpack": "1.2.2", "h11": "0.15.9", "aiosmtpd": "1.4.5", "cryptography": "49.0"}
    found = list(machine.libraries(needs, lambda name: floors.get(name, "9999")))
    assert sorted(one.what.split()[0] for one in found) == sorted(floors)
    assert states(found) == {"libraries": "wrong"}
    assert states(machine.libraries(needs, lambda _: "9999")) == {}
    assert "missing" in next(machine.libraries(["h11>=0.16"], _missing)).what
    assert states(machine.libraries(["x>=1.10"], lambda _: "1.9")) == {"libraries": "wrong"}
    assert states(machine.libraries(["x>=1.9"], lambda _: "1.10")) == {}
    assert states(machine.libraries(['x>=9; extra == "test"'], _missing)) == {}


def _missing(name: str) -> str:
    from importlib.metadata import PackageNotFoundError

    raise PackageNotFoundError(name)


SWAPS = "Filename Type Size Used Priority\n{} partition 1 0 -2\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({}, {}),
        ({"/proc/swaps": "Filename Type Size Used Priority\n"}, {}),
        ({"/proc/swaps": SWAPS.format("/dev/sda2")}, {"swap": "wrong"}),
        ({"/proc/swaps": SWAPS.format("/swapfile")}, {"swap": "wrong"}),
        ({"/proc/swaps": SWAPS.format("/dev/zram0")}, {}),
        ({"/proc/swaps": SWAPS.format("/dev/dm-1")}, {"swap": "wrong"}),
        (
            {
                "/proc/swaps": SWAPS.format("/dev/dm-1"),
                "/sys/block/dm-1/dm/uuid": "CRYPT-PLAIN-swap\n",
            },
            {},
        ),
    ],
)
def test_swap_in_clear(
    make: Callable[..., Host], files: dict[str, str], state: dict[str, str]
) -> None:
    assert states(machine.swap(make(files))) == state


GIB = "MemTotal:       1020304 kB\n"
SMALL = "MemTotal:        498120 kB\n"
SERVICE = "/sys/fs/cgroup/system.slice"


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"/proc/meminfo": GIB}, ""),
        ({"/proc/meminfo": SMALL}, "the machine has 486 MiB"),
        ({"/proc/meminfo": GIB, f"{SERVICE}/outword.service/memory.max": "max\n"}, ""),
        (
            {"/proc/meminfo": GIB, f"{SERVICE}/outword.service/memory.max": "536870912\n"},
            "the cgroup has 512 MiB",
        ),
        (
            {"/proc/meminfo": GIB, f"{SERVICE}/memory.max": "536870912\n"},
            "the cgroup has 512 MiB",
        ),
        (
            {
                "/proc/meminfo": GIB,
                "/proc/self/cgroup": "0::/box\n",
                "/sys/fs/cgroup/box/memory.max": "536870912\n",
            },
            "the cgroup has 512 MiB",
        ),
        ({}, "the kernel does not say"),
    ],
)
def test_memory_for_the_largest_picture(
    make: Callable[..., Host], files: dict[str, str], what: str
) -> None:
    found = machine.memory(make(files))
    assert (found.state, found.what if what else "") == ("mind" if what else "good", what)


def test_core_dumps_and_the_clock(make: Callable[..., Host]) -> None:
    piped = make({"/proc/sys/kernel/core_pattern": "|/usr/share/apport/apport %p\n"})
    assert machine.core_dumps(piped).state == "wrong"
    plain = make({"/proc/sys/kernel/core_pattern": "core\n"})
    assert machine.core_dumps(plain).state == "good"
    assert [machine.clock(make(clock=lambda n=n: n)).state for n in (0, 4, 5, -1)] == [
        "good", "good", "wrong", "mind"]  # fmt: skip


def test_the_kernel_of_this_machine_says_how_its_clock_is() -> None:
    assert Host().clock() in range(-1, 6)


def test_room_and_the_kind_of_disk(make: Callable[..., Host]) -> None:
    mb = 1_000_000
    assert [machine.room(n * mb, 64 * mb).state for n in (63, 64, 255, 256)] == [
        "wrong", "mind", "mind", "good"]  # fmt: skip
    mounts = (
        "/dev/sda1 / ext4 rw 0 0\ntmpfs /srv tmpfs rw 0 0\nbox:/x /srv/far\\040away nfs4 rw 0 0\n"
    )
    host = make({"/proc/mounts": mounts})
    assert states(machine.file_system(host, Path("/srv/outword"))) == {"disk": "wrong"}
    assert states(machine.file_system(host, Path("/srv/far away/n"))) == {"disk": "wrong"}
    assert states(machine.file_system(host, Path("/srvother/n"))) == {}


def test_a_disk_is_encrypted_if_a_device_below_it_is(make: Callable[..., Host]) -> None:
    device = os.makedev(253, 1)
    assert machine.encrypted(make(), device).state == "mind"
    host = make(
        {
            "/sys/dev/block/253:1/dm/uuid": "LVM-x\n",
            "/sys/dev/block/253:1/slaves/dm-0/dm/uuid": "CRYPT-LUKS2-x\n",
        }
    )
    assert machine.encrypted(host, device).state == "good"


def test_a_file_that_is_too_large_or_no_text_is_read_all_the_same(
    make: Callable[..., Host], tmp_path: Path
) -> None:
    host = make({"/a": "x" * (MAX_CHARACTERS + 1)})
    assert len(host.read("/a")) == MAX_CHARACTERS
    (tmp_path / "root/b").write_bytes(b"\xff\xfe")
    assert host.read("/b") == "\ufffd\ufffd"
    assert (host.read("/none"), host.names("/none"), host.there("/none")) == ("", [], False)


def test_a_command_that_is_not_there_or_fails_says_nothing() -> None:
    run = Host().run
    assert run(["/nonexistent/command"]) is None
    assert run(["false"]) is None
    assert run(["printf", "said"]) == "said"


# ---------------------------------------------------------------- the folder


def test_a_folder_as_it_should_be(node: Path, settings: Settings) -> None:
    found = states(folder.look(node / "relay.toml", settings))
    assert found == ({"user": "mind"} if os.getuid() == 0 else {})


@pytest.mark.parametrize("name", ["keys", "keys/door.key", "secrets/phone", "data", "secrets"])
@pytest.mark.parametrize("others", [0o040, 0o004, 0o020])
def test_what_others_may_open_is_named(
    node: Path, settings: Settings, name: str, others: int
) -> None:
    path = node / name
    path.chmod(path.stat().st_mode | others)
    found = [f for f in folder.look(node / "relay.toml", settings) if f.state == "wrong"]
    assert [str(path) in f.what for f in found] == [True]
    os.system(found[0].remedy)
    assert "wrong" not in states(folder.look(node / "relay.toml", settings)).values()


def test_a_session_that_others_may_open_is_named(node: Path) -> None:
    bird = 'bridge = "bluesky"\nhandle = "us.example.org"\npassword_file = "secrets/bird"\n'
    (node / "relay.toml").write_text(f"{SETTINGS}[destinations.bird]\n{bird}")
    held = node / "secrets/bird.session/held"
    held.parent.mkdir(mode=0o700)
    held.touch(mode=0o604)
    held.chmod(0o604)
    faults = list(folder.look(node / "relay.toml", load(node / "relay.toml")))
    assert [str(held) in f.what for f in faults if f.state == "wrong"] == [True]


def test_settings_that_others_may_read_are_to_mind(node: Path, settings: Settings) -> None:
    (node / "relay.toml").chmod(0o644)
    assert states(folder.look(node / "relay.toml", settings))["permissions"] == "mind"


def test_a_link_is_named(node: Path, settings: Settings) -> None:
    (node / "keys/exit.key").symlink_to("/dev/null")
    assert states(folder.look(node / "relay.toml", settings))["permissions"] == "wrong"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("owner", [0, 65533])
def test_files_of_others_are_named(node: Path, settings: Settings, owner: int) -> None:
    for path in [node, *node.rglob("*")]:
        os.chown(path, 65534, 65534)
    assert states(folder.look(node / "relay.toml", settings)) == {}
    os.chown(node / "secrets/phone", owner, 0)
    assert states(folder.look(node / "relay.toml", settings)) == {"permissions": "wrong"}


# ---------------------------------------------------------------- neighbours

RUNS = "/run/systemd/journal/socket"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, {}),
        ({"/usr/sbin/rsyslogd": ""}, {"rsyslog": "wrong"}),
        ({"/usr/sbin/exim4": ""}, {"exim": "wrong"}),
        ({"/usr/bin/atop": ""}, {"atop": "wrong"}),
        ({"/sbin/auditd": ""}, {"auditd": "wrong"}),
        ({"/usr/sbin/dovecot": ""}, {"dovecot": "mind"}),
        ({"/usr/sbin/postfix": ""}, {"postfix": "mind"}),
        ({"/etc/postfix/main.cf": "maillog_file = /var/log/mail.log\n"}, {"postfix": "wrong"}),
        ({"/etc/postfix/main.cf": "# maillog_file = /var/log/mail.log\n"}, {}),
        ({RUNS: ""}, {}),
        ({RUNS: "", "/var/log/journal/x": ""}, {"journald": "wrong"}),
        ({"/var/log/journal/x": ""}, {}),
        ({RUNS: "", "/etc/systemd/journald.conf": "Storage=persistent"}, {"journald": "wrong"}),
        ({RUNS: "", "/etc/systemd/journald.conf": "#Storage=persistent"}, {}),
        (
            {
                RUNS: "",
                "/etc/systemd/journald.conf": "[Journal]\nStorage=persistent\n",
                "/etc/systemd/journald.conf.d/volatile.conf": "[Journal]\nStorage=volatile\n",
            },
            {},
        ),
        (
            {
                RUNS: "",
                "/var/log/journal/x": "",
                "/etc/systemd/journald.conf.d/volatile.conf": "[Journal]\nStorage=volatile\n",
            },
            {"journald": "wrong"},
        ),
        ({"/etc/nginx/nginx.conf": "http { access_log off; }"}, {}),
        ({"/etc/nginx/nginx.conf": "http { }"}, {"nginx": "wrong"}),
        ({"/etc/nginx/nginx.conf": "http {\n# access_log off;\n}"}, {"nginx": "wrong"}),
        ({"/etc/nginx/nginx.conf": "access_log /var/log/nginx/a.log;"}, {"nginx": "wrong"}),
        (
            {
                "/etc/nginx/nginx.conf": "http { access_log off; }",
                "/etc/nginx/sites-enabled/news": "server {\n  access_log /var/log/x.log main;\n}",
            },
            {"nginx": "wrong"},
        ),
        ({"/etc/caddy/Caddyfile": "news.example.org {\n\treverse_proxy :8080\n}"}, {}),
        ({"/etc/caddy/Caddyfile": "{\n\tlog default {\n\t\toutput discard\n\t}\n}"}, {}),
        ({"/etc/caddy/Caddyfile": "n.example {\n\tlog\n\treverse_proxy :1\n}"}, {"caddy": "wrong"}),
        (
            {"/etc/caddy/Caddyfile": "n.example {\n\tlog {\n\t\toutput file /x\n\t}\n}"},
            {"caddy": "wrong"},
        ),
        ({"/etc/apache2/apache2.conf": "ServerName x"}, {}),
        ({"/etc/apache2/sites-enabled/x": "  CustomLog /x combined\n"}, {"apache": "wrong"}),
    ],
)
def test_neighbours_that_keep_names(
    make: Callable[..., Host], files: dict[str, str], found: dict[str, str]
) -> None:
    looked = list(neighbours.look(make(files)))
    assert states(looked) == found
    assert bool(looked) and (bool(found) or looked[0].state == "good")


def test_what_init_writes_for_proxies_keeps_nothing(
    make: Callable[..., Host], settings: Settings
) -> None:
    from relay.cli.init_todo import tasks

    todo = tasks(settings, "198.51.100.7")
    host = make(
        {
            "/etc/caddy/Caddyfile": todo["Caddyfile"],
            "/etc/nginx/nginx.conf": "http { access_log off; }",
            "/etc/nginx/conf.d/outword.conf": todo["nginx.conf"],
        }
    )
    assert states(neighbours.look(host)) == {}


# ---------------------------------------------------------------- ports

TCP = "  sl  local_address rem_address   st\n"


def tcp(*listening: int, connected: int = 0) -> str:
    lines = [f"   0: 0100007F:{port:04X} 00000000:0000 0A" for port in listening]
    return TCP + "\n".join([*lines, f"   9: 0100007F:{connected:04X} 0100007F:1234 01"])


def test_ports_that_are_free_taken_ours_or_missing(
    make: Callable[..., Host], settings: Settings
) -> None:
    def look(*listening: int, runs: bool, connected: int = 0) -> list[Finding]:
        host = make({"/proc/net/tcp": tcp(25, 443, *listening, connected=connected)})
        return list(ports.look(host, settings, runs))

    assert states(look(runs=False)) == {}
    assert states(look(runs=False, connected=8080)) == {}
    assert [f.what for f in look(8080, runs=False) if f.state == "wrong"] == [
        "port 8080 of http is taken"
    ]
    assert states(look(8080, 2525, runs=True)) == {}
    assert [f.what for f in look(8080, runs=True) if f.state == "wrong"] == [
        "nobody listens on port 2525 of mail"
    ]


def test_the_doors_to_the_world(make: Callable[..., Host], settings: Settings) -> None:
    def whats(*listening: int) -> list[str]:
        host = make({"/proc/net/tcp6": tcp(*listening)})
        return [f.what for f in ports.look(host, settings, False) if f.state == "mind"]

    assert whats() == ["nobody listens on port 25", "nobody listens on port 443"]
    assert whats(25) == ["nobody listens on port 443"]
    assert whats(25, 443) == []


def test_a_low_port_needs_a_right_and_http_for_the_world_is_told(
    make: Callable[..., Host], node: Path
) -> None:
    text = SETTINGS.replace("127.0.0.1:2525", "0.0.0.0:25").replace("127.0.0.1:8080", "[::]:8080")
    (node / "relay.toml").write_text(text)
    settings = load(node / "relay.toml")
    host = make({"/proc/net/tcp": tcp(443)})
    whats = [f.what for f in ports.look(host, settings, False) if f.state == "mind"]
    assert whats == ["port 25 of mail needs a right", "http listens to the whole world"]
    host = make({"/proc/sys/net/ipv4/ip_unprivileged_port_start": "25\n"})
    assert len([f for f in ports.look(host, settings, False) if f.state == "mind"]) == 1


# ---------------------------------------------------------------- the world


class Web:
    """``Http`` with an answer for each address; nothing answers elsewhere."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    async def request(self, method: str, url: str, **_: Any) -> Answer:
        self.asked.append((method, url))
        if url not in self.answers:
            raise NotSent("no connection")
        return self.answers[url]


HOOK = "https://hook.example.org/"
PAGE = "https://news.example.net/"
NOW = 1795442400.0  # Mon, 23 Nov 2026 14:00:00 GMT
DATE = "Mon, 23 Nov 2026 {} GMT"
GOOD = {
    HOOK: Answer(405, {"date": DATE.format("14:00:01")}),
    PAGE + "feed.json": Answer(200),
    PAGE + "healthz": Answer(404),
}
RECORDS = {
    "MX example.net": "10 news.example.net.\n",
    "TXT example.net": '"v=spf1 -all"\n',
    "TXT _mta-sts.example.net": '"v=STSv1; id=1"\n',
}
STATUS = {"standing": "ok", "lost": 0, "board": {"hook": {"state": "works", "why": ""}}}


def dig(records: dict[str, str]) -> Callable[[Sequence[str]], str | None]:
    def run(command: Sequence[str]) -> str | None:
        assert command[0] == "dig"
        return "DiG 9" if command[1] == "-v" else records.get(" ".join(command[-2:]), "")

    return run


async def looked(
    make: Callable[..., Host],
    settings: Settings,
    answers: dict[str, Answer] | None = None,
    *,
    run: Any = None,
    names: Sequence[str] = ("198.51.100.7",),
    own: str = "",
    status: dict[str, Any] | None = STATUS,
) -> dict[str, str]:
    host = make(run=run or dig(RECORDS), now=lambda: NOW)
    web = Web(GOOD | (answers or {}))
    there = world.World(host, web, resolve=lambda _: names, own=own, through=lambda _: web)
    found = states(await world.look(settings, there, status))
    assert all(method != "POST" for method, _ in web.asked)
    return found


async def test_a_world_as_it_should_be(make: Callable[..., Host], settings: Settings) -> None:
    assert await looked(make, settings) == {}


async def test_names(make: Callable[..., Host], settings: Settings) -> None:
    name = "name news.example.net"
    assert await looked(make, settings, names=()) == {name: "wrong"}
    assert await looked(make, settings, own="8.8.8.8") == {name: "mind"}
    assert await looked(make, settings, own="8.8.8.8", names=("8.8.8.8",)) == {}
    assert await looked(make, settings, own="10.0.0.1") == {}


@pytest.mark.parametrize(
    ("question", "answer", "state"),
    [
        ("MX example.net", "", "wrong"),
        ("MX example.net", ";; communications error to 127.0.0.1#53\n", "wrong"),
        ("MX example.net", "10 mx.elsewhere.example.\n", "mind"),
        ("TXT example.net", '"other"\n', "mind"),
        ("TXT _mta-sts.example.net", "", "mind"),
    ],
)
async def test_records(
    make: Callable[..., Host], settings: Settings, question: str, answer: str, state: str
) -> None:
    found = await looked(make, settings, run=dig({**RECORDS, question: answer}))
    assert found == {"mail example.net": state}


async def test_without_dig_it_says_what_was_not_looked_at(
    make: Callable[..., Host], settings: Settings
) -> None:
    assert await looked(make, settings, run=lambda _: None) == {"mail example.net": "mind"}


def test_dig_asks_the_server_it_is_told(make: Callable[..., Host]) -> None:
    asked: list[Sequence[str]] = []
    host = make(run=lambda command: asked.append(command) or "")
    there = world.World(host, Web({}), dns="127.0.0.1:5353")
    world._dig(there, "MX", "example.net")
    assert asked[0][-5:] == ["@127.0.0.1", "-p", "5353", "MX", "example.net"]


@pytest.mark.parametrize(
    ("date", "found"),
    [
        ("14:02:00", {}),
        ("14:02:01", {f"clock of {HOOK[:-1]}": "wrong"}),
        ("13:58:00", {}),
        ("13:57:59", {f"clock of {HOOK[:-1]}": "wrong"}),
        ("12:00:00", {f"clock of {HOOK[:-1]}": "wrong"}),
        ("nonsense", {}),
    ],
)
async def test_a_clock_that_is_off_is_told(
    make: Callable[..., Host], settings: Settings, date: str, found: dict[str, str]
) -> None:
    answer = Answer(405, {"date": DATE.format(date)})
    assert await looked(make, settings, {HOOK: answer}) == found


async def test_the_page_from_outside(make: Callable[..., Host], settings: Settings) -> None:
    gone = await looked(make, settings, {PAGE + "feed.json": Answer(502)})
    assert gone == {"page": "wrong"}
    open_ = await looked(make, settings, {PAGE + "healthz": Answer(200)})
    assert open_ == {"page": "mind"}
    host = make(run=dig(RECORDS), now=lambda: NOW)
    there = world.World(host, Web({}), resolve=lambda _: ["198.51.100.7"])
    assert states(await world.look(settings, there, STATUS)) == {"page": "wrong"}


class Refused:
    """A bridge whose account is not good."""

    async def check(self) -> Health:
        return Health("", "answered 401")


def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = SimpleNamespace(hosts=frozenset(), made=lambda *_: Refused())
    monkeypatch.setattr(going_out, "plan", lambda *_, **__: one)


async def test_an_account_that_is_refused(
    make: Callable[..., Host], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(monkeypatch)
    assert await looked(make, settings) == {"destination hook": "wrong"}


async def test_a_secret_that_is_missing_is_said_once_with_the_settings(
    make: Callable[..., Host], node: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(monkeypatch)
    (node / "relay.toml").write_text(SETTINGS + 'token_file = "secrets/hook"\n')
    settings = load(node / "relay.toml")
    assert await looked(make, settings) == {}
    (node / "secrets/hook").touch(mode=0o600)
    assert await looked(make, settings) == {"destination hook": "wrong"}


async def test_a_look_that_hangs_is_given_up_after_ten_seconds(autojump_clock: object) -> None:
    found: list[Finding] = []
    began = trio.current_time()
    await world._within("name x", trio.sleep_forever, found)
    assert states(found) == {"name x": "wrong"}
    assert trio.current_time() - began == world.LOOK_S


@pytest.mark.parametrize("raised", [OutwordError("phone is missing"), RuntimeError("who@x")])
async def test_a_look_that_fails_hides_no_other(raised: Exception) -> None:
    async def fails() -> list[Finding]:
        raise raised

    found: list[Finding] = []
    await world._within("mailbox x", fails, found)
    assert states(found) == {"mailbox x": "wrong"}
    assert "who@x" not in repr(found)


@pytest.mark.parametrize(("role", "looked_at"), [("entry", False), ("exit", True)])
def test_an_entry_has_no_page_to_be_looked_at(
    make: Callable[..., Host], tmp_path: Path, role: str, looked_at: bool
) -> None:
    file = tmp_path / "relay.toml"
    file.write_text(f'[node]\nrole = "{role}"\n[channels.news]\n')
    here = world.World(make(), Web({}))
    looks = [name for name, _ in world._looks(load(file), here, None)]
    assert any("page" in name for name in looks) is looked_at


def test_what_a_node_says_of_itself_is_passed_on() -> None:
    assert states(world.board(None)) == {"node": "mind"}
    assert states(world.board(STATUS)) == {}
    assert states(world.board({**STATUS, "standing": "locked"})) == {"node": "wrong"}
    assert states(world.board({**STATUS, "lost": 1})) == {"node": "wrong"}
    bare = world.board({**STATUS, "standing": "keys"})[0]  # an entry, where nothing can be unlocked
    assert "keys import" in bare.remedy and "try again later" in bare.why
    cut = {"board": {"up": {"state": "blocked", "why": "cut"}}, "links": {"up": {}}}
    assert "kind of link" in world.board({**STATUS, **cut})[0].remedy
    bad = {**STATUS, "board": {"box": {"state": "login", "why": "wrong password"}}}
    assert world.board(bad)[0].why == "wrong password"


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("planned", "good"),
        *((state, "mind") for state in ("slow", "silent", "spent", "paused")),
        *((state, "wrong") for state in ("locked", "blocked", "login")),
    ],
)
def test_a_place_is_as_bad_as_its_state(state: str, found: str) -> None:
    [finding] = world.board({**STATUS, "board": {"x": {"state": state, "why": "until 23:00 UTC"}}})
    assert (finding.state, finding.what.startswith(f"x: {state}")) == (found, True)
    assert "until 23:00 UTC" in finding.what + finding.why


# ---------------------------------------------------------------- the command


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """The command without machine and world: findings are what the test says."""
    said = [Finding("swap", "good", "no swap")]
    monkeypatch.setattr("relay.cli.doctor._look", lambda *_: iter(said))
    return said


def run(node: Path, *words: str) -> Any:
    return CliRunner().invoke(doctor, [*words, "-c", str(node / "relay.toml")])


def test_good_is_short_and_with_v_long(node: Path, still: list[Finding]) -> None:
    short, long = run(node), run(node, "-v")
    assert (short.exit_code, long.exit_code) == (0, 0)
    assert "no swap" not in short.stdout and "no swap" in long.stdout


def test_what_is_wrong_comes_first_with_its_remedy(node: Path, still: list[Finding]) -> None:
    still.append(Finding("a", "mind", "to mind", "because", "do that"))
    assert run(node).exit_code == 0
    still.append(Finding("b", "wrong", "is wrong", "it hurts", "do this"))
    done = run(node)
    assert done.exit_code == 69
    assert done.stdout.index("is wrong") < done.stdout.index("to mind")
    assert "it hurts" in done.stdout and "-> do this" in done.stdout


def test_a_mistake_in_the_settings_is_78_and_the_rest_is_looked_at(
    node: Path, still: list[Finding]
) -> None:
    still.append(Finding("b", "wrong", "is wrong", "it hurts", "do this"))
    (node / "secrets/phone").unlink()
    done = run(node, "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 78
    assert [one["key"] for one in said["mistakes"]] == ["transports.phone.secret_file"]
    assert "relay login phone" in said["mistakes"][0]["remedy"]
    assert [one["check"] for one in said["findings"]] == ["b", "swap"]
    assert said["good"] is False and said["warnings"]
    (node / "relay.toml").write_text("nonsense")
    assert run(node).exit_code == 78
    (node / "relay.toml").unlink()
    assert run(node).exit_code == 78


def test_a_resolver_is_a_host_and_a_port(node: Path, still: list[Finding]) -> None:
    assert run(node, "--resolver", "127.0.0.1").exit_code == 2
    assert run(node, "--resolver", "127.0.0.1:5353").exit_code == 0
