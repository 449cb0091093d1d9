"""How staff come to the pages that everybody sees, and take them away again."""

import pytest

from campaigns.models import Delivery
from subscribers.models import Segment
from tests.campaigns.admin.composing import staff

from .conftest import web_link


def page_of(campaign):
    return f"/admin/campaigns/campaign/{campaign.pk}/change/"


def archive_of(campaign):
    return f"/admin/campaigns/campaign/{campaign.pk}/archive"


def test_the_page_of_a_campaign_leads_to_its_place_in_the_archive(sent, admin_client):
    campaign = sent("en", "de", default_language="de")

    page = admin_client.get(page_of(campaign)).content.decode()

    assert f'href="/archive/news/{campaign.pk}/de"' in page
    assert 'name="open" value="no"' in page


@pytest.mark.parametrize("facts", [{"status": "draft"}, {"status": "cancelled"}], ids=str)
def test_before_it_was_sent_there_is_no_such_place(sent, admin_client, facts):
    page = admin_client.get(page_of(sent(**facts))).content.decode()

    assert 'name="open"' not in page


def test_what_was_for_some_only_cannot_be_shown_to_everybody(sent, admin_client):
    campaign = sent()
    campaign.segments.add(Segment.objects.create(name="Few", rules={}))

    page = admin_client.get(page_of(campaign)).content.decode()

    assert "for some people of the list only" in page
    assert 'name="open"' not in page


def test_staff_take_a_campaign_out_of_the_archive_and_show_it_again(sent, client):
    campaign = sent()
    colleague = staff("view_campaign", "send_campaign")

    colleague.post(archive_of(campaign), {"open": "no"})
    gone = client.get(f"/archive/news/{campaign.pk}/en")
    offered = colleague.get(page_of(campaign)).content.decode()
    colleague.post(archive_of(campaign), {"open": "yes"})
    back = client.get(f"/archive/news/{campaign.pk}/en")

    assert (gone.status_code, back.status_code) == (404, 200)
    assert 'name="open" value="yes"' in offered


def test_who_may_only_look_changes_nothing(sent):
    campaign = sent()
    colleague = staff("view_campaign")

    assert colleague.post(archive_of(campaign), {"open": "no"}).status_code == 403
    assert colleague.get(archive_of(campaign)).status_code == 405
    campaign.refresh_from_db()
    assert campaign.in_archive


def test_the_page_of_a_mail_leads_to_its_web_version(send, catcher, admin_client):
    send("en")

    page = admin_client.get(f"/admin/campaigns/delivery/{Delivery.objects.get().pk}/change/").content.decode()

    assert f'href="{web_link(catcher)}"' in page


def test_the_page_of_a_list_leads_to_its_archive_and_its_feed(news, admin_client):
    page = admin_client.get(f"/admin/subscribers/mailinglist/{news.pk}/change/").content.decode()

    assert 'href="/archive/news/"' in page
    assert 'href="/archive/news/feed/en"' in page


def test_the_page_of_a_list_without_an_archive_does_not(news, admin_client):
    type(news).objects.update(has_archive=False)

    assert "/archive/" not in admin_client.get(f"/admin/subscribers/mailinglist/{news.pk}/change/").content.decode()
