"""The moves of visitors, workers and readers."""

from __future__ import annotations

import re
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client

from subscribers import tasks
from subscribers.models import MailingList, SignUp, SignUpForm, Throttle
from tests.campaigns.outgoing.post import leave
from tests.catcher import Catcher, CaughtMail

LINK = re.compile(r"http://127.0.0.1:8000(/\S+)")


def mailing_list(name: str = "News", **facts: object) -> MailingList:
    return MailingList.objects.create(name=name, label=name.lower(), **facts)


def form(*lists: MailingList, slug: str = "news", **facts: object) -> SignUpForm:
    made = SignUpForm.objects.create(slug=slug, name=slug, **facts)
    made.mailing_lists.set(lists or [mailing_list()])
    return made


def sign_up(
    email: str = "ann@example.org", *, slug: str = "news", network: str = "203.0.113.7", **told: object
) -> HttpResponse:
    told = {"email": email, **told}
    headers = told.pop("headers", {})
    return Client().post(f"/s/{slug}", told, REMOTE_ADDR=network, headers=headers)


def work() -> None:
    """What a worker and a lane do."""
    tasks.answer_sign_ups()
    leave()


def link_in(mail: CaughtMail) -> str:
    """The path of the one link in its text."""
    body = mail.message.get_body(("plain",))
    assert body is not None
    (path,) = set(LINK.findall(body.get_content()))
    return path


def confirm(path: str) -> HttpResponse:
    return Client().post(path, {"action": "confirm"}, REMOTE_ADDR="198.51.100.9")


def asked(catcher: Catcher, email: str = "ann@example.org", **told: object) -> str:
    """Somebody has signed up and has the mail: the path of its link."""
    assert sign_up(email, **told).status_code == 200
    work()
    return link_in(catcher.to(email)[-1])


def a_day_later() -> None:
    Throttle.objects.all().delete()


def let_links_expire() -> None:
    for each in SignUp.objects.all():
        SignUp.objects.filter(pk=each.pk).update(created_at=each.created_at - timedelta(days=8))
