"""Addresses that are never mailed, remembered without telling the address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, ClassVar

from django.db import models
from django.db.models import CharField, Exists, F, Func, OuterRef, Q
from django.db.models.functions import Now
from django.db.models.lookups import In
from django.utils.translation import gettext_lazy as _

from subscribers import addresses, patterns, readable

from .mailing_list import MailingList


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def in_force(self) -> SuppressionQuerySet:
        """By the database's clock, since lanes ask this again and again with one compiled statement."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=Now()))

    def refusing(self) -> SuppressionQuerySet:
        """In force, and not only for a while of the reader's own choice: who pauses goes on belonging to us."""
        return self.in_force().exclude(reason=Suppression.Reason.PAUSED)

    def by_others(self) -> SuppressionQuerySet:
        """Those that a reader's newest word does not lift, as it lifts their own: having left, and a break."""
        own = (Suppression.Reason.LEFT, Suppression.Reason.PAUSED)
        return self.exclude(reason__in=own, fingerprint__gt="")

    def everywhere(self) -> SuppressionQuerySet:
        """Those that hold for all mail, not for one list."""
        return self.filter(mailing_list=None)

    def of(self, address: str) -> SuppressionQuerySet:
        """Those of one normalised address."""
        return self.filter(fingerprint=addresses.fingerprint(address))

    def about(self, address: str) -> SuppressionQuerySet:
        """Those in force that keep mail from this normalised address, by itself or by its domain."""
        meant = Q(domain__in=patterns.matching(addresses.domain_of(address)))
        return self.in_force().filter(meant | Q(fingerprint=addresses.fingerprint(address)))

    def stopping(self, address: str, mailing_list: MailingList | None = None) -> SuppressionQuerySet:
        """Why it gets no mail at all now, or none of a list."""
        return self.about(address).filter(Q(mailing_list=None) | Q(mailing_list=mailing_list))

    def among(self, emails: Iterable[str]) -> Iterator[tuple[str, Suppression]]:
        """Each of these normalised addresses with each of the rows that stops it."""
        prints: dict[str, set[str]] = {}
        meant: dict[str, set[str]] = {}
        for email in emails:
            prints.setdefault(addresses.fingerprint(email), set()).add(email)
            for pattern in patterns.matching(addresses.domain_of(email)):
                meant.setdefault(pattern, set()).add(email)
        for row in self.filter(Q(fingerprint__in=prints) | Q(domain__in=meant)) if prints else ():
            for email in prints.get(row.fingerprint, ()) if row.fingerprint else meant[row.domain]:
                yield email, row

    def add(self, address: str, reason: str, *, note: str = "") -> Suppression:
        """Never mail this normalised address again. Repeating it keeps the first reason."""
        self.keep([Suppression(fingerprint=addresses.fingerprint(address), reason=reason, note=note)])
        return self.of(address).everywhere().get()

    def keep(self, rows: Collection[Suppression]) -> int:
        """How many of these are new. What holds at least as long stays as it is, with its reason."""
        same = self.filter(
            Q(fingerprint__in={row.fingerprint for row in rows if row.fingerprint})
            | Q(domain__in={row.domain for row in rows if row.domain})
        )
        wanted = {row.meant: row for row in rows}
        known = {row.meant: row for row in same if row.meant in wanted}
        short = {meant for meant, row in known.items() if row.ends_before(wanted[meant])}
        self.filter(pk__in=[known[meant].pk for meant in short]).delete()
        new = [row for meant, row in wanted.items() if meant in short or meant not in known]
        # Somebody may write the same at this moment: one row is enough.
        self.bulk_create(new, ignore_conflicts=True, batch_size=1000)
        return len(new)


class Suppression(models.Model):
    class Reason(models.TextChoices):
        LEFT = "left", _("left everything")
        BOUNCED = "bounced", _("dead address")
        COMPLAINED = "complained", _("complained")
        MANUAL = "manual", _("by staff")
        ERASED = "erased", _("erased")
        # By the reader, until it expires.
        PAUSED = "paused", _("paused")

    fingerprint = models.CharField(
        _("fingerprint"), max_length=80, editable=False, blank=True, help_text="Of an address; empty for a domain."
    )
    domain = models.CharField(
        _("domain"),
        max_length=255,
        blank=True,
        help_text=_("Of everybody at example.org, or with *.example.org also at what is below it."),
    )
    mailing_list = models.ForeignKey(
        MailingList,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="suppressions",
        verbose_name=_("list"),
        help_text=_("Empty: no mail at all."),
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = models.CharField(_("note"), max_length=250, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    objects: ClassVar = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fingerprint", "domain"], condition=Q(mailing_list=None), name="suppression_once_everywhere"
            ),
            models.UniqueConstraint(
                fields=["fingerprint", "domain", "mailing_list"],
                condition=Q(mailing_list__isnull=False),
                name="suppression_once_per_list",
            ),
            models.CheckConstraint(
                condition=Q(fingerprint="", domain__gt="") | Q(fingerprint__gt="", domain=""),
                name="suppression_of_address_or_domain",
            ),
        ]
        indexes: ClassVar = [
            # The few that are asked for everybody.
            models.Index(fields=["domain"], condition=Q(domain__gt=""), name="suppression_of_domain"),
        ]

    @property
    def meant(self) -> tuple[str, str, int | None]:
        """Whom it stops from what: of these there is one row."""
        return self.fingerprint, self.domain, self.mailing_list_id

    def ends_before(self, other: Suppression) -> bool:
        return self.expires_at is not None and (other.expires_at is None or self.expires_at < other.expires_at)

    def __str__(self) -> str:
        return f"{self.get_reason_display()} · {readable.domain(self.domain) or self.fingerprint[:12] + '…'}"


JOIN = " || '.' || "
LABELS = range(1, patterns.MOST_LABELS + 1)


class Above(Func):
    """``*.`` and the last so many labels of a domain; what has fewer becomes a pattern that nobody stores."""

    output_field = CharField()

    def __init__(self, domain: Any, labels: int) -> None:
        super().__init__(domain, labels=labels)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._joined(compiler, connection, "split_part(%(expressions)s, '.', -{})", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        labels = """'["' || replace(%(expressions)s, '.', '","') || '"]'"""
        return self._joined(compiler, connection, f"json_extract({labels}, '$[#-{{}}]')", **context)

    def _joined(self, compiler: Any, connection: Any, label: str, **context: Any) -> Any:
        labels = [label.format(number) for number in range(self.extra["labels"], 0, -1)]
        # SQLite says null for a label that is not there, and nobody is outside of what is unknown.
        template = f"COALESCE('{patterns.BELOW}' || {JOIN.join(labels)}, '')"
        return self.as_sql(compiler, connection, template=template, **context)


def suppressed(fingerprint: str = "fingerprint", domain: str = "domain") -> Q:
    """Whether the address with these columns gets no mail at all, by itself or by its domain."""
    return Q(Exists(_everywhere(fingerprint))) | _by_domain(F(domain))


def unsuppressed(fingerprint: str = "fingerprint", domain: str = "domain") -> Q:
    """The opposite, in a form in which PostgreSQL can join the suppressions instead of asking for each person."""
    return ~Q(Exists(_everywhere(fingerprint))) & ~_by_domain(F(domain))


def paused(fingerprint: str = "fingerprint") -> Q:
    """Whether whoever has it wants no mail for a while. Of other reasons it has none: there is one for all mail."""
    return Q(Exists(_everywhere(fingerprint).filter(reason=Suppression.Reason.PAUSED)))


def kept_from_list(fingerprint: OuterRef, domain: OuterRef, mailing_list: OuterRef) -> Q:
    """Whether a subscription is to a list that sends no mail to the outer query's address, though others may."""
    here = Suppression.objects.in_force().filter(mailing_list=mailing_list)
    return Q(Exists(here.filter(fingerprint=fingerprint))) | _by_domain_on_list(domain, here)


def _everywhere(fingerprint: str) -> SuppressionQuerySet:
    return Suppression.objects.in_force().everywhere().filter(fingerprint=OuterRef(fingerprint))


def _by_domain(domain: F) -> Q:
    """Looked up in one table that is made for the whole query, so that PostgreSQL knows that it costs little."""
    stops = Suppression.objects.in_force().everywhere().filter(domain__gt="").values("domain")
    found = Q(In(domain, stops))
    for labels in LABELS:
        found |= Q(In(Above(domain, labels), stops))
    # Asked once for all: mostly there is no domain at all.
    return Q(Exists(Suppression.objects.everywhere().filter(domain__gt=""))) & found


def _by_domain_on_list(domain: OuterRef, here: SuppressionQuerySet) -> Q:
    stops = here.filter(domain__gt="")
    found = Q(Exists(stops.filter(domain=domain)))
    for labels in LABELS:
        found |= Q(Exists(stops.filter(domain=Above(domain, labels))))
    return Q(Exists(Suppression.objects.filter(domain__gt="", mailing_list__isnull=False))) & found
