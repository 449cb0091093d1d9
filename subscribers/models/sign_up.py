"""Asking to be put on lists, until it is confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers import addresses, readable
from subscribers.states import StateMachine

from .mailing_list import MailingList

VALID_FOR: Final = timedelta(days=7)


class SignUpFormQuerySet(models.QuerySet["SignUpForm"]):
    def advertised(self) -> SignUpFormQuerySet:
        """In use, and not for lists that readers do not see among their preferences either."""
        private = MailingList.objects.filter(is_public=False)
        return self.filter(is_active=True, mailing_lists__isnull=False).exclude(mailing_lists__in=private).distinct()


class SignUpForm(models.Model):
    """A page, a snippet and an endpoint by which people sign up for one list or several."""

    slug = models.SlugField(
        _("address"), max_length=60, unique=True, help_text=_("The last part of the page’s address.")
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("For staff; readers never see it."))
    mailing_lists = models.ManyToManyField(
        MailingList, related_name="sign_up_forms", verbose_name=_("lists"), help_text=_("Of several, readers choose.")
    )
    fields: models.JSONField[list[str]] = models.JSONField(
        _("fields"),
        default=list,
        blank=True,
        help_text="Besides the address: first_name, last_name, time_zone, or an attribute as attribute:NAME.",
    )
    titles: models.JSONField[dict[str, str]] = models.JSONField(
        _("titles"), default=dict, blank=True, help_text="By language; the empty one for all others."
    )
    introductions: models.JSONField[dict[str, str]] = models.JSONField(
        _("introductions"), default=dict, blank=True, help_text="By language; the empty one for all others."
    )
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    objects: ClassVar = SignUpFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-up form")
        verbose_name_plural = _("sign-up forms")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def new(self) -> SignUpQuerySet:
        """For a worker to look at now. Telling people apart in the request would show in its time."""
        return self.filter(status=SignUp.Status.NEW, due_at__lte=timezone.now())

    def expired(self) -> SignUpQuerySet:
        return self.filter(status=SignUp.Status.ASKED, created_at__lt=timezone.now() - VALID_FOR)

    def waiting(self) -> SignUpQuerySet:
        """For their mail, however long, or for their link to be opened."""
        is_open = Q(status=SignUp.Status.ASKED, created_at__gte=timezone.now() - VALID_FOR)
        return self.filter(Q(status=SignUp.Status.NEW) | is_open)


class SignUp(StateMachine):
    """What somebody typed, who may be anybody: it becomes a subscriber only when its link is opened and confirmed."""

    class Status(models.TextChoices):
        NEW = "new", _("new")
        ASKED = "asked", _("waiting for confirmation")
        CONFIRMED = "confirmed", _("confirmed")
        # The address gets no mail, or nothing waits for its answer any more.
        IGNORED = "ignored", _("ignored")
        KNOWN = "known", _("subscribed before")

    MOVES: ClassVar = {
        Status.NEW: frozenset({Status.NEW, Status.ASKED}),
        Status.ASKED: frozenset({Status.NEW}),
        Status.CONFIRMED: frozenset({Status.NEW, Status.ASKED}),
        Status.IGNORED: frozenset({Status.NEW}),
        Status.KNOWN: frozenset({Status.NEW}),
    }

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    email = models.CharField(_("address"), max_length=254)
    fingerprint = models.CharField(max_length=80, editable=False)
    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    attributes: models.JSONField[dict[str, Any]] = models.JSONField(_("attributes"), default=dict, blank=True)
    mailing_lists = models.ManyToManyField(MailingList, related_name="sign_ups", verbose_name=_("lists"))
    form = models.ForeignKey(
        SignUpForm, models.SET_NULL, null=True, related_name="sign_ups", verbose_name=_("sign-up form")
    )
    found_in = models.ForeignKey(
        "subscribers.Import", models.SET_NULL, null=True, related_name="+", verbose_name=_("import")
    )
    referrer = models.CharField(_("came from"), max_length=250, blank=True, help_text="Host and path of the page.")
    statement = models.TextField(_("wording"), blank=True, help_text="What they agreed to, as they read it.")
    network_address = models.GenericIPAddressField(_("network address"), null=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now, help_text="While it is new, no worker looks at it before.")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)

    objects: ClassVar = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            # Staff who look for what waits.
            models.Index(fields=["status", "id"], condition=~Q(status="confirmed"), name="sign_up_open"),
            # The worker: whoever typed their address, and then all others.
            models.Index(fields=["due_at", "id"], condition=Q(status="new", found_in=None), name="sign_up_typed"),
            models.Index(fields=["due_at", "id"], condition=Q(status="new"), name="sign_up_due"),
            # What one person asked for: erasure and disclosure.
            models.Index(fields=["email"], name="sign_up_email"),
        ]

    def __str__(self) -> str:
        return readable.address(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fingerprint = addresses.fingerprint(self.email)
        super().save(*args, **kwargs)

    @property
    def is_expired(self) -> bool:
        return self.status == self.Status.ASKED and self.created_at < timezone.now() - VALID_FOR

    @property
    def is_open(self) -> bool:
        """Its link may be confirmed now, even if its mail has not left yet."""
        return self.status in (self.Status.NEW, self.Status.ASKED) and not self.is_expired

    @property
    def is_early(self) -> bool:
        """No worker looks at it yet, since the address has had enough mail for now."""
        return self.status == self.Status.NEW and self.due_at > timezone.now()

    def wait(self, until: datetime) -> bool:
        return self.move_to(self.Status.NEW, only_from=self.Status.NEW, due_at=until)

    def ask(self) -> bool:
        """Its link holds from now on, however long it has waited."""
        return self.move_to(self.Status.ASKED, created_at=timezone.now())

    def ask_again(self) -> bool:
        return self.move_to(self.Status.NEW, only_from=self.Status.ASKED)

    def confirm(self) -> bool:
        return self.move_to(self.Status.CONFIRMED, confirmed_at=timezone.now())


class Throttle(models.Model):
    """How often something happened that may happen so often in a while. `key` is a keyed hash that tells of nobody."""

    key = models.CharField(max_length=80, unique=True)
    used = models.PositiveIntegerField(default=1)
    until = models.DateTimeField(db_index=True, help_text="Then it is forgotten.")

    objects: ClassVar[models.Manager[Throttle]] = models.Manager()

    def __str__(self) -> str:
        return self.key
