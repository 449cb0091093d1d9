"""Machines open mails and follow links too: what looks like one is counted apart."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.feedback import counting
from campaigns.feedback.hits import Hit
from campaigns.models import Event, Hits, Link

from .conftest import mail_to
from .test_clicks import address, of_nobody

pytestmark = pytest.mark.usefixtures("agreed")

PEOPLE = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/95.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X20 Build/P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/95.0",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Dalvik/2.1.0 (Linux; U; Android 14; SM-S911B Build/UP1A)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
]
MACHINES = [
    "",
    " ",
    "Mozilla/5.0",
    "curl/8.5.0",
    "python-requests/2.32",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "WhatsApp/2.23.20.0",
    "SkypeUriPreview Preview/0.5",
    "Microsoft Office Existence Discovery",
    "BarracudaCentral/1.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0 Safari/537.36",
]


@pytest.fixture
def edition(mail):
    for number in range(1, 6):
        Link.objects.create(edition=mail.delivery.edition, number=number, url=f"https://example.com/{number}")
    return mail.delivery.edition


def suspects():
    return dict(Event.objects.filter(kind="clicked").values_list("link", "is_suspect"))


def follow(mail, *clicks):
    """Links with the seconds after which they were followed, all written at once."""
    begun = timezone.now().timestamp()
    delivery = mail.delivery
    counting.write([Hit(delivery.edition_id, delivery.pk, link, False, begun + after) for link, after in clicks])


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_browser_is_a_person(client, mail, edition, agent):
    for number in (0, 1):
        client.get(address(mail, number), headers={"user-agent": agent})
        client.get(of_nobody(mail, number), headers={"user-agent": agent})

    assert set(Event.objects.values_list("is_suspect", flat=True)) == {False}
    assert set(Hits.objects.values_list("is_suspect", flat=True)) == {False}


@pytest.mark.parametrize("agent", MACHINES)
def test_a_scanner_a_preview_and_whoever_says_nothing_are_suspect(client, mail, edition, agent):
    for number in (0, 1):
        client.get(address(mail, number), headers={"user-agent": agent})
        client.get(of_nobody(mail, number), headers={"user-agent": agent})

    assert set(Event.objects.values_list("is_suspect", flat=True)) == {True}
    assert set(Hits.objects.values_list("is_suspect", flat=True)) == {True}


def test_three_links_within_a_moment_were_followed_by_a_machine(mail, edition):
    follow(mail, (1, 0), (2, 0.5), (3, 2.9))

    assert suspects() == {1: True, 2: True, 3: True}


def test_what_was_written_before_the_burst_was_seen_becomes_suspect_too(mail, edition):
    for number in (1, 2):
        follow(mail, (number, 0))
    assert suspects() == {1: False, 2: False}

    follow(mail, (3, 0))
    follow(mail, (4, 1))

    assert suspects() == {1: True, 2: True, 3: True, 4: True}


def test_two_links_may_be_opened_in_tabs_and_three_be_read_one_after_the_other(mail, edition):
    follow(mail, (1, 0), (2, 0.1), (3, 4), (4, 5), (5, 9))

    assert set(suspects().values()) == {False}


def test_a_burst_in_one_mail_says_nothing_of_another(mail, edition, campaign):
    campaign.pk = None
    campaign.save()
    other = mail_to(mail.delivery.subscriber, campaign)
    follow(mail, (1, 0), (2, 0), (3, 0))
    follow(other, (1, 0), (2, 0))

    assert set(other.delivery.events.values_list("is_suspect", flat=True)) == {False}


def test_a_person_who_clicks_after_the_scanner_counts_and_a_second_scan_changes_nothing(mail, edition):
    follow(mail, (1, 0), (2, 0), (3, 0))
    follow(mail, (2, 60))
    follow(mail, (1, 120), (2, 120), (3, 120))

    clicks = Event.objects.order_by("link", "is_suspect").values_list("link", "is_suspect")
    assert list(clicks) == [(1, True), (2, False), (2, True), (3, True)]


def test_the_same_again_is_one_event_with_its_first_moment(mail, edition):
    follow(mail, (1, 0))
    first = Event.objects.get().happened_at

    follow(mail, (1, 60), (1, 30))

    assert Event.objects.get().happened_at == first
    assert timezone.now() - first < timedelta(minutes=1)
