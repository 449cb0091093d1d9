"""One person, one address."""

from __future__ import annotations

import zoneinfo
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Now, StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from subscribers import addresses, readable

from .attribute import Tag


class Subscriber(models.Model):
    email = models.CharField(
        _("address"), max_length=254, help_text=_("Stored in one normal spelling: lower case, ASCII domain.")
    )
    fingerprint = models.CharField(
        max_length=80, editable=False, help_text="addresses.fingerprint(email): joins with suppressions in one query."
    )
    domain = models.GeneratedField(
        expression=Substr("email", StrIndex(F("email"), Value("@")) + 1),
        output_field=models.CharField(max_length=254),
        db_persist=True,
        help_text="Of the address: suppressions and segments ask for it.",
    )
    first_name = models.CharField(_("first name"), max_length=120, blank=True)
    last_name = models.CharField(_("last name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True, help_text=_("A code such as de or pt-BR."))
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, help_text=_("Such as Europe/Berlin."))
    attributes = models.JSONField(
        _("attributes"), default=dict, blank=True, help_text=_("More facts for merge fields: {“company”: “Example”}.")
    )
    wants_digest = models.BooleanField(
        _("wants only digests"), db_default=False, help_text=_("Of campaigns, only those that are marked as a digest.")
    )
    may_track = models.BooleanField(
        _("may be tracked"),
        null=True,
        blank=True,
        help_text=_("Whether openings and clicks are counted by person. Unknown: only in sums; no: not at all."),
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="subscribers")
    created_at = models.DateTimeField(_("added"), auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True, db_default=Now())

    objects: ClassVar[models.Manager[Subscriber]] = models.Manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering: ClassVar = ["-id"]
        permissions: ClassVar = [
            ("export_subscriber", _("Can export subscribers")),
            ("erase_subscriber", _("Can erase people for good")),
            ("merge_subscriber", _("Can merge two people")),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["email"], name="subscriber_email_unique")]
        indexes: ClassVar = [
            # The search follows changes in their order.
            models.Index(fields=["updated_at", "id"], name="subscriber_updated"),
        ]

    def __str__(self) -> str:
        return readable.address(self.email)

    def clean(self) -> None:
        try:
            self.email = addresses.normalise(self.email)
        except addresses.AddressRefused as error:
            raise ValidationError({"email": str(error)}) from error
        if self.time_zone and self.time_zone not in zoneinfo.available_timezones():
            raise ValidationError({"time_zone": _("This is no time zone. Write it like Europe/Berlin.")})
        if not isinstance(self.attributes, dict):
            raise ValidationError({"attributes": _("Write names and values, like {“company”: “Example”}.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fingerprint = addresses.fingerprint(self.email)
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def reads(self) -> str:
        """The language of everything this person gets: theirs, else the site's."""
        return self.language or settings.LANGUAGE_CODE


class SearchText(models.Model):
    """What staff find somebody by, as `subscribers.searching` writes it: a while after the person.

    An index of all parts of words costs five times what writing a person costs, so imports do not wait for it.
    """

    subscriber = models.OneToOneField(
        Subscriber,
        models.CASCADE,
        primary_key=True,
        related_name="search_text",
        # The migration makes one that cascades, so that a text never outlives its person.
        db_constraint=False,
    )
    text = models.TextField()
    updated_at = models.DateTimeField(db_index=True, help_text="As the person's when it was written.")

    objects: ClassVar[models.Manager[SearchText]] = models.Manager()

    def __str__(self) -> str:
        return self.text
