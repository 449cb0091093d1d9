"""Numbers for everybody who may see campaigns; people only for those who may see people."""

import pytest

from tests.campaigns.admin.composing import staff
from tests.campaigns.admin.desk import page
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


def test_who_may_not_see_mails_sees_the_numbers_and_nobody(catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann", "Bob"))
    colleague = staff("view_campaign")

    progress = colleague.get(page(campaign, "progress"))
    lines = colleague.get(page(campaign, "lines"))

    assert progress.context["figures"].ledger.sent == 2
    assert "example.org" not in progress.content.decode().partition('id="main"')[2]
    assert lines.status_code == 403


def test_who_may_see_mails_sees_to_whom_they_went(catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann"))
    colleague = staff("view_campaign", "view_delivery")

    for name in ("progress", "lines"):
        assert "ann@example.org" in colleague.get(page(campaign, name)).content.decode()
