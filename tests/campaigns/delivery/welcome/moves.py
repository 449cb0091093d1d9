"""A welcome mail is written, somebody joins, and it is sent."""

from __future__ import annotations

from campaigns import reports
from campaigns.delivery import engine, sweep
from campaigns.models import Campaign, Content, Layout, Sender
from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, MailingList, Subscriber
from tests.campaigns.delivery import scene

Source = ConsentRecord.Source


def draft(mailing_list: MailingList, words: str = "Welcome", languages: tuple[str, ...] = ("en", "de")) -> Campaign:
    scene.transport()
    layout, _created = Layout.objects.get_or_create(label="test", defaults={"name": "Test", "html": scene.LAYOUT})
    sender, _created = Sender.objects.get_or_create(
        name="Example", email="news@example.org", postal_address="1 Main Street"
    )
    made = Campaign.objects.create(name=words, layout=layout, sender=sender, welcomes=mailing_list)
    for language in languages:
        Content.objects.create(
            campaign=made, language=language, subject=f"{words} ({language})", body_html="<p>Hello {{ first_name }}</p>"
        )
    return made


def join(person: Subscriber, *lists: MailingList, source: str = Source.FORM) -> None:
    flows.subscribe(person, lists, Evidence(source=source))


def work() -> None:
    """What lanes and ticks do."""
    while lanes := engine.needed_lanes():
        for transport in lanes:
            engine.run(transport)
    sweep.skip_cancelled()
    sweep.finish_done()


def sums(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    found = reports.ledger(campaign)
    assert found.planned == found.done + found.waiting
    return f"{campaign.status}: {found}"
