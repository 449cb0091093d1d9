"""The ways out: where they lead, how they are, and waking them up."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.delivery import slots
from campaigns.models import Transport
from tests.campaigns.admin.desk import staff, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def transport(settings) -> Transport:
    options = {"host": "mail.example.net", "port": 587, "username": "ann", "password": "a-secret-of-ann"}
    settings.MAILERS = {"main": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    return Transport.objects.get(alias="main")


def page(transport: Transport, name: str = "change") -> str:
    return reverse(f"admin:campaigns_transport_{name}", args=[transport.pk])


def test_there_is_a_transport_from_the_start() -> None:
    assert [transport.alias for transport in Transport.objects.in_service()] == ["main"]


def test_staff_see_where_it_leads_and_never_the_password(admin_client: Client, transport: Transport) -> None:
    listed = admin_client.get(reverse("admin:campaigns_transport_changelist"))
    one = admin_client.get(page(transport))

    assert "mail.example.net:587" in words(listed)
    assert b"mail.example.net:587" in one.content
    for answer in (listed, one):
        assert b"a-secret-of-ann" not in answer.content


def test_a_resting_transport_says_why_and_can_be_woken_up(admin_client: Client, transport: Transport) -> None:
    transport.rest("Connection refused", 600)
    assert "Connection refused" in words(admin_client.get(page(transport)))

    admin_client.post(page(transport, "wake"))

    transport.refresh_from_db()
    assert not transport.is_resting
    assert "Wake it up now" not in words(admin_client.get(page(transport)))


def test_a_link_wakes_nothing_and_neither_does_somebody_without_the_right(transport: Transport) -> None:
    transport.rest("Connection refused", 600)

    assert staff("change_transport").get(page(transport, "wake")).status_code == 405
    assert staff("view_transport", "send_campaign").post(page(transport, "wake")).status_code == 403

    transport.refresh_from_db()
    assert transport.is_resting


def test_only_configured_mailers_can_be_chosen(admin_client: Client, transport: Transport) -> None:
    form = {"name": "Other", "alias": "elsewhere", "is_active": "on", "priority": 1, "connections": 1}

    answer = admin_client.post(reverse("admin:campaigns_transport_add"), form)

    assert "alias" in answer.context["adminform"].form.errors
    assert not Transport.objects.filter(alias="elsewhere").exists()


def test_a_mailer_that_is_gone_is_shown_as_such_and_can_still_be_switched_off(
    admin_client: Client, transport: Transport, settings
) -> None:
    settings.MAILERS = {"other": settings.MAILERS["main"]}

    assert "not configured" in words(admin_client.get(reverse("admin:campaigns_transport_changelist")))
    assert "no longer configured" in words(admin_client.get(page(transport)))


def test_a_transport_is_not_deleted_once_mails_were_to_leave_by_it(admin_client: Client, transport: Transport) -> None:
    listed = {"action": "delete_selected", "_selected_action": [transport.pk], "post": "yes"}
    spare = Transport.objects.create(name="Never called", alias="spare")
    slots.take(transport, "lane", 1)
    slots.leave("lane")

    assert admin_client.post(page(transport, "delete"), {"post": "yes"}).status_code == 403
    admin_client.post(reverse("admin:campaigns_transport_changelist"), listed)
    assert Transport.objects.filter(pk=transport.pk).exists()

    assert admin_client.post(page(spare, "delete"), {"post": "yes"}).status_code == 302
    assert not Transport.objects.filter(pk=spare.pk).exists()
