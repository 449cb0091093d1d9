"""A newsletter that was really sent, to a list with an archive."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.composition import shipped
from campaigns.composition.compile import freeze
from campaigns.models import Campaign, Content, Layout, Sender
from subscribers.models import MailingList
from tests.campaigns.delivery import scene

BODIES = {
    "en": '<h1>Hello {{ first_name|default:"friend" }}</h1>'
    '<p>Read <a href="https://example.com/tide">the tides</a>.</p>'
    '<p><img src="https://example.com/harbour.png" alt="The harbour" width="300" height="200"></p>',
    "de": "<h1>Hallo {{ first_name|default:'du' }}</h1><p>Neues vom Hafen.</p>",
}
LAYOUT = """<html><head><style>p { color: #010203 }</style></head><body>{{ body }}
<p><a href="{{ unsubscribe_url }}">{{ unsubscribe_label }}</a></p></body></html>"""
SENT_AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
SUBJECTS = {"en": "News for {{ first_name }}", "de": "Neues für {{ first_name }}"}


@pytest.fixture(autouse=True)
def address(settings):
    settings.BASE_URL = "https://news.example.org"


@pytest.fixture
def send(db, catcher):
    """Write a campaign in these languages and let it be sent to Ann, who is on an archived list."""

    def send(*languages, **facts):
        campaign = scene.campaign(languages=languages or ("en",))
        shipped.install(Layout.objects)
        Campaign.objects.filter(pk=campaign.pk).update(layout=Layout.objects.get(label="bulletin"), **facts)
        for content in Content.objects.filter(campaign=campaign):
            content.subject, content.body_html = SUBJECTS[content.language], BODIES[content.language]
            content.save()
        news = campaign.mailing_lists.get()
        MailingList.objects.filter(pk=news.pk).update(has_archive=True, names={"de": "Neuigkeiten"})
        scene.person("Ann", news, language=(languages or ("en",))[0])
        return scene.send(Campaign.objects.get(pk=campaign.pk))

    return send


def web_link(catcher):
    """Of the newest mail that was caught."""
    part = catcher.mails[-1].message.get_body(("html",)).get_content()
    return re.search(r"https://news\.example\.org(/v/\w+)", part)[1]


@pytest.fixture
def news(db):
    return MailingList.objects.create(
        name="News", label="news", names={"de": "Neuigkeiten"}, has_archive=True, description="What happens here."
    )


@pytest.fixture
def sent(news):
    """A campaign that everybody on the list got; nothing of it passes through a mail server."""
    sender = Sender.objects.create(name="Harbour Press", email="news@example.org", postal_address="1 Quay")

    def sent(*languages, lists=(news,), **facts):
        number = Campaign.objects.count()
        layout, _created = Layout.objects.get_or_create(label="plain", defaults={"name": "Plain", "html": LAYOUT})
        facts = {"status": "sent", "planned": 1, "finished_at": SENT_AT + timedelta(days=number)} | facts
        campaign = Campaign.objects.create(name="Secret name", layout=layout, sender=sender, **facts)
        campaign.mailing_lists.set(lists)
        for language in languages or ("en",):
            Content.objects.create(
                campaign=campaign,
                language=language,
                subject=SUBJECTS[language],
                preheader=f"{number} {language} for {{{{ first_name }}}}",
                body_html=BODIES[language],
            )
        freeze(campaign)
        return campaign

    return sent
