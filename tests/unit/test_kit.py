"""What bridges share: keys, what an answer means, secrets, files that survive."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridges import kit
from bridges.kit.fitting import ALL, NO_MEDIA, least, of_size
from relay.model import Later, Posted, Refused, Stopped, Unsure
from relay.ports import Answer

NOW = 1_795_000_000
AGAIN = {"retry-after": "120"}


# ---------------------------------------------------------------- keys


def test_a_part_key_is_hmac_sha256_cut_to_32_hex_characters():
    # printf 'part 0' | openssl dgst -sha256 -mac hmac -macopt hexkey:0707...(32 bytes)
    assert kit.part_key(b"\x07" * 32, 0) == "b61b4c17926913071f18df358339e4f5"
    assert kit.part_key(b"\x07" * 32, 1) != kit.part_key(b"\x07" * 32, 0)
    assert kit.part_key(b"\x08" * 32, 0) != kit.part_key(b"\x07" * 32, 0)


# ---------------------------------------------------------------- answers


def means(status, headers=None):
    answer = Answer(status, headers or {}, b"<html>")
    return kit.outcome(answer, now=NOW, action="renew the token")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, Stopped("answered 401", "renew the token")),
        (402, Stopped("answered 402", "renew the token")),
        (403, Stopped("answered 403", "renew the token")),
        (404, Stopped("answered 404", "renew the token")),
        (410, Stopped("answered 410", "renew the token")),
        (400, Refused("answered 400")),
        (413, Refused("answered 413")),
        (422, Refused("answered 422")),
        (408, Later("answered 408", NOW + 120)),
        (425, Later("answered 425", NOW + 120)),
        (429, Later("answered 429", NOW + 120, "destination")),
        (407, Later("answered 407", NOW + 120, "host")),
        (421, Later("answered 421", NOW + 120, "host")),
        (308, Later("answered 308", NOW + 120, "host")),
        (503, Later("answered 503", NOW + 120, "host")),
    ],
)
def test_what_a_status_means_to_every_bridge(status, expected):
    assert means(status, AGAIN) == expected


@pytest.mark.parametrize("status", [200, 201, 301, 302, 303, 409, 500, 502, 503, 504, 520, 527])
def test_what_may_have_been_done_is_doubt_also_where_a_repeat_does_no_harm(status):
    assert means(status) == Unsure(f"answered {status}")


@given(st.integers(100, 999))
def test_no_answer_without_a_known_success_is_ever_posted(status):
    assert isinstance(means(status), Later | Refused | Unsure | Stopped)


@pytest.mark.parametrize("status", [200, 302, 409, 500, 502, 503, 504])
def test_what_made_something_public_perhaps_is_doubt_whatever_the_bridge_thinks(status):
    answer = Answer(status, {}, b"<html>")
    assert kit.doubted(answer, Later("try again"), NOW) == Unsure(f"answered {status}")
    assert kit.doubted(answer, Posted("1"), NOW) == Posted("1")


@pytest.mark.parametrize("status", [400, 401, 403, 429])
def test_what_certainly_made_nothing_public_is_what_the_bridge_thinks(status):
    assert kit.doubted(Answer(status, {}, b""), Refused("no"), NOW) == Refused("no")
    assert kit.doubted(Later("away"), Later("away"), NOW) == Later("away")
    assert kit.doubted(Unsure("cut"), Later("cut"), NOW) == Unsure("cut")


# ---------------------------------------------------------------- Retry-After


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 1),
        ("1", 1),
        ("21600", 21600),
        ("21601", 21600),
        ("9" * 5000, 21600),
        ("Wed, 18 Nov 2026 11:08:40 GMT", 5 * 60 + 20 + 3600),
        ("Wednesday, 18-Nov-26 11:08:40 GMT", 5 * 60 + 20 + 3600),
        ("Wed Nov 18 11:08:40 2026", 5 * 60 + 20 + 3600),
        ("Wed, 18 Nov 2020 00:00:00 GMT", 1),
        ("Wed, 18 Nov 2099 00:00:00 GMT", 21600),
    ],
)
def test_retry_after_in_both_its_forms_is_kept_between_a_second_and_six_hours(said, wait_s):
    now = int(datetime(2026, 11, 18, 10, 3, 20, tzinfo=UTC).timestamp())
    assert kit.retry_after({"retry-after": said}, now) == now + wait_s


def test_a_date_is_measured_against_the_servers_own_clock():
    theirs = NOW + 86_400
    headers = {
        "retry-after": format_datetime(datetime.fromtimestamp(theirs + 300, UTC), usegmt=True),
        "date": format_datetime(datetime.fromtimestamp(theirs, UTC), usegmt=True),
    }
    assert kit.retry_after(headers, NOW) == NOW + 300


@pytest.mark.parametrize("said", ["", "soon", "-5", "1.5", "1e3", "٣", "0x10", "Wed, 99 Nov", ","])
def test_garbage_says_nothing(said):
    assert kit.retry_after({"retry-after": said}, NOW) is None


@settings(max_examples=50)
@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_it_says_the_wait_is_bounded(said, date):
    again = kit.retry_after({"retry-after": said, "date": date}, NOW)
    assert again is None or NOW + 1 <= again <= NOW + 6 * 3600


# ---------------------------------------------------------------- success bodies


@pytest.mark.parametrize(
    ("kind", "body", "made"),
    [
        ("application/json", b'{"id": "1"}', {"id": "1"}),
        ("application/json; charset=utf-8", b"{}", {}),
        ("Application/Activity+JSON", b"{}", {}),
        ("text/html", b'{"id": "1"}', None),
        ("", b"{}", None),
        ("application/json", b"<html>log in</html>", None),
        ("application/json", b"[]", None),
        ("application/json", b"", None),
        ("application/json", b"[" * 100_000, None),
        ("application/json", b"\xff\xfe{", None),
    ],
)
def test_a_log_in_page_is_no_json_whatever_its_status(kind, body, made):
    assert kit.json_object(Answer(200, {"content-type": kind}, body)) == made


@pytest.mark.parametrize(
    ("body", "made"),
    [
        (b'["\\ud83d\\ude00"]', ["\U0001f600"]),
        (b'{"\\uD800": ["a\\udfff"]}', {"?": ["a?"]}),
        (b'"\\\\ud800"', "\\ud800"),
        (b'\xef\xbb\xbf"x"', "x"),
        (b'"\xed\xa0\x80"', None),
        (b"[" * 100_000, None),
        (b"9" * 10_000, None),
    ],
)
def test_what_json_says_can_be_written_again(body, made):
    assert kit.json_value(body) == made


# ---------------------------------------------------------------- secrets


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"  hush\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_secret_is_read_without_the_white_space_around_it(secret, mode):
    secret.chmod(mode)
    assert kit.read_secret(str(secret)) == b"hush"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o700, 0o4600])
def test_a_secret_that_others_could_read_is_not_used(secret, mode):
    secret.chmod(mode)
    with pytest.raises(kit.BadSecret, match="chmod") as caught:
        kit.read_secret(str(secret))
    assert "hush" not in str(caught.value) and str(secret) not in str(caught.value)


def test_a_link_a_pipe_and_a_missing_file_are_no_secrets(secret, tmp_path):
    (tmp_path / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("link", "pipe", "nothing", "."):
        with pytest.raises(kit.BadSecret):
            kit.read_secret(str(tmp_path / name))


@pytest.mark.parametrize(("size", "good"), [(0, False), (1, True), (8192, True), (8193, False)])
def test_a_secret_holds_1_to_8192_bytes(secret, size, good):
    secret.write_bytes(b"x" * size)
    if good:
        assert len(kit.read_secret(str(secret))) == size
    else:
        with pytest.raises(kit.BadSecret, match="empty, or too long"):
            kit.read_secret(str(secret))


def test_a_secret_of_somebody_else_is_not_used(secret, monkeypatch):
    if os.geteuid() == 0:
        os.chown(secret, 4242, 4242)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(kit.BadSecret, match="chown"):
        kit.read_secret(str(secret))


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url",
    ["https://a.example/in?x=1", "http://127.0.0.1:1/in", "http://[::1]/", "http://localhost/"],
)
def test_addresses_a_bridge_may_post_to(url):
    assert kit.web_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "http://127.0.0.1.example.org/",
        "ftp://a/",
        "a.example",
        "https://",
        "https://u:p@a.example/",
        "https://a.example/#part",
        "https://a:port/",
        "",
    ],
)
def test_addresses_it_may_not(url):
    with pytest.raises(ValueError) as caught:
        kit.web_address(url)
    assert "u:p" not in str(caught.value)


# ---------------------------------------------------------------- files


def test_a_file_is_whole_or_what_it_was(tmp_path, monkeypatch):
    kit.write_file(tmp_path, "a", b"old", when=NOW)
    assert (tmp_path / "a").stat().st_mtime == NOW

    def full(descriptor):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        kit.write_file(tmp_path, "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_link_left_in_the_temp_files_place_is_not_followed(tmp_path):
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / ".a.tmp").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError):
        kit.write_file(tmp_path, "a", b"new")
    assert (tmp_path / "victim").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no room on the disk"),
        (errno.EDQUOT, "no room on the disk"),
        (errno.EROFS, "the folder cannot be written"),
        (errno.EACCES, "the folder cannot be written"),
        (errno.ENOENT, "the folder is not there"),
        (errno.EIO, "the disk reported an error"),
    ],
)
def test_the_disk_is_spoken_of_in_our_words(number, words):
    assert kit.disk_trouble(OSError(number, "x", "/secret/path")) == words


# ---------------------------------------------------------------- limits that headers tell


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOW + 60)}, 60),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "90"}, 90),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(NOW + 5)}, 5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "1.25"}, 2),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-18T11:07:40.5Z"}, 60),
        ({"x-ratelimit-remaining": "0"}, None),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": str(NOW + 60)}, None),
        ({"x-ratelimit-remaining": "none", "x-ratelimit-reset": str(NOW + 60)}, None),
        ({"x-ratelimit-reset": str(NOW + 60)}, None),
        ({"retry-after": "60"}, None),
    ],
)
def test_a_limit_is_used_up_when_the_platform_says_that_nothing_is_left(headers, wait):
    assert kit.used_up(headers, NOW) == (None if wait is None else NOW + wait)


def test_a_bare_503_with_a_limits_reset_is_still_doubt():
    # Some servers name a reset with every answer: it does not say that nothing was done.
    assert means(503, {"x-ratelimit-reset": str(NOW + 60)}) == Unsure("answered 503")


@pytest.mark.parametrize("said", ["1", "a-b_c", "9" * 64])
def test_an_id_of_a_platform_is_a_short_plain_word(said):
    assert kit.is_ref(said)


@pytest.mark.parametrize("said", ["", "-", "a b", "a/b", "é", "9" * 65, "\0", None, 7, "a?b", ".."])
def test_what_could_be_a_path_or_a_query_is_no_id(said):
    assert not kit.is_ref(said)


# ---------------------------------------------------------------- secrets that are renewed


def test_a_secret_is_written_for_us_alone_and_whole(tmp_path):
    path = tmp_path / "token"
    kit.write_secret(str(path), b"one")
    kit.write_secret(str(path), b"two")
    assert kit.read_secret(str(path)) == b"two"
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["token"]


# ---------------------------------------------------------------- what is taken


def test_limits_of_a_platform_lower_what_a_cleaner_makes_and_never_raise_it():
    lower = least(ALL, image_bytes=5, film_bytes=10**12, film_seconds=140, sound_bytes=0)
    assert lower == replace(ALL, image_bytes=5, film_seconds=140, sound_bytes=0)
    assert of_size(7) == replace(ALL, image_bytes=7, film_bytes=7, sound_bytes=7)
    assert of_size(7, NO_MEDIA) == NO_MEDIA
