"""Somebody on their own page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from subscribers import readable
from subscribers.consent import pages
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, MailingList, Subscriber

BY_PAGE: Final = ConsentRecord.Source.PREFERENCES
# More than anything that is asked for; what is longer is not even shown again.
LONGEST: Final = 2_000
MOST: Final = 1_000
FORM: Final = "application/x-www-form-urlencoded"


def nobody(left: list[MailingList]) -> None:
    """What made them leave is not known."""


@dataclass(frozen=True)
class Visit:
    """Their link proved who they are. `credit` is called within the transaction in which somebody leaves lists."""

    request: HttpRequest
    subscriber: Subscriber
    path: str
    frame: Mapping[str, Any] = field(default_factory=dict)
    credit: Callable[[list[MailingList]], None] = nobody

    def evidence(self, statement: str = "") -> Evidence:
        return pages.evidence(self.request, BY_PAGE, statement)

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        own = {
            "masked_address": readable.masked(self.subscriber.email),
            "page": pages.with_language(self.path, self.subscriber.reads),
            "erase": pages.with_language(f"{self.path}/erase", self.subscriber.reads),
        }
        return pages.show(
            self.request, template, {**self.frame, **own, **context}, own_language=self.subscriber.reads, status=status
        )


def is_nonsense(request: HttpRequest) -> bool:
    """Whether what came is longer than anybody writes, or was text in another encoding than ours."""
    if request.content_type == FORM and not _is_utf_8(request.body):
        return True
    posted = [text for _name, texts in request.POST.lists() for text in texts]
    return len(posted) > MOST or any(len(text) > LONGEST or "\ufffd" in text for text in posted)


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
