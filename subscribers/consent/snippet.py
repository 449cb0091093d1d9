"""A form for other sites: plain HTML that posts to the page here, without scripts unless the work must be proved."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation

from .pages import current_language
from .sign_up_page import Page, SignUpInputs


def snippet(page: Page, language: str) -> str:
    """As it is copied, in that language."""
    with translation.override(language):
        words = {
            "page": page,
            "form": SignUpInputs(page, auto_id=f"{page.form.slug}_%s"),
            "slug": page.form.slug,
            "address": address_of(page),
            "language": current_language(),
            "script": f"{settings.BASE_URL}{static('public/proof-of-work.js')}",
        }
        lines = render_to_string("public/sign_up_snippet.html", words).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def address_of(page: Page) -> str:
    return f"{settings.BASE_URL}{reverse('sign_up', args=[page.form.slug])}"


def json_address_of(page: Page) -> str:
    return f"{settings.BASE_URL}{reverse('sign_up_json', args=[page.form.slug])}"
