"""Writing a campaign on its page."""

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Content
from subscribers.addresses import fingerprint
from subscribers.models import Attribute, Suppression

from .composing import WRITE, address, campaign, news, posted, reader, staff, transport

pytestmark = pytest.mark.django_db

GERMAN = {"language": "de", "subject": "Hallo {{ first_name }}", "body_html": "<p>Guten Tag</p>"}


def test_a_new_campaign_is_saved_with_its_first_content():
    client = staff(*WRITE)

    answer = client.post("/admin/campaigns/campaign/add/", posted(None, GERMAN, default_language="DE"))

    made = Campaign.objects.get()
    assert answer.status_code == 302
    assert made.default_language == "de"
    assert made.status == Campaign.Status.DRAFT
    assert made.created_by.username.startswith("staff")
    assert [content.subject for content in made.contents.all()] == ["Hallo {{ first_name }}"]


def test_the_page_of_a_new_campaign_begins_with_one_language_to_write():
    page = staff(*WRITE).get("/admin/campaigns/campaign/add/").content.decode()

    assert 'name="contents-0-subject"' in page
    assert 'name="contents-0-language" value="en"' in page


def test_a_language_is_added_to_what_is_there():
    made = campaign("en")

    answer = staff(*WRITE).post(address("change/", made), posted(made, {}, GERMAN | {"language": "pt_br"}))

    assert answer.status_code == 302
    assert [content.language for content in made.contents.all()] == ["en", "pt-BR"]


def test_a_language_can_be_added_without_javascript():
    page = staff(*WRITE).get(address("change/?language=pt-br", campaign("en"))).content.decode()

    assert 'name="contents-1-language" value="pt-BR"' in page


def test_a_language_that_was_added_and_left_empty_is_forgotten():
    made = campaign("en")

    answer = staff(*WRITE).post(address("change/", made), posted(made, {}, {"language": "fr"}))

    assert answer.status_code == 302
    assert made.contents.count() == 1


def test_a_language_is_removed():
    made = campaign("en", "de")

    staff(*WRITE).post(address("change/", made), posted(made, {}, {"DELETE": "on"}))

    assert [content.language for content in made.contents.all()] == ["en"]


def test_two_contents_in_one_language_are_refused():
    made = campaign("en")

    answer = staff(*WRITE).post(address("change/", made), posted(made, {}, GERMAN | {"language": "EN"}))

    assert answer.status_code == 200
    assert made.contents.count() == 1


@pytest.mark.parametrize(
    ("field", "written", "words"),
    [
        ("subject", "Hi {{ frist_name }}", "Did you mean “first_name”?"),
        ("body_html", "<p>a</p>\n<p>{% if first_name %}b</p>", "has no “endif”"),
        ("body_html", "<p>{% load i18n %}</p>", "cannot be used here"),
        ("body_html", '<p><a href="/about">us</a></p>', "/about"),
        ("body_text", "{{ x.__class__ }}", "not written correctly"),
        ("language", "not a language", "Write a language code"),
    ],
)
def test_what_is_written_wrongly_is_told_at_its_field(field: str, written: str, words: str):
    made = campaign("en")

    answer = staff(*WRITE).post(address("change/", made), posted(made, {field: written}))

    errors = answer.context["inline_admin_formsets"][0].formset.forms[0].errors[field]
    assert any(words in error for error in errors), errors
    assert "data-wrong" in answer.content.decode()


def test_an_error_names_the_line():
    made = campaign("en")

    answer = staff(*WRITE).post(
        address("change/", made), posted(made, {"body_html": "<p>one</p>\n<p>{{ nonsense }}</p>"})
    )

    errors = answer.context["inline_admin_formsets"][0].formset.forms[0].errors["body_html"]
    assert errors[0].startswith("Line 2: ")


def test_attributes_of_subscribers_may_be_used():
    made = campaign("en")
    Attribute.objects.create(name="company")

    answer = staff(*WRITE).post(address("change/", made), posted(made, {"subject": "Hi {{ company }}"}))

    assert answer.status_code == 302


def test_a_condition_that_the_editor_wrapped_in_a_paragraph_of_its_own_stands_free_again():
    made = campaign("en")
    body = "<p>{% if first_name %}</p><p>Hi</p><p>{% endif %}</p>"

    staff(*WRITE).post(address("change/", made), posted(made, {"body_html": body}))

    assert made.contents.get().body_html == "{% if first_name %}<p>Hi</p>{% endif %}"


def test_what_is_on_its_way_cannot_be_edited():
    made = campaign("en")
    made.schedule(timezone.now())

    page = staff(*WRITE).get(address("change/", made)).content.decode()
    answer = staff(*WRITE).post(address("change/", made), posted(made, {"subject": "Changed"}, name="Changed"))

    assert "Unschedule it to edit it" in page
    assert 'name="contents-0-subject"' not in page
    assert answer.status_code == 403
    assert Campaign.objects.get().name == "May news"
    assert Content.objects.get().subject == "Subject en for {{ first_name }}"


def test_what_was_started_cannot_be_deleted():
    made = campaign("en", status="sent", planned=0, started_at=timezone.now())

    answer = staff(*WRITE).post(address("delete/", made), {"post": "yes"})

    assert answer.status_code == 403
    assert Campaign.objects.exists()


def test_staff_who_may_only_look_change_nothing():
    made = campaign("en")
    client = staff("view_campaign")

    page = client.get(address("change/", made))
    answer = client.post(address("change/", made), posted(made, {"subject": "Changed"}))

    assert page.status_code == 200
    assert answer.status_code == 403
    assert Content.objects.get().subject == "Subject en for {{ first_name }}"


def test_the_page_says_who_reads_what():
    made = campaign("en", "pt")
    for number, language in enumerate(["en", "en", "pt-BR", "fr", ""]):
        reader(f"reader{number}@example.org", language)

    overview = staff(*WRITE).get(address("change/", made)).context["overview"]

    assert [(row.language, row.people, row.state, row.content) for row in overview.coverage] == [
        ("en", 3, "own", "en"),
        ("fr", 1, "fallback", "en"),
        ("pt-BR", 1, "close", "pt"),
    ]
    assert [row.name for row in overview.missing] == ["French"]


def test_without_the_default_language_others_get_nothing():
    made = campaign("de")
    reader("ann@example.org", "fr")

    overview = staff(*WRITE).get(address("change/", made)).context["overview"]

    assert [(row.language, row.state) for row in overview.coverage] == [("fr", "none")]


def test_suppressed_people_are_counted_apart():
    made = campaign("en")
    reader("ann@example.org")
    reader("bob@example.org")
    Suppression.objects.create(fingerprint=fingerprint("bob@example.org"), reason="manual")

    heads = staff(*WRITE).get(address("change/", made)).context["overview"].heads

    assert (heads.mailable, heads.left_out) == (1, 1)


def test_the_next_step_is_to_write_then_to_mend_then_to_send():
    made = campaign()
    client = staff(*WRITE, "send_campaign")
    transport()
    steps = [client.get(address("change/", made)).context["overview"].next_step.address]
    Content.objects.create(campaign=made, language="de", subject="Hallo", body_html="<p>Hallo</p>")
    steps.append(client.get(address("change/", made)).context["overview"].next_step.address)
    made.contents.update(language="en")
    reader("ann@example.org")
    steps.append(client.get(address("change/", made)).context["overview"].next_step.address)

    assert steps == ["#contents", "#issues", address("schedule", made)]


def test_sending_is_not_offered_to_who_may_not():
    made = campaign("en")
    transport()
    reader("ann@example.org")

    page = staff(*WRITE).get(address("change/", made))

    assert page.context["overview"].next_step is None
    assert address("schedule", made) not in page.content.decode()


def test_a_copy_is_a_draft_with_the_same_contents_and_audience():
    made = campaign("en", "de", status="sent", planned=3, started_at=timezone.now(), limit_per_hour=50)
    made.excluded_lists.add(news())

    answer = staff(*WRITE).post(address("duplicate", made))

    copy = Campaign.objects.exclude(pk=made.pk).get()
    assert answer.headers["Location"] == address("change/", copy)
    assert (copy.name, copy.status, copy.planned, copy.started_at) == ("Copy of May news", "draft", None, None)
    assert copy.limit_per_hour == 50
    assert list(copy.mailing_lists.all()) == list(copy.excluded_lists.all()) == [news()]
    fields = ("language", "subject", "preheader", "body_html", "body_text")
    assert list(copy.contents.values_list(*fields)) == list(made.contents.values_list(*fields))


@pytest.mark.parametrize(("permissions", "method", "status"), [(WRITE, "get", 405), (("view_campaign",), "post", 403)])
def test_a_copy_needs_a_post_and_the_permission_to_add(permissions: tuple[str, ...], method: str, status: int):
    made = campaign("en")

    answer = getattr(staff(*permissions), method)(address("duplicate", made))

    assert answer.status_code == status
    assert Campaign.objects.count() == 1


def test_the_list_of_campaigns_asks_the_database_a_bounded_number_of_times(django_assert_max_num_queries):
    for _ in range(12):
        campaign("en", "de")
    client = staff(*WRITE)
    client.get("/admin/campaigns/campaign/")

    with django_assert_max_num_queries(16):
        page = client.get("/admin/campaigns/campaign/")

    assert page.content.decode().count("Subject en for") == 12


def test_the_page_of_a_campaign_asks_the_database_a_bounded_number_of_times(django_assert_max_num_queries):
    made = campaign("en", "de", "fr", "es")
    for number in range(30):
        reader(f"reader{number}@example.org", "en" if number % 2 else "ja")
    client = staff(*WRITE)
    client.get(address("change/", made))

    with django_assert_max_num_queries(60):
        client.get(address("change/", made))


def test_without_any_list_the_page_says_what_to_do_first():
    page = staff(*WRITE).get("/admin/campaigns/campaign/add/").content.decode()

    assert "There is no list yet." in page


def test_the_list_of_campaigns_shows_how_far_each_is():
    made = campaign("en", status="sending", planned=4, planned_at=timezone.now(), started_at=timezone.now())
    batch = made.batches.create()
    for number, status in enumerate(["sent", "failed", "skipped", "queued"]):
        made.deliveries.create(email=f"reader{number}@example.org", status=status, batch=batch)

    page = staff(*WRITE).get("/admin/campaigns/campaign/?q=subject").content.decode()
    assert 'value="75"' in page

    # The last outcome is there and nobody has said yet that it is done.
    made.deliveries.update(status="sent")

    page = staff(*WRITE).get("/admin/campaigns/campaign/?q=subject").content.decode()
    assert 'value="100"' in page
