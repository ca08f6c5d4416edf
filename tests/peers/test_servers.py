"""The servers that the other files here post to are really there."""

from __future__ import annotations

import pytest
from mail_server import READER, mail_host
from nostr_servers import nostr_relay, rust_nostr
from synapse_server import synapse
from wordpress_server import wordpress


@pytest.mark.parametrize("relay", [rust_nostr, nostr_relay])
def test_a_nostr_relay_has_nothing_of_nobody(tmp_path, relay):
    with relay(tmp_path) as there:
        assert there.events("0" * 64) == []


def test_synapse_has_accounts_and_rooms(tmp_path):
    with synapse(tmp_path) as there:
        one, other = there.account("one"), there.account("other")
        assert there.room(one, other).events() == []


def test_wordpress_has_an_author_who_may_post(tmp_path):
    with wordpress(tmp_path) as site:
        me = site.asks("GET", "/wp/v2/users/me?context=edit")
        assert me["capabilities"]["publish_posts"] is True


def test_a_mail_host_has_readers_without_mail():
    with mail_host() as host:
        assert host.mails(READER) == []
