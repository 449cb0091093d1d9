"""A file being read, with a cursor that survives a crash."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, ClassVar, TypedDict
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers.states import StateMachine

from .mailing_list import MailingList


class ImportQuerySet(models.QuerySet["Import"]):
    def under_way(self) -> ImportQuerySet:
        """Those that a worker has to read, whether one is on it or not."""
        return self.filter(status__in=(Import.Status.CHECKING, Import.Status.RUNNING, Import.Status.UNDOING))

    def unattended(self) -> ImportQuerySet:
        """Under way, but no worker is on it: nobody came yet, or the one who did has died."""
        return self.under_way().filter(Q(leased_until=None) | Q(leased_until__lt=timezone.now()))

    def over(self) -> ImportQuerySet:
        return self.filter(status__in=Import.OVER)


def stored_name(_instance: Import, name: str) -> str:
    """A name that cannot be guessed, because the file tells hundreds of addresses."""
    return f"imports/{uuid4()}{PurePath(name).suffix.lower()[:6]}"


class Import(StateMachine):
    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("choose columns")
        CHECKING = "checking", _("dry run")
        CHECKED = "checked", _("waiting for your go")
        RUNNING = "running", _("importing")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    class Outcome(models.TextChoices):
        """What became of a row; each has exactly one."""

        NEW = "new", _("new people")
        UPDATED = "updated", _("people with new details or lists")
        UNCHANGED = "unchanged", _("people who stay as they are")
        LEFT = "left", _("people who left and stay out")
        SUPPRESSED = "suppressed", _("suppressed addresses")
        DUPLICATE = "duplicate", _("repeated addresses")
        INVALID = "invalid", _("rows that cannot be read")

    class Existing(models.TextChoices):
        FILL = "fill", _("fill in what is blank")
        OVERWRITE = "overwrite", _("overwrite with the file")
        LEAVE = "leave", _("leave as they are")

    MOVES: ClassVar = {
        Status.UPLOADED: frozenset({Status.UPLOADED, Status.CHECKED}),
        Status.CHECKING: frozenset({Status.UPLOADED, Status.CHECKED}),
        Status.CHECKED: frozenset({Status.CHECKING}),
        Status.RUNNING: frozenset({Status.CHECKED}),
        Status.DONE: frozenset({Status.RUNNING}),
        Status.FAILED: frozenset({Status.UPLOADED, Status.CHECKING, Status.RUNNING}),
        Status.CANCELLED: frozenset({Status.UPLOADED, Status.CHECKING, Status.CHECKED, Status.RUNNING}),
        # What a cancelled or failed run has written stands until it is undone too.
        Status.UNDOING: frozenset({Status.DONE, Status.FAILED, Status.CANCELLED}),
        Status.UNDONE: frozenset({Status.UNDOING}),
    }
    OVER: ClassVar = frozenset({Status.DONE, Status.FAILED, Status.CANCELLED, Status.UNDONE})

    file = models.FileField(_("file"), upload_to=stored_name, help_text="Removed when the import is over.")
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
    needs_confirmation = models.BooleanField(
        _("ask each person to confirm"),
        default=False,
        help_text=_("Who is new on a list gets a mail with a button, and no campaign before it is pressed."),
    )
    consent_expires_at = models.DateTimeField(
        _("consent expires"), null=True, blank=True, help_text=_("Of a consent that was only implied.")
    )
    asked_to = models.PositiveIntegerField(
        default=0, help_text="If people are asked to confirm: those of the journal up to this cursor are."
    )
    checks_domains = models.BooleanField(_("look whether each domain takes mail"), default=False)
    tags = models.ManyToManyField("subscribers.Tag", related_name="+", verbose_name=_("tags"), blank=True)
    attributes = models.JSONField(
        default=dict, blank=True, help_text="Of new attributes, by name: {“kind”: …, “label”: …, “choices”: […]}."
    )
    sample = models.JSONField(
        default=list, blank=True, help_text="Of the dry run: [row, address, {field: [before, after]}] of some people."
    )

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
    nudged_at = models.DateTimeField(null=True, blank=True, help_text="When a worker was last asked to come.")

    objects: ClassVar[models.Manager[Import]] = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar = ["-id"]
        permissions: ClassVar = [("undo_import", _("Can undo imports"))]

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        return self.status in (self.Status.CHECKING, self.Status.RUNNING, self.Status.UNDOING)

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    def settle(self, **changes: Any) -> bool:
        """How it is to be read, or what is stated of it, is otherwise now: no earlier dry run tells of that."""
        return self.move_to(self.Status.UPLOADED, **changes)

    def check_again(self, **changes: Any) -> bool:
        """Begin a dry run over the whole file; whatever an earlier one found is forgotten."""
        return self._begin(self.Status.CHECKING, total_rows=None, sample=[], **changes)

    def run(self) -> bool:
        """Begin to write what the dry run has shown."""
        return self._begin(self.Status.RUNNING)

    def _begin(self, status: str, **changes: Any) -> bool:
        with transaction.atomic():
            begun = self.move_to(
                status,
                cursor=0,
                counts={},
                leased_until=None,
                nudged_at=None,
                started_at=timezone.now(),
                finished_at=None,
                **changes,
            )
            if begun:
                self.issues.all().delete()
        return begun

    def undo(self) -> bool:
        """Begin to take back what was written; `counts` go on telling what it was."""
        return self.move_to(self.Status.UNDOING, leased_until=None, nudged_at=None)

    def fail(self, problem: str) -> bool:
        return self.move_to(self.Status.FAILED, problem=problem, finished_at=timezone.now())

    def cancel(self) -> bool:
        return self.move_to(self.Status.CANCELLED, finished_at=timezone.now())

    def forget_file(self) -> None:
        """Keep no second copy of people's details once the import is over."""
        if self.file:
            self.file.delete(save=False)
            type(self).objects.filter(pk=self.pk).update(file="")


class ImportIssue(models.Model):
    """One row that did not become a subscriber as it stands, by number and reason."""

    class Reason(models.TextChoices):
        EMPTY = "empty", _("no address")
        SYNTAX = "syntax", _("not an address")
        TOO_LONG = "too_long", _("address too long")
        NON_ASCII_LOCAL_PART = "non_ascii_local_part", _("address with letters that mail cannot carry")
        DUPLICATE = "duplicate", _("address repeated in the file")
        SUPPRESSED = "suppressed", _("suppressed address")
        LEFT = "left", _("left a list")
        RAGGED = "ragged", _("more cells than columns")
        NAME_TOO_LONG = "name_too_long", _("name too long")
        VALUE_TOO_LONG = "value_too_long", _("value too long")
        LANGUAGE = "language", _("unknown language")
        TIME_ZONE = "time_zone", _("unknown time zone")
        KIND = "kind", _("value of another kind")
        LIST = "list", _("unknown list")
        NO_MAIL = "no_mail", _("domain that takes no mail")
        LOOKALIKE = "lookalike", _("letters that only look like others")
        ROLE = "role", _("address of an office, not of a person")
        DISPOSABLE = "disposable", _("address for a few minutes")
        MISSPELT = "misspelt", _("domain that is probably misspelt")

    found_in = models.ForeignKey(Import, models.CASCADE, related_name="issues")
    row = models.PositiveIntegerField(_("row"), help_text="As the spreadsheet program numbers it.")
    reason = models.CharField(_("reason"), max_length=40, choices=Reason)
    is_rejected = models.BooleanField(_("left out"), default=True, help_text="Otherwise taken over without a part.")
    message = models.TextField(_("message"))
    suggestion = models.CharField(_("suggestion"), max_length=254, blank=True, help_text="The address that was meant.")
    values = models.JSONField(_("row as read"), default=list)

    objects: ClassVar[models.Manager[ImportIssue]] = models.Manager()

    class Meta:
        verbose_name = _("import issue")
        verbose_name_plural = _("import issues")
        ordering: ClassVar = ["row"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["found_in", "row"], name="import_issue_once_per_row")]

    def __str__(self) -> str:
        return f"{self.row}: {self.message}"


# First and last of keys that follow each other.
Ranges = list[list[int]]


class Entries(TypedDict, total=False):
    """Keys of people; lists and tags by their key as text."""

    at: str
    """When it was written."""
    new: Ranges
    joined: dict[str, Ranges]
    confirmed: dict[str, Ranges]
    renewed: list[list[Any]]
    """Of each subscription [person, list, status, ended_at, expires_at], as it was before."""
    tagged: dict[str, Ranges]
    changed: list[list[Any]]
    """Of each person [key, {field: [before, after]}, updated_at before]; ``attribute:name`` is a field."""


class ImportJournal(models.Model):
    """What one commit of an import has changed, so that it can be undone."""

    found_in = models.ForeignKey(Import, models.CASCADE, related_name="journal")
    cursor = models.PositiveIntegerField(help_text="Of the import, after this commit.")
    entries: models.JSONField[Entries] = models.JSONField(default=dict)
    undone = models.JSONField(
        null=True, help_text="What undoing it came to: {“removed”: 3, “restored”: 1, “kept”: {reason: [keys]}}."
    )

    objects: ClassVar[models.Manager[ImportJournal]] = models.Manager()

    class Meta:
        ordering: ClassVar = ["cursor"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["found_in", "cursor"], name="import_journal_once_per_commit")
        ]

    def __str__(self) -> str:
        return f"{self.found_in} · {self.cursor}"


class ImportProfile(models.Model):
    """How staff read the last file with these headings."""

    fingerprint = models.CharField(max_length=64, unique=True, help_text="Of the headings, in their order.")
    mapping = models.JSONField(default=dict)
    attributes = models.JSONField(default=dict)
    existing = models.CharField(max_length=10, choices=Import.Existing, default=Import.Existing.FILL)
    used_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[ImportProfile]] = models.Manager()

    def __str__(self) -> str:
        return self.fingerprint[:12]
