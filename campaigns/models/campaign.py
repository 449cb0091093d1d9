"""What we send, when, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers.models import MailingList
from subscribers.states import StateMachine

from . import clock
from .addressed import Addressed
from .layout import Layout
from .limit import Limited
from .sender import Sender

# Between nine o'clock in the first time zone on earth and in the last.
WORLD = timedelta(hours=26)


def site_language() -> str:
    """Asked for each new campaign, so that another setting needs no migration."""
    return str(settings.LANGUAGE_CODE)


# What scheduling writes, and what starting does, as in a new draft.
UNSCHEDULED: dict[str, Any] = {
    "scheduled_at": None,
    "due_at": None,
    "time_zone": "",
    "in_local_time": False,
    "canary": None,
}
UNSTARTED: dict[str, Any] = {
    "started_at": None,
    "leaves_at": None,
    "canary_at": None,
    "canary_to": None,
    "plan_cursor": 0,
    "planned": None,
    "planned_at": None,
    "pause_reason": "",
    "frozen_segments": None,
    "tracking": MailingList.Tracking.OFF,
}


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def due(self) -> CampaignQuerySet:
        """Scheduled, and the time has come to look whether it starts."""
        return self.filter(status=Campaign.Status.SCHEDULED, due_at__lte=clock.in_sql())

    def sending(self) -> CampaignQuerySet:
        return self.filter(status=Campaign.Status.SENDING)

    def welcoming(self) -> CampaignQuerySet:
        """Welcome mails that are on; what is paused is so too, and its mails wait."""
        return self.filter(status__in=[Campaign.Status.SENDING, Campaign.Status.PAUSED], welcomes__isnull=False)

    def unplanned(self) -> CampaignQuerySet:
        """Started, but not every recipient has a delivery yet."""
        return self.filter(status__in=[Campaign.Status.SENDING, Campaign.Status.PAUSED], planned_at=None)


class Campaign(Addressed, Limited, StateMachine):
    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SCHEDULED = "scheduled", _("scheduled")
        SENDING = "sending", _("sending")
        PAUSED = "paused", _("paused")
        SENT = "sent", _("sent")
        CANCELLED = "cancelled", _("cancelled")

    MOVES: ClassVar = {
        Status.DRAFT: frozenset({Status.SCHEDULED, Status.SENDING, Status.PAUSED}),
        Status.SCHEDULED: frozenset({Status.DRAFT}),
        Status.SENDING: frozenset({Status.DRAFT, Status.SCHEDULED, Status.PAUSED, Status.SENT}),
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
    due_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a worker looks whether the scheduled campaign starts."
    )
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
    canary_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Whose mail is due later is not of the canary."
    )
    canary_to = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text="Of those whose mail is due then, the last of the canary."
    )
    plan_cursor = models.BigIntegerField(default=0, editable=False, help_text="Subscribers up to this id are planned.")
    planned_at = models.DateTimeField(null=True, blank=True, editable=False)
    planned = models.PositiveIntegerField(
        _("audience"), null=True, blank=True, editable=False, help_text="The left side of the final sum."
    )
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)
    failed_known = models.PositiveIntegerField(
        default=0, editable=False, help_text="Failures that do not pause it again: staff knew of them and resumed."
    )
    sent_known = models.PositiveIntegerField(default=0, editable=False, help_text="Mails sent by then.")
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
                condition=~Q(status="scheduled") | Q(scheduled_at__isnull=False, due_at__isnull=False),
                name="campaign_scheduled_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(planned__isnull=False), name="campaign_sent_has_audience"
            ),
            models.UniqueConstraint(
                fields=["welcomes"],
                condition=Q(welcomes__isnull=False, status__in=["sending", "paused"]),
                name="campaign_welcomes_once",
            ),
            models.CheckConstraint(
                condition=Q(welcomes=None) | ~Q(status__in=["scheduled", "sent"]), name="campaign_welcome_is_on_or_off"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """Its status in words: a welcome mail is on or off, where others are on their way or over."""
        on_or_off = {self.Status.SENDING: _("welcome mail, on"), self.Status.CANCELLED: _("welcome mail, off")}
        words = on_or_off.get(self.Status(self.status)) if self.is_welcome else None
        return str(words or self.get_status_display())

    @property
    def is_editable(self) -> bool:
        """Contents and audience may change only in a draft: what was confirmed is what is sent."""
        return self.status == self.Status.DRAFT

    @property
    def is_tracked(self) -> bool:
        return self.tracking != MailingList.Tracking.OFF

    @property
    def has_started(self) -> bool:
        return self.started_at is not None

    @property
    def is_ahead(self) -> bool:
        """Started, and no mail has left yet: it can be stopped without a trace."""
        is_under_way = self.status in {self.Status.SENDING, self.Status.PAUSED}
        return is_under_way and self.leaves_at is not None and self.leaves_at > clock.now()

    @property
    def awaits_release(self) -> bool:
        """A person has yet to let those after the canary follow."""
        is_under_way = self.status in {self.Status.SENDING, self.Status.PAUSED}
        return is_under_way and self.canary is not None and self.released_at is None

    def schedule(
        self, at: datetime, *, time_zone: str = "", in_local_time: bool = False, canary: int | None = None
    ) -> bool:
        """By local time, `at` is the moment in `time_zone`; it starts when the clocks of the first readers show it."""
        ahead = timedelta(seconds=settings.UNDO_SECONDS) + (WORLD if in_local_time else timedelta())
        chosen: dict[str, Any] = {"time_zone": time_zone, "in_local_time": in_local_time, "canary": canary}
        return self.move_to(self.Status.SCHEDULED, scheduled_at=at, due_at=at - ahead, **chosen)

    def unschedule(self) -> bool:
        return self.move_to(self.Status.DRAFT, only_from=self.Status.SCHEDULED, **UNSCHEDULED)

    def look_again(self, at: datetime) -> None:
        """None of its readers' clocks shows the time yet."""
        Campaign.objects.filter(pk=self.pk, status=self.Status.SCHEDULED).update(due_at=at)

    def start(self, first_mail_at: datetime | None = None) -> bool:
        """Won by exactly one worker. Whoever pressed the wrong button can still stop it before the first mail."""
        now = clock.now()
        leaves_at = max(now + timedelta(seconds=settings.UNDO_SECONDS), first_mail_at or self.scheduled_at or now)
        return self.move_to(
            self.Status.SENDING, only_from=self.Status.SCHEDULED, started_at=now, leaves_at=leaves_at, due_at=None
        )

    def switch_on(self) -> bool:
        """A welcome mail goes to nobody yet, and from now on to everybody who joins, until it is cancelled."""
        now = clock.now()
        times = {"started_at": now, "leaves_at": now, "planned_at": now}
        return self.move_to(self.Status.SENDING, only_from=self.Status.DRAFT, planned=0, **times)

    def take_back(self) -> bool:
        """A draft again, as if it had never started; its deliveries are the caller's to remove."""
        return self.move_to(self.Status.DRAFT, **UNSCHEDULED, **UNSTARTED)

    def pause(self, reason: str = "") -> bool:
        return self.move_to(self.Status.PAUSED, pause_reason=reason)

    def resume(self) -> bool:
        return self.move_to(self.Status.SENDING, only_from=self.Status.PAUSED, pause_reason="")

    def reopen(self) -> bool:
        """A mail of a finished campaign is to be tried again."""
        return self.move_to(self.Status.SENDING, only_from=self.Status.SENT, finished_at=None)

    def pace(self, limits: Mapping[str, int | bool | None]) -> bool:
        """Other limits from now on; lanes notice within seconds. False if it is too late, or too early."""
        under_way = {self.Status.SENDING, self.Status.PAUSED}
        return bool(Campaign.objects.filter(pk=self.pk, status__in=under_way).update(**limits))

    def cancel(self) -> bool:
        """What is not yet on the wire is never sent; the sweeper names the rest as skipped."""
        return self.move_to(self.Status.CANCELLED, finished_at=timezone.now())

    def finish(self) -> bool:
        return self.move_to(self.Status.SENT, finished_at=timezone.now())
