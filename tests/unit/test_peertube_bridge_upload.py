"""A film goes up in pieces, from wherever the server says it stands."""

from __future__ import annotations

import pytest
from film_parts import Hands, empty, said

from bridges.video import progress, ranges, resuming
from bridges.video.comments import MOST, Cursor, cursor_of, moment, replied
from bridges.video.progress import Progress
from bridges.video.resuming import PIECE, Gone, Upload, Whole
from relay.model import Later, Refused, Reply
from relay.ports import Unsure

SIZE = 3 * PIECE + 5
FILM = bytes(SIZE)
NO = Refused("no")


class Server:
    """An upload: what it has, and what it answers out of turn."""

    def __init__(self, *answers, has=0):
        self.has = has
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def put(self, where, piece, timeout_s):
        self.asked.append((where, len(piece)))
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            return answer
        if not where.startswith("bytes */"):
            assert where == f"bytes {self.has}-{self.has + len(piece) - 1}/{SIZE}"
            self.has += len(piece)
        if self.has == SIZE:
            return said({"id": "film"})
        return empty(308, range=f"bytes=0-{self.has - 1}") if self.has else empty(308)


def upload(server, clock=None):
    return Upload(server.put, FILM, clock or Hands(), lambda answer: NO)


async def test_it_goes_up_piece_by_piece():
    server = Server()
    brought = await upload(server).brought(begun=False)
    assert isinstance(brought, Whole) and brought.answer.status == 200
    assert [size for _, size in server.asked] == [PIECE, PIECE, PIECE, 5]


async def test_one_that_was_begun_is_asked_first_and_goes_on_from_there():
    server = Server(has=2 * PIECE)
    assert isinstance(await upload(server).brought(begun=True), Whole)
    assert server.asked[0] == (f"bytes */{SIZE}", 0)
    assert [size for _, size in server.asked] == [0, PIECE, 5]


async def test_one_that_is_whole_already_is_only_asked():
    server = Server(has=SIZE)
    assert isinstance(await upload(server).brought(begun=True), Whole)
    assert server.asked == [(f"bytes */{SIZE}", 0)]


async def test_the_server_is_believed_when_it_has_less_than_was_sent():
    server = Server(empty(308, range=f"bytes=0-{PIECE // 2 - 1}"))
    server.has = PIECE // 2
    assert isinstance(await upload(server).brought(begun=False), Whole)
    assert server.asked[1][0].startswith(f"bytes {PIECE // 2}-")


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (empty(404), Gone()),
        (empty(410), Gone()),
        (empty(422), NO),
        (Later("the host cannot be reached", scope="host"), Later),
        (Unsure("no answer"), Later),
        (empty(308), Later(resuming.STUCK)),
        (empty(308, range="bytes=0--1"), Later(resuming.STUCK)),
        (empty(308, range="bytes=5-9"), Later(resuming.STUCK)),
        (empty(308, range=f"bytes=0-{SIZE}"), Later(resuming.STUCK)),
        (empty(308, range=f"bytes=0-{SIZE - 1}"), Later),
    ],
)
async def test_how_a_piece_may_end(answer, ended):
    brought = await upload(Server(answer)).brought(begun=False)
    assert type(brought) is ended if isinstance(ended, type) else brought == ended


async def test_a_server_that_wants_larger_pieces_is_sent_the_rest_in_one():
    server = Server(empty(400))
    assert isinstance(await upload(server).brought(begun=False), Whole)
    assert [size for _, size in server.asked] == [PIECE, SIZE]
    assert await upload(Server(empty(400), empty(400))).brought(begun=False) == NO


async def test_a_send_ends_before_the_nodes_patience_does():
    clock = Hands()
    server = Server()
    put = server.put

    async def slowly(where, piece, timeout_s):
        clock.at += 30
        return await put(where, piece, timeout_s)

    server.put = slowly
    brought = await upload(server, clock).brought(begun=False)
    assert brought == Later(resuming.GOES_ON, clock.at + 1)
    assert server.has == 2 * PIECE


def test_ranges_are_read_as_they_are_written():
    assert ranges.of_piece(0, 5, 9) == "bytes 0-4/9" and ranges.asking(9) == "bytes */9"
    shown = {"bytes=0-4": 5, "bytes=0--1": 0, "": 0, "bytes=0-x": None, "0-4": None}
    assert {text: ranges.reached({"range": text}) for text in shown} == shown


def test_what_is_kept_is_there_again_and_names_no_address_in_a_repr():
    held = Progress("/u?upload_id=secret", "", 5)
    assert progress.kept(held.written()) == held and progress.kept(b"") == Progress()
    assert "secret" not in repr(held)
    assert not progress.keepable("x" * 4000) and not progress.keepable("a b")


def test_comments_are_given_once_and_the_oldest_first():
    every = [Reply(str(n), "film", "text", 100 + n // 2) for n in range(2 * MOST)]
    first = replied(every, Cursor(100))
    assert [one.ref for one in first.replies] == [one.ref for one in every[:MOST]]
    rest = replied(every, cursor_of(first.cursor, 0))
    assert [one.ref for one in rest.replies] == [one.ref for one in every[MOST:]]
    assert replied(every, cursor_of(rest.cursor, 0)).replies == ()
    assert len(rest.cursor) <= 4096
    assert cursor_of(b"", 7) == cursor_of(b"{}", 7) == Cursor(7)


def test_moments_are_those_of_both_platforms():
    assert moment("2026-11-18T11:06:40.123Z") == moment("2026-11-18T11:06:40Z") == 1_795_000_000
    assert moment("yesterday") is moment(5) is moment("2026-11-18T11:06:40") is None
