"""Attributes and tags in the admin."""

import pytest
from django.urls import reverse

from campaigns.admin.merge_fields import found_merge_fields
from subscribers.models import Attribute, Tag

ATTRIBUTES = "/admin/subscribers/attribute/"


def test_an_attribute_is_added_with_its_choices(admin_client):
    admin_client.post(
        f"{ATTRIBUTES}add/", {"name": "size", "label": "Size", "kind": "choice", "choices": "small\n\n large \nsmall"}
    )

    size = Attribute.objects.get()
    assert (size.kind, size.choices) == ("choice", ["small", "large"])


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("name", {"name": "two words", "kind": "text"}),
        ("name", {"name": "email", "kind": "text"}),
        ("choices", {"name": "size", "kind": "choice"}),
        ("choices", {"name": "size", "kind": "number", "choices": "one"}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(admin_client, field, facts):
    response = admin_client.post(f"{ATTRIBUTES}add/", facts)

    assert field in response.context["adminform"].form.errors


def test_name_and_kind_stay_and_what_somebody_has_is_not_deleted(admin_client, ann):
    company, unused = Attribute.objects.create(name="company"), Attribute.objects.create(name="unused")
    ann.attributes = {"company": "Acme"}
    ann.save()

    admin_client.post(f"{ATTRIBUTES}{company.pk}/change/", {"name": "firm", "kind": "number", "label": "Company"})
    answers = [
        admin_client.post(reverse("admin:subscribers_attribute_delete", args=[each.pk]), {"post": "yes"}).status_code
        for each in (company, unused)
    ]

    company.refresh_from_db()
    assert (company.name, company.kind, company.label) == ("company", "text", "Company")
    assert answers == [403, 302]


def test_authors_read_the_labels(db):
    Attribute.objects.create(name="company", label="Where they work")

    assert ("company", "Where they work") in {(field.name, field.label) for field in found_merge_fields()}


def test_a_tag_leads_to_its_people(admin_client, ann):
    fair = Tag.objects.create(name="Fair")
    ann.tags.add(fair)

    page = admin_client.get("/admin/subscribers/tag/").content.decode()

    assert f'href="/admin/subscribers/subscriber/?tag={fair.pk}">1</a>' in page
