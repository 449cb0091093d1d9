"""What mail knows about people: what they were sent, what they clicked, what could not be delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Contains, Exact
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Delivery, Event, Link
from subscribers.segments.conditions import Fact, Operator, register
from subscribers.segments.operators import Choices, Operators, among, holds, moments
from subscribers.segments.values import Text
from subscribers.transfer import traces

Status = Delivery.Status


@register
def about_their_mail() -> Iterator[Fact]:
    group = _("Mail")
    yield Fact("sent_campaign", _("campaign they were sent"), group, among(_of_campaigns(_mails(Status.SENT)), sent))
    yield Fact("mailed", _("sent a campaign"), group, moments(_when(_mails(Status.SENT))))
    yield Fact("undelivered", _("a campaign could not be delivered"), group, moments(_when(_mails(Status.FAILED))))
    yield Fact("opened", _("opened a mail"), group, moments(_opened))
    yield Fact("opened_campaign", _("campaign that they opened"), group, among(_opened_in, sent))
    yield Fact("clicked", _("clicked a link"), group, moments(_clicked))
    yield Fact("clicked_campaign", _("campaign in which they clicked"), group, among(_clicked_in, sent))
    yield Fact("clicked_link", _("address of a link they clicked"), group, links())


def sent() -> Choices:
    return list(Campaign.objects.exclude(started_at=None).values_list("pk", "name"))


def links() -> Operators:
    def compared(lookup: Any) -> Callable[[str], Q]:
        def meaning(text: str) -> Q:
            link = Link.objects.filter(
                lookup(Lower(F("url")), Lower(Value(text))),
                edition=OuterRef("delivery__edition"),
                number=OuterRef("link"),
            )
            return Q(Exists(_clicks().filter(Exists(link))))

        return meaning

    return {
        "is": Operator(_("is"), Text(), compared(Exact)),
        "contains": Operator(_("contains"), Text(), compared(Contains)),
    }


def _mails(status: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(subscriber=OuterRef("pk"), status=status, campaign__isnull=False).order_by()


def _clicks() -> QuerySet[Event]:
    """The first one on each link of a mail: later ones are not written down."""
    return _done(Event.Kind.CLICKED)


def _openings() -> QuerySet[Event]:
    return _done(Event.Kind.OPENED)


def _done(kind: str) -> QuerySet[Event]:
    """Of those who agreed to being counted by person, and as far as no machine did it for them."""
    return Event.objects.filter(delivery__subscriber=OuterRef("pk"), kind=kind, is_suspect=False).order_by()


def _of_campaigns(mails: QuerySet[Delivery]) -> Callable[[Sequence[int]], Q]:
    return lambda numbers: Q(Exists(mails.filter(campaign__in=numbers)))


def _when(mails: QuerySet[Delivery]) -> Callable[[Any], Q]:
    return lambda span: Q(Exists(mails.filter(holds(F("finished_at"), span))))


def _opened(span: Any) -> Q:
    return Q(Exists(_openings().filter(holds(F("happened_at"), span))))


def _opened_in(numbers: Sequence[int]) -> Q:
    return Q(Exists(_openings().filter(delivery__campaign__in=numbers)))


def _clicked(span: Any) -> Q:
    return Q(Exists(_clicks().filter(holds(F("happened_at"), span))))


def _clicked_in(numbers: Sequence[int]) -> Q:
    return Q(Exists(_clicks().filter(delivery__campaign__in=numbers)))


# Undoing an import removes nobody who has had a campaign because of it: they may answer, or ask what was sent to them.
# The question whether they want any does not keep them, or nobody could take it back.
traces.register("clicked", gettext_lazy("They clicked in a mail since."), lambda: Exists(_clicks()))
traces.register(
    "mailed",
    gettext_lazy("They were sent a campaign since."),
    lambda: Exists(
        Delivery.objects.filter(
            subscriber=OuterRef("pk"), campaign__isnull=False, status__in=(Status.SENT, Status.UNCERTAIN)
        )
    ),
)
