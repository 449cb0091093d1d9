"""The campaign of the demo: a bookshop writes to its readers in three languages."""

from __future__ import annotations

from pathlib import Path

from campaigns.models import Campaign, Content, Layout, Sender
from subscribers.models import MailingList

COPY = Path(__file__).parent / "copy"
CONSENT = "Asked for it at the till, on the sign-up cards of October."
NAME = "Winter evenings"
NEXT = "Spring evenings"
# Language: subject and preheader. The bodies are files, so that they can be read and edited as HTML.
LINES = {
    "en": (
        '{{ first_name|default:"Dear reader" }}, three evenings for long books',
        "The stove is mended and the biscuits have come: read with us from Thursday.",
    ),
    "de": (
        "{% if first_name %}{{ first_name }}, drei{% else %}Drei{% endif %} Abende für lange Bücher",
        "Der Ofen ist repariert, die Kekse sind da: Lesen Sie ab Donnerstag mit uns.",
    ),
    "ar": (
        '{{ first_name|default:"صديقنا القارئ" }}، ثلاث أمسيات للكتب الطويلة',
        "أصلحنا المدفأة ووصل البسكويت: اقرؤوا معنا ابتداءً من الخميس.",
    ),
}


def mailing_list() -> MailingList:
    found, _created = MailingList.objects.get_or_create(
        label="letter",
        defaults={
            "name": "The Lantern letter",
            "names": {
                "de": "Der Laternenbrief",
                "fr": "La lettre de la Lanterne",
                "ar": "رسالة الفانوس",
                "ja": "ランタン便り",
            },
            "description": "Once a month: what we read, and when we read it aloud.",
            "has_archive": True,
        },
    )
    return found


def sender() -> Sender:
    found, _created = Sender.objects.get_or_create(
        email="letter@example.org",
        defaults={
            "name": "Lantern Books",
            "reply_to": "shop@example.org",
            "postal_address": "Lantern Books\n7 Quay Lane\nRivermouth RM1 4LB",
        },
    )
    return found


def compose(limit_per_hour: int) -> Campaign:
    campaign = Campaign.objects.create(
        name=NAME,
        default_language="en",
        layout=Layout.objects.get(label="bulletin"),
        sender=sender(),
        limit_per_hour=limit_per_hour,
    )
    campaign.mailing_lists.add(mailing_list())
    for language, (subject, preheader) in LINES.items():
        body = (COPY / f"{language}.html").read_text(encoding="utf-8")
        Content.objects.create(
            campaign=campaign, language=language, subject=subject, preheader=preheader, body_html=body
        )
    return campaign
