"""The text part, made from HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.composition.plain import text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two\n  words</p>", "One\n\nTwo words"),
        ("<h1>Title</h1><h2>Part</h2><h3>Small</h3><p>x</p>", "Title\n=====\n\nPart\n----\n\nSmall\n\nx"),
        ('<p>See <a href="https://example.org/a">here</a>.</p>', "See here (https://example.org/a)."),
        ('<a href="https://example.org/">https://example.org/</a>', "https://example.org/"),
        ('<a href="mailto:ann@example.org">ann@example.org</a>', "ann@example.org"),
        ('<a href="#top">Up</a>', "Up"),
        ('<a href="https://example.org/"><img src="x" alt="Picture"></a>', "Picture (https://example.org/)"),
        ("<ul><li>One</li><li>Two<ul><li>Inner</li></ul></li></ul>", "- One\n- Two\n  - Inner"),
        ("<ol><li>One</li><li><p>Two</p></li></ol>", "1. One\n2. Two"),
        ("<blockquote><p>One</p><p>Two</p></blockquote>", "> One\n>\n> Two"),
        ("<p>a<br>b<br/>c</p>", "a\nb\nc"),
        ("<p>a</p><hr><p>b</p>", "a\n\n" + "-" * 40 + "\n\nb"),
        ("<table><tr><th>Day</th><th>Hours</th></tr><tr><td>Mo</td><td>9</td></tr></table>", "Day | Hours\nMo | 9"),
        ("<p>a &amp; b &lt; c&nbsp;d &eacute;</p>", "a & b < c d é"),
        ("<style>p{}</style><p>a</p><!-- no -->", "a"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<p>a <b>b</b> <i>c</i></p>", "a b c"),
        ("<p>Dear {{ first_name|default:&quot;friend&quot; }},</p>", 'Dear {{ first_name|default:"friend" }},'),
        ("<p>{% if a &lt; b %}x{% endif %}</p>", "{% if a < b %}x{% endif %}"),
        (
            '<a href="https://example.org/?n={{ name|urlencode }}">x</a>',
            "x (https://example.org/?n={{ name|urlencode }})",
        ),
        ("{% if a %}<p>b</p>{% else %}<p>c</p>{% endif %}", "{% if a %}\n\nb\n\n{% else %}\n\nc\n\n{% endif %}"),
        ("<ul>{% if a %}<li>b</li>{% endif %}<li>c</li></ul>", "{% if a %}\n- b\n{% endif %}\n- c"),
        ("<p>السلام عليكم</p>", "السلام عليكم"),
        ("", ""),
    ],
)
def test_html_reads_well_as_text(html: str, text: str) -> None:
    assert text_of(html) == text


@given(st.text(alphabet="<>/ulolitrdapbrh1\"'= \n&;{}%ä", max_size=80))
def test_no_html_breaks_it(html: str) -> None:
    text = text_of(html)

    assert text == text.strip("\n")
    assert "\n\n\n" not in text
