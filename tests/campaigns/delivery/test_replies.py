"""Many words of servers, few of ours."""

import pytest

from campaigns.delivery.replies import Stage, classify


@pytest.mark.parametrize(
    ("reply", "kind", "is_dead"),
    [
        ("550 5.1.1 user unknown", "refused", True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", "refused", True),
        ("551 5.1.6 moved", "refused", True),
        ("556 5.1.10 null MX", "refused", True),
        ("550 5.4.4 host not found", "refused", True),
        ("550 5.4.1 Recipient address rejected: Access denied", "refused", False),
        ("550 5.1.8 bad sender's system address", "rejected", False),
        ("552 5.2.2 over quota", "deferred", False),
        ("550 5.2.1 account suspended", "deferred", False),
        ("550 5.7.1 relaying denied", "rejected", False),
        ("550 5.7.515 access denied, authentication", "rejected", False),
        ("554 5.6.0 content refused", "rejected", False),
        ("553 5.6.7 needs SMTPUTF8", "refused", False),
        ("550 5.3.4 too big", "refused", False),
        ("530 authentication required", "rejected", False),
        ("451 4.7.1 greylisted", "deferred", False),
        ("421 4.7.0 try later", "deferred", False),
        ("450 mailbox busy", "deferred", False),
        ("550 No such user here", "refused", True),
        ("550 mailbox unavailable", "refused", True),
        ("550 blocked by blocklist.example", "rejected", False),
        ("554 This looks like spam to us, 192.5.1.1", "rejected", False),
        ("552 mailbox is full", "deferred", False),
        ("554 transaction failed", "refused", False),
    ],
)
def test_a_reply_about_a_recipient_means_one_thing(reply: str, kind: str, is_dead: bool) -> None:
    code, _space, words = reply.partition(" ")

    outcome = classify(Stage.RCPT, int(code), words)

    assert (outcome.kind, outcome.address_is_dead) == (kind, is_dead)
    assert outcome.answer == reply
    assert outcome.names_recipient


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.LOGIN, Stage.MAIL])
def test_before_a_recipient_is_named_nobody_can_be_blamed(stage: Stage) -> None:
    temporary, permanent = classify(stage, 421, "busy"), classify(stage, 550, "5.1.1 user unknown")

    assert (temporary.kind, permanent.kind) == ("unavailable", "rejected")
    assert not permanent.address_is_dead
    assert not permanent.names_recipient
