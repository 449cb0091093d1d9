"""What of HTML and CSS may stay in a mail that is shown as a page; all else goes."""

from __future__ import annotations

from typing import Final


def _each(words: str) -> frozenset[str]:
    return frozenset(words.split())


TAGS: Final = _each("""
    a abbr address area article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div
    dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li map mark ol p picture pre q rp
    rt ruby s samp section small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u
    ul var wbr
    """)
# What stands in these goes with them.
DROPPED: Final = _each("""
    applet audio embed iframe math noembed noframes noscript object script select style svg template textarea title
    video xml
    """)
EVERYWHERE: Final = _each("align aria-hidden aria-label bgcolor class dir height id lang role style title valign width")
TABLES: Final = _each(
    "abbr background border bordercolor cellpadding cellspacing char colspan frame headers nowrap rowspan rules scope "
    "span summary"
)
ATTRIBUTES: Final = {
    **dict.fromkeys(("table", "tbody", "thead", "tfoot", "tr", "td", "th", "col", "colgroup", "caption"), TABLES),
    "a": {"href", "name"},
    "area": {"href", "alt", "coords", "shape"},
    "img": {"src", "srcset", "sizes", "alt", "border", "hspace", "vspace", "usemap"},
    "source": {"srcset", "sizes", "media", "type"},
    "map": {"name"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value", "type"},
    "hr": {"color", "noshade", "size"},
    "br": {"clear"},
    "time": {"datetime"},
}
ROLES: Final = frozenset({"presentation", "none", "img", "article", "heading", "separator"})
PROPERTIES: Final = _each("""
    align-content align-items align-self aspect-ratio box-decoration-break box-shadow box-sizing caption-side clear
    color color-scheme column-gap column-span column-width columns direction display empty-cells fill flex flex-basis
    flex-direction flex-flow flex-grow flex-shrink flex-wrap float gap height hyphens inline-size justify-content
    justify-items justify-self letter-spacing line-break line-height max-height max-inline-size max-width min-height
    min-inline-size min-width object-fit object-position opacity order overflow-wrap page-break-inside quotes row-gap
    tab-size table-layout text-size-adjust unicode-bidi vertical-align visibility white-space widows width word-break
    word-spacing word-wrap -ms-text-size-adjust -webkit-text-size-adjust -webkit-font-smoothing
    """)
# And all that begin like this. A negative margin may still move a mail up to what stands above it, which is
# positioned and lies on top: to get over that a mail would have to be positioned as well, and it is not.
FAMILIES: Final = ("background", "border", "break-", "font", "list-style", "margin", "overflow", "padding", "text-")
