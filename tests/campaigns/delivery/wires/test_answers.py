"""Bytes in, replies out; and a dialogue without any connection."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.delivery.wires.answers import LONGEST_LINE, MOST_LINES, Answers, Garbled, readable
from campaigns.delivery.wires.chunked import ChunkedDialogue
from campaigns.delivery.wires.dialogue import Dialogue
from campaigns.delivery.wires.mail import Offer
from campaigns.delivery.wires.pipelined import PipelinedDialogue
from tests.campaigns.delivery.wires.lane import NO_HURRY, parcels_for

CONVERSATION = b"250 2.1.0 fine\r\n250-one\r\n250-two\r\n250 three\r\n354\r\n550 5.1.1 no\n421 bye\r\n"
REPLIES = [(250, b"2.1.0 fine"), (250, b"one\ntwo\nthree"), (354, b""), (550, b"5.1.1 no"), (421, b"bye")]


@given(st.sets(st.integers(0, len(CONVERSATION))))
def test_replies_are_the_same_however_the_bytes_come(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), len(CONVERSATION)]
    answers = Answers()

    found = [reply for start, end in pairwise(places) for reply in answers.read(CONVERSATION[start:end])]

    assert found == REPLIES


@given(st.binary(max_size=200))
def test_whatever_comes_is_a_reply_or_garbage(data: bytes) -> None:
    answers, found, words = Answers(), [], ""

    try:
        found += answers.read(data)
    except Garbled as error:
        words = str(error)

    assert words.isprintable()
    assert all(readable(line).isprintable() for _code, line in found)


@pytest.mark.parametrize(
    "endless",
    [b"x" * (LONGEST_LINE + 1), b"250 " + b"x" * LONGEST_LINE + b"x", b"250-more\r\n" * (MOST_LINES + 1)],
    ids=["line", "last line", "reply"],
)
def test_an_answer_without_an_end_is_given_up(endless: bytes) -> None:
    with pytest.raises(Garbled):
        list(Answers().read(endless))


def says(dialogue: Dialogue) -> bytes:
    words = bytes(dialogue.unsaid())
    dialogue.wrote(len(words))
    return words


def test_a_content_and_the_next_commands_are_one_write() -> None:
    dialogue = PipelinedDialogue(Offer(pipelining=True))
    dialogue.begin(parcels_for("ann", "bob"), NO_HURRY)
    first = says(dialogue)
    dialogue.receive(b"250 fine\r\n250 fine\r\n354 go on\r\n")

    second = says(dialogue)

    assert first == b"MAIL FROM:<news@example.org>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n"
    assert second.endswith(b"\r\n.\r\nMAIL FROM:<news@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n")


def test_a_window_of_chunks_is_one_write() -> None:
    dialogue = ChunkedDialogue(Offer(pipelining=True, chunking=True))
    dialogue.begin(parcels_for("ann", "bob"), NO_HURRY)

    words = says(dialogue)

    assert [words.count(b"\r\nBDAT "), words.count(b"MAIL FROM"), words.count(b"RSET\r\n")] == [2, 2, 2]
    assert not dialogue.unsaid()


@pytest.mark.parametrize(("missing", "kind"), [(0, "unknown"), (1, "deferred")])
def test_a_mail_is_in_doubt_from_its_last_byte_on(missing: int, kind: str) -> None:
    dialogue = PipelinedDialogue(Offer(pipelining=True))
    dialogue.begin(parcels_for("ann"), NO_HURRY)
    says(dialogue)
    dialogue.receive(b"250 fine\r\n250 fine\r\n354 go on\r\n")
    dialogue.wrote(len(dialogue.unsaid()) - missing)

    dialogue.lost("The wire was cut.")

    assert [(tried.outcome.kind, tried.outcome.answer) for tried in dialogue.tried] == [(kind, "The wire was cut.")]
    assert dialogue.is_over


@pytest.mark.parametrize("missing", [0, 1])
def test_of_a_window_of_chunks_only_what_was_written_is_in_doubt(missing: int) -> None:
    dialogue = ChunkedDialogue(Offer(pipelining=True, chunking=True))
    dialogue.begin(parcels_for("ann", "bob"), NO_HURRY)
    dialogue.wrote(len(dialogue.unsaid()) - len(b"RSET\r\n") - missing)
    dialogue.receive(b"250 fine\r\n250 fine\r\n")

    dialogue.lost("The wire was cut.")

    assert [tried.outcome.kind for tried in dialogue.tried] == ["unknown", "unknown"][missing:] or missing
    assert {tried.number for tried in dialogue.tried} == ({0, 1} if not missing else {0})


def test_an_answer_before_the_end_of_the_content_accepts_nothing() -> None:
    dialogue = PipelinedDialogue(Offer(pipelining=True))
    dialogue.begin(parcels_for("ann"), NO_HURRY)
    says(dialogue)
    dialogue.receive(b"250 fine\r\n250 fine\r\n354 go on\r\n250 already\r\n")

    assert [tried.outcome.kind for tried in dialogue.tried] == ["deferred"]
    assert dialogue.is_over
