"""What readers asked for on their page, or by typing their address: sent to that address and nowhere else."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation

from subscribers import disclosure
from subscribers.consent import mails
from subscribers.consent.pages import supported
from subscribers.models import MailingList, Subscriber, Suppression


def mail_link(subscriber: Subscriber) -> None:
    """Nothing to whoever does not want to hear from us or cannot; who only left everything may come back."""
    if not Suppression.objects.by_others().stopping(subscriber.email).exists():
        mails.send(
            "preferences_link", subscriber.email, subscriber.reads, lists_of(subscriber), address=address_of(subscriber)
        )


def mail_data(subscriber: Subscriber) -> None:
    with translation.override(supported(subscriber.reads) or settings.LANGUAGE_CODE):
        told = disclosure.disclose(subscriber.email)
        attachments = [
            ("personal-data.html", told.as_html(), "text/html"),
            ("personal-data.json", told.as_json(), "application/json"),
        ]
    mails.send(
        "my_data",
        subscriber.email,
        subscriber.reads,
        lists_of(subscriber),
        attachments=attachments,
        address=address_of(subscriber),
    )


def address_of(subscriber: Subscriber) -> str:
    return f"{settings.BASE_URL}{mails.own_page(subscriber)}"


def lists_of(subscriber: Subscriber) -> list[MailingList]:
    return list(MailingList.objects.filter(subscriptions__in=subscriber.subscriptions.active()))
