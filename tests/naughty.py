"""Texts that break careless programs, and a site full of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.utils import timezone

from campaigns.models import Campaign, Content, Layout, Sender
from subscribers.models import (
    Attribute,
    BulkChange,
    ConsentRecord,
    Export,
    Import,
    ImportIssue,
    MailingList,
    Segment,
    Subscriber,
    Subscription,
    Suppression,
    Tag,
)

LONG_WORD = "W" * 110
# Whatever takes one of these for more than text makes an element <naughty> or calls naughty(). The first breaks out of
# most places at once.
STRINGS = (
    "\"'></title></textarea></script><naughty><img src=x onerror=naughty()>",
    "<naughty><script>naughty()</script><img src=x onerror=naughty()>",
    "\"'><naughty><svg onload=naughty()>",
    "</title></textarea></script></style><naughty>",
    "' autofocus onfocus=naughty() x='",
    '" autofocus onfocus=naughty() x="',
    "` onmouseover=naughty() `",
    "javascript:naughty()",
    "<a href=javascript:naughty()>press</a><naughty>",
    "<!-- --!><naughty><!--",
    "<![CDATA[<naughty>]]>",
    "&lt;naughty&gt; &amp;amp; &#60;naughty&#62; &NotAnEntity;",
    "\\u003cnaughty\\u003e \\x3cnaughty\\x3e",
    "{{ 7|add:7 }} {% now 'Y' %} {# gone #} ${7*7} <%= 7*7 %> #{7*7}",
    "%s %d %(name)s %n {0} {name} %",
    "'; DROP TABLE subscribers_subscriber; --",
    '=HYPERLINK("http://example.test";"press")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1+1",
    "'=1+1",
    '="007"',
    "Ann\u202e.gnp.exe",
    "\u200fשלום\u200e hello مرحبا 123",
    "Z̸̢̛͚̦̼͗͊̿̓a̴͇͒͐l̵̝̾g̷̺̈o̶͉͑ ̷̦͐t̸̰̓e̶̯̋x̷̹̉t̷̜̔",
    "ﷺ ﷽ 𒐫 ௵",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏿 ☺️ 🇺🇸",
    "田中さんにあげて下さい 社會科學院 울란바토르",
    "𝕿𝖍𝖊 𝓺𝓾𝓲𝓬𝓴 ｂｒｏｗｎ ⓕⓞⓧ ℌ",
    "İıŞşẞß ŉ ǰ ΐ և ﬁ",
    "Ω≈ç√∫˜µ≤≥÷ ¡™£¢∞§¶•ªº–≠",
    LONG_WORD,
    "no\u00a0break\u00a0at\u00a0all " * 2,
    "null",
    "undefined",
    "NaN",
    "true",
    "0",
    "1e309",
    "../../../etc/passwd",
    "..\\..\\con.aux",
    'Ann, the "second"; <ann@example.net>',
    "=?utf-8?q?=3Cnaughty=3E?=",
    "Bcc: bob@example.net",
)


def fill(strings: Sequence[str]) -> None:
    """Every text as a name of everything that staff or strangers can name."""
    staff = get_user_model().objects.first()
    for at, text in enumerate(strings):
        facts: dict[str, Any] = {"company": text[:500]}
        person = Subscriber.objects.create(
            email=f"person{at}@example.org", first_name=text[:120], last_name=text[-120:], attributes=facts
        )
        page = MailingList.objects.create(
            name=text[:120], label=f"list-{at}", names={"de": text[:120]}, description=text
        )
        tag = Tag.objects.create(name=text[:60])
        person.tags.add(tag)
        _agree(person, page, text)
        _name_work(at, text, page, tag)
        _name_campaign(text, page)
        if staff:
            LogEntry.objects.log_actions(staff.pk, [person], CHANGE, text)
    Attribute.objects.create(name="company", label=strings[0][:120])
    Attribute.objects.create(name="level", kind="choice", label=strings[1][:120], choices=[*strings])


def _agree(person: Subscriber, page: MailingList, text: str) -> None:
    Subscription.objects.create(subscriber=person, mailing_list=page, status="active")
    ConsentRecord.objects.create(
        subscriber=person, mailing_list=page, action="granted", source="import", statement=text
    )
    Suppression.objects.add(f"gone-{person.email}", "manual", note=text[:250])


def _name_work(at: int, text: str, page: MailingList, tag: Tag) -> None:
    rules = {
        "any": [{"fact": "last_name", "is": "is", "value": text[:120]}, {"fact": "tag", "is": "any", "value": [tag.pk]}]
    }
    segment = Segment.objects.create(name=text[:120], description=text, rules=rules)
    done = {"status": "done", "finished_at": timezone.now()}
    BulkChange.objects.create(action="tag", arguments={"tag": tag.pk, "note": text}, **done)
    Export.objects.create(
        name=f"{text}.csv"[:250], format="csv", columns=["email", text], selection={"segment": segment.pk}, **done
    )
    imported = Import.objects.create(
        name=text[:250], columns=["email", text], mapping={"0": "email"}, consent_statement=text, total_rows=1, **done
    )
    imported.mailing_lists.add(page)
    ImportIssue.objects.create(found_in=imported, row=2, reason="syntax", message=text, values=["", text])


def _name_campaign(text: str, page: MailingList) -> None:
    sender = Sender.objects.create(name=text[:120], email="news@example.org", postal_address=text)
    campaign = Campaign.objects.create(name=text[:120], sender=sender, layout=Layout.objects.first())
    campaign.mailing_lists.add(page)
    Content.objects.create(campaign=campaign, language="en", subject="Hello {{ first_name }}", body_html="<p>Hello</p>")


def reader() -> Subscriber:
    """Somebody who is on all of the lists."""
    person = Subscriber.objects.earliest("pk")
    for page in MailingList.objects.all():
        Subscription.objects.get_or_create(subscriber=person, mailing_list=page, defaults={"status": "active"})
    return person
