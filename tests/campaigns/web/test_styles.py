"""What may stay of the CSS of a mail."""

import pytest

from campaigns.web.styles import safe_declarations, safe_sheet


@pytest.mark.parametrize(
    "css",
    [
        "color: red",
        "color: red !important",
        "padding: 0 4px; margin-left: -2px",
        'font-family: Georgia, "Times New Roman", serif',
        "background: url(https://example.com/a;b.png) no-repeat",
        "background-image: url('data:image/png;base64,AA==')",
        "width: calc(100% - 2em)",
    ],
)
def test_what_shows_words_and_pictures_stays(css):
    assert safe_declarations(css) == css


@pytest.mark.parametrize(
    "css",
    [
        "position: fixed",
        "behavior: url(https://example.com/x)",
        "-moz-binding: url(https://example.com/x)",
        "width: expression(alert(1))",
        "background: url(javascript:alert(1))",
        "background: url(//example.com/x.png)",
        "background: url(data:text/html;base64,AA==)",
        "background: u\\72l(javascript:alert(1))",
        "color: red</style><script>alert(1)</script>",
        "color",
        "color:",
        "cursor: none",
        'font-family: "Georgia; position: fixed',
        "{} color: red",
        "",
    ],
)
def test_what_might_do_more_goes(css):
    assert safe_declarations(css) == ""


def test_only_what_is_wrong_goes():
    css = "color: red; position: absolute; top: 0; COLOR : blue; mso-hide: all; margin: 0"

    assert safe_declarations(css) == "color: red; color: blue; margin: 0"


def test_rules_for_the_dark_and_for_small_screens_stay():
    css = """
    @media (prefers-color-scheme: dark) and (max-width: 620px) {
      .card > td, a[href="x,y"] { color: #fff !important; }
      @supports (display: grid) { p { display: grid } }
    }
    """

    kept = safe_sheet(css)

    assert "@media (prefers-color-scheme: dark) and (max-width: 620px) {" in kept
    assert """.card > td, a[href="x,y"] { color: #fff !important }""" in kept
    assert "p { display: grid }" in kept


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("@import url(https://example.com/a.css); p { color: red }", "p { color: red }"),
        ("@import 'https://example.com/a.css'; p { color: red }", "p { color: red }"),
        ("@\\69mport 'a'; p { color: red }", "p { color: red }"),
        ("@font-face { font-family: X; src: url(https://example.com/x) } p { color: red }", "p { color: red }"),
        ("@keyframes a { from { color: red } to { color: blue } } p { color: red }", "p { color: red }"),
        ("/* } */ p { color: /* ; */ red } /* open", "p { color: red }"),
        ("p { } td { position: fixed }", ""),
        ("p { color: red } </style><script>", "p { color: red }"),
        ("<!-- p { color: red } -->", "p { color: red }"),
        ('a\\"{position:fixed}"{ color: red }', ""),
        ("p { color: red; } 'open", ""),
        (".sm\\:full { width: 100% }", ".sm\\:full { width: 100% }"),
        ("p { color: red", "p { color: red }"),
        ("}}} p { color: red }", ""),
        ("", ""),
    ],
)
def test_what_is_not_understood_is_left_out(css, kept):
    assert safe_sheet(css) == kept


def test_a_sheet_never_ends_the_element_that_it_stands_in():
    assert "<" not in safe_sheet("p < a { color: red } @media (width <= 3px) { p { color: red } } i { content: '<' }")
