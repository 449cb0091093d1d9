"""Looking at a mail as its reader will."""

from email import message_from_bytes, policy

import pytest

from campaigns.composition.compile import freeze
from campaigns.composition.message import preview

from .composing import address, campaign, reader, staff

pytestmark = pytest.mark.django_db

LOOK = ("view_campaign", "view_subscriber")
CHANGES_EACH_TIME = ("Message-ID:", "Date:")


def lasting(raw: bytes) -> list[str]:
    lines = raw.decode("ascii").splitlines()
    return [line for line in lines if not line.startswith(CHANGES_EACH_TIME)]


def test_the_download_is_byte_for_byte_what_would_be_sent():
    made = campaign("en", "de")
    bob = reader("bob@example.org", "de", first_name="Bob")

    answer = staff(*LOOK).get(address(f"source?reader={bob.pk}&language=de", made))

    expected = preview(made.contents.get(language="de"), bob).message().as_bytes()
    assert answer.headers["Content-Type"] == "message/rfc822"
    assert lasting(answer.content) == lasting(expected)
    assert message_from_bytes(answer.content, policy=policy.default)["Subject"] == "Subject de for Bob"


def test_the_reader_chooses_the_language_unless_one_is_asked_for():
    made = campaign("en", "pt")
    bob = reader("bob@example.org", "pt-BR", first_name="Bob")
    client = staff(*LOOK)

    theirs = client.get(address(f"frame?reader={bob.pk}", made)).content.decode()
    other = client.get(address(f"frame?reader={bob.pk}&language=en", made)).content.decode()

    assert "Body pt for Bob" in theirs
    assert "Body en for Bob" in other


def test_what_was_frozen_is_shown_as_it_was_frozen():
    made = campaign("en")
    freeze(made)
    made.contents.update(body_html="<p>Changed afterwards</p>")

    frame = staff(*LOOK).get(address("frame", made)).content.decode()

    assert "Body en for Ann" in frame


def test_an_inbox_shows_sender_subject_and_preheader_with_their_fields_filled_in():
    made = campaign("en")
    made.contents.update(preheader="Dear {{ first_name }}")
    bob = reader("bob@example.org", first_name="Bob")

    page = staff(*LOOK).get(address(f"preview?reader={bob.pk}", made)).content.decode()

    assert "The Workshop" in page
    assert "Subject en for Bob" in page
    assert "Dear Bob" in page


def test_nothing_in_the_frame_can_run_or_reach_the_admin():
    answer = staff(*LOOK).get(address("frame", campaign("en")))

    rules = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox;" in rules
    assert "default-src 'none'" in rules
    assert "script" not in rules
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_dark_frame_behaves_like_a_device_set_to_dark():
    made = campaign("en")
    client = staff(*LOOK)

    plain, dark = (client.get(address(f"frame{query}", made)).content.decode() for query in ("", "?scheme=dark"))

    assert "@media (prefers-color-scheme: dark)" in plain
    assert "prefers-color-scheme: dark" not in dark
    assert "@media (min-width: 0)" in dark


@pytest.mark.parametrize(("part", "words"), [("text", "Body en for Ann"), ("source", "List-Unsubscribe-Post")])
def test_text_and_source_are_shown_too(part: str, words: str):
    page = staff(*LOOK).get(address(f"preview?part={part}", campaign("en"))).content.decode()

    assert words in page
    assert "<iframe" not in page


def test_a_reader_is_found_by_a_part_of_the_address():
    made = campaign("en")
    bob = reader("bob@example.org")
    reader("chloe@example.org")

    page = staff(*LOOK).get(address("preview?q=BOB@&width=phone", made))

    assert [(person.pk, link) for person, link in page.context["look"].found] == [
        (bob.pk, f"?width=phone&reader={bob.pk}")
    ]


def test_anybody_is_somebody_of_the_audience():
    made = campaign("en")
    bob = reader("bob@example.org")
    outsider = reader("outsider@example.org")
    outsider.subscriptions.update(status="ended")

    answer = staff(*LOOK).get(address("preview?reader=random&part=text", made))

    assert answer.headers["Location"] == f"?reader={bob.pk}&part=text"


def test_staff_who_may_not_see_people_see_somebody_made_up():
    made = campaign("en")
    bob = reader("bob@example.org", first_name="Bob")
    client = staff("view_campaign")

    page = client.get(address(f"preview?reader={bob.pk}&q=bob", made)).content.decode()
    raw = client.get(address(f"source?reader={bob.pk}", made)).content.decode()

    assert "bob@example.org" not in page + raw
    assert "ann@example.org" in raw


def test_a_mail_that_cannot_be_made_says_why():
    made = campaign("en")
    made.contents.update(body_html="<p>{% if %}</p>")
    client = staff(*LOOK)

    page = client.get(address("preview", made))
    frame = client.get(address("frame", made))

    assert page.context["problems"]
    assert "This mail cannot be made." in page.content.decode()
    assert "This mail cannot be made." in frame.content.decode()
    assert client.get(address("source", made)).status_code == 404


@pytest.mark.parametrize("name", ["preview", "frame", "source", "trial"])
def test_strangers_see_no_mail(name: str):
    made = campaign("en")

    assert staff("view_sender").get(address(name, made)).status_code == 403


def test_a_campaign_without_words_has_nothing_to_look_at():
    assert staff(*LOOK).get(address("preview", campaign())).status_code == 404
