"""A mail of the application, such as a confirmation or a notice: kept as rows until each recipient has it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .batch import Batch
from .delivery import Delivery


class StoredFile(models.Model):
    """Something attached, in storage once however many mails bring it."""

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the content, in hexadecimal.")
    file = models.FileField(upload_to="attached/")
    size = models.PositiveBigIntegerField(_("size"))
    used_at = models.DateTimeField(default=timezone.now, help_text="By a new mail; a day later it may be deleted.")

    objects: ClassVar[models.Manager[StoredFile]] = models.Manager()

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")

    def __str__(self) -> str:
        return self.digest[:12]


class MessageQuerySet(models.QuerySet["Message"]):
    def full(self) -> MessageQuerySet:
        """Those whose content is still there."""
        return self.filter(emptied_at=None)

    def done(self) -> MessageQuerySet:
        """Nobody waits for them any more."""
        return self.filter(~Exists(Delivery.objects.queued().filter(batch=OuterRef("batch"))))

    def with_outcome(self, status: str) -> MessageQuerySet:
        """Those with a recipient of that outcome."""
        return self.filter(Exists(Delivery.objects.filter(copy_of=OuterRef("pk"), status=status)))


class Message(models.Model):
    """What an EmailMessage of Django holds. Its recipients are deliveries, whoever is hidden among them."""

    batch = models.OneToOneField(Batch, models.PROTECT, related_name="message")
    subject = models.TextField(_("subject"), blank=True)
    from_email = models.TextField(_("from"), help_text="As it was written, with or without a name.")
    envelope_from = models.CharField(max_length=254, help_text="The bare address; bounces go there.")
    to: models.JSONField[list[str]] = models.JSONField(_("to"), default=list)
    cc: models.JSONField[list[str]] = models.JSONField(_("copy to"), default=list)
    reply_to: models.JSONField[list[str]] = models.JSONField(_("replies to"), default=list)
    headers: models.JSONField[list[list[str]]] = models.JSONField(
        default=list, help_text="Pairs in their order, with the Date and Message-ID of all copies and tries."
    )
    body = models.TextField(blank=True)
    content_subtype = models.CharField(max_length=80, default="plain", help_text="What follows text/ of the body.")
    mixed_subtype = models.CharField(max_length=80, default="mixed")
    encoding = models.CharField(max_length=40, blank=True, help_text="A character set; empty: that of the settings.")
    alternatives: models.JSONField[list[list[str]]] = models.JSONField(
        default=list, help_text="Pairs of content and MIME type."
    )
    is_sealed = models.BooleanField(
        default=False, help_text="Its author made the bytes, for instance signed them; they are its only attachment."
    )
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    emptied_at = models.DateTimeField(_("emptied"), null=True, help_text="Since then only the ledger tells of it.")

    objects: ClassVar = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        ordering: ClassVar = ["-id"]
        default_permissions: ClassVar = ["view"]
        permissions: ClassVar = [
            ("read_message", _("Can read the content of outgoing mail")),
            ("retry_message", _("Can send outgoing mail again")),
            ("cancel_message", _("Can cancel outgoing mail")),
        ]
        indexes: ClassVar = [
            # The tick: whose content is to be emptied. It asks each second, and most are empty.
            models.Index(fields=["created_at"], condition=Q(emptied_at=None), name="message_full"),
        ]

    def __str__(self) -> str:
        return self.subject


class Attachment(models.Model):
    """One part besides the text, in the order of `position`."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    filename = models.TextField(_("file name"), blank=True)
    mimetype = models.CharField(_("type"), max_length=250, blank=True)
    head = models.TextField(
        blank=True, help_text="The part's own headers, if its author wrote them: a picture's Content-ID and the like."
    )
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments")

    objects: ClassVar[models.Manager[Attachment]] = models.Manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering: ClassVar = ["message", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "position"], name="attachment_has_its_place"),
        ]

    def __str__(self) -> str:
        return self.filename or self.mimetype
