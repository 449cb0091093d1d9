"""What nearly every one-click unsubscribe is: the wish of somebody known to leave the lists of a campaign.

PostgreSQL does it in one statement and one commit, for all who ask at the same time. All else, such as people who are
gone, goes the way of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request

from campaigns import prepared
from campaigns.models import Event
from subscribers.consent.pages import network_address
from subscribers.models import ConsentRecord, Subscription
from subscribers.signing import BadToken, Purpose, read

from . import views
from .together import Together

ENDED = Subscription.Status.ENDED
ASKED = prepared.Table("asked", delivery="bigint", language="text", network_address="inet")


class Wish(NamedTuple):
    """To leave, by the link in a mail."""

    delivery: int
    # Of the answer, if the reader's own is not known.
    language: str
    network_address: str | None


def is_usual(request: HttpRequest) -> bool:
    """A person who has chosen a language looks at a page."""
    return connection.vendor == "postgresql" and views.is_one_click(request) and not request.GET


def leave(request: HttpRequest, token: str) -> HttpResponse | None:
    """None, and nothing done, for what is not usual: a wrong token, a test mail, somebody who is gone."""
    try:
        number = read(Purpose.UNSUBSCRIBE, token)
    except BadToken:
        return None
    language = together(Wish(number, get_language_from_request(request), network_address(request)))
    return views.told(language) if language else None


def fulfil(wishes: Sequence[Wish]) -> list[str]:
    """In which language each of them is answered; empty for those of whom nothing is known."""
    rows = {wish.delivery: wish._asdict() for wish in wishes}
    codes = ",".join(code for code, _name in settings.LANGUAGES)
    known = insist(_leave(), [f"{{{codes}}}", settings.LANGUAGE_CODE, ASKED.parameter([*rows.values()])])
    languages: dict[int, str] = dict(known)
    return [languages.get(wish.delivery, "") for wish in wishes]


def insist(statement: str, parameters: Sequence[Any]) -> list[prepared.Row]:
    """Once more if the server was away in between: doing it twice is as good as once."""
    try:
        return prepared.run(statement, parameters)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return prepared.run(statement, parameters)


# A commit for each would take longer than all that comes before it.
together = Together(fulfil)


@cache
def _leave() -> str:
    """The same as record.unsubscribed; tells of each mail the language of the proof and of the answer."""
    return f"{_mails()} {_ended()} {_written()} SELECT id, language FROM mail"


def _mails() -> str:
    """Of people whom we know, sent by a campaign, with the language they read."""
    return f"""
        WITH mail AS (
            SELECT delivery.id, delivery.campaign_id, person.id AS person, asked.network_address, COALESCE((
                SELECT code FROM unnest(%s::text[]) AS code
                WHERE code = lower(split_part(COALESCE(NULLIF(person.language, ''), %s), '-', 1))
            ), asked.language) AS language
            FROM {ASKED.source}
            JOIN campaigns_delivery AS delivery ON delivery.id = asked.delivery
            JOIN subscribers_subscriber AS person ON person.id = delivery.subscriber_id
            WHERE delivery.campaign_id IS NOT NULL
        )"""


def _ended() -> str:
    """What goes to segments alone goes by any list. Who comes second waits for the lock, and finds nothing to end."""
    lists = "SELECT mailinglist_id FROM campaigns_campaign_mailing_lists WHERE campaign_id = mail.campaign_id"
    return f"""
        , held AS (
            SELECT it.id, it.status, mail.id AS mail
            FROM mail JOIN subscribers_subscription AS it ON it.subscriber_id = mail.person
            WHERE (it.mailing_list_id IN ({lists}) OR NOT EXISTS ({lists}))
                -- Whoever leaves when a consent has expired already means it, too.
                AND (it.status <> '{ENDED}' OR it.expires_at IS NOT NULL)
            -- In one order everywhere, so that no two processes wait for each other.
            ORDER BY it.id FOR UPDATE OF it
        ), chosen AS (
            -- Two mails of one reader may be asked about at once.
            SELECT DISTINCT ON (id) id, status, mail FROM held ORDER BY id, mail
        ), left_now AS (
            UPDATE subscribers_subscription AS it SET
                status = '{ENDED}', expires_at = NULL,
                ended_at = CASE chosen.status WHEN '{ENDED}' THEN it.ended_at ELSE statement_timestamp() END
            FROM chosen WHERE it.id = chosen.id
            RETURNING it.mailing_list_id, chosen.status AS before, chosen.mail
        )"""


def _written() -> str:
    """The proof, and to which mail the leaving is due."""
    return f"""
        , proved AS (
            INSERT INTO subscribers_consentrecord (
                subscriber_id, mailing_list_id, action, source, statement, language, network_address, basis, recorded_at
            )
            SELECT person, mailing_list_id, '{ConsentRecord.Action.WITHDRAWN}', '{ConsentRecord.Source.ONE_CLICK}', '',
                language, network_address, '{ConsentRecord.Basis.EXPRESS}', statement_timestamp()
            FROM left_now JOIN mail ON mail.id = left_now.mail
        ), credited AS (
            INSERT INTO campaigns_event (delivery_id, kind, link, happened_at)
            SELECT DISTINCT mail, '{Event.Kind.UNSUBSCRIBED}', 0, statement_timestamp()
            FROM left_now WHERE before <> '{ENDED}'
            ON CONFLICT DO NOTHING
        )"""
