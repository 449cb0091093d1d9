"""To whom a campaign goes, and who may see it besides."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from subscribers.models import MailingList, Segment


class Addressed(models.Model):
    mailing_lists = models.ManyToManyField(
        MailingList,
        related_name="campaigns",
        verbose_name=_("send to"),
        blank=True,
        help_text=_("Everybody active on any of them."),
    )
    excluded_lists = models.ManyToManyField(
        MailingList,
        related_name="excluded_from_campaigns",
        verbose_name=_("but not to"),
        blank=True,
        help_text=_("Nobody active on any of these."),
    )
    segments = models.ManyToManyField(
        Segment,
        related_name="campaigns",
        verbose_name=_("only to the segments"),
        blank=True,
        help_text=_("Of the people on these lists, those in any of these; without a list, of everybody on any list."),
    )
    excluded_segments = models.ManyToManyField(
        Segment,
        related_name="excluded_from_campaigns",
        verbose_name=_("but not to the segments"),
        blank=True,
        help_text=_("Nobody in any of these."),
    )
    frozen_segments = models.JSONField(
        null=True, editable=False, help_text="Their names and rules as they were when it started: audience.Chosen."
    )
    tracking = models.CharField(
        max_length=10,
        choices=MailingList.Tracking,
        default=MailingList.Tracking.OFF,
        editable=False,
        help_text="As the strictest of its lists allowed when it started.",
    )
    is_digest = models.BooleanField(
        _("digest"), default=False, help_text=_("Goes also to those who want only digests; they get nothing else.")
    )
    in_archive = models.BooleanField(
        _("in the archive"), default=True, help_text=_("Everybody can read it on the web if its list has an archive.")
    )
    welcomes = models.ForeignKey(
        MailingList,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="welcomes",
        verbose_name=_("welcome mail of"),
        help_text=_("Once switched on, it goes to whoever joins this list, in place of everybody on it."),
    )

    class Meta:
        abstract = True

    @property
    def is_welcome(self) -> bool:
        """It goes to whoever joins a list instead of to an audience."""
        return self.welcomes_id is not None
