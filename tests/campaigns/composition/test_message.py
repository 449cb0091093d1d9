"""What leaves the machine, by its bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser

import pytest
from django.core.mail import get_connection
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.composition.compile import Compiled, compile_content
from campaigns.composition.merge import merge
from campaigns.composition.message import CampaignMessage, CannotCompose, Composer, compose, preview
from campaigns.composition.origin import origin_by
from campaigns.composition.press import Press, press_for
from campaigns.composition.recipient import Recipient
from campaigns.composition.values import values_of
from campaigns.models import Campaign, Delivery, Sender
from campaigns.signing import links_of
from subscribers.models import MailingList
from tests.campaigns.composition.conftest import Write
from tests.catcher import Catcher
from tests.wire import check_wire, decoded

Deliver = Callable[..., Delivery]

NASTY = [
    'Doe, "Jane"',
    "Ann\r\nBcc: bob@example.org",
    "Ann\0\x07\x85\u2028",
    "<script>alert(1)</script>",
    "=?utf-8?q?Bob?=",
    "ann@example.com",
    "Dilnoza Каримова مرحبا 山田太郎 👩‍👩‍👧",
    "\u202eliam\u202c",
    "x" * 120,
    "ä" * 120,
    "{{ email }} {% if a %}",
    "\\ back ( comment ) ; : , [ ]",
    "a " * 60,
    "",
]
# PostgreSQL keeps no NUL.
STORABLE = [name.replace("\0", "") for name in NASTY]
WORDY = (
    '<h1>Hello {{ first_name|default:"friend" }}</h1>\n<p>.</p><p>From here</p>'
    "<p>{% if company %}{{ company }}{% else %}nobody{% endif %} "
    '<a href="https://example.org/?c={{ company|urlencode }}">see</a></p>'
)


@dataclass
class Envelope:
    mail_from: str
    rcpt_tos: list[str]


def bytes_of(message: CampaignMessage) -> bytes:
    return message.message().as_bytes(linesep="\r\n")


def violations(message: CampaignMessage) -> list[str]:
    return check_wire(bytes_of(message), Envelope(message.from_email, message.to))


def test_every_name_travels_through_a_real_server_within_the_rules(
    write: Write, deliver: Deliver, catcher: Catcher
) -> None:
    write(subject="Hello {{ name }}", body_html=WORDY)
    deliveries = [deliver(first_name=name, last_name=name, attributes={"company": name}) for name in STORABLE]

    get_connection("django.core.mail.backends.smtp.EmailBackend", **catcher.mailer()["OPTIONS"]).send_messages(
        [compose(delivery) for delivery in deliveries]
    )

    assert len(catcher.mails) == len(NASTY)
    for mail, delivery in zip(catcher.mails, deliveries, strict=True):
        assert check_wire(mail.content, mail) == []
        assert mail.recipient == delivery.email
        assert mail.message["Message-ID"] == f"<{delivery.message_id}>"


def test_the_headers_of_a_campaign_mail(campaign: Campaign, write: Write, deliver: Deliver) -> None:
    write(subject="Grüße an {{ first_name }}")
    campaign.sender.reply_to = "office@example.org"

    delivery = deliver(first_name="Jane", last_name="Doe, Ms")
    raw = bytes_of(Composer(campaign).compose(delivery)).decode()

    lines = raw.partition("\r\n\r\n")[0].split("\r\n")
    assert "From: Harbour Library <news@example.org>" in lines
    assert f'To: "Jane Doe, Ms" <{delivery.email}>' in lines
    assert "Reply-To: office@example.org" in lines
    assert "List-Id: News <news.example.org>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert f"Feedback-ID: campaign-{campaign.pk}:news:example.org:broadsheet" in lines
    assert (
        "Subject: =?utf-8?b?R3LDvMOfZSBhbiBKYW5l?=" in lines or "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_an_Jane?=" in lines
    )
    assert [line for line in lines if line.startswith("List-Unsubscribe: <http://127.0.0.1:8000/u/")]


@pytest.mark.django_db
def test_the_unsubscribe_addresses_name_the_delivery(write: Write, deliver: Deliver) -> None:
    write()
    first, second = deliver(), deliver()

    headers = [compose(delivery).extra_headers["List-Unsubscribe"] for delivery in (first, second)]

    assert headers[0] != headers[1]
    assert first.email not in headers[0]
    address, mailto = headers[0].split(", ")
    token = address.rstrip(">").rpartition("/")[2]
    assert mailto == f"<mailto:news@example.org?subject=unsubscribe-{token}>"


def test_the_first_list_is_named_whatever_the_lists_are_called(
    campaign: Campaign, write: Write, deliver: Deliver
) -> None:
    campaign.mailing_lists.add(MailingList.objects.create(name="Aaa", label="aaa"))
    MailingList.objects.filter(label="news").update(name="Größe, neu")
    write()

    message = compose(deliver())

    assert message.extra_headers["List-Id"] == "=?utf-8?b?R3LDtsOfZSwgbmV1?= <news.example.org>"
    assert violations(message) == []


def test_composing_many_asks_the_database_nothing(campaign: Campaign, write: Write, deliver: Deliver) -> None:
    write(body_html=WORDY)
    numbers = [deliver(first_name=name).pk for name in STORABLE]
    loaded = list(Delivery.objects.filter(pk__in=numbers).select_related("subscriber", "edition"))
    composer = Composer(campaign)

    with CaptureQueriesContext(connection) as queries:
        messages = [bytes_of(composer.compose(delivery)) for delivery in loaded]

    assert len(messages) == len(NASTY)
    assert len(queries) == 0


def test_a_value_that_is_too_long_fails_its_recipient_alone(write: Write, deliver: Deliver) -> None:
    write(body_html=WORDY)
    bad, good = deliver(attributes={"company": "x" * 10_001}), deliver()

    with pytest.raises(CannotCompose, match="“company” is longer"):
        compose(bad)
    assert violations(compose(good)) == []


@pytest.mark.parametrize(
    "address", ["ann", "ann@exämple.org", "änn@example.org", "a b@example.org", "a@b\r\nTo: x@y.z"]
)
def test_an_address_that_cannot_be_mailed_is_refused(write: Write, deliver: Deliver, address: str) -> None:
    write()
    delivery = deliver()
    delivery.email = address

    with pytest.raises(CannotCompose, match="not an address"):
        compose(delivery)


def test_a_delivery_without_subscriber_or_number_cannot_be_composed(write: Write, deliver: Deliver) -> None:
    write()
    gone, unclaimed = deliver(), deliver()
    gone.subscriber = None
    unclaimed.message_id = ""

    for delivery in (gone, unclaimed):
        with pytest.raises(CannotCompose):
            compose(delivery)


def test_a_subject_that_is_empty_for_somebody_fails_for_them(write: Write, deliver: Deliver) -> None:
    write(subject="{{ first_name }}")

    with pytest.raises(CannotCompose, match="empty"):
        compose(deliver(first_name=" \r\n "))


def test_a_preview_is_what_would_be_sent(campaign: Campaign, write: Write, deliver: Deliver) -> None:
    content = write(subject="Für {{ name }}", body_html=WORDY, preheader="Before {{ first_name }}")
    delivery = deliver(first_name="Ann", attributes={"company": "Acme & Söhne"})

    shown, sent = preview(content, delivery.subscriber), compose(delivery)

    for token in (shown.extra_headers, sent.extra_headers):
        assert token.pop("Date")
        assert token.pop("Message-ID")
    own = {"List-Unsubscribe"}
    assert {k: v for k, v in shown.extra_headers.items() if k not in own} == {
        k: v for k, v in sent.extra_headers.items() if k not in own
    }
    assert without_tokens(shown) == without_tokens(sent)


def without_tokens(message: CampaignMessage) -> tuple[str, str, str]:
    token = message.extra_headers["List-Unsubscribe"].partition("/u/")[2].partition(">")[0]
    preferences = str(message.body).rpartition("/p/")[2].strip()
    web_version = str(message.body).rpartition("/v/")[2].partition("\n")[0]
    return tuple(  # type: ignore[return-value]
        str(part).replace(token, "-").replace(preferences, "-").replace(web_version, "-")
        for part in (message.subject, message.body, message.html)
    )


def test_a_preview_for_nobody_shows_somebody_made_up(write: Write) -> None:
    message = preview(write(), None)

    assert message.to == ["ann@example.org"]
    assert message.subject == "News for Ann"
    assert violations(message) == []


@pytest.fixture
def compiled(write: Write) -> Compiled:
    return compile_content(write(subject="{{ name }} and {{ company }}: news", body_html=WORDY))


texts = st.text(max_size=120) | st.sampled_from(NASTY)


@given(first=texts, last=texts, company=st.text(max_size=400) | st.sampled_from(NASTY))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_name_makes_a_message_that_keeps_the_rules_and_reads_as_merged(
    compiled: Compiled, campaign: Campaign, first: str, last: str, company: str
) -> None:
    ann = Recipient(7, "x@example.org", "ann@example.net", first, last, "en", {"company": company})

    message = press_for(compiled, campaign).print_for(ann)

    assert violations(message) == []
    parsed = BytesParser(policy=policy.default).parsebytes(bytes_of(message))
    merged = merge(compiled, values_of(ann, language="en", links=links_of(7)))
    text, html = (decoded(part).replace("\r\n", "\n") for part in parsed.iter_parts())
    assert text == merged.text.replace("\r\n", "\n").replace("\r", "\n")
    assert html == merged.html.replace("\r\n", "\n").replace("\r", "\n")
    assert str(parsed["Subject"]) == merged.subject


@given(name=texts)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sender_and_list_name_keeps_the_rules(compiled: Compiled, campaign: Campaign, name: str) -> None:
    sender = Sender(name=name, email="news@example.org", postal_address="Quay 1")
    press = Press(compiled, origin_by(campaign, sender, MailingList(name=name, label="news")))

    message = press.print_for(Recipient(7, "x@example.org", "ann@example.net", "Ann", "", "en", {}))

    assert violations(message) == []


def test_a_mail_is_the_same_whether_its_reader_comes_as_rows_or_as_values(
    campaign: Campaign, write: Write, deliver: Deliver
) -> None:
    write(body_html=WORDY)
    delivery = deliver(first_name="Chloé", last_name="Doe", language="fr", attributes={"company": "Acme & Söhne"})
    chloe = Recipient(
        delivery.pk, delivery.message_id, delivery.email, "Chloé", "Doe", "fr", {"company": "Acme & Söhne"}
    )
    composer = Composer(campaign)

    by_values, by_rows = composer.compose_for(delivery.edition, chloe), composer.compose(delivery)

    assert without_date(by_values.wire) == without_date(by_rows.wire)


def without_date(wire: bytes) -> bytes:
    return wire.partition(b"\r\n")[2]


def test_a_mail_has_all_that_django_knows_of_mails(write: Write, deliver: Deliver) -> None:
    write()

    message = compose(deliver(first_name="Ann"))

    assert message.recipients() == message.to == ["reader1@example.net"]
    assert (message.cc, message.bcc, message.reply_to, message.attachments) == ([], [], [], [])
    assert (message.subject, message.from_email) == ("News for Ann", "news@example.org")
    assert message.extra_headers["From"] == "Harbour Library <news@example.org>"
    assert message.body.startswith("Dear Ann,")
    assert message.alternatives == [(message.html, "text/html")]
