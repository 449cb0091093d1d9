"""Broadsheet's own addresses, and beside them those who are measured with it: what one would write in plain Django."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from campaigns.models import Delivery, Event
from campaigns.signing import Counted
from config.urls import urlpatterns as ours
from subscribers.models import ConsentRecord, Subscription
from subscribers.signing import Purpose, read

ENDED = Subscription.Status.ENDED


@csrf_exempt
def verify_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(str(read(Purpose.UNSUBSCRIBE, token)), content_type="text/plain")


def verify_click(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(str(read(Purpose.CLICK, token)), content_type="text/plain")


@csrf_exempt
@transaction.atomic
def get_and_save(request: HttpRequest, token: str) -> HttpResponse:
    """The same rows in the end."""
    if request.POST.get("List-Unsubscribe") != "One-Click":
        return HttpResponse(status=400)
    number = read(Purpose.UNSUBSCRIBE, token)
    mail = Delivery.objects.select_related("subscriber", "campaign").get(pk=number)
    assert mail.campaign
    assert mail.subscriber
    for subscription in mail.subscriber.subscriptions.filter(mailing_list__in=mail.campaign.mailing_lists.all()):
        if subscription.status != ENDED:
            subscription.status, subscription.ended_at = ENDED, timezone.now()
            subscription.save()
            ConsentRecord.objects.create(
                subscriber=mail.subscriber,
                mailing_list=subscription.mailing_list,
                action=ConsentRecord.Action.WITHDRAWN,
                source=ConsentRecord.Source.ONE_CLICK,
                network_address=request.META["REMOTE_ADDR"],
            )
            Event.objects.get_or_create(delivery=mail, kind=Event.Kind.UNSUBSCRIBED)
    return HttpResponse("You are unsubscribed.\n", content_type="text/plain")


def insert(request: HttpRequest, token: str) -> HttpResponse:
    """An opening is a row at once."""
    counted = Counted.of(read(Purpose.CLICK, token))
    opened = Event(delivery_id=counted.delivery, kind=Event.Kind.OPENED)
    Event.objects.bulk_create([opened], ignore_conflicts=True)
    return HttpResponse(b"GIF", content_type="image/gif")


urlpatterns = [
    path("bench/unsubscribe/<str:token>", verify_unsubscribe),
    path("bench/click/<str:token>", verify_click),
    path("bench/save/<str:token>", get_and_save),
    path("bench/insert/<str:token>", insert),
    *ours,
]
