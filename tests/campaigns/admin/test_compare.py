"""Campaigns side by side, chosen in their list without any script."""

from __future__ import annotations

import re

import pytest

from campaigns.models import Campaign, Event
from tests.campaigns.admin.desk import page, staff, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/campaigns/campaign/compare"


@pytest.fixture
def two(catcher: Catcher) -> list[Campaign]:
    """April went to two people, one of whom read it; May to one, and nothing was counted."""
    catcher.refuse("chloe@example.org")
    april = scene.send(scene.campaign("Ann", "Bob", "Chloe", "Dilnoza"))
    Event.objects.create(delivery=april.deliveries.get(email="ann@example.org"), kind="opened")
    Event.objects.create(delivery=april.deliveries.get(email="bob@example.org"), kind="opened", is_suspect=True)
    Event.objects.create(delivery=april.deliveries.get(email="dilnoza@example.org"), kind="bounced")
    scene.send(scene.campaign("Emil"))
    Campaign.objects.filter(pk=april.pk).update(name="April", tracking="person")
    return list(Campaign.objects.order_by("pk"))


def test_two_campaigns_stand_side_by_side_with_their_rates(two: list[Campaign]) -> None:
    answer = staff().get(ADDRESS, {"campaign": [campaign.pk for campaign in two]})

    said = words(answer)
    assert re.search(r"April .* May .* Planned 4 1 Delivered 50.0 % 2 100.0 % 1", said)
    assert "Bounced 33.3 % 1 0.0 % 0 Failed 25.0 % 1 0.0 % 0" in said
    assert "Opened 50.0–100.0 % 1–2 – not counted" in said


def test_bars_of_one_line_share_a_scale(two: list[Campaign]) -> None:
    answer = staff().get(ADDRESS, {"campaign": [campaign.pk for campaign in two]})

    lines = {line.label: line for line in answer.context["lines"]}
    assert [[piece.percent for piece in cell.bar] for cell in lines["Delivered"].cells] == [[50.0], [100.0]]
    assert [[piece.kind for piece in cell.bar] for cell in lines["Opened"].cells] == [["opened", "perhaps"], []]


@pytest.mark.parametrize("chosen", [[], ["1"], ["x", "-1", "9" * 30], [str(number) for number in range(1, 9)]])
def test_fewer_than_two_and_more_than_six_are_asked_again(catcher: Catcher, chosen: list[str]) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    for _number in range(7):
        scene.start(scene.campaign())
    numbers = [str(int(one) - 1 + campaign.pk) if len(one) == 1 and one.isdecimal() else one for one in chosen]

    answer = staff().get(ADDRESS, {"campaign": numbers})

    assert answer.status_code == 200
    assert ("Choose two to six campaigns." in words(answer)) == bool(chosen)
    assert answer.context["lines"] == []


def test_the_list_of_campaigns_has_a_box_for_each_that_has_started(two: list[Campaign]) -> None:
    draft = scene.campaign()
    draft.unschedule()

    content = staff().get("/admin/campaigns/campaign/").content.decode()

    assert f'<form id="compare" class="compare" method="get" action="{ADDRESS}">' in content
    boxes = re.findall(r'<input type="checkbox" form="compare" name="campaign" value="(\d+)"', content)
    assert {int(box) for box in boxes} == {campaign.pk for campaign in two}
    assert page(two[0], "report") in content
    assert page(draft, "report") not in content
