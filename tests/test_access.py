"""Who may open which address: every one of ours has a row here, and looking at any of them changes nothing."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.delivery import outbox
from campaigns.models import Campaign, Edition, Inbox, Incident, Link, RecipientDomain, Transport
from campaigns.signing import Counted
from subscribers import signing
from subscribers.consent.brands import look
from subscribers.models import (
    Attribute,
    Brand,
    BulkChange,
    ConsentRecord,
    Export,
    Import,
    LeavingReason,
    MailingList,
    RetentionRule,
    Segment,
    SignUp,
    SignUpForm,
    Subscriber,
    Suppression,
    Tag,
)
from subscribers.signing import Purpose
from tests.campaigns.admin.composing import staff
from tests.campaigns.delivery import scene
from tests.catcher import Catcher
from tests.site_map import admin_names, public_names

pytestmark = pytest.mark.django_db

# What one must be allowed at least, and with which method.
OURS = {
    "campaigns_campaign_preview": ("get", "view_campaign"),
    "campaigns_campaign_frame": ("get", "view_campaign"),
    "campaigns_campaign_source": ("get", "view_campaign"),
    "campaigns_campaign_under_way": ("get", "view_campaign"),
    "campaigns_campaign_progress": ("get", "view_campaign"),
    "campaigns_campaign_live": ("get", "view_campaign"),
    "campaigns_campaign_why": ("get", "view_campaign"),
    "campaigns_campaign_lines": ("get", "view_campaign view_delivery"),
    "campaigns_campaign_compare": ("get", "view_campaign"),
    "campaigns_campaign_report": ("get", "view_campaign"),
    "campaigns_campaign_report_map": ("get", "view_campaign"),
    "campaigns_campaign_repair": ("post", "change_campaign"),
    "campaigns_campaign_report_frame": ("get", "view_campaign"),
    "campaigns_campaign_report_live": ("get", "view_campaign"),
    "campaigns_campaign_report_file": ("get", "view_campaign"),
    "campaigns_campaign_trial": ("post", "view_campaign test_campaign"),
    "campaigns_campaign_archive": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_duplicate": ("post", "view_campaign add_campaign"),
    "campaigns_campaign_schedule": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_welcome": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_unschedule": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_release": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_pace": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_pause": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_resume": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_cancel": ("post", "view_campaign send_campaign"),
    "campaigns_campaign_uncertain": ("post", "view_campaign send_campaign"),
    "campaigns_delivery_frame": ("get", "view_delivery"),
    "campaigns_delivery_decide": ("post", "view_delivery send_campaign"),
    "campaigns_layout_try": ("post", "change_layout"),
    "campaigns_message_frame": ("get", "view_message read_message"),
    "campaigns_message_retry": ("post", "view_message retry_message"),
    "campaigns_message_cancel": ("post", "view_message cancel_message"),
    "campaigns_recipientdomain_wake": ("post", "change_recipientdomain"),
    "campaigns_transport_wake": ("post", "change_transport"),
    "subscribers_brand_try": ("post", "view_brand"),
    "subscribers_bulkchange_live": ("get", "view_bulkchange"),
    "subscribers_bulkchange_cancel": ("post", "change_bulkchange"),
    "subscribers_export_live": ("get", "export_subscriber"),
    "subscribers_export_cancel": ("post", "export_subscriber"),
    "subscribers_export_fetch": ("post", "export_subscriber"),
    "subscribers_import_columns": ("get", "change_import"),
    "subscribers_import_stated": ("get", "change_import"),
    "subscribers_import_undo": ("get", "view_import undo_import"),
    "subscribers_import_live": ("get", "view_import"),
    "subscribers_import_run": ("post", "change_import"),
    "subscribers_import_cancel": ("post", "change_import"),
    "subscribers_import_rejected": ("get", "change_import"),
    "subscribers_signupform_frame": ("get", "view_signupform"),
    "subscribers_subscriber_address": ("post", "view_subscriber export_subscriber"),
    "subscribers_subscriber_break": ("post", "change_subscriber"),
    "subscribers_subscriber_data": ("get", "view_subscriber export_subscriber"),
    "subscribers_subscriber_erase": ("post", "view_subscriber erase_subscriber"),
    "subscribers_suppression_download": ("post", "view_suppression export_subscriber"),
    "subscribers_suppression_upload": ("post", "add_suppression"),
    "subscribers_subscriber_lists": ("get", "view_subscriber change_subscription"),
    "subscribers_subscriber_merge": ("get", "view_subscriber merge_subscriber"),
}
# What the admin makes for each model.
USUAL = {"changelist": "view", "add": "add", "history": "view", "delete": "delete", "change": "view"}
# Or one permission for all of them.
ONE_FOR_ALL = {"export": "export_subscriber"}
# Nobody may: what was sent stays, and so does who was on a list.
NEVER = {
    "subscribers_consentrecord_add",
    "subscribers_consentrecord_delete",
    "subscribers_retentionrule_add",
    "subscribers_signup_add",
    "subscribers_signup_delete",
    "subscribers_retentionrule_delete",
    "campaigns_delivery_add",
    "campaigns_incident_add",
    "campaigns_incident_delete",
    "campaigns_inbox_add",
    "campaigns_inbox_delete",
    "campaigns_delivery_delete",
    "campaigns_message_add",
    "campaigns_message_delete",
    "campaigns_campaign_delete",
    "subscribers_mailinglist_delete",
}


@dataclass
class World:
    """One row of everything that has a page; `made` by the name of its model."""

    made: dict[str, int]

    def address(self, name: str) -> str:
        model = name.split("_")[1]
        if name.endswith(("_add", "_changelist", "_compare", "_try", "_under_way", "_address", "_upload", "_download")):
            return reverse(f"admin:{name}")
        return reverse(f"admin:{name}", args=[self.made[model]])


@pytest.fixture
def world(catcher: Catcher) -> World:
    campaign = scene.send(scene.campaign("Ann"))
    dialect = {"kind": "text", "encoding": "utf-8", "delimiter": ",", "heading": 1, "sheets": []}
    file = ContentFile(b"email\ncarl@example.org\n", "people.csv")
    uploaded = Import.objects.create(name="people.csv", file=file, dialect=dialect, columns=["email"])
    asked_by = SignUpForm.objects.create(slug="news", name="News")
    asked_by.mailing_lists.set(campaign.mailing_lists.all())
    made = {
        "campaign": campaign.pk,
        "delivery": campaign.deliveries.get().pk,
        "layout": campaign.layout_id,
        "message": outbox.keep(EmailMessage("Hello", to=["ann@example.org"])).pk,
        "sender": campaign.sender_id,
        "transport": Transport.objects.create(name="Never called", alias="spare", is_active=False).pk,
        "recipientdomain": RecipientDomain.objects.create(name="example.net", limit_per_hour=500).pk,
        "incident": Incident.objects.create(key="cluster:here", name="here", told_at=timezone.now()).pk,
        "inbox": Inbox.objects.create(name="news · imap.example.org · INBOX").pk,
        "import": uploaded.pk,
        "attribute": Attribute.objects.create(name="seats", kind="number").pk,
        "leavingreason": LeavingReason.objects.create(words="Too many mails").pk,
        "tag": Tag.objects.create(name="Fair").pk,
        "export": Export.objects.create(name="people.csv", format="csv", columns=["email"], status="done").pk,
        "brand": Brand.objects.create(name="River").pk,
        "bulkchange": BulkChange.objects.create(action="tag", status="done").pk,
        "mailinglist": campaign.mailing_lists.get().pk,
        "subscriber": Subscriber.objects.get().pk,
        "segment": Segment.objects.create(name="Ann", rules={"fact": "first_name", "is": "is", "value": "Ann"}).pk,
        "consentrecord": ConsentRecord.objects.create(action="granted", source="form").pk,
        "retentionrule": RetentionRule.objects.get(kind="logs").pk,
        "signupform": asked_by.pk,
        "signup": SignUp.objects.create(email="dilnoza@example.org", form=asked_by, status="asked").pk,
        "suppression": Suppression.objects.add("bob@example.org", "manual").pk,
    }
    return World(made)


def usual(name: str) -> str | None:
    """The permission for one of the pages that the admin makes."""
    _app, model, *page = name.split("_")
    if len(page) != 1 or page[0] not in USUAL:
        return None
    return ONE_FOR_ALL.get(model, f"{USUAL[page[0]]}_{model}")


def test_every_address_has_a_row() -> None:
    assert {name for name in admin_names() if not usual(name)} == set(OURS)


def test_who_is_not_logged_in_is_asked_to(world: World) -> None:
    for name in admin_names():
        for method in ("get", "post"):
            answer = getattr(Client(), method)(world.address(name))
            assert (name, answer.status_code, answer.headers["Location"].partition("?")[0]) == (
                name,
                302,
                "/admin/login/",
            )


def test_who_may_nothing_sees_and_does_nothing(world: World) -> None:
    before = everything()
    colleague = staff()

    for name in admin_names():
        for method in ("get", "post"):
            answer = getattr(colleague, method)(world.address(name))
            assert answer.status_code in {403, 405}, (name, method)

    assert changed(before) <= {"auth.User"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_an_address_opens_with_its_permissions_and_with_none_of_them_missing(world: World, name: str) -> None:
    method, permissions = OURS[name]
    needed = permissions.split()

    for missing in needed:
        others = [each for each in needed if each != missing]
        assert getattr(staff(*others), method)(world.address(name)).status_code == 403, missing
    assert getattr(staff(*needed), method)(world.address(name)).status_code != 403


def test_a_usual_page_opens_with_its_permission(world: World) -> None:
    for name in admin_names():
        permission = usual(name)
        if permission:
            answer = staff(permission, permission.replace("delete", "view")).get(world.address(name))
            assert (name, answer.status_code == 403) == (name, name in NEVER)


def test_looking_at_everything_changes_nothing(world: World) -> None:
    chief = Client()
    chief.force_login(User.objects.create_superuser("ann"))
    draft = Campaign.objects.create(name="Draft", **same_frame(world))
    drafted = World(world.made | {"campaign": draft.pk})
    admin_pages = [world.address(name) for name in admin_names()]
    admin_pages += [drafted.address(name) for name in admin_names() if name.startswith("campaigns_campaign_")]
    pages, counted = public_pages(world), click(world)
    before = everything()

    for visitor in (Client(), chief):
        for method in (visitor.get, visitor.head):
            for address in [*admin_pages, "/admin/"]:
                assert method(address).status_code < 500, address
            for name, address in pages.items():
                assert method(address).status_code == (302 if name == "favicon" else 200), address

    assert changed(before) == set()

    # The one thing that looking may do is to be counted.
    assert chief.head(counted).status_code == 302
    assert changed(before) == {"campaigns.Hits"}
    assert {*pages, "click"} == public_names()


def public_pages(world: World) -> dict[str, str]:
    """By name: one of each, with what it shows."""
    mail, campaign = world.made["delivery"], world.made["campaign"]
    news = MailingList.objects.get(pk=world.made["mailinglist"])
    MailingList.objects.filter(pk=news.pk).update(has_archive=True)
    brand = Brand.objects.get(pk=world.made["brand"])
    brand.logo.save("river.png", ContentFile(b"of any kind"))
    drawn = look(brand)
    signed = {
        "unsubscribe": signing.sign(Purpose.UNSUBSCRIBE, mail),
        "preferences": signing.sign(Purpose.PREFERENCES, mail),
        "preferences_erase": signing.sign(Purpose.PREFERENCES, mail),
        "me": signing.sign(Purpose.SELF, world.made["subscriber"]),
        "me_erase": signing.sign(Purpose.SELF, world.made["subscriber"]),
        "confirm": signing.sign(Purpose.CONFIRM, world.made["signup"]),
        "web_version": signing.sign(Purpose.WEB_VIEW, mail),
    }
    return {
        **{
            name: reverse(name)
            for name in ("front", "preferences_by_address", "favicon", "health", "sitemap", "robots")
        },
        **{name: reverse(name, args=[token]) for name, token in signed.items()},
        **{name: reverse(name, args=["news"]) for name in ("sign_up", "sign_up_json")},
        "archive": reverse("archive", args=[news.label]),
        "archive_feed": reverse("archive_feed", args=[news.label, "en"]),
        "archive_mail": reverse("archive_mail", args=[news.label, campaign, "en"]),
        "brand_logo": drawn.logo,
        "brand_stylesheet": drawn.stylesheet,
    }


def click(world: World) -> str:
    link = Link.objects.create(edition=Edition.objects.get(), number=1, url="https://example.org/")
    counted = Counted(link.edition_id, world.made["delivery"]).number
    return reverse("click", args=[signing.sign(Purpose.CLICK, counted), link.number])


def same_frame(world: World) -> dict[str, Any]:
    return {"layout_id": world.made["layout"], "sender_id": world.made["sender"]}


def everything() -> dict[str, list[Any]]:
    models = [model for model in apps.get_models() if model is not Session]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


def changed(before: dict[str, list[Any]]) -> set[str]:
    after = everything()
    return {label for label, rows in before.items() if rows != after[label]}
