"""The mails that somebody got, on the page about that person."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.admin.campaign_log import skip_reason
from campaigns.models import Delivery, Event
from subscribers import merging
from subscribers.admin import timeline
from subscribers.models import Subscriber

ICONS: dict[str, str] = {
    Delivery.Status.SENT: "mark_email_read",
    Delivery.Status.FAILED: "report",
    Delivery.Status.UNCERTAIN: "help",
}


@timeline.register
def reading(subscriber: Subscriber, most: int) -> Iterable[timeline.Entry]:
    """Of mails that count by person; a scanner's doings are told as such."""
    icons = {Event.Kind.OPENED: "drafts", Event.Kind.CLICKED: "ads_click"}
    titles = {Event.Kind.OPENED: _("Opened “%(name)s”"), Event.Kind.CLICKED: _("Clicked in “%(name)s”")}
    done = Event.objects.filter(delivery__subscriber=subscriber, kind__in=titles)
    for event in done.select_related("delivery__campaign").order_by("-happened_at")[:most]:
        name = event.delivery.campaign.name if event.delivery.campaign else _("single mail")
        kind = Event.Kind(event.kind)
        yield timeline.Entry(
            at=event.happened_at,
            icon="smart_toy" if event.is_suspect else icons[kind],
            title=titles[kind] % {"name": name},
            details=_("Perhaps by a machine") if event.is_suspect else "",
            link=reverse("admin:campaigns_delivery_change", args=[event.delivery_id]),
        )


@timeline.register
def returns(subscriber: Subscriber, most: int) -> Iterable[timeline.Entry]:
    """What servers and mailbox providers reported afterwards."""
    titles = {
        Event.Kind.BOUNCED: _("“%(name)s” came back"),
        Event.Kind.COMPLAINED: _("Called “%(name)s” spam"),
    }
    reported = Event.objects.filter(delivery__subscriber=subscriber, kind__in=titles)
    for event in reported.select_related("delivery__campaign").order_by("-happened_at")[:most]:
        name = event.delivery.campaign.name if event.delivery.campaign else _("single mail")
        yield timeline.Entry(
            at=event.happened_at,
            icon="report",
            title=titles[Event.Kind(event.kind)] % {"name": name},
            details=event.words,
            link=reverse("admin:campaigns_delivery_change", args=[event.delivery_id]),
        )


@merging.register
def follow(stays: Subscriber, goes: Subscriber) -> None:
    """The mails of who goes become those of who stays; of a campaign that both got, one stays without a person."""
    both = Delivery.objects.filter(subscriber=stays).exclude(campaign=None).values("campaign")
    theirs = Delivery.objects.filter(subscriber=goes)
    theirs.filter(campaign__in=both).update(subscriber=None)
    theirs.update(subscriber=stays)


@timeline.register
def mails(subscriber: Subscriber, most: int) -> Iterable[timeline.Entry]:
    newest = Delivery.objects.filter(subscriber=subscriber).select_related("campaign").order_by("-id")
    for delivery in newest[:most]:
        name = delivery.campaign.name if delivery.campaign else _("single mail")
        yield timeline.Entry(
            at=delivery.finished_at or delivery.created_at,
            icon=ICONS.get(delivery.status, "mail"),
            title=_("“%(name)s”: %(outcome)s") % {"name": name, "outcome": delivery.get_status_display()},
            details=str(skip_reason(delivery)),
            link=reverse("admin:campaigns_delivery_change", args=[delivery.pk]),
        )
