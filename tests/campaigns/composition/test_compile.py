"""From layout, sender and content to one mail with placeholders."""

import pytest
from django.utils import translation

from campaigns.composition.compile import CompositionError, compile_content, freeze
from campaigns.composition.merge import merge
from campaigns.composition.shipped import NAMES, shipped_html
from campaigns.models import Campaign, Edition, Sender
from tests.campaigns.composition.conftest import Write, with_layout


def test_a_mail_holds_body_sender_and_links(write: Write) -> None:
    compiled = compile_content(write(body_html="<p>Dear {{ first_name }},</p>", preheader="Soon <b>"))

    assert "Dear {{ first_name }},</p>" in compiled.html
    assert "Quay 1<br>20457 Hafenstadt" in compiled.html
    assert '<a href="{{ unsubscribe_url }}"' in compiled.html
    assert '<a href="{{ preferences_url }}"' in compiled.html
    assert 'mso-hide:all">Soon &lt;b&gt;' in compiled.html
    assert compiled.text.startswith("Dear {{ first_name }},\n\n-- \n")
    assert "Quay 1\n20457 Hafenstadt" in compiled.text
    assert "Unsubscribe: {{ unsubscribe_url }}" in compiled.text


def test_a_mail_leads_to_its_web_version_where_the_layout_asks_for_it(write: Write) -> None:
    content = write()

    with_link = compile_content(content)
    without_link = compile_content(with_layout(content, "<body>{{ body }}</body>"))

    assert '<a href="{{ web_version_url }}"' in with_link.html
    assert "\nView in browser: {{ web_version_url }}\n" in with_link.text
    assert "web_version_url" not in without_link.html + without_link.text


@pytest.mark.parametrize(
    ("body", "opening"),
    [
        ("<h1>Hello {{ name }}</h1><p>More</p>", "Hello {{ name }}"),
        ("{% if name %}<p>Dear {{ name }}</p>{% endif %}<p>Good news</p>", "Good news"),
        ('<p>See <a href="https://example.org/">our page</a>.</p>', "See our page."),
        ("<p>" + "word " * 50 + "</p>", "word " * 23 + "word"),
    ],
)
def test_an_inbox_shows_how_the_mail_begins_and_not_the_link_to_its_web_version(
    write: Write, body: str, opening: str
) -> None:
    compiled = compile_content(write(body_html=body))

    assert f'mso-hide:all">{opening}' in compiled.html


def test_the_authors_own_text_is_kept(write: Write) -> None:
    compiled = compile_content(write(body_text="My words, {{ first_name }}.\n\n\n\nEnd  \n"))

    assert compiled.text.startswith("My words, {{ first_name }}.\n\nEnd\n\n-- \n")


def test_css_moves_into_the_elements_and_the_style_sheet_stays(write: Write) -> None:
    layout = """<html><head><style>
      .card p { color: #010203; width: 50% }
      .card p.loud { color: red !important }
      @media (max-width: 600px) { .card p { color: blue !important } }
      @media (prefers-color-scheme: dark) { .card p { color: white !important } }
    </style></head><body>
    <!--[if mso]><table width="600"><tr><td><![endif]-->
    <div class="card">{{ body }}</div><!--[if mso]></td></tr></table><![endif]--></body></html>"""
    content = with_layout(write(body_html='<p>a</p><p class="loud" style="margin: 0">b</p>'), layout)

    html = compile_content(content).html

    assert '<p style="color:#010203; width:50%">a</p>' in html
    assert '<p class="loud" style="color:red !important; width:50%; margin:0">b</p>' in html
    assert "@media (prefers-color-scheme: dark) { .card p { color: white !important } }" in html
    assert "@media (max-width: 600px) { .card p { color: blue !important } }" in html
    assert '<!--[if mso]><table width="600"><tr><td><![endif]-->' in html


def test_placeholders_survive_wherever_authors_put_them(write: Write) -> None:
    body = (
        '<p title="{{ name }}">{% if points &lt; 3 %}few{% elif points &gt;= 3 and name != &quot;a &amp; b&quot; %}'
        "many{% endif %}</p><table>{% if name %}<tr><td>{{ name }}</td></tr>{% endif %}</table>"
        '<a href="https://example.org/{{ name|urlencode }}?a=1&amp;b={{ points|default:"none" }}">x</a>'
        "<!--[if mso]>{{ name }}<![endif]-->"
    )

    html = compile_content(write(body_html=body)).html

    for tag in (
        'title="{{ name }}"',
        '{% if points < 3 %}few{% elif points >= 3 and name != "a & b" %}many{% endif %}',
        "{% if name %}<tr><td",
        '<a href="https://example.org/{{ name|urlencode }}?a=1&amp;b={{ points|default:"none" }}"',
        "<!--[if mso]>{{ name }}<![endif]-->",
    ):
        assert tag in html


def test_a_placeholder_that_the_editor_wrote_in_percents_is_understood(write: Write) -> None:
    body = '<a href="https://example.org/%7B%7B%20name%7Curlencode%20%7D%7D">x</a>'

    assert 'href="https://example.org/{{ name|urlencode }}"' in compile_content(write(body_html=body)).html


def test_letters_after_a_placeholder_are_not_taken_for_another(write: Write) -> None:
    body = "<p>" + "{{ name }}q1x xq0x {{ email }}q0x" + "</p>"

    compiled = compile_content(write(body_html=body))

    assert "{{ name }}q1x xq0x {{ email }}q0x" in compiled.html
    assert "{{ name }}q1x xq0x {{ email }}q0x" in compiled.text


@pytest.mark.parametrize("label", NAMES)
@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("he", "rtl"), ("de", "ltr")])
def test_language_and_direction_stand_on_the_document_and_the_body(
    write: Write, label: str, language: str, direction: str
) -> None:
    content = with_layout(write(language), shipped_html(label))

    html = compile_content(content).html

    assert f'<html lang="{language}" dir="{direction}"' in html
    assert f'<div lang="{language}" dir="{direction}">' in html


def test_lines_written_the_other_way_keep_their_order(write: Write) -> None:
    compiled = compile_content(write("he"))

    assert "Quay 1<br>\u206820457 Hafenstadt\u2069" not in compiled.html
    assert "\u2068Quay 1\u2069<br>\u206820457 Hafenstadt\u2069" in compiled.html


def test_a_language_that_the_product_does_not_speak_gets_english_labels(write: Write) -> None:
    with translation.override("de"):
        compiled = compile_content(write("nl"))

    assert "Unsubscribe: {{ unsubscribe_url }}" in compiled.text


def test_facts_are_never_read_as_placeholders_or_html(write: Write, sender: Sender) -> None:
    content = write()
    sender.name = "{{ email }} {% if a %} <b>&"
    sender.postal_address = "{{ body }}\n{# 1 #}"
    content.campaign.sender = sender

    merged = merge(compile_content(content), {"email": "ann@example.org"})

    assert "ann@example.org" not in merged.html
    assert "&#123;&#123; email }} &#123;% if a %} &lt;b&gt;&amp;" in merged.html
    assert "{ { email }} { % if a %} <b>&" in merged.text
    assert "{ { body }}" in merged.text


def test_a_condition_on_a_line_of_its_own_leaves_no_empty_paragraph(write: Write) -> None:
    body = "<p>a</p>\n<p>{% if name %}</p>\n<p>b</p>\n<p style='x'> {% else %}\n</p><p>c</p><p>{% endif %}</p>"

    html = merge(compile_content(write(body_html=body)), {"name": "Ann"}).html

    assert html.count("<p") == html.count("<p style") == 5
    assert ">b</p>" in html
    assert ">c</p>" not in html


def test_a_layout_without_a_body_element_still_shows_the_preheader(write: Write) -> None:
    content = with_layout(write(preheader="Soon"), "<div>{{ body }}</div>")

    assert "Soon" in compile_content(content).html


def test_every_problem_of_content_and_layout_is_told(write: Write) -> None:
    content = with_layout(
        write(subject="{{ a", body_html="{% load x %}", body_text="{% if %}", preheader="{# #}"), "<a href='/x'></a>"
    )

    with pytest.raises(CompositionError) as refused:
        compile_content(content)

    assert len(refused.value.problems) == 7


def test_a_field_that_nobody_has_any_more_is_empty(write: Write) -> None:
    compiled = compile_content(write(body_html="<p>a{{ gone }}b</p>"))

    assert ">ab</p>" in merge(compiled, {}).html


def test_freezing_keeps_every_language_as_it_is_now(campaign: Campaign, write: Write) -> None:
    write("en", subject="One")
    german = write("de", subject="Eins")

    freeze(campaign)
    german.subject = "Zwei"
    german.save()
    freeze(campaign)

    assert list(campaign.editions.order_by("language").values_list("language", "subject")) == [
        ("de", "Eins"),
        ("en", "One"),
    ]
    edition = campaign.editions.get(language="en")
    assert edition.digest == compile_content(campaign.contents.get(language="en")).digest


def test_a_problem_freezes_nothing(campaign: Campaign, write: Write) -> None:
    write("en")
    write("de", subject="{{ a")

    with pytest.raises(CompositionError):
        freeze(campaign)

    assert Edition.objects.count() == 0
