"""RFC 8058: a mail program posts for its user, reads no page, and may repeat itself.

What nearly all of these are, the wish of somebody known to leave the lists of a campaign, PostgreSQL does in one
statement, and so in one commit. All else, such as people who are gone, goes the way of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from campaigns import prepared
from campaigns.models import Delivery, Event
from campaigns.prepared import Query
from subscribers.consent.pages import current_language, language_for, network_address, private
from subscribers.models import ConsentRecord, Subscription
from subscribers.signing import BadToken, Purpose, read

from . import views

# Stands in a prepared statement for the number of each mail.
NUMBER = -1
ENDED = Subscription.Status.ENDED


@csrf_exempt
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "POST" and is_one_click(request) and connection.vendor == "postgresql":
        return leave(request, token) or views.unsubscribe(request, token)
    return views.unsubscribe(request, token)


def is_one_click(request: HttpRequest) -> bool:
    return request.POST.get("List-Unsubscribe", "").lower() == "one-click"


def leave(request: HttpRequest, token: str) -> HttpResponse | None:
    """None, and nothing done, for what is not usual: a wrong token, a test mail, somebody who is gone."""
    try:
        number = read(Purpose.UNSUBSCRIBE, token)
    except BadToken:
        return None
    found = insist(_mail(), [number])
    if not found:
        return None
    person, campaign, own_language = found[0]
    language = language_for(request, own_language or "")
    run = [person, campaign, campaign, person, language, network_address(request), number]
    insist(_leave(), run)
    with override(language):
        return told(request)


@private
def told(request: HttpRequest) -> HttpResponse:
    words = _("You are unsubscribed.") + "\n"
    return HttpResponse(words, "text/plain; charset=utf-8", headers={"Content-Language": current_language()})


def insist(statement: str, parameters: Sequence[Any]) -> list[prepared.Row]:
    """Once more if the server was away in between: doing it twice is as good as once."""
    try:
        return prepared.run(statement, parameters)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return prepared.run(statement, parameters)


@cache
def _mail() -> str:
    """Of a campaign, to somebody who is still there; those deleted and imported again are found by the page."""
    known = Delivery.objects.filter(pk=NUMBER, campaign__isnull=False, subscriber__language__isnull=False)
    return Query(known.values_list("subscriber", "campaign", "subscriber__language"), NUMBER).statement


@cache
def _leave() -> str:
    """The same as record.unsubscribed. What goes to segments alone goes by any list.

    Who comes second waits for the lock, and then finds nothing left to end.
    """
    lists = "SELECT mailinglist_id FROM campaigns_campaign_mailing_lists WHERE campaign_id = %s"
    return f"""
        WITH chosen AS (
            SELECT id, status FROM subscribers_subscription
            WHERE subscriber_id = %s AND (mailing_list_id IN ({lists}) OR NOT EXISTS ({lists}))
                -- Whoever leaves when a consent has expired already means it, too.
                AND (status <> '{ENDED}' OR expires_at IS NOT NULL)
            FOR UPDATE
        ), left_now AS (
            UPDATE subscribers_subscription AS it SET
                status = '{ENDED}', expires_at = NULL,
                ended_at = CASE chosen.status WHEN '{ENDED}' THEN it.ended_at ELSE statement_timestamp() END
            FROM chosen WHERE it.id = chosen.id
            RETURNING it.mailing_list_id, chosen.status AS before
        ), proved AS (
            INSERT INTO subscribers_consentrecord (
                subscriber_id, mailing_list_id, action, source, statement, language, network_address, basis, recorded_at
            )
            SELECT %s::bigint, mailing_list_id, '{ConsentRecord.Action.WITHDRAWN}',
                '{ConsentRecord.Source.ONE_CLICK}', '', %s::text, %s::inet, '{ConsentRecord.Basis.EXPRESS}',
                statement_timestamp()
            FROM left_now
        )
        INSERT INTO campaigns_event (delivery_id, kind, link, happened_at)
        SELECT %s::bigint, '{Event.Kind.UNSUBSCRIBED}', 0, statement_timestamp()
        WHERE EXISTS (SELECT FROM left_now WHERE before <> '{ENDED}')
        ON CONFLICT DO NOTHING"""
