"""Staff with chosen permissions, a campaign, and the form of its page as a browser posts it."""

from itertools import count
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

from campaigns.models import Campaign, Content, Layout, Sender, Transport
from subscribers.models import MailingList, Subscriber, Subscription

WRITE = ("view_campaign", "add_campaign", "change_campaign", "delete_campaign")
numbers = count(1)


def staff(*permissions: str) -> Client:
    user = User.objects.create_user(f"staff{next(numbers)}", "ann@example.org", "a long password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def layout() -> Layout:
    return Layout.objects.get(label="bulletin")


def sender() -> Sender:
    return Sender.objects.get_or_create(
        email="news@example.org", defaults={"name": "The Workshop", "postal_address": "Quay 1\n12345 Example"}
    )[0]


def news() -> MailingList:
    return MailingList.objects.get_or_create(label="news", defaults={"name": "Newsletter"})[0]


def reader(email: str, language: str = "en", **facts: Any) -> Subscriber:
    subscriber = Subscriber.objects.create(email=email, language=language, **facts)
    Subscription.objects.create(subscriber=subscriber, mailing_list=news(), status="active")
    return subscriber


def transport() -> Transport:
    return Transport.objects.get_or_create(alias="main", defaults={"name": "Main"})[0]


def campaign(*languages: str, **fields: Any) -> Campaign:
    made = Campaign.objects.create(**{"name": "May news", "layout": layout(), "sender": sender()} | fields)
    made.mailing_lists.add(news())
    for language in languages:
        Content.objects.create(
            campaign=made,
            language=language,
            subject=f"Subject {language} for {{{{ first_name }}}}",
            preheader=f"Preheader {language}",
            body_html=f"<p>Body {language} for {{{{ first_name }}}}</p>",
        )
    return made


def address(name: str, made: Campaign) -> str:
    return f"/admin/campaigns/campaign/{made.pk}/{name}"


def posted(made: Campaign | None, *contents: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What the browser sends: the campaign as it is, then each content by its position."""
    saved = list(made.contents.all()) if made else []
    form: dict[str, Any] = {
        "name": made.name if made else "May news",
        "layout": layout().pk,
        "sender": sender().pk,
        "mailing_lists": [news().pk],
        "default_language": "en",
        "limit_per_hour": "",
        "contents-TOTAL_FORMS": len(contents) if contents else len(saved),
        "contents-INITIAL_FORMS": len(saved),
        "contents-MIN_NUM_FORMS": 0,
        "contents-MAX_NUM_FORMS": 1000,
    }
    for position, content in enumerate(saved):
        form[f"contents-{position}-id"] = content.pk
        form[f"contents-{position}-campaign"] = content.campaign_id
        for name in ("language", "subject", "preheader", "body_html", "body_text"):
            form[f"contents-{position}-{name}"] = getattr(content, name)
    for position, written in enumerate(contents):
        form |= {f"contents-{position}-{name}": value for name, value in written.items()}
    return form | fields
