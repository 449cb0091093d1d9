"""The pages of an import, as tests open them."""

from __future__ import annotations

from django.test import Client

from subscribers.models import Import

LIST = "/admin/subscribers/import/"
ADD = f"{LIST}add/"


def page(found: Import, name: str) -> str:
    return f"{LIST}{found.pk}/{name}"


def shown(client: Client, found: Import, name: str = "change/") -> str:
    return client.get(page(found, name), follow=True).content.decode()
