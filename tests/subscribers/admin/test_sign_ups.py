"""What staff see and do about those who sign up."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscribers import tasks
from subscribers.models import Attribute, MailingList, SignUp, SignUpForm, Subscriber, Throttle
from tests.campaigns.outgoing.conftest import queue as queue
from tests.campaigns.outgoing.post import leave
from tests.catcher import Catcher
from tests.subscribers.sign_ups.moves import confirm, form, link_in, mailing_list, sign_up, work

pytestmark = pytest.mark.django_db
FORMS = "admin:subscribers_signupform"
SIGN_UPS = reverse("admin:subscribers_signup_changelist")


@pytest.fixture
def client(admin_user: User) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


def add(client: Client, *lists: MailingList, **more: object) -> SignUpForm:
    told = {"name": "At the fair", "slug": "fair", "is_active": "on", "mailing_lists": [each.pk for each in lists]}
    answer = client.post(reverse(f"{FORMS}_add"), {**told, **more})
    assert answer.status_code == 302, answer.context["errors"]
    return SignUpForm.objects.get(slug="fair")


def test_staff_put_a_form_together_and_it_works_at_once(client: Client) -> None:
    Attribute.objects.create(name="company")
    news = mailing_list("News")

    made = add(
        client, news, asked_for=["first_name", "attribute:company"], titles_others="Letters", titles_de="Briefe",
        introductions_de="Jeden Montag",
    )  # fmt: skip

    assert made.fields == ["first_name", "attribute:company"]
    assert (made.titles, made.introductions) == ({"": "Letters", "de": "Briefe"}, {"de": "Jeden Montag"})
    page = Client().get("/s/fair", headers={"Accept-Language": "de"}).content.decode()
    assert "Briefe" in page
    assert "Jeden Montag" in page
    assert 'name="attribute_company"' in page


def test_its_page_shows_where_it_is_and_a_form_for_other_sites_that_works(client: Client) -> None:
    made = form(mailing_list("News"), mailing_list("Tips", names={"de": "Tipps"}), fields=["first_name", "time_zone"])

    page = client.get(reverse(f"{FORMS}_change", args=[made.pk]), {"snippet": "de"})
    snippet = page.context["snippet"]

    assert page.context["page_address"] == "http://127.0.0.1:8000/s/news"
    assert "http://127.0.0.1:8000/s/news.json" in page.content.decode()
    assert '<form method="post" action="http://127.0.0.1:8000/s/news"' in snippet
    assert '<input type="hidden" name="language" value="de">' in snippet
    assert "Tipps" in snippet
    assert 'lang="de" dir="ltr"' in snippet
    assert "<script" not in snippet
    assert sign_up(lists=["tips"], language="de", website="").status_code == 200
    assert SignUp.objects.get().language == "de"


def test_a_form_that_needs_proof_of_work_brings_its_script_along(client: Client) -> None:
    made = form(mailing_list("News", needs_proof_of_work=True))

    snippet = client.get(reverse(f"{FORMS}_change", args=[made.pk])).context["snippet"]

    assert 'data-from="http://127.0.0.1:8000/s/news.json"' in snippet
    assert '<script src="http://127.0.0.1:8000/static/public/proof-of-work' in snippet


def test_the_preview_is_the_page_in_a_frame_that_sends_nothing(client: Client) -> None:
    made = form(is_active=False, titles={"de": "Unsere Briefe"})

    frame = client.get(reverse(f"{FORMS}_frame", args=[made.pk]), {"language": "de"})

    assert "Unsere Briefe" in frame.content.decode()
    assert "form-action 'none'" in frame.headers["Content-Security-Policy"]
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get(reverse(f"{FORMS}_frame", args=[made.pk + 1])).status_code == 404


def test_the_figures_of_a_form_add_up(client: Client) -> None:
    made, now = form(), timezone.now()
    for status, days in (
        ("new", 0), ("asked", 1), ("asked", 9), ("confirmed", 2), ("known", 3), ("ignored", 3), ("confirmed", 40),
    ):  # fmt: skip
        SignUp.objects.create(
            email=f"{status}{days}@example.org", status=status, form=made, created_at=now - timedelta(days=days)
        )

    figures = client.get(reverse(f"{FORMS}_change", args=[made.pk])).context["figures"]

    assert figures._asdict() == {"asked": 6, "confirmed": 1, "waiting": 2, "expired": 1, "others": 2}
    assert figures.asked == sum(figures[1:])
    assert "1 / 6" in client.get(reverse(f"{FORMS}_changelist")).content.decode()


@pytest.mark.parametrize(
    ("state", "shown"),
    [("asked", {"new", "asked", "late"}), ("expired", {"old"}), ("confirmed", {"confirmed"}), ("ignored", set())],
)
def test_staff_find_those_who_wait_and_those_who_do_not(client: Client, state: str, shown: set[str]) -> None:
    made = form()
    for status in ("new", "asked", "confirmed"):
        SignUp.objects.create(email=f"{status}@example.org", status=status, form=made)
    news = made.mailing_lists.get().pk
    # Who waits for a mail that could not leave has no link that could be too old.
    for name, status in (("old", "asked"), ("late", "new")):
        long_ago = timezone.now() - timedelta(days=8)
        SignUp.objects.create(email=f"{name}@example.org", status=status, created_at=long_ago, form=made)
    for each in SignUp.objects.all():
        each.mailing_lists.add(news)

    page = client.get(SIGN_UPS, {"state": state, "form__id__exact": made.pk, "mailing_lists__id__exact": news})

    assert {row.email.partition("@")[0] for row in page.context["cl"].result_list} == shown
    assert client.get(SIGN_UPS, {"form__id__exact": made.pk, "q": "ASKED@example.org"}).context["cl"].result_count == 1


def test_a_sign_up_shows_everything_and_changes_nothing(client: Client) -> None:
    form(mailing_list("News"), fields=["first_name"])
    sign_up(first_name="<b>Ann</b>", headers={"Referer": "https://shop.example/fair"})
    row = SignUp.objects.get()

    page = client.get(reverse("admin:subscribers_signup_change", args=[row.pk]))

    text = page.content.decode()
    for words in ("ann@example.org", "shop.example/fair", "203.0.113.7", "&lt;b&gt;Ann", "waiting for confirmation"):
        assert words in text
    assert "('new" not in text
    assert client.post(reverse("admin:subscribers_signup_change", args=[row.pk]), {"email": "x"}).status_code == 403


def test_staff_send_a_confirmation_again_within_the_limits(client: Client, catcher: Catcher) -> None:
    form()
    sign_up()
    work()
    row = SignUp.objects.get()
    chosen = {"action": "ask_again", "_selected_action": [row.pk]}

    client.post(SIGN_UPS, chosen)
    tasks.answer_sign_ups()
    leave()
    assert len(catcher.mails) == 1

    Throttle.objects.all().delete()
    client.post(SIGN_UPS, chosen)
    work()

    assert len(catcher.mails) == 2
    row.refresh_from_db()
    assert row.status == "asked"


def test_staff_see_who_has_not_been_asked_yet(client: Client) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    row = SignUp.objects.create(email="ann@example.org", form=form(), due_at=tomorrow)

    pages = [client.get(SIGN_UPS), client.get(reverse("admin:subscribers_signup_change", args=[row.pk]))]

    assert all("is asked later" in page.content.decode() for page in pages)
    assert client.get(SIGN_UPS, {"state": "asked"}).context["cl"].result_count == 1


def test_what_is_confirmed_is_not_asked_again(client: Client, catcher: Catcher) -> None:
    row = SignUp.objects.create(email="ann@example.org", status="confirmed", form=form())
    row.mailing_lists.set(MailingList.objects.all())

    client.post(SIGN_UPS, {"action": "ask_again", "_selected_action": [row.pk]})
    work()

    row.refresh_from_db()
    assert row.status == "confirmed"
    assert not catcher.mails
    assert not Throttle.objects.exists()


def test_the_page_of_a_person_tells_that_they_signed_up(client: Client, catcher: Catcher) -> None:
    form(mailing_list("News"))
    sign_up(headers={"Referer": "https://shop.example/fair"})
    work()
    confirm(link_in(catcher.mails[0]))

    page = client.get(
        reverse("admin:subscribers_subscriber_change", args=[Subscriber.objects.get().pk])
    ).content.decode()

    assert "Signed up" in page
    assert "shop.example/fair" in page
    assert reverse("admin:subscribers_signup_change", args=[SignUp.objects.get().pk]) in page
