"""The admin's face and its navigation, in the words of the product."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ICON = "public/icon.svg"

# Green of a printing press; Unfold wants one value for each shade.
PRIMARY = {
    "50": "oklch(97.5% .016 165)",
    "100": "oklch(94.5% .038 165)",
    "200": "oklch(89% .072 165)",
    "300": "oklch(81.5% .105 165)",
    "400": "oklch(71.5% .128 165)",
    "500": "oklch(61% .122 165)",
    "600": "oklch(51% .105 165)",
    "700": "oklch(43.5% .088 165)",
    "800": "oklch(37% .072 165)",
    "900": "oklch(31.5% .058 165)",
    "950": "oklch(22% .042 165)",
}


def unfold(*, mailbox: bool) -> dict[str, Any]:
    return {
        "SITE_TITLE": "Broadsheet",
        "SITE_HEADER": "Broadsheet",
        "SITE_SUBHEADER": _("Newsletters people asked for"),
        "SITE_SYMBOL": "newspaper",
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
        "SITE_URL": None,
        "SHOW_HISTORY": True,
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_LANGUAGES": False,
        "BORDER_RADIUS": "8px",
        "COLORS": {"primary": PRIMARY},
        "STYLES": [frame, right_to_left],
        "DASHBOARD_CALLBACK": "campaigns.admin.dashboard.context",
        "SIDEBAR": {
            "show_search": False,
            "show_all_applications": False,
            "navigation": navigation(mailbox=mailbox),
        },
    }


def icon(request: HttpRequest) -> str:
    return static(ICON)


def frame(request: HttpRequest) -> str:
    return static("staff/frame.css")


def right_to_left(request: HttpRequest) -> str:
    return static("staff/rtl.css")


def navigation(*, mailbox: bool) -> list[dict[str, Any]]:
    caught = [page(_("Mailbox"), "inbox", "inbox", site="mailbox")] if mailbox else []
    return [
        {"items": [page(_("Dashboard"), "dashboard", "index")]},
        group(
            _("Mail"),
            page(_("Campaigns"), "campaign", "campaigns_campaign_changelist"),
            page(_("Layouts"), "dashboard_customize", "campaigns_layout_changelist"),
            page(_("Senders"), "badge", "campaigns_sender_changelist"),
        ),
        group(
            _("Audience"),
            page(_("Subscribers"), "group", "subscribers_subscriber_changelist") | {"active": is_among_people},
            page(_("Lists"), "list_alt", "subscribers_mailinglist_changelist"),
            page(_("Brands"), "palette", "subscribers_brand_changelist"),
            page(_("Sign-up forms"), "dynamic_form", "subscribers_signupform_changelist"),
            page(_("Sign-ups"), "how_to_reg", "subscribers_signup_changelist"),
            page(_("Segments"), "filter_alt", "subscribers_segment_changelist"),
            page(_("Imports"), "upload_file", "subscribers_import_changelist"),
            page(_("Exports"), "download", "subscribers_export_changelist"),
            page(_("Bulk changes"), "groups", "subscribers_bulkchange_changelist"),
            page(_("Attributes"), "data_object", "subscribers_attribute_changelist"),
            page(_("Tags"), "sell", "subscribers_tag_changelist"),
            page(_("Reasons for leaving"), "logout", "subscribers_leavingreason_changelist"),
            page(_("Suppressions"), "block", "subscribers_suppression_changelist"),
            page(_("Consent"), "verified_user", "subscribers_consentrecord_changelist"),
            page(_("Look an address up"), "folder_shared", "subscribers_subscriber_address"),
            page(_("Retention"), "auto_delete", "subscribers_retentionrule_changelist"),
        ),
        group(
            _("Sending"),
            page(_("Transports"), "local_shipping", "campaigns_transport_changelist"),
            page(_("Recipient domains"), "domain", "campaigns_recipientdomain_changelist"),
            page(_("Outgoing mail"), "outbox", "campaigns_message_changelist"),
            page(_("Incoming mail"), "move_to_inbox", "campaigns_inbox_changelist"),
            page(_("Send log"), "receipt_long", "campaigns_delivery_changelist"),
            page(_("Incidents"), "notification_important", "campaigns_incident_changelist"),
            *caught,
        ),
        system(),
    ]


def is_among_people(request: HttpRequest) -> bool:
    """An address is looked up below, on a page of its own."""
    place = request.resolver_match
    name = place.url_name if place and place.url_name else ""
    return name.startswith("subscribers_subscriber_") and name != "subscribers_subscriber_address"


def system() -> dict[str, Any]:
    return {
        **group(
            _("System"),
            page(_("Users"), "person", "auth_user_changelist"),
            page(_("Groups"), "shield_person", "auth_group_changelist"),
            page(_("Queued tasks"), "queue", "django_q_ormq_changelist"),
            page(_("Failed tasks"), "error", "django_q_failure_changelist"),
            page(_("Schedules"), "schedule", "django_q_schedule_changelist"),
        ),
        "collapsible": True,
    }


def group(title: Promise, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": list(items)}


def page(title: Promise, icon: str, view: str, *, site: str = "admin") -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"{site}:{view}")}
