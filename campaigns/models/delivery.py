"""One mail to one person, and what became of it: the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers import addresses
from subscribers.models import Subscriber
from subscribers.states import StateMachine

from .campaign import Campaign
from .content import Edition


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> DeliveryQuerySet:
        """Waiting, and not before the time of their next try."""
        return self.filter(status=Delivery.Status.QUEUED, due_at__lte=timezone.now())

    def to(self, text: str) -> DeliveryQuerySet:
        """Mails to this address in any spelling; to those that hold the text if it is no address."""
        try:
            return self.filter(email=addresses.normalise(text))
        except addresses.AddressRefused:
            return self.filter(email__icontains=text)

    def open(self) -> DeliveryQuerySet:
        """Not yet part of the right side of the sum."""
        return self.filter(status__in=Delivery.OPEN)

    def abandoned(self) -> DeliveryQuerySet:
        """Taken by a worker that has not been heard of for longer than its lease."""
        return self.filter(
            status__in=[Delivery.Status.CLAIMED, Delivery.Status.SENDING], leased_until__lt=timezone.now()
        )


class Delivery(StateMachine):
    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        CLAIMED = "claimed", _("being prepared")
        SENDING = "sending", _("on the wire")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("skipped")
        UNCERTAIN = "uncertain", _("uncertain")

    class Skip(models.TextChoices):
        """Why somebody in the audience was not mailed."""

        SUPPRESSED = "suppressed", _("suppressed")
        LEFT = "left", _("left the list")
        EXCLUDED = "excluded", _("on an excluded list")
        GONE = "gone", _("no longer a subscriber")
        CANCELLED = "cancelled", _("campaign cancelled")

    class Priority(models.IntegerChoices):
        HIGH = 10, _("high")
        NORMAL = 50, _("normal")
        LOW = 90, _("low")

    OPEN: ClassVar = (Status.QUEUED, Status.CLAIMED, Status.SENDING)

    MOVES: ClassVar = {
        Status.QUEUED: frozenset({Status.CLAIMED, Status.SENDING, Status.UNCERTAIN, Status.FAILED}),
        Status.CLAIMED: frozenset({Status.QUEUED}),
        Status.SENDING: frozenset({Status.CLAIMED}),
        Status.SENT: frozenset({Status.SENDING, Status.UNCERTAIN}),
        Status.FAILED: frozenset({Status.CLAIMED, Status.SENDING, Status.UNCERTAIN}),
        Status.SKIPPED: frozenset({Status.QUEUED, Status.CLAIMED}),
        Status.UNCERTAIN: frozenset({Status.SENDING}),
    }

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, null=True, related_name="deliveries", verbose_name=_("campaign")
    )
    subscriber = models.ForeignKey(
        Subscriber, models.SET_NULL, null=True, related_name="deliveries", verbose_name=_("subscriber")
    )
    edition = models.ForeignKey(
        Edition, models.PROTECT, null=True, related_name="deliveries", verbose_name=_("language")
    )
    email = models.CharField(_("address"), max_length=254)
    status = models.CharField(_("outcome"), max_length=10, choices=Status, default=Status.QUEUED)
    reason = models.CharField(
        _("reason"), max_length=250, blank=True, help_text="A Skip code, or the server's words for what failed."
    )
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    message_id = models.CharField(
        _("Message-ID"),
        max_length=250,
        blank=True,
        help_text="Without brackets; stored before the first try and the same on every retry.",
    )

    owner = models.CharField(max_length=80, blank=True, help_text="The lane that claimed it.")
    leased_until = models.DateTimeField(null=True)

    finished_at = models.DateTimeField(_("finished"), null=True)
    created_at = models.DateTimeField(_("planned"), default=timezone.now)

    objects: ClassVar = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("send log")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "subscriber"], name="delivery_once_per_campaign"),
            models.CheckConstraint(
                condition=Q(status__in=["claimed", "sending"], leased_until__isnull=False)
                | ~Q(status__in=["claimed", "sending"]),
                name="delivery_in_hand_is_leased",
            ),
        ]
        indexes: ClassVar = [
            # The claim: what is due in a campaign, most urgent first; by campaign, so that a paused one costs
            # the others nothing. Partial, because each change of status writes every index.
            models.Index(
                fields=["campaign", "priority", "due_at", "id"], condition=Q(status="queued"), name="delivery_queued"
            ),
            # The sweeper: leases that ran out.
            models.Index(
                fields=["leased_until"], condition=Q(status__in=["claimed", "sending"]), name="delivery_leased"
            ),
            # The ledger sum and the send log of a campaign by outcome.
            models.Index(fields=["campaign", "status"], name="delivery_by_outcome"),
            # "Did Ann get it?"
            models.Index(fields=["email"], name="delivery_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_status_display()}"
