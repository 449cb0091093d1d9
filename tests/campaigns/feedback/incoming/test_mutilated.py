"""Whatever somebody sends to the mailbox raises nothing and harms nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.feedback.incoming import anatomy
from campaigns.feedback.incoming.receive import receive
from subscribers.signing import Purpose, sign
from tests.campaigns.delivery import scene
from tests.campaigns.feedback.incoming.conftest import events, statuses, stopped
from tests.campaigns.feedback.incoming.reports import arf, dsn, letter

pytestmark = pytest.mark.django_db


def test_a_mail_of_a_thousand_levels_and_one_of_many_parts_are_only_ignored() -> None:
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number) for number in range(5000)
    )
    wide = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 50_000

    assert receive(deep).kind == "ignored"
    assert receive(wide).kind == "ignored"
    assert len(list(anatomy.pieces(anatomy.take_apart(wide)))) == 1 + anatomy.MOST_PARTS


class Anything(TestCase):
    """Whatever somebody sends to the mailbox."""

    @given(st.binary(max_size=2000))
    def test_no_octets_raise(self, octets: bytes) -> None:
        assert receive(octets).kind == "ignored"

    @given(st.data())
    def test_no_mutilated_report_raises_or_changes_anything(self, data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from([dsn(b"Subject: x\r\n\r\nx"), arf(b"Subject: x\r\n\r\nx"), letter("x", "y")]))
        at = data.draw(st.integers(0, len(whole)))
        cut = data.draw(st.integers(0, 40))
        mutilated = whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + cut :]

        assert receive(mutilated).kind == "ignored"


class Mutilated(TestCase):
    """Reports about a mail of ours, as broken as programs make them."""

    def setUp(self) -> None:
        super().setUp()
        self.campaign = scene.start(scene.campaign("Ann", "Bob"))
        number = self.campaign.deliveries.get(email="ann@example.org").pk
        self.token = "unsubscribe-" + sign(Purpose.UNSUBSCRIBE, number)
        original = f"List-Unsubscribe: <mailto:news@example.org?subject={self.token}>\r\n\r\nHello".encode()
        self.reports = [dsn(original), dsn(original, headers_alone=True), arf(original), letter(self.token)]

    @given(st.data())
    def test_they_never_raise_and_never_harm_anybody_else(self, data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from(self.reports))
        at = data.draw(st.integers(0, len(whole)))
        cut = data.draw(st.integers(0, 60))

        receive(whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + cut :])

        assert stopped("bob@example.org") == []
        assert statuses("bob") == ["active"]
        assert {address for address, _kind in events()} <= {"ann@example.org"}
