"""RFC 8058: a mail program posts for its user, reads no page, and may repeat itself.

What nearly all of these are, the wish of somebody known to leave the lists of a campaign, PostgreSQL does in one
statement, and so in one commit. All else, such as people who are gone, goes the way of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from campaigns import prepared
from campaigns.models import Event
from subscribers.consent.pages import current_language, network_address, private
from subscribers.models import ConsentRecord, Subscription
from subscribers.signing import BadToken, Purpose, read

from . import views

ENDED = Subscription.Status.ENDED


@csrf_exempt
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    if is_usual(request):
        return leave(request, token) or views.unsubscribe(request, token)
    return views.unsubscribe(request, token)


def is_usual(request: HttpRequest) -> bool:
    """A person who has chosen a language looks at a page."""
    is_one_click = request.method == "POST" and request.POST.get("List-Unsubscribe", "").lower() == "one-click"
    return is_one_click and not request.GET and connection.vendor == "postgresql"


def leave(request: HttpRequest, token: str) -> HttpResponse | None:
    """None, and nothing done, for what is not usual: a wrong token, a test mail, somebody who is gone."""
    try:
        number = read(Purpose.UNSUBSCRIBE, token)
    except BadToken:
        return None
    codes = ",".join(code for code, _name in settings.LANGUAGES)
    languages = [f"{{{codes}}}", settings.LANGUAGE_CODE, current_language()]
    found = insist(_leave(), [*languages, number, network_address(request)])
    if not found:
        return None
    with override(found[0][0]):
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
def _leave() -> str:
    """The same as record.unsubscribed; tells the language of the proof and of the answer.

    What goes to segments alone goes by any list. Who comes second waits for the lock, and then finds nothing to end.
    """
    lists = "SELECT mailinglist_id FROM campaigns_campaign_mailing_lists WHERE campaign_id = mail.campaign_id"
    return f"""
        WITH mail AS (
            SELECT delivery.id, delivery.campaign_id, person.id AS person, COALESCE((
                SELECT code FROM unnest(%s::text[]) AS code
                WHERE code = lower(split_part(COALESCE(NULLIF(person.language, ''), %s), '-', 1))
            ), %s::text) AS language
            FROM campaigns_delivery AS delivery
            JOIN subscribers_subscriber AS person ON person.id = delivery.subscriber_id
            WHERE delivery.id = %s AND delivery.campaign_id IS NOT NULL
        ), chosen AS (
            SELECT it.id, it.status FROM mail JOIN subscribers_subscription AS it ON it.subscriber_id = mail.person
            WHERE (it.mailing_list_id IN ({lists}) OR NOT EXISTS ({lists}))
                -- Whoever leaves when a consent has expired already means it, too.
                AND (it.status <> '{ENDED}' OR it.expires_at IS NOT NULL)
            FOR UPDATE OF it
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
            SELECT person, mailing_list_id, '{ConsentRecord.Action.WITHDRAWN}', '{ConsentRecord.Source.ONE_CLICK}', '',
                language, %s::inet, '{ConsentRecord.Basis.EXPRESS}', statement_timestamp()
            FROM left_now CROSS JOIN mail
        ), credited AS (
            INSERT INTO campaigns_event (delivery_id, kind, link, happened_at)
            SELECT id, '{Event.Kind.UNSUBSCRIBED}', 0, statement_timestamp()
            FROM mail WHERE EXISTS (SELECT FROM left_now WHERE before <> '{ENDED}')
            ON CONFLICT DO NOTHING
        )
        SELECT language FROM mail"""
