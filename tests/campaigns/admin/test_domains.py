"""The pages of recipients' domains and of incidents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Incident, RecipientDomain, Transport
from tests.campaigns.admin.composing import staff
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db

EVERYTHING = ("view_recipientdomain", "add_recipientdomain", "change_recipientdomain")


def test_staff_write_a_rule_for_a_domain() -> None:
    answer = staff(*EVERYTHING).post(
        reverse("admin:campaigns_recipientdomain_add"), {"name": "@Big.Example.net", "limit_per_hour": "500"}
    )

    assert answer.status_code == 302
    rule = RecipientDomain.objects.get()
    assert (rule.name, rule.limit_per_hour, rule.spread_evenly) == ("big.example.net", 500, False)
    assert "500 per hour" in staff(*EVERYTHING).get(reverse("admin:campaigns_recipientdomain_changelist")).text


def test_staff_see_why_a_domain_rests_and_wake_it_up() -> None:
    RecipientDomain.objects.rest("big.example.net", "421 4.7.0 too many <mails>")
    domain = RecipientDomain.objects.get()
    colleague = staff(*EVERYTHING)

    page = colleague.get(reverse("admin:campaigns_recipientdomain_change", args=[domain.pk])).text
    assert "421 4.7.0 too many &lt;mails&gt;" in page

    answer = colleague.post(reverse("admin:campaigns_recipientdomain_wake", args=[domain.pk]), follow=True)
    assert "big.example.net gets mail again." in answer.text
    assert not RecipientDomain.objects.get().is_resting


@pytest.mark.django_db(transaction=True)
def test_the_campaign_says_which_domain_rests() -> None:
    campaign = scene.start(scene.campaign("Ann"))
    RecipientDomain.objects.rest("big.example.net", "421 4.7.0 too many mails")

    page = staff("view_campaign").get(reverse("admin:campaigns_campaign_progress", args=[campaign.pk])).text

    assert "big.example.net rests until" in page
    assert "421 4.7.0 too many mails" in page


def test_a_transport_takes_all_limits_in_one_row() -> None:
    transport = scene.transport()
    limits = {"limit_per_second": "20", "limit_per_hour": "5000", "limit_per_day": "40000", "spread_evenly": "on"}
    form = {"name": "Main", "alias": "main", "is_active": "on", "priority": "10", "connections": "2", **limits}

    staff("view_transport", "change_transport").post(
        reverse("admin:campaigns_transport_change", args=[transport.pk]), form
    )

    transport = Transport.objects.get()
    assert (transport.limit_per_second, transport.limit_per_hour, transport.limit_per_day) == (20, 5000, 40_000)
    assert transport.spread_evenly
    listed = staff("view_transport").get(reverse("admin:campaigns_transport_changelist")).text
    assert "20 per second, 5,000 per hour, 40,000 per day" in listed


def test_incidents_are_listed_and_the_open_ones_stand_on_the_dashboard() -> None:
    Incident.objects.create(key="cluster:east:7", name="east", told_at=timezone.now())
    over = timezone.now() - timedelta(days=1)
    Incident.objects.create(key="transport:7", name="Old relay", reason="Connection refused", closed_at=over)

    listed = staff("view_incident").get(reverse("admin:campaigns_incident_changelist")).text
    dashboard = staff("view_campaign").get(reverse("admin:index")).text

    assert "east" in listed
    assert "Old relay" in listed
    assert reverse("admin:campaigns_transport_change", args=[7]) in listed
    assert "The workers on east have given no sign of life" in dashboard
    assert "Old relay" not in dashboard


def test_a_copy_of_a_campaign_has_its_limits() -> None:
    original = scene.campaign("Ann", limit_per_second=5, limit_per_hour=100, limit_per_day=900, spread_evenly=True)

    staff("view_campaign", "add_campaign").post(reverse("admin:campaigns_campaign_duplicate", args=[original.pk]))

    copy = Campaign.objects.exclude(pk=original.pk).get()
    assert (copy.limit_per_second, copy.limit_per_hour, copy.limit_per_day) == (5, 100, 900)
    assert copy.spread_evenly
