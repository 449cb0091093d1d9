"""Leaves out people at domains that take no mail, if staff want that; who does not answer is taken to take some."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.models import MailDomain
from subscribers.transfer import nameservers, spelling
from subscribers.transfer.candidates import Flaw, Reason
from subscribers.transfer.nameservers import Ask, Verdicts
from subscribers.transfer.sieve import Sifted

# Who takes mail rarely stops; a mistake in the DNS is mended soon, and a name server may be back in a moment.
HOLDS_FOR: Final = {True: timedelta(days=30), False: timedelta(days=1), None: timedelta(minutes=15)}


class Domains:
    """Of one pass over a file."""

    def __init__(self, ask: Ask = nameservers.ask) -> None:
        self._ask = ask
        self._met: Verdicts = {}
        self._is_silent = False

    def withhold(self, chunk: Sifted) -> None:
        """Reject the rows at such domains. Takes seconds, so call it outside of a transaction."""
        block, candidates = chunk.block, chunk.candidates
        closed = self._closed({*block.domains, *(candidate.domain for candidate in candidates)})
        if not closed:
            return
        for row, email, domain in zip(block.rows, block.emails, block.domains, strict=True):
            if domain in closed:
                chunk.reject(row, _flaw(email))
        for candidate in candidates:
            if candidate.domain in closed:
                chunk.reject(candidate.row, _flaw(candidate.email))
        chunk.block = block.take([at for at, domain in enumerate(block.domains) if domain not in closed])
        chunk.candidates = [candidate for candidate in candidates if candidate.domain not in closed]

    def _closed(self, names: Set[str]) -> set[str]:
        unmet = names - self._met.keys()
        if unmet:
            known = _remembered(unmet)
            self._met |= dict.fromkeys(unmet) | known | self._answers(unmet - known.keys())
        return {name for name in names if self._met[name] is False}

    def _answers(self, names: Set[str]) -> Verdicts:
        """A DNS that said nothing about so many is not asked again before the next turn of a worker."""
        if not names or self._is_silent:
            return {}
        answers = self._ask(names)
        self._is_silent = len(names) >= nameservers.AT_ONCE and set(answers.values()) == {None}
        _remember(answers)
        return answers


def _remembered(names: Set[str]) -> Verdicts:
    now = timezone.now()
    fresh = Q()
    for verdict, time in HOLDS_FOR.items():
        fresh |= Q(takes_mail=verdict, checked_at__gt=now - time)
    return dict(MailDomain.objects.filter(fresh, name__among=names).values_list("name", "takes_mail"))


def _remember(answers: Verdicts) -> None:
    now = timezone.now()
    # In one order, lest two imports wait for each other.
    told = [MailDomain(name=name, takes_mail=answers[name], checked_at=now) for name in sorted(answers)]
    MailDomain.objects.bulk_create(
        told, update_conflicts=True, unique_fields=["name"], update_fields=["takes_mail", "checked_at"]
    )


def _flaw(email: str) -> Flaw:
    local, _at, domain = email.rpartition("@")
    meant = spelling.meant_domain(domain)
    words = _("%(domain)s takes no mail: it does not exist, or says so.")
    return Flaw(Reason.NO_MAIL, words % {"domain": domain}, f"{local}@{meant}" if meant else "")
