from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from subscribers.addresses import fingerprint
from subscribers.models import Suppression

SUPPRESSIONS = "/admin/subscribers/suppression/"


def add(client, addresses, **more):
    return client.post(f"{SUPPRESSIONS}add/", {"addresses": addresses, "reason": "manual", "note": "", **more})


def test_addresses_are_suppressed_by_typing_them(admin_client, db):
    add(admin_client, "ann@example.org\n\n  Bob <BOB@example.com>\nann@EXAMPLE.org", note="By phone")

    assert Suppression.objects.count() == 2
    assert Suppression.objects.of("bob@example.com").get().note == "By phone"


def test_no_address_is_stored(admin_client, db):
    add(admin_client, "ann@example.org")

    assert "ann" not in str(Suppression.objects.values().get())


def test_a_wrong_line_is_named_and_nothing_is_suppressed(admin_client, db):
    response = add(admin_client, "ann@example.org\nnobody\nbob@example.com")

    assert any("Line 2" in problem for problem in response.context["form"].errors["addresses"])
    assert not Suppression.objects.exists()


def test_an_address_is_looked_up_by_typing_it(admin_client, db):
    Suppression.objects.add("ann@example.org", Suppression.Reason.LEFT)
    Suppression.objects.add("bob@example.com", Suppression.Reason.MANUAL)

    def found(text):
        return [row.reason for row in admin_client.get(SUPPRESSIONS, {"q": text}).context["cl"].queryset]

    assert found("Ann@Example.org") == ["left"]
    assert found("chloe@example.org") == []
    assert found("ann") == []
    assert len(found("")) == 2


def test_the_reason_and_the_fingerprint_cannot_be_changed(admin_client, db):
    row = Suppression.objects.add("ann@example.org", Suppression.Reason.LEFT)

    admin_client.post(
        f"{SUPPRESSIONS}{row.pk}/change/",
        {"note": "Seen", "reason": "manual", "fingerprint": "x", "expires_at_0": "", "expires_at_1": ""},
    )

    changed = Suppression.objects.get()
    assert (changed.note, changed.reason, changed.fingerprint) == ("Seen", "left", row.fingerprint)


def test_suppressing_needs_permission(staff):
    client = staff("view_suppression")

    assert client.get(SUPPRESSIONS).status_code == 200
    assert client.get(f"{SUPPRESSIONS}add/").status_code == 403
    assert add(client, "ann@example.org").status_code == 403
    assert not Suppression.objects.exists()


def test_domains_are_suppressed_like_addresses_for_a_list_and_a_while(admin_client, news):
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    add(admin_client, "*.Example.org\nann@example.com", mailing_list=news.pk, expires_on=tomorrow)

    assert set(Suppression.objects.values_list("domain", "mailing_list")) == {("*.example.org", news.pk), ("", news.pk)}
    assert all(row.expires_at > timezone.now() for row in Suppression.objects.all())


def test_a_domain_is_found_by_any_address_in_it(admin_client, db):
    add(admin_client, "*.example.org")

    assert len(admin_client.get(SUPPRESSIONS, {"q": "bob@mail.example.org"}).context["cl"].queryset) == 1
    assert len(admin_client.get(SUPPRESSIONS, {"q": "example.org"}).context["cl"].queryset) == 1
    assert len(admin_client.get(SUPPRESSIONS, {"q": "bob@example.com"}).context["cl"].queryset) == 0


def test_what_has_expired_can_be_suppressed_anew(db):
    Suppression.objects.add("ann@example.org", "manual")
    Suppression.objects.update(expires_at=timezone.now() - timedelta(days=1))

    Suppression.objects.add("ann@example.org", "bounced")

    assert Suppression.objects.stopping("ann@example.org").get().reason == "bounced"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_that_is_exported_can_be_imported(admin_client, news, kind):
    add(admin_client, "ann@example.org\n*.example.com", note="=1+1", mailing_list=news.pk)
    add(admin_client, "bob@example.org")
    before = facts()

    answer = admin_client.post(f"{SUPPRESSIONS}download", {"format": kind})
    content = b"".join(answer.streaming_content)
    assert b"ann@example.org" not in content
    Suppression.objects.all().delete()
    upload(admin_client, content, f"list.{kind}")

    assert facts() == before


def test_only_those_are_exported_that_the_list_shows(admin_client, news):
    Suppression.objects.add("ann@example.org", "left")
    Suppression.objects.add("bob@example.org", "manual")

    page = admin_client.get(SUPPRESSIONS, {"reason__exact": "left"}).content.decode()
    assert f'href="{SUPPRESSIONS}download?reason__exact=left">Export these (1)…' in page
    assert "narrowed down to: 1." in admin_client.get(f"{SUPPRESSIONS}download?reason__exact=left").content.decode()
    answer = admin_client.post(f"{SUPPRESSIONS}download?reason__exact=left", {"format": "csv"})

    content = b"".join(answer.streaming_content).decode()
    assert fingerprint("ann@example.org") in content
    assert fingerprint("bob@example.org") not in content
    assert admin_client.get(f"{SUPPRESSIONS}download?password=x").status_code == 302


def test_fingerprints_of_another_installation_are_refused_in_words(admin_client, db):
    foreign = f"other:{'0' * 64}"

    page = upload(admin_client, f"suppressed\n{foreign}\nann@example.org\nnobody\n".encode(), "list.csv")

    assert "another key" in page.content.decode()
    assert "2 rows were left out" in page.content.decode()
    assert [row.fingerprint for row in Suppression.objects.all()] == [fingerprint("ann@example.org")]


def facts():
    return set(Suppression.objects.values_list("fingerprint", "domain", "reason", "mailing_list", "note", "expires_at"))


def upload(client, content, name):
    return client.post(f"{SUPPRESSIONS}upload", {"file": SimpleUploadedFile(name, content), "reason": "manual"})
