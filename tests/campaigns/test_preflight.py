"""What must be right before a campaign may be scheduled."""

import pytest

from campaigns import preflight
from campaigns.composition.shipped import shipped_html
from campaigns.models import Campaign, Content, Layout, Sender, Transport
from subscribers.models import MailingList, Subscriber, Subscription

ENGLISH = {"subject": "News", "body_html": "<p>Dear {{ first_name }},</p>"}
LINK = '<a href="{{ unsubscribe_url }}">{{ unsubscribe_label }}</a>'


@pytest.fixture
def campaign(db: None) -> Campaign:
    """Everything is right with it: two people, one language, one way out."""
    Transport.objects.update_or_create(alias="main", defaults={"name": "Main", "is_active": True})
    news = MailingList.objects.create(name="News", label="news")
    for name, language in (("ann", "en"), ("bob", "")):
        subscriber = Subscriber.objects.create(email=f"{name}@example.org", first_name=name, language=language)
        Subscription.objects.create(subscriber=subscriber, mailing_list=news, status=Subscription.Status.ACTIVE)
    campaign = Campaign.objects.create(
        name="June",
        layout=Layout.objects.create(name="Own", label="own", html=shipped_html("letter")),
        sender=Sender.objects.create(name="Library", email="news@example.org", postal_address="Quay 1\nHafenstadt"),
    )
    campaign.mailing_lists.add(news)
    Content.objects.create(campaign=campaign, language="en", **ENGLISH)
    return campaign


def found(campaign: Campaign) -> list[tuple[str, str, str]]:
    fresh = Campaign.objects.get(pk=campaign.pk)
    return [(issue.level, issue.code, issue.where) for issue in preflight.check(fresh)]


def rewrite(campaign: Campaign, **fields: str) -> None:
    Content.objects.filter(campaign=campaign).update(**fields)


def reframe(campaign: Campaign, old: str, new: str) -> None:
    campaign.layout.html = campaign.layout.html.replace(old, new)
    campaign.layout.save()


def test_a_good_campaign_has_no_issues(campaign: Campaign) -> None:
    assert found(campaign) == []


def test_a_campaign_needs_lists_with_people_in_them(campaign: Campaign) -> None:
    campaign.mailing_lists.set([MailingList.objects.create(name="Empty", label="empty")])
    assert found(campaign) == [("warning", "nobody", "")]

    campaign.mailing_lists.clear()
    assert found(campaign) == [("error", "no_list", "")]


def test_a_campaign_needs_a_way_out(campaign: Campaign) -> None:
    Transport.objects.update(is_active=False)

    assert found(campaign) == [("error", "no_transport", "")]


def test_a_campaign_needs_its_default_language(campaign: Campaign) -> None:
    rewrite(campaign, language="de")
    assert found(campaign) == [("error", "no_default_language", "en")]

    campaign.contents.all().delete()
    assert found(campaign) == [("error", "no_content", "")]


def test_a_lacking_language_is_told_with_its_readers(campaign: Campaign) -> None:
    Subscriber.objects.filter(email="bob@example.org").update(language="pt-BR")

    (issue,) = preflight.check(campaign)

    assert (issue.level, issue.code, issue.where) == ("warning", "language_lacking", "pt-BR")
    assert issue.message == "1 person reads pt-BR, which this campaign does not have, and will get en."


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"subject": "{{ frist_name }}"}, "content"),
        ({"body_html": "<p>{% load x %}</p>"}, "content"),
        ({"body_html": '<a href="/about">x</a>'}, "content"),
        ({"body_html": "<style>@import 'x';</style><p>x</p>"}, "content"),
        ({"subject": "  "}, "no_subject"),
        ({"body_html": "<p>&nbsp;</p>"}, "no_body"),
        ({"body_html": f"<p>{'x' * 110_000}</p>"}, "too_large"),
    ],
)
def test_wrong_content_is_an_error(campaign: Campaign, fields: dict[str, str], code: str) -> None:
    rewrite(campaign, **fields)

    assert ("error", code, "en") in found(campaign)


def test_where_the_mistake_is_stands_in_the_message(campaign: Campaign) -> None:
    rewrite(campaign, body_html="<p>x</p>\n<p>{{ frist_name }}</p>")

    (issue,) = preflight.check(campaign)

    assert issue.message == "body: Line 2: There is no field “frist_name”. Did you mean “first_name”?"


def test_a_large_mail_and_a_picture_without_words_are_warnings(campaign: Campaign) -> None:
    rewrite(campaign, body_html=f'<p>{"x" * 93_000}</p><img src="https://example.org/a.png">')

    assert found(campaign) == [("warning", "large", "en"), ("warning", "no_alt", "en")]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("{{ unsubscribe_url }}", "https://example.org/", "no_unsubscribe_link"),
        ('<a href="{{ unsubscribe_url }}">{{ unsubscribe_label }}</a>', "{{ unsubscribe_url }}", "no_unsubscribe_link"),
        (
            '<a href="{{ unsubscribe_url }}">{{ unsubscribe_label }}</a>',
            "{% if name %}<a href='{{ unsubscribe_url }}'>u</a>{% endif %}",
            "no_unsubscribe_link",
        ),
        (
            'href="{{ unsubscribe_url }}">{{ unsubscribe_label }}<',
            'href="{{ unsubscribe_url }}"><',
            "no_unsubscribe_link",
        ),
        ("{{ postal_address }}", "", "no_postal_address"),
        ("{{ body }}", "", "layout"),
        ("</table>", "<script></script></table>", "layout"),
    ],
)
def test_a_layout_that_lacks_what_the_law_wants_is_an_error(campaign: Campaign, old: str, new: str, code: str) -> None:
    reframe(campaign, old, new)

    assert ("error", code, "en") in found(campaign)


def test_a_sender_that_no_server_takes_is_an_error(campaign: Campaign) -> None:
    Sender.objects.update(reply_to="nobody")

    assert ("error", "content", "en") in found(campaign)


def test_a_subject_that_needs_a_name_is_a_warning(campaign: Campaign) -> None:
    rewrite(campaign, subject="{{ first_name }}")

    assert found(campaign) == [("warning", "strangers", "en")]


def test_a_sender_without_postal_address_is_an_error(campaign: Campaign) -> None:
    Sender.objects.update(postal_address=" ")

    issues = preflight.check(Campaign.objects.get(pk=campaign.pk))

    assert [issue.code for issue in issues] == ["no_postal_address"]
    assert preflight.has_errors(issues)
