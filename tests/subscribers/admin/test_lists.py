import pytest

from subscribers.models import MailingList, Subscriber, Subscription

LISTS = "/admin/subscribers/mailinglist/"
BLANK = {f"names_{code}": "" for code in ("en", "de", "fr", "es", "ar", "ja")} | {"tracking": "off"}


def test_names_are_written_one_language_at_a_time(admin_client, db):
    admin_client.post(
        f"{LISTS}add/",
        {**BLANK, "name": "News", "label": "news", "opt_in": "double", "names_de": "Neues", "names_ar": "أخبار"},
    )

    assert MailingList.objects.get().names == {"de": "Neues", "ar": "أخبار"}


def test_a_name_in_a_language_that_the_form_does_not_have_is_kept(admin_client, news):
    MailingList.objects.update(names={"de": "Neues", "pt-BR": "Notícias"})

    admin_client.post(f"{LISTS}{news.pk}/change/", {**BLANK, "name": "News", "label": "news", "opt_in": "single"})

    news.refresh_from_db()
    assert news.names == {"pt-BR": "Notícias"}
    assert (news.name, news.opt_in, news.is_public) == ("News", "single", False)


def test_staff_choose_what_readers_see_of_a_list(admin_client, news):
    chosen = {"tracking": "aggregate", "has_archive": "on", "needs_proof_of_work": "on", "brand": ""}

    admin_client.post(
        f"{LISTS}{news.pk}/change/", {**BLANK, "name": "News", "label": "news", "opt_in": "single", **chosen}
    )

    news.refresh_from_db()
    assert (news.tracking, news.has_archive, news.needs_proof_of_work, news.brand) == ("aggregate", True, True, None)


def test_the_form_shows_the_names_that_there_are(admin_client, news):
    MailingList.objects.update(names={"ja": "月刊"})

    assert "月刊" in admin_client.get(f"{LISTS}{news.pk}/change/").content.decode()


def test_the_lists_show_how_many_are_on_them(admin_client, news, tips):
    for number, status in enumerate(["active", "active", "active", "pending", "ended"]):
        person = Subscriber.objects.create(email=f"reader{number}@example.org")
        Subscription.objects.create(subscriber=person, mailing_list=news, status=status)

    figures = {row.label: row.figures for row in admin_client.get(LISTS).context["cl"].result_list}

    assert figures["news"][:3] == (3, 1, 1)
    assert figures["news"].recently_joined == 4
    assert figures["tips"].active == 0


@pytest.mark.parametrize("label", ["", "has space", "ümlaut"])
def test_a_label_that_cannot_stand_in_a_header_is_refused(admin_client, db, label):
    response = admin_client.post(f"{LISTS}add/", {**BLANK, "name": "News", "label": label, "opt_in": "double"})

    assert "label" in response.context["adminform"].form.errors


def test_a_list_that_somebody_left_cannot_be_deleted(admin_client, news, tips):
    ann = Subscriber.objects.create(email="ann@example.org")
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="ended")

    alone = admin_client.post(f"{LISTS}{news.pk}/delete/", {"post": "yes"})
    in_bulk = admin_client.post(
        LISTS, {"action": "delete_selected", "_selected_action": [news.pk, tips.pk], "post": "yes"}
    )

    assert alone.status_code == in_bulk.status_code == 403
    assert MailingList.objects.count() == 2


def test_a_list_that_nobody_was_on_can_be_deleted(admin_client, tips):
    admin_client.post(f"{LISTS}{tips.pk}/delete/", {"post": "yes"})

    assert not MailingList.objects.exists()
