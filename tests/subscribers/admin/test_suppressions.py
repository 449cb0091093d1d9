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
