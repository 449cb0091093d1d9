"""What the application writes to readers: in their language, under the name of a list, without a word of anybody's."""

from __future__ import annotations

from collections.abc import Collection
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from subscribers.models import MailingList, SignUp, Subscriber
from subscribers.signing import Purpose, sign

from .brands import look_of
from .pages import supported

LOW: Final = "low"


def ask_to_confirm(sign_up: SignUp, lists: Collection[MailingList]) -> None:
    """With a button that leads to a page with another one: programs that open each link confirm nothing."""
    address = f"{settings.BASE_URL}{reverse('confirm', args=[sign(Purpose.CONFIRM, sign_up.pk)])}"
    priority = LOW if sign_up.found_in_id else ""
    send(
        "confirm_sign_up", sign_up.email, sign_up.language, lists, priority=priority, address=address,
        is_import=bool(sign_up.found_in_id),
    )  # fmt: skip


def tell_subscribed(sign_up: SignUp, subscriber: Subscriber, lists: Collection[MailingList]) -> None:
    """Who signs up again and gets it all already would else wait for a mail that never comes."""
    address = f"{settings.BASE_URL}{own_page(subscriber)}"
    send("subscribed_already", sign_up.email, subscriber.reads, lists, address=address)


def own_page(subscriber: Subscriber) -> str:
    """The path of the page on which they choose everything."""
    return reverse("me", args=[sign(Purpose.SELF, subscriber.pk)])


def send(
    name: str,
    to: str,
    language: str,
    lists: Collection[MailingList],
    *,
    priority: str = "",
    attachments: Collection[tuple[str, str, str]] = (),
    **facts: Any,
) -> None:
    """Of a folder of templates. The name of the first list, or of its brand, is the sender's."""
    with translation.override(supported(language) or settings.LANGUAGE_CODE):
        code = translation.get_language() or settings.LANGUAGE_CODE
        brand = look_of(lists)
        names = [each.name_in(code) for each in lists]
        words = facts | {
            "language": code,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "brand": brand,
            "names": names,
            "from_name": brand.name if brand else next(iter(names), ""),
        }
        subject = " ".join(render_to_string(f"email/{name}/subject.txt", words).split())
        text, html = (render_to_string(f"email/{name}/body.{kind}", words) for kind in ("txt", "html"))
    # Answering machines shall not answer (RFC 3834).
    headers = {"Auto-Submitted": "auto-generated"}
    if priority:
        headers["Broadsheet-Priority"] = priority
    message = EmailMultiAlternatives(subject, text.strip() + "\n", sender(words["from_name"]), [to], headers=headers)
    message.attach_alternative(html, "text/html")
    for attachment in attachments:
        message.attach(*attachment)
    message.send()


def sender(name: str) -> str:
    """The site's own address under this name, of which staff may have written anything."""
    own_name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    shown = " ".join("".join(letter for letter in name or own_name if letter.isprintable()).split())
    return str(Address(display_name=shown, addr_spec=address))
