"""A file being read, with a cursor that survives a crash."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers.states import StateMachine

from .mailing_list import MailingList


class Import(StateMachine):
    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("choose columns")
        CHECKING = "checking", _("dry run")
        CHECKED = "checked", _("waiting for your go")
        RUNNING = "running", _("importing")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Existing(models.TextChoices):
        FILL = "fill", _("fill in what is blank")
        OVERWRITE = "overwrite", _("overwrite with the file")
        LEAVE = "leave", _("leave as they are")

    MOVES: ClassVar = {
        Status.UPLOADED: frozenset({Status.CHECKED, Status.FAILED}),
        Status.CHECKING: frozenset({Status.UPLOADED, Status.CHECKED}),
        Status.CHECKED: frozenset({Status.CHECKING}),
        Status.RUNNING: frozenset({Status.CHECKED}),
        Status.DONE: frozenset({Status.RUNNING}),
        Status.FAILED: frozenset({Status.UPLOADED, Status.CHECKING, Status.RUNNING}),
        Status.CANCELLED: frozenset({Status.UPLOADED, Status.CHECKING, Status.CHECKED, Status.RUNNING}),
    }

    file = models.FileField(_("file"), upload_to="imports/%Y/%m/")
    name = models.CharField(_("file name"), max_length=250)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UPLOADED)
    problem = models.TextField(_("problem"), blank=True, help_text="Why it failed, in words for staff.")

    dialect = models.JSONField(default=dict, blank=True, help_text="How to read the file: sheet, encoding, delimiter.")
    columns = models.JSONField(default=list, blank=True, help_text="The header row as read.")
    mapping = models.JSONField(
        default=dict, blank=True, help_text="Column number (as text) → field; others are ignored."
    )
    existing = models.CharField(_("people we know already"), max_length=10, choices=Existing, default=Existing.FILL)
    mailing_lists = models.ManyToManyField(MailingList, related_name="imports", verbose_name=_("lists"), blank=True)
    consent_statement = models.TextField(_("where the consent comes from"), blank=True)

    total_rows = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    cursor = models.PositiveIntegerField(default=0, help_text="Rows of the current pass that are committed.")
    counts = models.JSONField(default=dict, blank=True, help_text="Outcome → rows of the current pass.")

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    leased_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker is on it; afterwards another may go on."
    )

    objects: ClassVar[models.Manager[Import]] = models.Manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name

    def fail(self, problem: str) -> bool:
        return self.move_to(self.Status.FAILED, problem=problem, finished_at=timezone.now())

    def cancel(self) -> bool:
        return self.move_to(self.Status.CANCELLED, finished_at=timezone.now())


class ImportIssue(models.Model):
    """One row that did not become a subscriber as it stands, by number and reason."""

    found_in = models.ForeignKey(Import, models.CASCADE, related_name="issues")
    row = models.PositiveIntegerField(_("row"), help_text="As the spreadsheet program numbers it.")
    reason = models.CharField(_("reason"), max_length=40)
    message = models.TextField(_("message"))
    values = models.JSONField(_("row as read"), default=list)

    objects: ClassVar[models.Manager[ImportIssue]] = models.Manager()

    class Meta:
        verbose_name = _("import issue")
        verbose_name_plural = _("import issues")
        ordering: ClassVar = ["row"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["found_in", "row"], name="import_issue_once_per_row")]

    def __str__(self) -> str:
        return f"{self.row}: {self.message}"
