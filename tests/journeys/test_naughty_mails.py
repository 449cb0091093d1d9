"""Whatever people, lists and senders are called, mails keep the rules of the wire and say it as text."""

from __future__ import annotations

import re

import pytest
from lxml import html

from campaigns.models import Content
from subscribers.models import Attribute
from tests.campaigns.delivery import scene
from tests.catcher import Catcher, CaughtMail
from tests.naughty import STRINGS
from tests.wire import check_wire

pytestmark = pytest.mark.django_db(transaction=True)

BODY = "<p>Dear {{ first_name }},</p><p>{{ company }}</p>"


def words(text: str) -> str:
    """As a reader sees them: without what has no place in a mail, and blanks as one."""
    return " ".join(re.sub("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", " ", text).split())


def shown(mail: CaughtMail, kind: str) -> str:
    body = mail.message.get_body((kind,)).get_content()
    if kind == "plain":
        return words(body)
    page = html.fromstring(body)
    assert not page.xpath("//naughty | //script | //img | //svg"), body
    return words(page.text_content())


def test_a_mail_says_any_name_as_text(catcher: Catcher) -> None:
    campaign = scene.campaign()
    Attribute.objects.create(name="company")
    Content.objects.update(subject="For {{ first_name }}", body_html=BODY)
    news = campaign.mailing_lists.get()
    people = {
        scene.person(f"person{at}@example.org", news, last_name=text, attributes={"company": text}).email: text
        for at, text in enumerate(STRINGS)
    }
    for person in news.subscriptions.all():
        type(person.subscriber).objects.filter(pk=person.subscriber_id).update(first_name=person.subscriber.last_name)

    scene.send(campaign)

    assert len(catcher.mails) == len(people)
    for mail in catcher.mails:
        text = words(people[mail.recipient])
        assert check_wire(mail.content, mail) == [], text
        assert words(mail.message["Subject"]) == f"For {text}"
        for kind in ("plain", "html"):
            assert f"Dear {text}," in shown(mail, kind)
            assert shown(mail, kind).count(text) >= 2


def test_a_list_and_a_sender_may_have_any_name(catcher: Catcher) -> None:
    for at, text in enumerate(STRINGS):
        campaign = scene.campaign(f"person{at}")
        campaign.mailing_lists.update(name=text, names={"en": text})
        type(campaign.sender).objects.filter(pk=campaign.sender_id).update(name=text, postal_address=text)
        type(campaign).objects.filter(pk=campaign.pk).update(name=text)

        scene.send(campaign)

        (mail,) = catcher.to(f"person{at}@example.org")
        assert check_wire(mail.content, mail) == [], text
        assert words(text) in shown(mail, "html")
