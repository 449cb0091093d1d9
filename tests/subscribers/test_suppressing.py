"""One gate: whoever asks about an address, one of many, or a whole audience gets the same answer."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns import audience
from campaigns.delivery.post import dead_among
from subscribers import patterns
from subscribers.models import Subscriber, Suppression
from subscribers.models.suppression import suppressed, unsuppressed
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db

NAMES = ["example.org", "mail.example.org", "a.mail.example.org", "example.com", "badexample.org", "org", "x.y.z.w.org"]


def stop(domain: str, reason: str = "manual", **more: object) -> Suppression:
    return Suppression.objects.create(domain=patterns.normalise(domain), reason=reason, **more)


def mailed() -> set[str]:
    return set(Subscriber.objects.filter(unsuppressed()).values_list("email", flat=True))


def test_a_domain_stops_everybody_at_it_and_nobody_below_it():
    for domain in ("example.org", "mail.example.org", "badexample.org"):
        scene.person(f"ann@{domain}")

    stop("Example.org")

    assert mailed() == {"ann@mail.example.org", "ann@badexample.org"}


def test_a_star_stops_everybody_at_a_domain_and_below_it():
    for domain in ("example.org", "mail.example.org", "a.b.mail.example.org", "badexample.org"):
        scene.person(f"ann@{domain}")

    stop("*.example.org")

    assert mailed() == {"ann@badexample.org"}


def test_what_has_expired_stops_nobody():
    scene.person("Ann")

    stop("example.org", expires_at=timezone.now() - timedelta(minutes=1))

    assert mailed() == {"ann@example.org"}


def test_a_campaign_mails_nobody_at_a_suppressed_domain_and_names_them():
    campaign = scene.campaign("ann@example.org", "bob@sub.example.com")
    stop("*.example.com")

    scene.send(campaign)

    assert campaign.deliveries.get(email="bob@sub.example.com").reason == "suppressed"


def test_a_domain_may_be_suppressed_for_one_list_only():
    campaign = scene.campaign("ann@example.org", "bob@example.com")
    other = scene.campaign("chloe@example.com")
    news = campaign.mailing_lists.get()

    stop("example.com", mailing_list=news)

    assert [person.email for person in audience.mailable(campaign)] == ["ann@example.org"]
    assert [person.email for person in audience.mailable(other)] == ["chloe@example.com"]
    assert Suppression.objects.stopping("bob@example.com", news).exists()
    assert not Suppression.objects.stopping("bob@example.com").exists()


def test_mail_of_the_application_does_not_go_to_dead_domains():
    stop("*.example.com", reason="bounced")
    stop("example.net", reason="manual")
    Suppression.objects.add("ann@example.org", "bounced")

    dead = dead_among(["ann@example.org", "bob@example.org", "bob@mail.example.com", "bob@example.net"])

    assert dead == {"ann@example.org", "bob@mail.example.com"}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (" Example.ORG ", "example.org"),
        ("@example.org", "example.org"),
        ("*.Bücher.example.com", "*.xn--bcher-kva.example.com"),
        ("*.org", "*.org"),
    ],
)
def test_a_domain_has_one_spelling(text, pattern):
    assert patterns.normalise(text) == pattern


@pytest.mark.parametrize(
    "text", ["", "*", "*.", "example", "ann@example.org", "*.*.org", "exa mple.org", "*.a.b.c.example.org"]
)
def test_what_is_no_domain_is_refused_in_words(text):
    with pytest.raises(patterns.PatternRefused) as refused:
        patterns.normalise(text)

    assert str(refused.value).endswith(".")


class OneAnswer(TestCase):
    @given(
        st.lists(st.sampled_from([*NAMES[:5], "x.y.z.w.org"]), min_size=1, max_size=4, unique=True),
        st.lists(st.sampled_from(NAMES[:5]), max_size=2, unique=True),
        st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
        st.lists(st.sampled_from(NAMES[:5]), max_size=2, unique=True),
    )
    def test_all_doors_agree(self, homes, plain, starred, own):
        people = [Subscriber.objects.create(email=f"ann@{home}") for home in homes]
        for domain in plain:
            Suppression.objects.create(domain=domain, reason="manual")
        for domain in starred:
            if domain.count(".") < patterns.MOST_LABELS:
                Suppression.objects.create(domain=f"*.{domain}", reason="manual")
        for domain in own:
            Suppression.objects.add(f"ann@{domain}", "manual")

        naive = {
            person.email
            for person in people
            if person.domain in plain
            or person.domain in own
            or any(f".{person.domain}".endswith(f".{each}") for each in starred if each.count(".") < 4)
        }

        emails = [person.email for person in people]
        assert {person.email for person in Subscriber.objects.filter(suppressed())} == naive
        assert {person.email for person in Subscriber.objects.filter(unsuppressed())} == set(emails) - naive
        assert {email for email, _row in Suppression.objects.among(emails)} == naive
        assert {email for email in emails if Suppression.objects.stopping(email).exists()} == naive
