"""Person × list, and the proof of what was agreed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers.states import StateMachine

from .mailing_list import MailingList
from .subscriber import Subscriber


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> SubscriptionQuerySet:
        """The database's clock, since lanes ask this again and again with one compiled statement."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), status=Subscription.Status.ACTIVE)

    def unconfirmed(self, before: datetime) -> SubscriptionQuerySet:
        return self.filter(status=Subscription.Status.PENDING, created_at__lt=before)

    def expired(self) -> SubscriptionQuerySet:
        """No mail goes there any more, though nobody has written it down yet."""
        return self.filter(status=Subscription.Status.ACTIVE, expires_at__lte=Now())

    def lapsed(self) -> SubscriptionQuerySet:
        """Ended by nothing but their expiry; who left, before or since, is not among them."""
        return self.filter(status=Subscription.Status.ENDED, ended_at__gte=F("expires_at"))

    def expiring(self, within: timedelta) -> SubscriptionQuerySet:
        return self.active().filter(expires_at__lte=Now() + within)


class Subscription(StateMachine):
    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for confirmation")
        ACTIVE = "active", _("active")
        ENDED = "ended", _("left")

    MOVES: ClassVar = {
        Status.PENDING: frozenset({Status.ENDED}),
        Status.ACTIVE: frozenset({Status.PENDING, Status.ENDED}),
        Status.ENDED: frozenset({Status.PENDING, Status.ACTIVE}),
    }

    # Without checks by the database, of which an import would need two million, each as dear as the row. Its
    # constraint and its indexes below begin with either.
    subscriber = models.ForeignKey(
        Subscriber,
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="subscriptions",
        verbose_name=_("subscriber"),
    )
    mailing_list = models.ForeignKey(
        MailingList,
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="subscriptions",
        verbose_name=_("list"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    ended_at = models.DateTimeField(_("left at"), null=True, blank=True)
    expires_at = models.DateTimeField(
        _("consent expires"), null=True, blank=True, help_text=_("Of a consent that was only implied.")
    )

    objects: ClassVar[models.Manager[Subscription]] = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "mailing_list"], name="subscription_once_per_list"),
        ]
        indexes: ClassVar = [
            # The audience: everybody active on these lists, in key order.
            models.Index(
                fields=["mailing_list", "subscriber"], condition=Q(status="active"), name="subscription_active"
            ),
            # The others, who are few: an import of active people leaves it alone.
            models.Index(
                fields=["mailing_list", "status"], condition=~Q(status="active"), name="subscription_inactive"
            ),
            # Consent that ends by itself: daily, and on the page of each list.
            models.Index(
                fields=["expires_at"],
                condition=Q(status="active", expires_at__isnull=False),
                name="subscription_expiring",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} · {self.mailing_list}"

    def activate(self, expires_at: datetime | None = None) -> bool:
        return self.move_to(self.Status.ACTIVE, ended_at=None, expires_at=expires_at)

    def wait(self) -> bool:
        """Once more for the person's word, after all."""
        return self.move_to(self.Status.PENDING, only_from=self.Status.ENDED, ended_at=None)

    def end(self) -> bool:
        """By somebody's wish: what was implied is over for good, unlike what only expired."""
        return self.move_to(self.Status.ENDED, ended_at=timezone.now(), expires_at=None)


class ConsentRecord(models.Model):
    """One line of an append-only ledger: who agreed to what, or took it back."""

    class Action(models.TextChoices):
        GRANTED = "granted", _("agreed")
        WITHDRAWN = "withdrawn", _("took back")
        # To being counted by person, on all lists.
        TRACKING_GRANTED = "tracked", _("agreed to tracking")
        TRACKING_WITHDRAWN = "untracked", _("refused tracking")

    class Basis(models.TextChoices):
        EXPRESS = "express", _("express")
        IMPLIED = "implied", _("implied")

    class Source(models.TextChoices):
        FORM = "form", _("sign-up form")
        PREFERENCES = "preferences", _("preference page")
        ONE_CLICK = "one_click", _("one-click unsubscribe")
        IMPORT = "import", _("import")
        ADMIN = "admin", _("staff")
        API = "api", _("API")
        EXPIRY = "expiry", _("expiry")
        MAIL = "mail", _("mail to the unsubscribe mailbox")

    # Without constraints, as imports write a million at a time and each check costs as much as the line.
    subscriber = models.ForeignKey(
        Subscriber, models.SET_NULL, null=True, db_constraint=False, related_name="consent_records"
    )
    mailing_list = models.ForeignKey(
        MailingList, models.SET_NULL, null=True, db_constraint=False, db_index=False, related_name="consent_records"
    )
    action = models.CharField(_("what"), max_length=10, choices=Action)
    source = models.CharField(_("how"), max_length=12, choices=Source)
    statement = models.TextField(_("wording or stated source"), blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    network_address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    basis = models.CharField(_("basis"), max_length=8, choices=Basis, default=Basis.EXPRESS)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    found_in = models.ForeignKey(
        "subscribers.Import",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("import"),
    )
    recorded_at = models.DateTimeField(_("when"), default=timezone.now)

    objects: ClassVar[models.Manager[ConsentRecord]] = models.Manager()

    class Meta:
        verbose_name = _("consent record")
        verbose_name_plural = _("consent records")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            # Retention. Partial, so that imports do not write it.
            models.Index(
                fields=["recorded_at"],
                condition=Q(network_address__isnull=False),
                name="consent_network_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} · {self.get_source_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("Consent records are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Consent records are append-only.")
