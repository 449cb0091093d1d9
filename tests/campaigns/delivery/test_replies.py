"""Many words of servers, few of ours."""

import pytest

from campaigns.delivery.replies import Stage, classify

# What real servers say, and whether the address is dead, the mail refused, or we are.
DEAD, REFUSED, REJECTED = ("refused", True, False), ("refused", False, False), ("rejected", False, False)
# Later: for this recipient alone, or for all of the domain.
FULL, BUSY = ("deferred", False, False), ("deferred", False, True)

REPLIES = [
    # By enhanced code.
    ("550 5.1.1 user unknown", DEAD),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", DEAD),
    ("551 5.1.6 moved", DEAD),
    ("556 5.1.10 null MX", DEAD),
    ("550 5.4.4 host not found", DEAD),
    ("501 5.1.3 Bad recipient address syntax", DEAD),
    ("550 5.7.17 Mailbox owner has changed", DEAD),
    ("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", REFUSED),
    ("550 5.3.4 too big", REFUSED),
    ("553 5.6.7 needs SMTPUTF8", REFUSED),
    ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", REFUSED),
    ("550 5.7.2 may not be expanded", REFUSED),
    ("552 5.2.2 over quota", FULL),
    ("550 5.2.1 account suspended", FULL),
    ("550 5.1.8 bad sender's system address", REJECTED),
    ("550 5.7.1 relaying denied", REJECTED),
    ("550 5.7.515 access denied, authentication", REJECTED),
    ("554 5.6.0 content refused", REJECTED),
    ("550 5.4.5 Daily user sending limit exceeded", REJECTED),
    # By words and reply codes.
    ("530 authentication required", REJECTED),
    ("556 domain does not accept mail", DEAD),
    ("550 No such user here", DEAD),
    ("550 mailbox unavailable", DEAD),
    ("550 mailbox unavailable for policy reasons", REJECTED),
    ("550 blocked by blocklist.example", REJECTED),
    ("554 This looks like spam to us, 192.5.1.1", REJECTED),
    ("552 mailbox is full", FULL),
    ("554 transaction failed", REFUSED),
    ("550 try again later", BUSY),
    # Postfix.
    ("550 5.1.1 <spam@example.org>: Recipient address rejected: User unknown in relay recipient table", DEAD),
    ("550 5.1.0 <news@example.com>: Sender address rejected: User unknown in virtual mailbox table", REJECTED),
    ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", REJECTED),
    ("554 5.7.1 <ann@example.org>: Relay access denied", REJECTED),
    ("550 5.1.8 <news@example.com>: Sender address rejected: Domain not found", REJECTED),
    ("450 4.1.1 <ann@example.org>: Recipient address rejected: unverified address", FULL),
    ("450 4.2.0 <ann@example.org>: Recipient address rejected: Greylisted", FULL),
    ("452 4.3.1 Insufficient system storage", BUSY),
    ("451 4.3.0 queue file write error", BUSY),
    # Exim and sendmail.
    ("550 Unrouteable address", DEAD),
    ("550 relay not permitted", REJECTED),
    ("550 Sender verify failed", REJECTED),
    ("550 Administrative prohibition", REJECTED),
    ("550 5.1.1 <ann@example.org>... User unknown", DEAD),
    ("550 5.3.0 <ann@example.org>... No such user here", DEAD),
    ("553 5.3.0 <news@example.com>... Spam blocked see: https://example.net/user-unknown", REJECTED),
    ("451 Temporary local problem - please try later", BUSY),
    # Gmail.
    ("550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking", DEAD),
    ("552 5.2.2 The email account that you tried to reach is over quota", FULL),
    ("450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents", FULL),
    ("421 4.7.28 Our system has detected an unusual rate of unsolicited mail", BUSY),
    ("550 5.7.26 This mail is unauthenticated, which poses a security risk", REJECTED),
    ("550 5.7.1 Our system has detected that this message is likely unsolicited mail", REJECTED),
    # Outlook and Exchange.
    ("550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)", DEAD),
    (
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list",
        REJECTED,
    ),
    ("451 4.7.500 Server busy. Please try again later", BUSY),
    ("550 5.2.121 Recipient's per hour message receive limit from specific sender exceeded", FULL),
    ("550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP", REJECTED),
    # Yahoo.
    ("554 delivery error: dd This user doesn't have a yahoo.com account (ann@example.org) [0]", DEAD),
    ("552 1 Requested mail action aborted, mailbox not found", DEAD),
    ("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume", BUSY),
    ("554 5.7.9 Message not accepted for policy reasons", REJECTED),
    ("553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1", REJECTED),
    # iCloud and GMX.
    ("550 5.1.1 <ann@example.org>: user lookup success but no user record found", DEAD),
    ("550 5.7.1 [CS01] Message rejected due to local policy", REJECTED),
    ("550 Requested action not taken: mailbox unavailable", DEAD),
    ("554 Transaction failed. Reject due to policy restrictions", REJECTED),
    # Temporary, whatever the words.
    ("451 4.7.1 greylisted", FULL),
    ("421 4.7.0 try later", BUSY),
    ("450 mailbox busy", FULL),
    ("451 4.7.1 Service unavailable; blocked using zen.spamhaus.org", BUSY),
    ("450 4.7.1 too many messages, slow down", BUSY),
    ("452 4.2.2 mailbox full", FULL),
    # A filter that borrows the code of a missing user.
    ("550 5.1.1 Message rejected as spam", REJECTED),
    ("550 5.2.1 blocked by reputation", REJECTED),
    # A policy that talks of users suppresses nobody.
    ("550 5.7.1 user unknown", REFUSED),
]


@pytest.mark.parametrize(("reply", "meaning"), REPLIES, ids=[reply for reply, _meaning in REPLIES])
@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.END])
def test_a_reply_about_a_recipient_means_one_thing(stage: Stage, reply: str, meaning: tuple[str, bool, bool]) -> None:
    code, _space, words = reply.partition(" ")

    outcome = classify(stage, int(code), words)

    assert (outcome.kind, outcome.address_is_dead, outcome.slows_domain) == meaning
    assert outcome.answer == reply
    assert outcome.names_recipient


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.LOGIN, Stage.MAIL])
def test_before_a_recipient_is_named_nobody_can_be_blamed(stage: Stage) -> None:
    temporary, permanent = classify(stage, 421, "busy"), classify(stage, 550, "5.1.1 user unknown")

    assert (temporary.kind, permanent.kind) == ("unavailable", "rejected")
    assert not permanent.address_is_dead
    assert not permanent.names_recipient
    assert not temporary.slows_domain
