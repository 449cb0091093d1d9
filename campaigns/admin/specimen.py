"""A made-up mail to judge a layout by."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns import signing
from campaigns.composition.compile import compile_content
from campaigns.composition.merge import merge
from campaigns.composition.values import sample, values_of
from campaigns.models import Campaign, Content, Layout, Sender


def specimen(layout_html: str, *, right_to_left: bool = False) -> str:
    """The HTML of a mail in that layout, from nobody to nobody. Raises CompositionError."""
    language = "ar" if right_to_left else "en"
    with override(language):
        content = Content(
            campaign=Campaign(layout=Layout(html=layout_html), sender=some_sender()),
            language=language,
            subject=_("News from the workshop"),
            preheader=_("What we made this month, and what comes next."),
            body_html=body(),
        )
    compiled = compile_content(content)
    return merge(compiled, values_of(sample(language), language=language, delivery_id=signing.PREVIEW)).html


def some_sender() -> Sender:
    return Sender(name="Broadsheet", email="news@example.org", postal_address="Example Street 1\n12345 Example")


def body() -> str:
    paragraph = _("This is what a paragraph looks like in this layout, with a %(link)s in the middle of it.")
    link = f'<a href="https://example.org/">{_("link")}</a>'
    return "".join(
        [
            f"<h1>{_('News from the workshop')}</h1>",
            f"<p>{_('Dear %(name)s,') % {'name': '{{ first_name }}'}}</p>",
            f"<p>{paragraph % {'link': link}}</p>",
            f"<h2>{_('A smaller heading')}</h2>",
            f"<ul><li>{_('the first thing')}</li><li>{_('the second thing')}</li></ul>",
            f'<p><a class="button" href="https://example.org/">{_("A button")}</a></p>',
            f"<blockquote>{_('Words of somebody else.')}</blockquote>",
            f"<table><tr><th>{_('Day')}</th><th>{_('Hour')}</th></tr><tr><td>{_('Monday')}</td><td>9–17</td></tr></table>",
        ]
    )
