"""Layouts and senders in the admin."""

import pytest

from campaigns.models import Layout, Sender

from .composing import layout, staff

pytestmark = pytest.mark.django_db

LAYOUTS = "/admin/campaigns/layout/"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<html><body>nothing</body></html>", "exactly once"),
        ("<html><style>@import 'x.css';</style><body>{{ body }}</body></html>", "@import"),
        ("<html><body>{{ body }}{{ boddy }}</body></html>", "boddy"),
    ],
)
def test_a_layout_that_cannot_work_is_not_saved(html: str, words: str):
    answer = staff("add_layout").post(f"{LAYOUTS}add/", {"name": "Mine", "label": "mine", "html": html})

    errors = answer.context["adminform"].form.errors["html"]
    assert any(words in error for error in errors), errors
    assert not Layout.objects.filter(label="mine").exists()


def test_a_layout_is_tried_before_it_is_saved():
    html = "<html><head></head><body><p>My frame</p>{{ body }}</body></html>"

    answer = staff("change_layout").post(f"{LAYOUTS}try", {"html": html, "direction": "rtl", "dark": "on"})

    page = answer.content.decode()
    assert "My frame" in page
    assert 'dir="rtl"' in page
    assert "color-scheme: dark" in page
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert not Layout.objects.filter(html=html).exists()


def test_what_is_wrong_with_a_layout_is_said_in_its_preview():
    answer = staff("change_layout").post(f"{LAYOUTS}try", {"html": "<link rel='x' href='y'>{{ body }}"})

    assert "This mail cannot be made." in answer.content.decode()


def test_trying_a_layout_needs_the_permission_to_write_one():
    assert staff("view_layout").post(f"{LAYOUTS}try", {"html": "{{ body }}"}).status_code == 403


def test_the_page_of_a_layout_offers_its_source_and_a_preview():
    page = staff("change_layout", "view_layout").get(f"{LAYOUTS}{layout().pk}/change/").content.decode()

    assert 'formaction="/admin/campaigns/layout/try"' in page
    assert 'name="layout-frame"' in page
    assert page.rstrip().endswith("</html>")


def test_a_sender_with_a_wrong_address_is_not_saved():
    answer = staff("add_sender").post(
        "/admin/campaigns/sender/add/", {"name": "News", "email": "not an address", "postal_address": "Quay 1"}
    )

    assert "email" in answer.context["adminform"].form.errors
    assert not Sender.objects.exists()
