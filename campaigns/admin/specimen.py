"""A made-up mail to judge a layout by."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns import signing
from campaigns.composition.compile import compile_content
from campaigns.composition.merge import merge
from campaigns.composition.values import sample, values_of
from campaigns.models import Campaign, Content, Layout, Sender

BODY = "admin/campaigns/layout/specimen.html"


def specimen(layout_html: str, *, right_to_left: bool = False) -> str:
    """The HTML of a mail in that layout, from nobody to nobody. Raises CompositionError."""
    language = "ar" if right_to_left else "en"
    with override(language):
        content = Content(
            campaign=Campaign(layout=Layout(html=layout_html), sender=some_sender()),
            language=language,
            subject=_("News from the workshop"),
            preheader=_("What we made this month, and what comes next."),
            body_html=render_to_string(BODY, {"name": "{{ first_name }}"}),
        )
    compiled = compile_content(content)
    return merge(compiled, values_of(sample(language), language=language, links=signing.links_of(signing.PREVIEW))).html


def some_sender() -> Sender:
    return Sender(name="Broadsheet", email="news@example.org", postal_address="Example Street 1\n12345 Example")
