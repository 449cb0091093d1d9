"""One mail to one person, and what became of it: the ledger."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers import addresses, readable, searching
from subscribers.models import Subscriber
from subscribers.states import StateMachine

from .batch import Batch
from .campaign import Campaign
from .content import Edition

FEW: Final = 1_000


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def queued(self) -> DeliveryQuerySet:
        """Waiting: not yet part of the right side of the sum."""
        return self.filter(status=Delivery.Status.QUEUED)

    def waiting_of(self, campaign: Campaign | OuterRef) -> DeliveryQuerySet:
        """The same of one campaign, which finds them by its batches."""
        return self.queued().filter(batch__campaign=campaign)

    def ended(self) -> DeliveryQuerySet:
        """With an outcome. SQLite uses the index only if it is told so in these words."""
        return self.exclude(status=Delivery.Status.QUEUED)

    def to(self, text: str) -> DeliveryQuerySet:
        """Mails to this address in any spelling; to those that hold the text if it is no address."""
        try:
            address = addresses.normalise(text)
        except addresses.AddressRefused:
            return self._holding(text)
        # Asked beforehand: inside of the other question, it would keep PostgreSQL from using either index.
        people = list(Subscriber.objects.filter(email=address).values_list("pk", flat=True))
        return self.filter(Q(subscriber__in=people) | Q(subscriber=None, email=address))

    def _holding(self, text: str) -> DeliveryQuerySet:
        """To few people: by these. To many: the newest are met soon, whatever is read on the way."""
        stored = readable.stored(text)
        known = searching.matching(Subscriber.objects.order_by(), text).filter(email__icontains=stored)
        people = list(known.values_list("pk", flat=True)[: FEW + 1])
        if len(people) > FEW:
            return self.filter(email__icontains=stored)
        return self.filter(Q(subscriber__in=people) | Q(subscriber=None, email__icontains=stored))


class Delivery(StateMachine):
    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("skipped")
        UNCERTAIN = "uncertain", _("uncertain")

    class Skip(models.TextChoices):
        """Why somebody in the audience was not mailed."""

        SUPPRESSED = "suppressed", _("suppressed")
        LEFT = "left", _("left the list")
        EXCLUDED = "excluded", _("on an excluded list")
        PAUSED = "paused", _("paused by the reader")
        DIGEST = "digest", _("wants only digests")
        GONE = "gone", _("no longer a subscriber")
        CANCELLED = "cancelled", _("campaign cancelled")
        WITHDRAWN = "withdrawn", _("cancelled by staff")

    MOVES: ClassVar = {
        Status.QUEUED: frozenset({Status.UNCERTAIN, Status.FAILED}),
        Status.SENT: frozenset({Status.QUEUED, Status.UNCERTAIN}),
        Status.FAILED: frozenset({Status.QUEUED, Status.UNCERTAIN}),
        Status.SKIPPED: frozenset({Status.QUEUED}),
        Status.UNCERTAIN: frozenset({Status.QUEUED}),
    }

    # The database checks none of these: four checks cost more than the row, and a million rows are planned at once.
    # Whoever reads them for sending finds out that somebody is gone.
    campaign = models.ForeignKey(
        Campaign,
        models.CASCADE,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("campaign"),
    )
    batch = models.ForeignKey(
        Batch, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="deliveries"
    )
    subscriber = models.ForeignKey(
        Subscriber,
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("subscriber"),
    )
    edition = models.ForeignKey(
        Edition,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("language"),
    )
    copy_of = models.ForeignKey(
        "campaigns.Message",
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("outgoing mail"),
    )
    email = models.CharField(_("address"), max_length=254)
    status = models.CharField(_("outcome"), max_length=10, choices=Status, default=Status.QUEUED)
    reason = models.CharField(
        _("reason"), max_length=250, blank=True, help_text="A Skip code, or the server's words for what failed."
    )
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    message_id = models.CharField(
        _("Message-ID"),
        max_length=250,
        blank=True,
        help_text="Without brackets; stored before the first try and the same on every retry.",
    )
    finished_at = models.DateTimeField(_("finished"), null=True)
    created_at = models.DateTimeField(_("planned"), default=timezone.now)

    objects: ClassVar = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("send log")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            # Also finds what one person got.
            models.UniqueConstraint(fields=["subscriber", "campaign"], name="delivery_once_per_campaign"),
        ]
        indexes: ClassVar = [
            # The lane: what waits in its batch. Partial, because each outcome writes every index.
            models.Index(fields=["batch", "id"], condition=Q(status="queued"), name="delivery_waiting"),
            # The ledger sum and the send log of a campaign by outcome. Partial, because a million rows are planned at
            # once: those that wait are found by their batches.
            models.Index(fields=["campaign", "status"], condition=~Q(status="queued"), name="delivery_ended"),
            # "Did Ann get it?" if Ann is not a subscriber; if she is, her mails are found by her.
            models.Index(fields=["email"], condition=Q(subscriber=None), name="delivery_by_address"),
            # To whom a mail of the application goes. Partial, so that campaigns do not write it.
            models.Index(fields=["copy_of"], condition=Q(copy_of__isnull=False), name="delivery_of_message"),
        ]

    def __str__(self) -> str:
        return f"{readable.address(self.email)} · {self.get_status_display()}"
