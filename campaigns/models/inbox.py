"""A mailbox that workers read, and how far they are."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from . import clock

# Not read by us: a mail server hands its mails over one by one.
PIPE: Final = "receive_mail"
EVERY: Final = timedelta(minutes=2)
# Longer than a worker reads at once, and whatever a server that says nothing may make it wait.
LEASE: Final = timedelta(minutes=5)


class Inbox(models.Model):
    """Where it is says the environment alone; this is what we remember of it.

    Mails are known by the numbers that the server gives them and never changes, as long as it says that they are
    valid (RFC 3501 §2.3.1.1).
    """

    name = models.CharField(
        _("mailbox"), max_length=250, unique=True, help_text="User, server and folder; never the password."
    )
    validity = models.BigIntegerField(default=0, help_text="While the server says the same, its numbers mean the same.")
    read_to = models.BigIntegerField(default=0, help_text="Mails up to this number are done.")
    due_at = models.DateTimeField(default=clock.now, help_text="When it is read the next time.")
    owner = models.CharField(max_length=40, blank=True, help_text="Who reads it.")
    leased_until = models.DateTimeField(null=True, help_text="Then somebody else may.")

    read_at = models.DateTimeField(_("last read"), null=True)
    failing_since = models.DateTimeField(_("not readable since"), null=True)
    failure = models.TextField(_("why"), blank=True)

    unsubscribed = models.PositiveIntegerField(_("wishes to leave"), default=0)
    bounced = models.PositiveIntegerField(_("bounces"), default=0)
    complained = models.PositiveIntegerField(_("complaints"), default=0)
    ignored = models.PositiveIntegerField(_("other mails"), default=0)

    objects: ClassVar[models.Manager[Inbox]] = models.Manager()

    class Meta:
        verbose_name = _("incoming mailbox")
        verbose_name_plural = _("incoming mailboxes")
        ordering: ClassVar = ["name"]
        default_permissions: ClassVar = ["view"]

    def __str__(self) -> str:
        return self.name

    def count(self, kind: str) -> None:
        """A mail was handed over."""
        Inbox.objects.filter(pk=self.pk).update(read_at=Now(), **{kind: F(kind) + 1})

    def call(self) -> bool:
        """Whoever gets True asks a worker to read it, and nobody else does for a while."""
        if self.due_at > clock.now():
            # Asked each second: mostly nothing need be written.
            return False
        due = Inbox.objects.filter(pk=self.pk, due_at__lte=clock.in_sql())
        return bool(due.update(due_at=Now() + EVERY))

    def take(self, owner: str) -> bool:
        """Nobody else reads it until then."""
        free = Q(owner="") | Q(leased_until__lt=clock.in_sql())
        lease = {"owner": owner, "leased_until": Now() + LEASE}
        return bool(Inbox.objects.filter(free, pk=self.pk).update(**lease))

    def renumber(self, owner: str, validity: int) -> bool:
        """The server numbers its mails anew. Whatever was done before is done once more, which changes nothing."""
        anew = Inbox.objects.filter(pk=self.pk, owner=owner).exclude(validity=validity)
        return bool(anew.update(validity=validity, read_to=0))

    def advance(self, owner: str, read_to: int, kind: str = "") -> bool:
        """One mail is done; False if it is somebody else's by now."""
        counted = {kind: F(kind) + 1} if kind else {}
        return bool(Inbox.objects.filter(pk=self.pk, owner=owner).update(read_to=read_to, **counted))

    def leave(self, owner: str, *, failure: str = "", has_more: bool = False) -> None:
        changes = {"owner": "", "leased_until": None} | ({"due_at": Now()} if has_more else {})
        mine = Inbox.objects.filter(pk=self.pk, owner=owner)
        if failure:
            Inbox.objects.filter(pk=self.pk, owner=owner, failing_since=None).update(failing_since=Now())
            mine.update(failure=failure, **changes)
        else:
            mine.update(failure="", failing_since=None, read_at=Now(), **changes)
