"""Entry and exit: what each may have, how peers and links fit together, all mistakes at once."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from relay.config import Settings, load, warnings
from relay.config.linking import FolderLink, HttpsLink, MailLink, Peer
from relay.errors import SettingsError
from relay.keyfiles import write_secret
from relay.plugins import destinations
from relay.plugins.checking import mistakes as beyond
from relay.wire.bundle import Bundle, sign_bundle
from relay.wire.epochs import make_daily_key
from relay.wire.keys import link_file
from relay.wire.linkkeys import link_key_of
from relay.wire.primitives import signing_public

B, C = (link_key_of(bytes([n]) * 32).written for n in (2, 3))
EPOCHS = (make_daily_key(0).public,)
IDENTITY, OTHER = (
    urlsafe_b64encode(signing_public(bytes([n]) * 32)).decode().rstrip("=") for n in (8, 9)
)
ENTRY = f"""
[node]
role = "entry"
[channels.news]
[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]
[peers.b]
link = "{B}"
identity = "{IDENTITY}"
[links.web]
kind = "https"
peer = "b"
url = "https://192.0.2.1:443"
"""
EXIT = f"""
[node]
role = "exit"
[channels.news]
[peers.a]
link = "{B}"
[links.web]
kind = "https"
listen = "127.0.0.1:0"
"""


def read(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "relay.toml").write_text(text)
    return load(tmp_path / "relay.toml", beyond)


def mistakes(tmp_path: Path, text: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, text)
    assert all(one.what and one.remedy for one in raised.value.mistakes)
    return {one.key: f"{one.what}; {one.remedy}" for one in raised.value.mistakes}


def test_an_entry_posts_nowhere_and_has_no_page(tmp_path: Path) -> None:
    settings = read(tmp_path, ENTRY)
    assert destinations(settings) == {} and settings.node.road_s == 14 * 86400
    assert "node.role" not in dict(warnings(settings))


def test_an_entry_has_the_destinations_of_its_alarms(tmp_path: Path) -> None:
    more = '[alarms]\nto = ["ops"]\n[destinations.ops]\nbridge = "folder"\nfolder = "ops"\n'
    assert list(destinations(read(tmp_path, ENTRY + more))) == ["ops"]


def test_what_an_entry_may_not_have_is_refused_all_at_once(tmp_path: Path) -> None:
    text = ENTRY.replace(
        "[channels.news]", '[channels.news]\nreview = "none"\ndelay = ["0s", "1s"]'
    )
    text = text.replace(
        'role = "entry"', 'role = "entry"\npassphrase_file = "p"\nsegments_wait = "5m"'
    )
    text = text.replace('kind = "smtp"', 'kind = "smtp"\npublic = true')
    text += '[desk]\nlisten = "127.0.0.1:0"\n[canary]\n[spool]\nkeep_originals = "1d"\n'
    text += '[destinations.page]\nbridge = "feed"\n[destinations.box]\nbridge = "folder"\n'
    text += 'folder = "box"\n'
    found = mistakes(tmp_path, text)
    assert found.keys() >= {
        "channels.news.review",
        "channels.news.delay",
        "node.passphrase_file",
        "node.segments_wait",
        "transports.mail.public",
        "desk",
        "canary",
        "spool.keep_originals",
        "destinations.page",
        "destinations.box",
    }


def test_an_exit_has_no_way_in(tmp_path: Path) -> None:
    way_in = '[transports.mail]\nkind = "smtp"\nlisten = "127.0.0.1:0"\nchannel = "news"\n'
    way_in += 'addresses = ["post@example.org"]\n'
    found = mistakes(tmp_path, EXIT.replace('"exit"', '"exit"\ndoor_age = "2h"') + way_in)
    assert found.keys() == {"transports.mail", "node.door_age"}
    assert read(tmp_path, EXIT).node.role == "exit"


@pytest.mark.parametrize("text", [ENTRY, EXIT])
def test_a_node_that_knows_no_other_yet_is_warned_of(tmp_path: Path, text: str) -> None:
    """Each side needs the keys of the other before it can be written: one has to begin."""
    node, _, _ = text.partition("[peers")
    assert "peers" in dict(warnings(read(tmp_path, node)))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (f'identity = "{IDENTITY}"', "", "peers.b.identity"),
        (f'identity = "{IDENTITY}"', 'identity = "short"', "peers.b.identity"),
        (f'link = "{B}"', 'link = "short"', "peers.b.link"),
        ('peer = "b"', 'peer = "c"', "links.web.peer"),
        ('peer = "b"', "", "links.web.peer"),
        ('"https://192.0.2.1:443"', '"http://192.0.2.1:443"', "links.web.url"),
        ('url = "https://192.0.2.1:443"', 'listen = "127.0.0.1:0"', "links.web.listen"),
        ('kind = "https"', 'kind = "pigeon"', "links.web.kind"),
        ('kind = "https"', "", "links.web.kind"),
        ('peer = "b"', 'peer = "b"\nroutes = ["tor"]', "links.web.routes"),
        ('peer = "b"', 'peer = "b"\nafter = "1h"', "links.*.after"),
        ('peer = "b"', 'peer = "b"\nafter = "15d"', "links.web.after"),
        (f'identity = "{IDENTITY}"', f'identity = "{IDENTITY}"\nafter = "1h"', "peers.*.after"),
        (f'identity = "{IDENTITY}"', f'identity = "{IDENTITY}"\nafter = "20d"', "peers.b.after"),
        ("[links.web]", "[links.mail]", "links.mail"),
        ("[links.web]", "[links.b]", "links.b"),
    ],
)
def test_a_mistake_of_an_entry_is_told_by_its_key(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    assert key in mistakes(tmp_path, ENTRY.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (f'link = "{B}"', f'link = "{B}"\nidentity = "{IDENTITY}"', "peers.a.identity"),
        (f'link = "{B}"', f'link = "{B}"\nafter = "1h"', "peers.a.after"),
        ('listen = "127.0.0.1:0"', 'peer = "a"\nurl = "https://192.0.2.1"', "links.web.url"),
        ('listen = "127.0.0.1:0"', 'listen = "127.0.0.1:0"\nafter = "1h"', "links.web.after"),
    ],
)
def test_a_mistake_of_an_exit_is_told_by_its_key(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    assert key in mistakes(tmp_path, EXIT.replace(old, new))


def test_a_peer_without_a_link_is_named(tmp_path: Path) -> None:
    more = f'[peers.c]\nlink = "{C}"\nidentity = "{OTHER}"\n'
    assert mistakes(tmp_path, ENTRY + more).keys() == {"peers.c"}


def test_two_peers_are_two_nodes(tmp_path: Path) -> None:
    more = f'[peers.c]\nlink = "{B}"\nidentity = "{IDENTITY}"\n'
    more += '[links.folder]\nkind = "folder"\nfolder = "f"\npeer = "c"\n'
    assert mistakes(tmp_path, ENTRY + more).keys() == {"peers.c.link", "peers.c.identity"}


def test_no_envelope_has_more_exits_than_slots(tmp_path: Path) -> None:
    more = "".join(
        f'[peers.p{n}]\nlink = "{link_key_of(bytes([n]) * 32).written}"\n'
        f'identity = "{urlsafe_b64encode(bytes([n]) * 32).decode().rstrip("=")}"\n'
        f'[links.w{n}]\nkind = "https"\nurl = "https://192.0.2.1"\npeer = "p{n}"\n'
        for n in range(20, 24)
    )
    assert mistakes(tmp_path, ENTRY + more).keys() == {"peers"}


def test_a_link_on_a_node_that_knows_nobody_is_a_mistake(tmp_path: Path) -> None:
    text = '[channels.news]\n[links.web]\nkind = "https"\nlisten = "127.0.0.1:0"\n'
    assert mistakes(tmp_path, text).keys() == {"links"}


def test_our_own_link_key_is_no_peer(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    write_secret(tmp_path / "keys" / "link.key", link_file(bytes([2]) * 32))
    assert mistakes(tmp_path, ENTRY).keys() == {"peers.b.link"}


def test_what_opens_messages_does_not_lie_at_an_entry(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys" / "exit.key").touch(mode=0o600)
    assert mistakes(tmp_path, ENTRY).keys() == {"node.role"}


def test_a_road_longer_than_an_exit_keeps_its_keys_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys" / "exits"
    folder.mkdir(mode=0o700, parents=True)

    def keeps(road_s: int) -> None:
        made = Bundle(signing_public(bytes([8]) * 32), bytes(32), 1, 0, road_s, EPOCHS)
        write_secret(folder / "b.bundle", sign_bundle(made, bytes([8]) * 32))

    keeps(14 * 86400 - 1)
    assert mistakes(tmp_path, ENTRY).keys() == {"node.road"}
    keeps(14 * 86400)
    assert read(tmp_path, ENTRY)


def test_a_secret_of_a_link_that_is_not_there_is_named(tmp_path: Path) -> None:
    more = '[links.post]\nkind = "mail"\npeer = "b"\nto = "b@example.org"\n'
    more += (
        'sender = "a@example.org"\nsmtp = "smtp.example.org:465"\nimap = "imap.example.org:993"\n'
    )
    more += 'user = "a"\npassword_file = "secrets/post"\n'
    assert "links.post.password_file" in mistakes(tmp_path, ENTRY + more)


def test_one_exit_and_one_kind_of_link_are_worth_a_word(tmp_path: Path) -> None:
    assert [key for key, _ in warnings(read(tmp_path, ENTRY))] == ["peers", "peers.b"]


def test_the_example_and_the_docs_have_every_key_of_peers_and_links() -> None:
    root = Path(__file__).parents[2]
    example = (root / "relay.toml.example").read_text("utf-8")
    told = (root / "docs" / "settings.md").read_text("utf-8")
    for model in (Peer, HttpsLink, MailLink, FolderLink):
        for key in model.model_fields:
            assert f"# {key} = " in example and f"`{key}`" in told, (model, key)
