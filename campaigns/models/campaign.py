"""What we send, when, and to whom."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers.models import MailingList
from subscribers.states import StateMachine

from .layout import Layout
from .limit import Limited
from .sender import Sender


def site_language() -> str:
    """Asked for each new campaign, so that another setting needs no migration."""
    return str(settings.LANGUAGE_CODE)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def due(self) -> CampaignQuerySet:
        """Scheduled, and the time has come."""
        return self.filter(status=Campaign.Status.SCHEDULED, scheduled_at__lte=timezone.now())

    def sending(self) -> CampaignQuerySet:
        return self.filter(status=Campaign.Status.SENDING)

    def unplanned(self) -> CampaignQuerySet:
        """Started, but not every recipient has a delivery yet."""
        return self.filter(status__in=[Campaign.Status.SENDING, Campaign.Status.PAUSED], planned_at=None)


class Campaign(Limited, StateMachine):
    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SCHEDULED = "scheduled", _("scheduled")
        SENDING = "sending", _("sending")
        PAUSED = "paused", _("paused")
        SENT = "sent", _("sent")
        CANCELLED = "cancelled", _("cancelled")

    MOVES: ClassVar = {
        Status.DRAFT: frozenset({Status.SCHEDULED}),
        Status.SCHEDULED: frozenset({Status.DRAFT}),
        Status.SENDING: frozenset({Status.SCHEDULED, Status.PAUSED, Status.SENT}),
        Status.PAUSED: frozenset({Status.SENDING}),
        Status.SENT: frozenset({Status.SENDING}),
        Status.CANCELLED: frozenset({Status.SENDING, Status.PAUSED}),
    }
    ENDED: ClassVar = frozenset({Status.SENT, Status.CANCELLED})

    name = models.CharField(_("name"), max_length=200, help_text=_("For staff; readers never see it."))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    default_language = models.CharField(
        _("default language"),
        max_length=20,
        default=site_language,
        help_text=_("What readers get whose language the campaign does not have."),
    )
    layout = models.ForeignKey(Layout, models.PROTECT, related_name="campaigns", verbose_name=_("layout"))
    sender = models.ForeignKey(Sender, models.PROTECT, related_name="campaigns", verbose_name=_("sender"))
    mailing_lists = models.ManyToManyField(
        MailingList,
        related_name="campaigns",
        verbose_name=_("send to"),
        help_text=_("Everybody active on any of them."),
    )
    excluded_lists = models.ManyToManyField(
        MailingList,
        related_name="excluded_from_campaigns",
        verbose_name=_("but not to"),
        blank=True,
        help_text=_("Nobody active on any of these."),
    )
    tracks_clicks = models.BooleanField(
        _("count clicks"), default=False, help_text=_("Links then lead through this site, which redirects.")
    )
    in_local_time = models.BooleanField(
        _("at each reader’s local time"), default=False, editable=False, help_text="The time of day in their zone."
    )
    canary = models.PositiveIntegerField(
        _("first only to"),
        null=True,
        blank=True,
        editable=False,
        validators=[MinValueValidator(1)],
        help_text="So many; a person then lets the others follow.",
    )
    scheduled_at = models.DateTimeField(_("send at"), null=True, blank=True, editable=False)
    time_zone = models.CharField(
        _("time zone"), max_length=60, blank=True, editable=False, help_text=_("In which the time was chosen.")
    )

    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    leaves_at = models.DateTimeField(
        _("first mail"),
        null=True,
        blank=True,
        editable=False,
        help_text="Until then it can be stopped without a trace.",
    )
    released_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a person let those after the canary follow."
    )
    plan_cursor = models.BigIntegerField(default=0, editable=False, help_text="Subscribers up to this id are planned.")
    planned_at = models.DateTimeField(null=True, blank=True, editable=False)
    planned = models.PositiveIntegerField(
        _("audience"), null=True, blank=True, editable=False, help_text="The left side of the final sum."
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)
    pause_reason = models.TextField(_("why it is paused"), blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects: ClassVar = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering: ClassVar = ["-id"]
        permissions: ClassVar = [
            ("send_campaign", _("Can schedule, send, pause and cancel campaigns")),
            ("test_campaign", _("Can send test mails")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(scheduled_at__isnull=False), name="campaign_scheduled_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(planned__isnull=False), name="campaign_sent_has_audience"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_editable(self) -> bool:
        """Contents and audience may change only in a draft: what was confirmed is what is sent."""
        return self.status == self.Status.DRAFT

    @property
    def has_started(self) -> bool:
        return self.started_at is not None

    def schedule(self, at: datetime, *, time_zone: str = "") -> bool:
        return self.move_to(self.Status.SCHEDULED, scheduled_at=at, time_zone=time_zone)

    def unschedule(self) -> bool:
        return self.move_to(self.Status.DRAFT, scheduled_at=None)

    def start(self) -> bool:
        """Won by exactly one worker."""
        return self.move_to(self.Status.SENDING, only_from=self.Status.SCHEDULED, started_at=timezone.now())

    def pause(self, reason: str = "") -> bool:
        return self.move_to(self.Status.PAUSED, pause_reason=reason)

    def resume(self) -> bool:
        return self.move_to(self.Status.SENDING, only_from=self.Status.PAUSED, pause_reason="")

    def reopen(self) -> bool:
        """A mail of a finished campaign is to be tried again."""
        return self.move_to(self.Status.SENDING, only_from=self.Status.SENT, finished_at=None)

    def cancel(self) -> bool:
        """What is not yet on the wire is never sent; the sweeper names the rest as skipped."""
        return self.move_to(self.Status.CANCELLED, finished_at=timezone.now())

    def finish(self) -> bool:
        return self.move_to(self.Status.SENT, finished_at=timezone.now())
