"""Whatever authors write compiles or is refused, and never reaches for a file or a host."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.composition.compile import CompositionError, compile_content
from campaigns.composition.merge import Merged, merge
from campaigns.models import Campaign, Content
from tests.campaigns.composition.conftest import Write, with_layout

touched: list[str] | None = None


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if touched is not None and event in ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
        touched.append(f"{event} {arguments[0]!r}")


sys.addaudithook(watch)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Every file that is opened and every host that is asked for."""
    global touched
    touched = []
    try:
        yield touched
    finally:
        touched = None


def merged_or_refused(content: Content) -> Merged | CompositionError:
    try:
        return merge(compile_content(content), {"first_name": "Ann"})
    except CompositionError as refused:
        return refused


@pytest.mark.parametrize(
    "selector", ["p:has(> b)", "p:not(", "p::x::y", "[", "p:nth-child(x)", "}{", ">", "p{p", "@media {"]
)
def test_css_beyond_the_inliner_is_left_alone_or_refused(write: Write, selector: str) -> None:
    content = with_layout(write(), f"<style>{selector} {{ color: red }}</style>{{{{ body }}}}")

    merged = merged_or_refused(content)

    assert "color" in merged.html if isinstance(merged, Merged) else "CSS cannot be read" in str(merged)


HOSTILE = [
    "<style>@import url(http://127.0.0.1:9/a.css);</style>",
    "<style>@import 'file:///etc/hostname';</style>",
    "<style>@\\49 mport 'file:///etc/hostname';</style>",
    '<link rel="stylesheet" href="http://127.0.0.1:9/a.css">',
    '<link rel="stylesheet" href="/etc/hostname">',
    "<p style=\"background: url('http://127.0.0.1:9/a.png')\">x</p>",
    '<img src="http://127.0.0.1:9/a.png" alt="">',
    "<style>p { background: url(http://127.0.0.1:9/a.png) } @font-face { src: url(http://127.0.0.1:9/f) }</style>",
    '<style media="all">@namespace url(http://127.0.0.1:9/n); @charset "utf-8";</style>',
    '<!DOCTYPE x SYSTEM "file:///etc/hostname"><p>x</p>',
    "@import url(http://127.0.0.1:9/a.css);",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "<html><head>{}</head><body>{{{{ body }}}}</body></html>"])
def test_compiling_touches_neither_network_nor_files(write: Write, hostile: str, around: str) -> None:
    content = write(body_html="<p>x</p>")
    compile_content(content)
    if "body" in around:
        with_layout(content, around.format(hostile))
    else:
        content.body_html = hostile

    with watched() as seen, suppress(CompositionError):
        compile_content(content)

    assert seen == []


def test_a_body_inside_the_layouts_style_sheet_is_refused(write: Write) -> None:
    content = with_layout(
        write(body_html="@import url(http://127.0.0.1:9/a.css);"),
        "<html><head><style>{{ body }}</style></head><body></body></html>",
    )

    with watched() as seen, pytest.raises(CompositionError, match="@import"):
        compile_content(content)

    assert seen == []


@given(st.text(alphabet="p.#a>+~*:[]()='\"{};,@!/\\ \nnot-chiled1%", max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_any_css_compiles_or_is_refused(campaign: Campaign, css: str) -> None:
    body = f"<style>{css}</style><p class='a'>x</p>"

    assert merged_or_refused(Content(campaign=campaign, language="en", subject="x", body_html=body))


@given(st.text(alphabet="<>/!-[]pbtdrhif\"'= \n&;{}%xq01\0ä\u202e", max_size=60), st.text(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_any_body_compiles_and_merges_or_is_refused(campaign: Campaign, body: str, subject: str) -> None:
    content = Content(campaign=campaign, language="en", subject=subject, body_html=body)

    merged = merged_or_refused(content)

    assert merged.html.count("Quay 1") == 1 if isinstance(merged, Merged) else merged.problems
