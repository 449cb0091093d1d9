"""Staff at their desk: who may what, and what pages say."""

from __future__ import annotations

import html
import re

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign


def staff(*permissions: str) -> Client:
    """Somebody who may look at campaigns and mails, and what is named besides."""
    names = {"view_campaign", "view_delivery", *permissions}
    person = get_user_model().objects.create_user(f"staff-{len(names)}", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(person)
    return client


def page(campaign: Campaign, name: str) -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])


def status(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.status


def words(response: HttpResponse) -> str:
    """What stands on the page, without tags and in single spaces."""
    main = response.content.decode().partition('id="main"')[2] or response.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())
