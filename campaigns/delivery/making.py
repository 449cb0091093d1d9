"""What a lane puts on its wires: the messages of one round, and of whom none is made."""

from __future__ import annotations

from collections.abc import Container, Iterable
from functools import partial
from typing import TypeAlias

from django.core.mail import EmailMessage
from django.utils import timezone

from campaigns.delivery.desk import Mail
from campaigns.delivery.feed import Feed
from campaigns.delivery.insist import insist
from campaigns.delivery.ledger import Tried
from campaigns.delivery.replies import Outcome

# The messages by mail, and those that cannot be made.
Made: TypeAlias = tuple[dict[int, EmailMessage], list[Tried]]


def sort(mails: Iterable[tuple[Mail, Feed]]) -> tuple[dict[Feed, list[Mail]], dict[int, str]]:
    """Those that somebody wants, and of whom nobody is mailed why not, by mail."""
    wanted: dict[Feed, list[Mail]] = {}
    others: dict[Feed, list[Mail]] = {}
    for mail, feed in mails:
        (wanted if mail.is_wanted else others).setdefault(feed, []).append(mail)
    reasons = [insist(partial(feed.desk.why_unwanted, its), reads=True) for feed, its in others.items()]
    return wanted, {number: reason for its in reasons for number, reason in its.items()}


def compose(feeds: dict[Feed, list[Mail]]) -> Made:
    messages: dict[int, EmailMessage] = {}
    failed: list[Tried] = []
    for feed, mails in feeds.items():
        for mail in mails:
            made = feed.desk.compose(mail)
            if isinstance(made, Outcome):
                failed.append(Tried(mail, made, timezone.now()))
            else:
                messages[mail.number] = made
    return messages, failed


def only(messages: Container[int], feeds: dict[Feed, list[Mail]]) -> dict[Feed, list[Mail]]:
    """Without the mails of which there is no message."""
    made = {feed: [mail for mail in mails if mail.number in messages] for feed, mails in feeds.items()}
    return {feed: mails for feed, mails in made.items() if mails}
