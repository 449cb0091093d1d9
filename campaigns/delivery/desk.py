"""What one campaign needs for each of its mails, fetched and compiled once."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.db.models.lookups import IsNull

from campaigns import audience
from campaigns.composition.message import CampaignMessage, CannotCompose, Composer
from campaigns.composition.recipient import Recipient
from campaigns.delivery.insist import insist
from campaigns.delivery.replies import Kind, Outcome
from campaigns.delivery.snapshot import edition_for
from campaigns.models import Campaign, Delivery, Edition
from campaigns.prepared import Query

Skip = Delivery.Skip

logger = logging.getLogger(__name__)

# Stand in a prepared statement for the numbers of each run.
BATCH, AFTER = -1, -2
FIELDS = (
    "pk", "message_id", "subscriber__email", "subscriber__first_name", "subscriber__last_name",
    "subscriber__language", "subscriber__attributes", "subscriber__may_track", "subscriber", "tries", "wanted",
)  # fmt: skip


class Mail(NamedTuple):
    """A delivery that waits, with its reader as of now."""

    number: int
    recipient: Recipient
    edition: Edition | None
    subscriber: int | None
    tries: int
    is_wanted: bool
    # The mail of the application it belongs to, if it is none of a campaign.
    copy_of: int | None = None

    @property
    def domain(self) -> str:
        return self.recipient.email.rpartition("@")[2]


class Desk:
    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.composer = Composer(campaign)
        self.editions: dict[str, Edition] = {edition.language: edition for edition in campaign.editions.all()}
        self.numbers = {language: edition.pk for language, edition in self.editions.items()}
        self.by_number = {edition.pk: edition for edition in self.editions.values()}
        self.read_by: dict[str, Edition] = {}
        self.queries: dict[int, Query] = {}

    def waiting(self, batch: int, after: int, most: int) -> list[Mail]:
        """The next due mails of a batch by number, none while the campaign is not sending."""
        rows = insist(lambda: self._query(most).run({BATCH: batch, AFTER: after}), reads=True)
        return [
            Mail(
                number,
                Recipient(
                    number,
                    message_id,
                    email or "",
                    first or "",
                    last or "",
                    language or "",
                    json.loads(facts) if facts and facts != "{}" else {},
                    may_track if may_track is None else bool(may_track),
                ),
                self.edition_for(language or "") if email else None,
                subscriber,
                tries,
                bool(wanted),
            )
            for number, message_id, email, first, last, language, facts, may_track, subscriber, tries, wanted in rows
        ]

    def compose(self, mail: Mail) -> CampaignMessage | Outcome:
        assert mail.edition
        try:
            return self.composer.compose_for(mail.edition, mail.recipient)
        except CannotCompose as error:
            return Outcome(Kind.INVALID, answer=str(error))
        except Exception as error:
            # Whatever is wrong with the mail of one person must not stop the others.
            logger.exception("Delivery %s cannot be composed.", mail.number)
            return Outcome(Kind.INVALID, answer=f"{type(error).__name__}: {error}")

    def is_ready_for(self, mails: Sequence[Mail]) -> bool:
        return all(mail.edition and self.composer.is_ready_for(mail.edition, mail.recipient) for mail in mails)

    def why_unwanted(self, mails: list[Mail]) -> dict[int, str]:
        """By mail, why nobody wants it any more; those that are wanted again by now are left out."""
        people = [mail.subscriber for mail in mails if mail.subscriber and mail.recipient.email]
        reasons = {
            number: reason
            for reason, found in audience.unwanted(self.campaign, people).items()
            for number in found.values_list("pk", flat=True)
        }
        wanted = set(audience.wanted(self.campaign).filter(pk__in=people).values_list("pk", flat=True))

        def reason_for(mail: Mail) -> str:
            return reasons.get(mail.subscriber or 0, Skip.LEFT) if mail.recipient.email else Skip.GONE

        return {mail.number: reason_for(mail) for mail in mails if mail.subscriber not in wanted}

    def edition_for(self, language: str) -> Edition:
        if language not in self.read_by:
            self.read_by[language] = self.by_number[edition_for(self.campaign, language, self.numbers)]
        return self.read_by[language]

    def _query(self, most: int) -> Query:
        if most not in self.queries:
            self.queries[most] = self._all_waiting.first(most)
        return self.queries[most]

    @cached_property
    def _all_waiting(self) -> Query:
        return Query(self._rows(), BATCH, AFTER)

    def _rows(self) -> QuerySet[Delivery, tuple[object, ...]]:
        is_sending = Campaign.objects.sending().filter(pk=self.campaign.pk)
        waiting = Delivery.objects.queued().filter(Exists(is_sending), batch=BATCH, pk__gt=AFTER, due_at__lte=Now())
        # As it is asked twice for whom, PostgreSQL cannot answer by finding everybody who wants mail first.
        wanted = audience.wanted(self.campaign).filter(IsNull(OuterRef("subscriber"), False), pk=OuterRef("subscriber"))
        return waiting.annotate(wanted=Exists(wanted)).order_by("pk").values_list(*FIELDS)
