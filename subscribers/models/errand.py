"""Long work that staff ask for and workers do, in steps that survive a crash."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from subscribers.states import StateMachine


class ErrandQuerySet(models.QuerySet["Errand"]):
    def under_way(self) -> ErrandQuerySet:
        return self.filter(status=Errand.Status.RUNNING)

    def unattended(self) -> ErrandQuerySet:
        """Under way, but no worker is on it: nobody came yet, or the one who did has died. By the database's clock."""
        return self.under_way().filter(Q(leased_until=None) | Q(leased_until__lt=Now()))


class Errand(StateMachine):
    """`selection` says of whom, as `subscribers.selections` reads it."""

    class Status(models.TextChoices):
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    MOVES: ClassVar = {
        Status.RUNNING: frozenset(),
        Status.DONE: frozenset({Status.RUNNING}),
        Status.FAILED: frozenset({Status.RUNNING}),
        Status.CANCELLED: frozenset({Status.RUNNING}),
    }

    selection = models.JSONField(_("of whom"), default=dict)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    problem = models.TextField(_("problem"), blank=True, help_text="Why it failed, in words for staff.")
    total = models.PositiveIntegerField(_("people"), null=True, blank=True)
    cursor = models.BigIntegerField(default=0, help_text="The key of the last person that is committed.")
    counts = models.JSONField(default=dict, blank=True, help_text="Outcome → people so far.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    leased_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker is on it; afterwards another may go on."
    )
    nudged_at = models.DateTimeField(null=True, blank=True, help_text="When a worker was last asked to come.")

    objects: ClassVar = ErrandQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering: ClassVar = ["-id"]

    @property
    def is_under_way(self) -> bool:
        return self.status == self.Status.RUNNING

    def finish(self) -> bool:
        return self.move_to(self.Status.DONE, finished_at=timezone.now())

    def fail(self, problem: str) -> bool:
        return self.move_to(self.Status.FAILED, problem=problem, finished_at=timezone.now())

    def cancel(self) -> bool:
        return self.move_to(self.Status.CANCELLED, finished_at=timezone.now())


class BulkChange(Errand):
    """One change to everybody in a selection."""

    class Action(models.TextChoices):
        JOIN = "join", _("add to a list")
        LEAVE = "leave", _("take off a list")
        TAG = "tag", pgettext_lazy("verb", "tag")
        UNTAG = "untag", _("remove a tag")
        LANGUAGE = "language", _("set the language")
        SUPPRESS = "suppress", _("suppress")
        ERASE = "erase", _("erase")

    action = models.CharField(_("what"), max_length=10, choices=Action)
    arguments = models.JSONField(default=dict, blank=True, help_text="Numbers and codes, such as {“mailing_list”: 3}.")

    class Meta(Errand.Meta):
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")

    def __str__(self) -> str:
        return self.get_action_display()


class BulkStep(models.Model):
    """What one commit of a bulk change has done, so that the page of each person can tell."""

    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="steps")
    first = models.BigIntegerField(help_text="The lowest number among these people.")
    last = models.BigIntegerField()
    people = models.JSONField(help_text="The numbers of those who were changed.")
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[BulkStep]] = models.Manager()

    class Meta:
        indexes: ClassVar = [
            # The steps that passed one person.
            models.Index(fields=["first", "last"], name="bulk_step_range"),
        ]

    def __str__(self) -> str:
        return f"{self.change} · {self.first}–{self.last}"


def stored_name(_instance: Export, name: str) -> str:
    """A name that cannot be guessed, because the file tells any number of addresses."""
    return f"exports/{uuid4()}{PurePath(name).suffix}"


class ExportQuerySet(ErrandQuerySet):
    def with_old_file(self) -> models.QuerySet[Any]:
        """Nobody can fetch it any more."""
        came_to_nothing = Q(status__in=(Errand.Status.FAILED, Errand.Status.CANCELLED))
        return self.exclude(file="").filter(came_to_nothing | Q(expires_at__lte=Now()))


class Export(Errand):
    """A file being written; `columns` in their order, as `subscribers.transfer.columns` names them."""

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel workbook (.xlsx)")
        CSV = "csv", _("text (.csv)")

    columns = models.JSONField(_("columns"), default=list)
    format = models.CharField(_("format"), max_length=4, choices=Format, default=Format.XLSX)
    name = models.CharField(_("file name"), max_length=250)
    file = models.FileField(_("file"), upload_to=stored_name, blank=True, help_text="Removed when it expires.")
    written = models.BigIntegerField(default=0, help_text="Bytes of the rows that are valid.")
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    downloads = models.PositiveIntegerField(_("downloads"), default=0)

    objects: ClassVar = ExportQuerySet.as_manager()

    class Meta(Errand.Meta):
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        # There is one: to export subscribers.
        default_permissions = ()
        indexes: ClassVar = [
            # The sweep looks for files to remove each second.
            models.Index(fields=["expires_at"], condition=~Q(file=""), name="export_with_file"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready(self) -> bool:
        """Whether the file can be fetched."""
        fresh = self.expires_at is not None and self.expires_at > timezone.now()
        return bool(self.status == self.Status.DONE and self.file and fresh)

    @property
    def hides_addresses(self) -> bool:
        """Whether nobody can tell from the file who is in it."""
        return bool(self.columns) and "email" not in self.columns

    def forget_file(self) -> None:
        """Also what a killed worker left of it."""
        if self.file:
            for suffix in (".rows", ".zip", f".{self.format}"):
                Path(self.file.path).with_suffix(suffix).unlink(missing_ok=True)
            type(self).objects.filter(pk=self.pk).update(file="")
