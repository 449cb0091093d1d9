"""What staff may do with mails of the application: one POST each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from campaigns.delivery import counter
from campaigns.models import Delivery


@dataclass(frozen=True)
class Verb:
    """`act` answers how many it concerned; `said` is what staff then read."""

    act: Callable[[Iterable[int]], int]
    said: Callable[[int], str]


RETRY = Verb(
    counter.retry,
    lambda count: ngettext("%(count)d mail is sent again.", "%(count)d mails are sent again.", count),
)
CANCEL = Verb(
    counter.cancel,
    lambda count: ngettext("%(count)d mail is cancelled.", "%(count)d mails are cancelled.", count),
)


def do(request: HttpRequest, verb: Verb, deliveries: QuerySet[Delivery]) -> None:
    numbers = list(deliveries.values_list("pk", flat=True))
    count = verb.act(numbers) if numbers else 0
    if not numbers:
        said = gettext("Nothing was chosen, so nothing was done.")
    elif not count:
        said = gettext("Nothing was done: these mails have another outcome, or are being sent at this moment.")
    else:
        said = verb.said(count) % {"count": count}
    messages.add_message(request, messages.SUCCESS if count else messages.WARNING, said)
