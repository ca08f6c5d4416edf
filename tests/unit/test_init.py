"""``relay init``: nothing to edit afterwards, nothing that was there rewritten, nothing lost."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result

from relay.cli.init import Exists, init
from relay.cli.init_settings import MAX_CHARACTERS, Taken, Wanted, addition, new_file
from relay.cli.init_todo import address_of, ssh_port, tasks
from relay.cli.owner import as_owner_of
from relay.config import ImapIn, load
from relay.errors import SettingsError
from relay.plugins import mistakes
from relay.wire.exitfile import unlock_exit
from relay.wire.linkkeys import link_key_of


def run(*words: object) -> Result:
    return CliRunner().invoke(init, list(map(str, words)))


def made(folder: Path, *words: object) -> dict[str, list[str]]:
    done = run(folder, "--json", *words)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ((), "mail"),
        (("--transport", "mail", "--domain", "Example.NET"), "mail"),
        (("--transport", "phone", "--url", "https://news.example.net"), "phone"),
        (("--transport", "phone"), "phone"),
    ],
)
def test_a_node_would_start_with_it(tmp_path: Path, words: tuple[str, ...], name: str) -> None:
    made(tmp_path / "n", *words)
    settings = load(tmp_path / "n/relay.toml", mistakes)
    assert list(settings.transports) == [name]
    for path in (tmp_path / "n").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_domain_gives_one_known_name_and_all_others() -> None:
    table = tomllib.loads(new_file(Wanted("mail", domain="Example.net.")))
    assert table["transports"]["mail"]["addresses"] == ["post@example.net", "*@example.net"]


def test_a_mailbox_is_written_as_its_transport_reads_it() -> None:
    wanted = Wanted(
        "mailbox", imap="imap.example.org:1993", user="post@example.org", folder='نامه "1"'
    )
    wanted.check()
    assert tomllib.loads(new_file(wanted))["transports"]["mailbox"] == {
        "kind": "imap",
        "host": "imap.example.org",
        "port": 1993,
        "user": "post@example.org",
        "address": "post@example.org",
        "password_file": "secrets/mailbox",
        "folder": 'نامه "1"',
        "channel": "news",
    }
    other = Wanted("mailbox", imap="i.example.org", user="x", address="post@example.org")
    other.check()
    assert tomllib.loads(new_file(other))["transports"]["mailbox"]["address"] == "post@example.org"
    plain = Wanted("mailbox", imap="imap.example.org", user="post")
    section = tomllib.loads(new_file(plain))["transports"]["mailbox"]
    assert (section["port"], section["folder"], "address" in section) == (993, "INBOX", False)


def test_a_number_and_a_server_are_put_where_they_belong() -> None:
    wanted = Wanted("phone", number="+15550100123", mastodon="https://mastodon.example")
    wanted.check()
    table = tomllib.loads(new_file(wanted))
    assert table["transports"]["phone"]["number"] == "+15550100123"
    assert table["destinations"]["mastodon"]["token_file"] == "secrets/mastodon"
    assert table["channels"]["news"]["destinations"] == ["page", "mastodon"]


@pytest.mark.parametrize(
    "wrong",
    [
        Wanted("mail", domain="exa mple.org"),
        Wanted("mail", domain="-example.org"),
        Wanted("mail", domain="a" * 64 + ".org"),
        Wanted("mail", domain='example.org"\n[x]'),
        Wanted("phone", url="http://news.example.org"),
        Wanted("phone", url="https://news.example.org/sub"),
        Wanted("phone", url="https://who:what@news.example.org"),
        Wanted("phone", url="https://news.example.org{}"),
        Wanted("phone", url="https://news.example.org:x"),
        Wanted("phone", number="15550100123"),
        Wanted("phone", number="+1234567890123456"),
        Wanted("phone", number="+123456"),
        Wanted("phone", mastodon="mastodon.example"),
        Wanted("phone", mastodon="https://mastodon.example/@who"),
        Wanted("mailbox"),
        Wanted("mailbox", imap="imap.example.org"),
        Wanted("mailbox", imap="imap.example.org:0", user="x"),
        Wanted("mailbox", imap="imap.example.org:65536", user="x"),
        Wanted("mailbox", imap="imap.example.org:x", user="x"),
        Wanted("mailbox", imap="imap.example.org", user="x\n"),
        Wanted("mailbox", imap="imap.example.org", user="x" * (MAX_CHARACTERS + 1)),
        Wanted("mailbox", imap="imap.example.org", user="x", folder="a\nb"),
        Wanted("mailbox", imap="imap.example.org", user="x", address="post"),
        Wanted("mailbox", imap="imap.example.org", user="x", public=True),
        Wanted("phone", public=True),
        Wanted("mail", public=True),
        Wanted("", mastodon="https://mastodon.example", public=True),
    ],
    ids=lambda _: "wrong",
)
def test_what_cannot_be_meant_is_refused(wrong: Wanted) -> None:
    with pytest.raises(Exception, match=r"takes|needs"):
        wrong.check()


def test_what_is_just_within_the_limits_is_taken() -> None:
    Wanted("mail", domain="a" * 63 + ".org").check()
    Wanted("phone", number="+1234567").check()
    Wanted("phone", number="+123456789012345").check()
    Wanted("phone", url="http://127.0.0.1:8080").check()
    Wanted("mailbox", imap="imap.example.org:65535", user="x" * MAX_CHARACTERS).check()


def test_a_usage_error_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run(tmp_path / "n", "--transport", "mailbox")
    assert done.exit_code == 2 and "--imap" in done.output  # 64 where the command itself ends
    assert not (tmp_path / "n").exists()


def test_settings_that_this_version_cannot_read_are_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.cli.init.new_file", lambda _: "[nonsense]\n")
    assert isinstance(run(tmp_path / "n").exception, SettingsError)
    assert not (tmp_path / "n").exists()


def test_a_way_in_is_added_and_no_byte_of_before_is_changed(tmp_path: Path) -> None:
    made(tmp_path, "--transport", "mail", "--domain", "example.net")
    file = tmp_path / "relay.toml"
    file.write_text(file.read_text() + "# mine, without an end of line")
    file.chmod(0o640)
    before, key = file.read_bytes(), (tmp_path / "keys/exit.key").read_bytes()
    said = made(tmp_path, "--transport", "phone", "--url", "https://news.example.net")
    after = file.read_bytes()
    assert after.startswith(before) and len(after) > len(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert (tmp_path / "keys/exit.key").read_bytes() == key
    settings = load(file, mistakes)
    assert sorted(settings.transports) == ["mail", "phone"]
    assert settings.transports["phone"].channel == "news"
    assert said["by_hand"] == ['in relay.toml, [http]: url = "https://news.example.net"']
    assert [one for one in said["next"] if "login" in one] == [f"relay login phone -c {file}"]


def test_a_new_node_has_a_desk_for_this_machine_and_is_told_how_to_let_somebody_in(
    tmp_path: Path,
) -> None:
    said = made(tmp_path / "n")
    file = tmp_path / "n/relay.toml"
    desk = load(file, mistakes).desk
    assert desk is not None and desk.listen == ("127.0.0.1", 8081) and not desk.hosts
    assert said["next"][-1] == f"relay users add NAME --role editor -c {file}"
    assert "relay users add NAME" in run(tmp_path / "m").stdout


def test_a_desk_that_somebody_has_taken_away_is_not_put_back(tmp_path: Path) -> None:
    made(tmp_path)
    file = tmp_path / "relay.toml"
    file.write_text(file.read_text().replace('[desk]\nlisten = "127.0.0.1:8081"\n', ""))
    said = made(tmp_path, "--transport", "phone")
    assert load(file).desk is None
    assert [one for one in said["next"] if "users" in one] == []
    more = run(tmp_path, "--mastodon", "https://mastodon.example")
    assert more.exit_code == 0 and "users add" not in more.stdout


def test_http_is_added_where_there_was_none() -> None:
    more = tomllib.loads(addition(Wanted("phone", url="https://n.example"), {}, "news"))
    assert more["http"] == {"listen": "127.0.0.1:8080", "url": "https://n.example"}


@pytest.mark.parametrize(
    "table",
    [{"transports": {"phone": {}}}, {"channels": {"phone": {}}}, {"destinations": {"phone": {}}}],
)
def test_a_name_that_is_there_is_refused(table: dict[str, dict[str, dict[str, str]]]) -> None:
    with pytest.raises(Taken):
        addition(Wanted("phone"), table, "news")


def test_what_is_refused_changes_nothing(tmp_path: Path) -> None:
    made(tmp_path)
    before = (tmp_path / "relay.toml").read_bytes()
    assert isinstance(run(tmp_path).exception, Exists)
    refused = run(tmp_path, "--transport", "mail").exception
    assert isinstance(refused, Taken) and refused.exit_code == Exists.exit_code == 73
    assert run(tmp_path, "--transport", "phone", "--channel", "nowhere").exit_code == 2
    assert (tmp_path / "relay.toml").read_bytes() == before


def test_the_key_of_a_phone_is_made_and_kept(tmp_path: Path) -> None:
    made(tmp_path, "--transport", "phone")
    key = (tmp_path / "secrets/phone").read_bytes()
    assert len(key.strip()) == 64
    made(tmp_path, "--transport", "mail")
    assert (tmp_path / "secrets/phone").read_bytes() == key


def test_what_was_told_lies_in_the_folder_as_well(tmp_path: Path) -> None:
    done = run(tmp_path, "--transport", "mail", "--domain", "example.net",
               "--url", "https://news.example.net")  # fmt: skip
    assert done.exit_code == 0
    kept = {path.name: path.read_text() for path in (tmp_path / "todo").iterdir()}
    assert sorted(kept) == ["Caddyfile", "dns.txt", "firewall.nft", "nginx.conf"]
    assert all(text in done.stdout for text in kept.values())
    for line in ("relay doctor", "relay run", "relay queue release"):
        assert line in done.stdout


# ---------------------------------------------------------------- on a terminal


def answered(monkeypatch: pytest.MonkeyPatch, answers: list[str], *words: object) -> Result:
    """The command on a terminal where somebody types these lines."""
    monkeypatch.setattr("relay.cli.init._terminal", lambda: True)
    return CliRunner().invoke(init, list(map(str, words)), input="\n".join(answers) + "\n")


def test_a_terminal_is_asked_for_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["phone", "https://news.example.net", "https://mastodon.example/", "", ""]
    done = answered(monkeypatch, answers, tmp_path)
    assert done.exit_code == 0, done.output
    settings = load(tmp_path / "relay.toml")
    assert list(settings.transports) == ["phone"]
    assert settings.http and settings.http.url == "https://news.example.net"
    assert settings.destinations["mastodon"].rest["server"] == "https://mastodon.example"
    assert "relay login phone" in done.stdout and "relay login mastodon" in done.stdout


def test_a_terminal_is_asked_for_a_mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["mailbox", "imap.example.org", "post@example.org", "relay", "", "", "", ""]
    done = answered(monkeypatch, answers, tmp_path)
    assert done.exit_code == 0, done.output
    box = load(tmp_path / "relay.toml").transports["mailbox"]
    assert isinstance(box, ImapIn)
    assert (box.host, box.user, box.folder) == ("imap.example.org", "post@example.org", "relay")


def test_a_passphrase_that_was_chosen_is_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = "correct horse"
    answers = ["mail", "example.net", "", "", chosen, chosen]
    done = answered(monkeypatch, answers, tmp_path)
    assert done.exit_code == 0, done.output
    assert chosen not in done.output
    assert not (tmp_path / "secrets/passphrase").exists()
    key = (tmp_path / "keys/exit.key").read_bytes()
    assert unlock_exit(key, chosen.encode())


def test_what_was_given_is_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("--transport", "mail", "--domain", "example.net", "--url", "https://n.example")
    done = answered(monkeypatch, ["", "", ""], tmp_path, *words)
    assert done.exit_code == 0 and "mail domain" not in done.stdout
    quiet = answered(monkeypatch, [], tmp_path / "quiet", "--json")
    assert quiet.exit_code == 0 and json.loads(quiet.stdout)["next"]


# ---------------------------------------------------------------- todo


def todo(tmp_path: Path, *words: str, address: str = "198.51.100.7") -> dict[str, str]:
    made(tmp_path / "n", *words)
    return tasks(load(tmp_path / "n/relay.toml"), address, 2222)


def test_mail_and_web_of_one_domain(tmp_path: Path) -> None:
    said = todo(tmp_path, "--domain", "example.net", "--url", "https://news.example.net")
    dns = said["dns.txt"].splitlines()
    assert "news.example.net.  3600  IN  A  198.51.100.7" in dns
    assert "example.net.  3600  IN  MX  10 news.example.net." in dns
    assert 'example.net.  3600  IN  TXT  "v=spf1 -all"' in dns
    assert '_mta-sts.example.net.  3600  IN  TXT  "v=STSv1; id=1"' in dns
    assert not [line for line in dns if line.startswith("_smtp._tls")]
    assert "tcp dport { 25, 80, 443, 2222 } accept" in said["firewall.nft"]
    assert "reverse_proxy 127.0.0.1:8080" in said["Caddyfile"]
    assert "access_log off;" in said["nginx.conf"]
    policy = "version: STSv1\nmode: testing\nmx: news.example.net\nmax_age: 604800\n"
    assert f'"{policy}"' in said["Caddyfile"]
    assert policy.replace("\n", "\\n") in said["nginx.conf"]


def test_a_proxy_that_is_believed_names_the_address_it_saw(tmp_path: Path) -> None:
    made(tmp_path, "--url", "https://news.example.net")
    file = tmp_path / "relay.toml"
    before = file.read_text()
    said = tasks(load(file), "198.51.100.7")
    assert "X-Forwarded-For 0.0.0.0" in said["Caddyfile"]
    assert "X-Forwarded-For 0.0.0.0;" in said["nginx.conf"]
    file.write_text(before.replace("[http]\n", '[http]\nbehind = ["127.0.0.1"]\n'))
    said = tasks(load(file), "198.51.100.7")
    assert "X-Forwarded-For" not in said["Caddyfile"]
    assert "X-Forwarded-For $proxy_add_x_forwarded_for;" in said["nginx.conf"]
    file.write_text(before + '[tls]\ncertificate = "c.pem"\nkey = "k.pem"\n')
    assert sorted(tasks(load(file), "198.51.100.7")) == ["dns.txt", "firewall.nft"]


def test_a_proxy_lets_through_what_the_ways_in_take_and_writes_none_of_it(tmp_path: Path) -> None:
    made(tmp_path, "--url", "https://news.example.net")
    file = tmp_path / "relay.toml"
    sizes = []
    for kind in ("", "sms", "form"):
        if kind:
            key = 'gateway = "android"\nsecret_file = "secrets/x"\n' if kind == "sms" else ""
            section = f'[transports.{kind}]\nkind = "{kind}"\nchannel = "news"\n{key}'
            file.write_text(f"{file.read_text()}\n{section}")
        said = tasks(load(file), "198.51.100.7")
        assert "proxy_request_buffering off;" in said["nginx.conf"]
        [size] = re.findall(r"client_max_body_size (\d+)m;", said["nginx.conf"])
        assert f"max_size {size}MiB" in said["Caddyfile"]
        sizes.append(int(size))
    assert sizes == [1, 4, 10]


@pytest.mark.parametrize(
    ("listen", "written"),
    [
        (("127.0.0.1", 8080), "127.0.0.1:8080"),
        (("0.0.0.0", 80), "127.0.0.1:80"),
        (("::", 80), "[::1]:80"),
        (("2001:db8::7", 80), "[2001:db8::7]:80"),
    ],
)
def test_where_a_proxy_finds_us(listen: tuple[str, int], written: str) -> None:
    assert address_of(listen) == written


def test_mail_alone_has_a_name_of_its_own_and_an_address_may_be_ipv6(tmp_path: Path) -> None:
    said = todo(tmp_path, "--domain", "example.net", address="2001:db8::7")
    assert sorted(said) == ["dns.txt", "firewall.nft"]
    assert "mx.example.net.  3600  IN  AAAA  2001:db8::7" in said["dns.txt"]
    assert "tcp dport { 25, 2222 } accept" in said["firewall.nft"]


def test_settings_without_a_domain_ask_for_no_records(tmp_path: Path) -> None:
    said = todo(tmp_path)
    assert sorted(said) == ["firewall.nft"]
    assert "tcp dport { 2222 } accept" in said["firewall.nft"]


def test_the_phone_is_told_address_events_and_where_its_key_comes_from(tmp_path: Path) -> None:
    said = todo(tmp_path, "--transport", "phone", "--url", "https://news.example.net")["phone.txt"]
    hooks = [json.loads(line.strip()[4:-1]) for line in said.splitlines() if "-d '" in line]
    assert [(one["event"], one["url"]) for one in hooks] == [
        ("sms:received", "https://news.example.net/in/phone"),
        ("mms:downloaded", "https://news.example.net/in/phone"),
        ("system:ping", "https://news.example.net/in/phone"),
    ]
    assert "relay login phone" in said and "Ping" in said


def test_a_mailbox_starts_after_its_login_and_its_owner_is_warned(tmp_path: Path) -> None:
    words = ("--transport", "mailbox", "--imap", "imap.example.org", "--user", "post@example.org")
    said = made(tmp_path / "n", *words)
    file = tmp_path / "n/relay.toml"
    assert said["next"][0] == f"relay login mailbox -c {file}"
    with pytest.raises(SettingsError, match="relay login mailbox"):
        load(file, mistakes)
    whole = (tmp_path / "n/todo/mailbox.txt").read_text()
    assert "EVERY mail" in whole and "relay login mailbox" in whole
    named = todo(tmp_path / "m", *words, "--folder", "خبر")["mailbox.txt"]
    assert "EVERY" not in named and "خبر" in named


def test_the_port_the_operator_came_by_stays_open() -> None:
    assert ssh_port({"SSH_CONNECTION": "198.51.100.7 50000 203.0.113.9 2222"}) == 2222
    assert ssh_port({}) == 22
    assert ssh_port({"SSH_CONNECTION": "x y z 99999"}) == 22


def test_a_number_for_readers_is_good(tmp_path: Path) -> None:
    made(tmp_path, "--transport", "phone", "--number", "+15550100123", "--public")
    assert load(tmp_path / "relay.toml", mistakes).transports["phone"].public


# ---------------------------------------------------------------- whose files


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_makes_files_for_the_owner_of_the_folder() -> None:
    with TemporaryDirectory() as place:  # pytest's own folders let nobody else through
        Path(place).chmod(0o755)
        node = Path(place) / "n"
        node.mkdir(mode=0o700)
        os.chown(node, 65534, 65534)
        made(node, "--transport", "phone")
        assert os.geteuid() == 0
        assert {path.stat().st_uid for path in [node, *node.rglob("*")]} == {65534}
        with as_owner_of(node / "not/there"):
            assert os.geteuid() == 65534


def test_an_entry_has_its_way_in_and_no_key_that_opens(tmp_path: Path) -> None:
    told = made(tmp_path / "n", "--role", "entry", "--domain", "example.net")
    settings = load(tmp_path / "n/relay.toml", mistakes)
    assert (settings.node.role, list(settings.transports)) == ("entry", ["mail"])
    assert not (tmp_path / "n/keys/exit.key").exists() and (tmp_path / "n/keys/link.key").exists()
    assert told["page_key"] == "" and told["next"][0].startswith("relay keys list")


def test_an_exit_has_no_way_in_and_a_page(tmp_path: Path) -> None:
    told = made(tmp_path / "n", "--role", "exit")
    settings = load(tmp_path / "n/relay.toml", mistakes)
    assert (settings.node.role, settings.transports) == ("exit", {})
    assert str(told["page_key"]).count("-") == 7


@pytest.mark.parametrize(
    "words",
    [
        ("--role", "exit", "--transport", "mail"),
        ("--role", "entry", "--mastodon", "https://mastodon.example"),
        ("--role", "entry", "--public", "--domain", "example.net"),
    ],
)
def test_what_a_role_does_not_have_is_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run(tmp_path / "n", *words).exit_code == 2
    assert not (tmp_path / "n").exists()


def test_the_role_of_a_node_that_is_there_is_not_changed(tmp_path: Path) -> None:
    made(tmp_path / "n")
    assert run(tmp_path / "n", "--role", "entry", "--transport", "phone").exit_code == 2


def test_what_is_written_for_the_other_side_fits_once_its_keys_are_there(tmp_path: Path) -> None:
    for role in ("entry", "exit"):
        file = tmp_path / role / "relay.toml"
        made(tmp_path / role, "--role", role)
        written = file.read_text()
        link = link_key_of(role.encode().ljust(32)).written
        identity = "A" * 43
        head, peers, tail = written.partition("# [peers")
        tail = re.sub(r"(?m)^# ", "", peers + tail).replace("HOST:7443", "192.0.2.1:7443")
        tail = tail.replace('link = "..."', f'link = "{link}"')
        file.write_text(head + tail.replace('identity = "..."', f'identity = "{identity}"'))
        assert load(file, mistakes).peers.keys() == {"north" if role == "entry" else "south"}


def test_the_firewall_of_an_exit_lets_its_entries_in(tmp_path: Path) -> None:
    made(tmp_path / "n", "--role", "exit")
    file = tmp_path / "n/relay.toml"
    said = tasks(load(file), "198.51.100.7", 22)["firewall.nft"]
    assert "tcp dport { 22, 7443 } accept" in said
    link = '[links.tls]\nkind = "https"\nlisten = "0.0.0.0:8443"\n'
    file.write_text(file.read_text() + link)
    assert "{ 22, 8443 }" in tasks(load(file), "198.51.100.7", 22)["firewall.nft"]
