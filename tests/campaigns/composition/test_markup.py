"""What HTML may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.composition import markup


@pytest.mark.parametrize(
    "html",
    [
        '<p><a href="https://example.org/x?a={{ first_name }}">a</a> <a href="MAILTO:a@example.org">b</a></p>',
        '<a href="tel:+49301234">a</a><a href="#top">b</a><a href=" {{ unsubscribe_url }} ">c</a>',
        '<img src="http://example.org/a.png" srcset="https://example.org/b.png 2x" alt="">',
        "<!--[if mso]><table><tr><td><![endif]--><p>x</p><!--[if mso]></td></tr></table><![endif]-->",
        "<style>@media (max-width: 9px) { p { color: red !important } } a { background: url(https://a.test/) }</style>",
        "{% if a %}<p>x</p>{% endif %}<ul>{% if a %}<li>x</li>{% endif %}</ul>",
        '<a href="https://example.org/?a={{ a|default:"b > c" }}">x</a>',
        "",
        "plain words & more",
    ],
)
def test_what_mail_programs_understand_may_stay(html: str) -> None:
    assert markup.problems_of(html, fragment=True) == []


@pytest.mark.parametrize(
    ("html", "line", "words"),
    [
        ('<p>\n<a href="/about">x</a></p>', 2, "“/about” does not work in a mail."),
        ('\n\n<a href="about.html">x</a>', 3, "“about.html” does not work in a mail."),
        ('<img src="//example.org/a.png" alt="">', 1, "“//example.org/a.png” does not work in a mail."),
        ('<img src="https://example.org/a.png" srcset="b.png 2x" alt="">', 1, "“b.png 2x”"),
        ('<a href="javascript:alert(1)">x</a>', 1, "“javascript:alert(1)”"),
        ('<a href=" java\tscript:alert(1)">x</a>', 1, "does not work in a mail"),
        ('<img src="data:image/png;base64,AAAA" alt="">', 1, "does not work in a mail"),
        ('<img src="file:///etc/passwd" alt="">', 1, "does not work in a mail"),
        ('<a href="">x</a>', 1, "does not work in a mail"),
        ('<a href="https://">x</a>', 1, "does not work in a mail"),
        ('<a href="{{ company }}">x</a>', 1, "a placeholder may stand inside an address, not at its beginning"),
        ('<td background="bg.png">x</td>', 1, "“bg.png”"),
        ("<p>x</p>\n<script>alert(1)</script>", 2, "<script> does not work in mails."),
        ('<link rel="stylesheet" href="https://example.org/a.css">', 1, "<link> does not work in mails."),
        ('<base href="https://example.org/">', 1, "<base> does not work in mails."),
        ('<meta http-equiv="Refresh" content="0">', 1, "<meta> does not work in mails."),
        ('<iframe src="https://example.org/"></iframe>', 1, "<iframe> does not work in mails."),
        ('<p onclick="x()">x</p>', 1, "“onclick” does not work in mails."),
        ("<style>@import url(https://example.org/a.css);</style>", 1, "“@import” does not work in mails."),
        ("<style>\n@IMPORT 'https://example.org/a.css';</style>", 1, "“@import” does not work in mails."),
        ("<style>@\\69mport 'https://example.org/a.css';</style>", 1, "“@import” does not work in mails."),
        ("<style>@im/**/port 'https://example.org/a.css';</style>", 1, "“@import” does not work in mails."),
        ("<!--[if mso]><style>@import 'https://example.org/a';</style><![endif]-->", 1, "“@import”"),
        ("<style>p { background: url(a.png) }</style>", 1, "“a.png” does not work in a mail."),
        ("<p style=\"background: url('file:///etc/passwd')\">x</p>", 1, "“file:///etc/passwd”"),
        ("<style>p { color: {{ colour }} }</style>", 1, "Placeholders cannot stand in CSS."),
        ('<p style="color: {{ colour }}">x</p>', 1, "Placeholders cannot stand in CSS."),
        ("<p {% if a %}class='x'{% endif %}>x</p>", 1, "not in the midst of a tag"),
        ("<html><p>x</p></html>", 1, "<html> belongs into a layout, not here."),
        ("<p>x</p>\n<BODY>", 2, "<body> belongs into a layout, not here."),
    ],
)
def test_what_they_do_not_is_named_with_its_line(html: str, line: int, words: str) -> None:
    problems = markup.problems_of(html, fragment=True)

    assert [problem.line for problem in problems] == [line]
    assert words in problems[0].message


def test_a_picture_without_words_is_found() -> None:
    found = markup.pictures_without_words('<img src="a" alt="">\n<p>{{ x }}\n<img src="b"></p>')

    assert [problem.line for problem in found] == [3]


@pytest.mark.parametrize(
    ("html", "expected"), [("<p> &nbsp;</p>", False), ("<img src='a'>", True), ("x", True), ("", False)]
)
def test_a_body_without_words_or_pictures_is_empty(html: str, expected: bool) -> None:
    assert markup.has_content(html) is expected


@given(st.text(alphabet="<>/!-[]\"'= \n&;pasctyle{}%#@\0ä", max_size=80))
def test_no_html_breaks_the_check(html: str) -> None:
    assert isinstance(markup.problems_of(html, fragment=True), list)
