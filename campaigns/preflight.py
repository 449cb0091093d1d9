"""What must be right before a campaign may be scheduled, and what staff should know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.template.base import VariableNode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import audience
from campaigns.composition import authoring, markup
from campaigns.composition.compile import Compiled, compile_content
from campaigns.composition.frame import fact, frame_of, without_braces
from campaigns.composition.localize import resolve
from campaigns.composition.message import CannotCompose, preview
from campaigns.composition.placeholders import CompositionError, known_fields, parse
from campaigns.models import Campaign, Content, Transport
from subscribers.models import Subscriber

# Gmail cuts mails off after 102 KB of HTML, and the unsubscribe link with the rest.
CLIPPED_AT = 102 * 1024
WARNED_AT = 90 * 1024


@dataclass(frozen=True)
class Issue:
    """`where` is a language, or empty for the campaign as a whole."""

    level: Literal["error", "warning"]
    code: str
    message: str
    where: str = ""


def check(
    campaign: Campaign, readers: Mapping[str, int] | None = None, known: Collection[str] | None = None
) -> list[Issue]:
    """Errors stand first; any of them blocks scheduling.

    Finding the `readers` by language or the `known` fields looks at everybody, so whoever has them passes them on.
    """
    if campaign.is_welcome:
        # Nobody knows who will join.
        readers = {}
    readers = audience.languages(campaign) if readers is None else readers
    known = known_fields() if known is None else known
    found = [*people(campaign, readers), *ways_out(), *languages(campaign, readers)]
    for content in campaign.contents.select_related("campaign__layout", "campaign__sender"):
        found.extend(written(content, known))
    return sorted(found, key=lambda issue: issue.level)


def has_errors(issues: list[Issue]) -> bool:
    return any(issue.level == "error" for issue in issues)


def people(campaign: Campaign, readers: Mapping[str, int]) -> Iterator[Issue]:
    if not campaign.sender.postal_address.strip():
        yield Issue("error", "no_postal_address", _("The sender has no postal address."))
    if campaign.is_welcome:
        return
    segments = audience.segments_of(campaign)
    broken = audience.unreadable(campaign)
    yield from (Issue("error", "segment", problem) for problem in broken)
    if not campaign.mailing_lists.exists() and not segments[audience.WITHIN]:
        yield Issue("error", "no_list", _("Choose at least one list or segment to send to."))
    elif any(segments.values()) and not readers and not broken:
        yield Issue("warning", "nobody", _("Nobody on these lists and in these segments can be mailed."))
    elif not readers and not broken:
        yield Issue("warning", "nobody", _("Nobody on these lists can be mailed."))


def ways_out() -> Iterator[Issue]:
    if not Transport.objects.filter(is_active=True).exists():
        yield Issue("error", "no_transport", _("There is no transport in use."))


def languages(campaign: Campaign, readers: Mapping[str, int]) -> Iterator[Issue]:
    available = list(campaign.contents.values_list("language", flat=True))
    if not available:
        yield Issue("error", "no_content", _("There is nothing to send yet: write the content in a language."))
        return
    default = resolve(campaign.default_language, available, "")
    if not default:
        yield Issue(
            "error",
            "no_default_language",
            _("The content in the default language, %(language)s, is missing.")
            % {"language": campaign.default_language},
            campaign.default_language,
        )
        return
    for language, number in readers.items():
        if not resolve(language, available, ""):
            yield Issue("warning", "language_lacking", lacking(language, number, default), language)


def lacking(language: str, readers: int, default: str) -> str:
    return ngettext(
        "%(count)d person reads %(language)s, which this campaign does not have, and will get %(default)s.",
        "%(count)d people read %(language)s, which this campaign does not have, and will get %(default)s.",
        readers,
    ) % {"count": readers, "language": language, "default": default}


def written(content: Content, known: Collection[str]) -> Iterator[Issue]:
    """What is wrong with one language."""
    where = content.language
    yield from empty(content)
    problems = [
        Issue("error", "content", f"{field_label(field)}: {problem}", where)
        for field, found in authoring.problems(content, known).items()
        for problem in found
    ]
    yield from problems
    try:
        compiled = compile_content(content)
        message = preview(content, compiled=compiled)
    except CompositionError as error:
        # What is wrong with the content was said above, so this is the layout.
        for problem in () if problems else error.problems:
            yield Issue("error", "layout", _("layout: %(problem)s") % {"problem": problem}, where)
        return
    except CannotCompose as error:
        yield Issue("error", "content", str(error), where)
        return
    yield from footers(content, compiled)
    yield from size(message.html, where)
    yield from strangers(content, compiled)
    yield from pictures(content)


def field_label(field: str) -> str:
    return str(getattr(Content._meta.get_field(field), "verbose_name", field))


def empty(content: Content) -> Iterator[Issue]:
    where = content.language
    if not content.subject.strip():
        yield Issue("error", "no_subject", _("The subject is empty."), where)
    if not markup.has_content(content.body_html):
        yield Issue("error", "no_body", _("The body is empty."), where)


def footers(content: Content, compiled: Compiled) -> Iterator[Issue]:
    """The law wants both in every mail, whoever reads it and with whichever program."""
    where = content.language
    if not all("unsubscribe_url" in unconditional(source) for source in (compiled.html, compiled.text)) or (
        not markup.has_visible_link(compiled.html, "unsubscribe_url")
    ):
        yield Issue("error", "no_unsubscribe_link", _("The layout has no unsubscribe link."), where)
    lines = frame_of(content.campaign.sender, where).postal_address.splitlines()
    if not all(fact(line) in compiled.html and without_braces(line) in compiled.text for line in lines):
        yield Issue("error", "no_postal_address", _("The layout does not show the postal address."), where)


def unconditional(source: str) -> set[str]:
    """The fields that stand as they are outside of any condition."""
    fields = [node.filter_expression for node in parse(source).nodelist if isinstance(node, VariableNode)]
    return {str(field.var) for field in fields if not field.filters}


def strangers(content: Content, compiled: Compiled) -> Iterator[Issue]:
    """People of whom nothing but the address is known get this mail too."""
    try:
        preview(content, Subscriber(email="stranger@example.org"), compiled=compiled)
    except CannotCompose as error:
        message = _("Readers of whom only the address is known cannot get this mail: %(reason)s")
        yield Issue("warning", "strangers", message % {"reason": error}, content.language)


def size(html: str, where: str) -> Iterator[Issue]:
    octets = len(html.encode())
    if octets > CLIPPED_AT:
        yield Issue(
            "error",
            "too_large",
            _("The mail has %(size)d KB. Gmail cuts off what is larger than 102 KB, and the unsubscribe link with it.")
            % {"size": octets // 1024},
            where,
        )
    elif octets > WARNED_AT:
        yield Issue(
            "warning",
            "large",
            _("The mail has %(size)d KB. Gmail cuts off what is larger than 102 KB.") % {"size": octets // 1024},
            where,
        )


def pictures(content: Content) -> Iterator[Issue]:
    for problem in markup.pictures_without_words(content.body_html):
        yield Issue("warning", "no_alt", f"{field_label('body_html')}: {problem}", content.language)
